/* MicroAST with its published weights: every tensor of the references, at both precisions. */
#include "base/suite.h"
#include "models/reference.h"

#include <stdio.h>
#include <string.h>

enum { FEATURES = 64, OUTPUTS = 7 };

/* What is compared: layers by our names, the references' names, and where the values lie in their layer. */
static const struct {
    const char *layer, *name;
    int64_t start; /* of one vector within the style code; -1: the layer is compared as a whole */
} tensors[OUTPUTS + 1] = {
    {"output", "output", -1},
    {"content_features2", "content_feat", -1},
    {"style_features2", "style_feat", -1},
    {"adain", "adain", -1},
    {"decoder_block1", "dec1", -1},
    {"decoder_block2", "dec2", -1},
    {"style_code", "mod_w2", 6 * FEATURES},
    {"style_code", "mod_b2", 7 * FEATURES},
};

/* float32's own errors, as the references state them, in the order of the tensors. */
static const struct {
    const char *file;
    float strength;
    double float32_errors[OUTPUTS + 1];
} cases[] = {
    {"square_256x256", 1, {1.1e-5, 7.7e-7, 2.8e-6, 1.2e-5, 8.9e-5, 3.8e-4, 4.6e-7, 1.8e-7}},
    {"odd_250x187", 1, {8.9e-6, 2.3e-7, 2.7e-6, 1.6e-6, 7.9e-5, 2.1e-4, 3.3e-7, 1.7e-7}},
    {"alpha0.5_125x94", 0.5f, {2.7e-5, 1.8e-7, 2.7e-6, 9e-7, 4e-5, 2.4e-4, 3.3e-7, 1.7e-7}},
};

/* The published weights in a network of that strength. */
static gan_model *make_model(gan_context *context, float strength)
{
    const gan_microast_options options = {.struct_size = sizeof options, .strength = strength};
    gan_model *model, *published = reference_import(context, "weights/microast.safetensors");
    must(gan_microast_create(&model, context, &options));
    must(gan_model_copy_parameters(model, published));
    gan_model_free(published);
    return model;
}

static gan_model *make_with_layers(gan_context *context, float strength)
{
    const char *names[OUTPUTS];
    gan_model *model = make_model(context, strength), *selected;
    for (int i = 0; i < OUTPUTS; i++)
        names[i] = tensors[i].layer;
    must(gan_model_select_outputs(&selected, model, names, OUTPUTS));
    gan_model_free(model);
    return selected;
}

/* One vector of the style code as [1, 1, 1, 64]. */
static gan_tensor *part_of(gan_context *context, const gan_tensor *code, int64_t start)
{
    const int64_t shape[4] = {1, 1, 1, FEATURES};
    gan_tensor *part;
    must(gan_tensor_create(&part, context, GAN_FLOAT32, shape, 4));
    memcpy(gan_tensor_data(part), (const float *)gan_tensor_data_const(code) + start,
           FEATURES * sizeof(float));
    return part;
}

static void compare_tensor(const gan_tensors *golden, const char *label, int index, const gan_tensor *given,
                           double bound)
{
    char statistics[64];
    snprintf(statistics, sizeof statistics, "stats.%s", tensors[index].name);
    if (gan_tensors_find(golden, statistics) >= 0) {
        gan_tensor *expected = reference_take(golden, statistics);
        reference_compare_statistics(label, given, expected, bound);
        gan_tensor_free(expected);
        return;
    }
    gan_tensor *expected = reference_picture(golden, tensors[index].name);
    reference_compare(label, given, expected, bound);
    gan_tensor_free(expected);
}

static void compare_case(gan_context *context, size_t number, int32_t precision)
{
    static const char *const precisions[] = {"default", "exact"};
    char path[256], label[256];
    snprintf(path, sizeof path, "golden/microast/%s.safetensors", cases[number].file);
    gan_model *model = make_with_layers(context, cases[number].strength);
    gan_tensors *golden = reference_load(context, path);
    gan_tensor *content = reference_picture(golden, "input.c"), *style = reference_picture(golden, "input.s");
    gan_tensor *outputs[OUTPUTS];
    reference_run_many(model, (const gan_tensor *const[]){content, style}, precision, outputs);
    for (int i = 0; i <= OUTPUTS; i++) {
        const double bound = 10 * cases[number].float32_errors[i];
        snprintf(label, sizeof label, "%s %s, %s", cases[number].file, tensors[i].name,
                 precisions[precision]);
        gan_tensor *part =
            tensors[i].start >= 0 ? part_of(context, outputs[OUTPUTS - 1], tensors[i].start) : NULL;
        compare_tensor(golden, label, i, part != NULL ? part : outputs[i], bound);
        gan_tensor_free(part);
    }
    for (int i = 0; i < OUTPUTS; i++)
        gan_tensor_free(outputs[i]);
    gan_tensor_free(content);
    gan_tensor_free(style);
    gan_tensors_free(golden);
    gan_model_free(model);
}

static void compare_all(int32_t precision)
{
    gan_context *context = reference_context();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        compare_case(context, i, precision);
    gan_context_free(context);
}

START_TEST(tensors_default)
{
    compare_all(GAN_PRECISION_DEFAULT);
}
END_TEST

START_TEST(tensors_exact)
{
    compare_all(GAN_PRECISION_EXACT);
}
END_TEST

int main(void)
{
    if (reference_folder() == NULL)
        return 77;
    const TTest *const tests[] = {tensors_default, tensors_exact};
    return run_suite("reference microast", tests, sizeof tests / sizeof tests[0]);
}
