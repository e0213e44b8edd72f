/* Published feature extractors: every feature of the references. */
#include "base/suite.h"
#include "models/reference.h"
#include "models/reference_extractor.h"

#include <stdio.h>
#include <string.h>

struct feature {
    const char *file, *name;
    double float32_error;
};

static void compare_feature(const gan_tensors *golden, const struct feature *feature, const gan_tensor *given,
                            const char *precision_name)
{
    char label[256], statistics[64];
    snprintf(label, sizeof label, "%s %s, %s", feature->file, feature->name, precision_name);
    snprintf(statistics, sizeof statistics, "stats.%s", feature->name);
    const double bound = 10 * feature->float32_error;
    if (gan_tensors_find(golden, feature->name) < 0) {
        gan_tensor *expected = reference_take(golden, statistics);
        reference_compare_statistics(label, given, expected, bound);
        gan_tensor_free(expected);
        return;
    }
    gan_tensor *expected = gan_tensor_rank(given) == 4 ? reference_picture(golden, feature->name)
                                                       : reference_take(golden, feature->name);
    reference_compare(label, given, expected, bound);
    gan_tensor_free(expected);
}

/* All features of the file of features[0]; returns how many. */
static size_t compare_file(gan_context *context, const struct extractor *extractor, gan_model *model,
                           int32_t precision, const struct feature *features, size_t count)
{
    static const char *const names[] = {"default", "exact"};
    gan_tensors *golden = load_of_extractor(context, extractor, features[0].file);
    gan_tensor *picture = take_picture(extractor, golden, "input.x"), *outputs[MOST_OUTPUTS];
    size_t done = 0;
    reference_run(model, picture, precision, outputs);
    for (; done < count && strcmp(features[done].file, features[0].file) == 0; done++)
        compare_feature(golden, &features[done], outputs[output_index(model, features[done].name)],
                        names[precision]);
    free_outputs(model, outputs);
    gan_tensor_free(picture);
    gan_tensors_free(golden);
    return done;
}

static void compare_features(const struct extractor *extractor, const struct feature *features, size_t count)
{
    gan_context *context = reference_context();
    gan_model *model = reference_import(context, extractor->weights);
    for (int32_t precision = 0; precision < 2; precision++)
        for (size_t i = 0; i < count;)
            i += compare_file(context, extractor, model, precision, features + i, count - i);
    gan_model_free(model);
    gan_context_free(context);
}

START_TEST(squeezenet_features)
{
    static const char square[] = "square_256x256", odd[] = "odd_250x187";
    static const struct feature features[] = {
        {square, "relu1", 2.5e-6}, {square, "fire2", 1.7e-5}, {square, "fire3", 3.4e-5},
        {square, "fire4", 6.7e-5}, {square, "fire5", 9.3e-5}, {square, "fire6", 2.3e-4},
        {square, "fire7", 3.2e-4}, {square, "fire8", 2.5e-4}, {square, "fire9", 3.2e-4},
        {square, "logits", 1e-5},  {odd, "relu1", 2.5e-6},    {odd, "fire2", 1.1e-5},
        {odd, "fire3", 2.5e-5},    {odd, "fire4", 7.4e-5},    {odd, "fire5", 8.6e-5},
        {odd, "fire6", 2.7e-4},    {odd, "fire7", 3.2e-4},    {odd, "fire8", 3.3e-4},
        {odd, "fire9", 2.4e-4},    {odd, "logits", 6.9e-6},
    };
    compare_features(&squeezenet_extractor, features, sizeof features / sizeof features[0]);
}
END_TEST

/* Input and logits that somebody else computed; another implementation agrees to 1.2e-4. */
START_TEST(squeezenet_intel_vector)
{
    gan_context *context = reference_context();
    gan_model *whole = reference_import(context, squeezenet_extractor.weights), *model;
    must(gan_model_select_outputs(&model, whole, (const char *const[]){"logits"}, 1));
    gan_tensors *golden = load_of_extractor(context, &squeezenet_extractor, "intel_vector_0");
    gan_tensor *picture = take_picture(&squeezenet_extractor, golden, "input");
    gan_tensor *expected = reference_take(golden, "expected_output"), *logits;
    for (int32_t precision = 0; precision < 2; precision++) {
        reference_run(model, picture, precision, &logits);
        reference_compare("intel vector, logits", logits, expected, 3e-4);
        gan_tensor_free(logits);
    }
    gan_tensor_free(expected);
    gan_tensor_free(picture);
    gan_tensors_free(golden);
    gan_model_free(model);
    gan_model_free(whole);
    gan_context_free(context);
}
END_TEST

START_TEST(vgg19_features)
{
    static const char square[] = "square_128x128", odd[] = "odd_125x94";
    static const struct feature features[] = {
        {square, "relu1_1", 8.2e-6}, {square, "relu1_2", 8.6e-6}, {square, "relu2_1", 2.1e-5},
        {square, "relu2_2", 2.2e-5}, {square, "relu3_1", 1.4e-5}, {odd, "relu1_1", 6.7e-6},
        {odd, "relu1_2", 9e-6},      {odd, "relu2_1", 8.5e-6},    {odd, "relu2_2", 1.2e-5},
        {odd, "relu3_1", 1e-5},
    };
    compare_features(&vgg19_extractor, features, sizeof features / sizeof features[0]);
}
END_TEST

int main(void)
{
    if (reference_folder() == NULL)
        return 77;
    const TTest *const tests[] = {squeezenet_features, squeezenet_intel_vector, vgg19_features};
    return run_suite("reference features", tests, sizeof tests / sizeof tests[0]);
}
