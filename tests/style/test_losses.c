/* Content and style loss with their gradients, against float64 values of PyTorch: the conventions of the
 * files are a mean for the content, and sums of squared differences of Gram matrices / (C H W) for the style.
 */
#include "base/suite.h"
#include "models/reference.h"

#include <math.h>
#include <stdio.h>

struct reference {
    const char *weights, *file;
    const char *levels[4];
    int32_t style_levels, level_count;
    float style_weight;
    const float *mean, *deviation; /* of the file's pictures; NULL: they are 0..1 already */
};

static const float imagenet_mean[] = {0.485f, 0.456f, 0.406f};
static const float imagenet_deviation[] = {0.229f, 0.224f, 0.225f};

static const struct reference squeezenet = {
    .weights = "weights/squeezenet1.1.safetensors",
    .file = "golden/squeezenet1.1/losses_96x80.safetensors",
    .levels = {"relu1", "fire2", "fire4", "fire5"},
    .style_levels = 3,
    .level_count = 4,
    .style_weight = 0.1f,
    .mean = imagenet_mean,
    .deviation = imagenet_deviation,
};

static const struct reference vgg = {
    .weights = "weights/wct_vgg_normalised_conv3_1.safetensors",
    .file = "golden/wct_vgg19/losses_96x80.safetensors",
    .levels = {"relu1_1", "relu2_1", "relu3_1"},
    .style_levels = 3,
    .level_count = 3,
    .style_weight = 100.0f,
};

/* The pictures as they were before the file's normalization. */
static gan_tensor *take_picture(const struct reference *reference, const gan_tensors *tensors,
                                const char *name)
{
    gan_tensor *picture = reference_picture(tensors, name);
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; reference->mean != NULL && i < gan_tensor_count(picture); i++)
        values[i] = values[i] * reference->deviation[i % 3] + reference->mean[i % 3];
    return picture;
}

struct fixture {
    gan_context *context;
    gan_tensors *tensors;
    gan_model *extractor;
    gan_tensor *picture, *content_picture, *style_picture;
    gan_style *style;
    gan_content *content;
    gan_style_loss *loss;
};

/* The mean over a matrix times its number of elements is the sum. */
static void make_loss(struct fixture *fixture, const struct reference *reference)
{
    float weights[4] = {0};
    for (int32_t i = 0; i < reference->style_levels; i++) {
        const float channels = (float)gan_tensor_size(gan_style_gram(fixture->style, i), 1);
        weights[i] = channels * channels;
    }
    const gan_style_loss_options options = {.struct_size = sizeof options,
                                            .style_weight = reference->style_weight,
                                            .level_weights = weights,
                                            .reduction = GAN_REDUCE_MEAN,
                                            .default_reduction = 1};
    must(gan_style_loss_create(&fixture->loss, fixture->style, &options));
}

static struct fixture set_up(const struct reference *reference)
{
    struct fixture fixture = {.context = reference_context()};
    gan_model *whole = reference_import(fixture.context, reference->weights);
    must(gan_model_select_outputs(&fixture.extractor, whole, reference->levels, reference->level_count));
    gan_model_free(whole);
    fixture.tensors = reference_load(fixture.context, reference->file);
    fixture.picture = take_picture(reference, fixture.tensors, "input");
    fixture.content_picture = take_picture(reference, fixture.tensors, "content");
    fixture.style_picture = take_picture(reference, fixture.tensors, "style");
    const gan_tensor *pictures[1] = {fixture.style_picture};
    must(gan_style_create(&fixture.style, fixture.extractor, pictures, 1, NULL));
    must(gan_content_create(&fixture.content, fixture.extractor, fixture.content_picture));
    make_loss(&fixture, reference);
    return fixture;
}

static void tear_down(struct fixture *fixture)
{
    gan_style_loss_free(fixture->loss);
    gan_content_free(fixture->content);
    gan_style_free(fixture->style);
    gan_tensor_free(fixture->style_picture);
    gan_tensor_free(fixture->content_picture);
    gan_tensor_free(fixture->picture);
    gan_model_free(fixture->extractor);
    gan_tensors_free(fixture->tensors);
    gan_context_free(fixture->context);
}

static double number(const struct fixture *fixture, const char *name)
{
    gan_tensor *value = reference_take(fixture->tensors, name);
    const double result = (double)*(const float *)gan_tensor_data_const(value);
    gan_tensor_free(value);
    return result;
}

static void compare_grams(const struct fixture *fixture, const struct reference *reference)
{
    for (int32_t i = 0; i < reference->style_levels; i++) {
        char name[64];
        snprintf(name, sizeof name, "gram_style.%s", reference->levels[i]);
        gan_tensor *expected = reference_take(fixture->tensors, name);
        reference_compare(name, gan_style_gram(fixture->style, i), expected,
                          2e-5 * reference_largest(expected));
        gan_tensor_free(expected);
    }
}

static void compare_numbers(const struct fixture *fixture)
{
    float content, style, variation;
    must(gan_style_loss_evaluate(fixture->loss, fixture->picture, fixture->content, &content, &style,
                                 &variation));
    const double expected_content = number(fixture, "loss.content");
    const double expected_style = number(fixture, "loss.style");
    reference_compare_number("content", (double)content, expected_content, 2e-5 * expected_content);
    reference_compare_number("style", (double)style, expected_style, 5e-5 * expected_style);
}

/* d total / d picture; the file's is with respect to its normalised picture. */
static gan_tensor *gradient_of(const struct fixture *fixture, float *total)
{
    gan_graph *graph;
    must(gan_graph_create(&graph, fixture->context));
    const int64_t shape[4] = {1, -1, -1, 3};
    gan_layer *inputs[2] = {gan_input(graph, "picture", shape, 4), gan_input(graph, "content", shape, 4)};
    gan_layer *loss = gan_style_loss_apply(fixture->loss, inputs[0], inputs[1], NULL);
    gan_optimizer *optimizer;
    gan_objective *objective;
    gan_model *extractor = fixture->extractor;
    gan_tensor *gradient;
    must(gan_adam_create(&optimizer, fixture->context, NULL));
    must(gan_objective_create(&objective, loss, inputs, 2, &extractor, 1, optimizer, NULL));
    must(gan_objective_request_input_gradient(objective, 0));
    const gan_tensor *pictures[2] = {fixture->picture, fixture->content_picture};
    must(gan_objective_gradients(objective, pictures, 2, total));
    must(gan_objective_input_gradient(objective, 0, &gradient));
    gan_objective_free(objective);
    gan_optimizer_free(optimizer);
    gan_graph_free(graph);
    return gradient;
}

static void compare_gradient(const struct fixture *fixture, const struct reference *reference)
{
    float total;
    gan_tensor *gradient = gradient_of(fixture, &total);
    float *values = gan_tensor_data(gradient);
    for (int64_t i = 0; reference->mean != NULL && i < gan_tensor_count(gradient); i++)
        values[i] *= reference->deviation[i % 3];
    gan_tensor *expected = reference_picture(fixture->tensors, "grad.input");
    reference_compare("gradient", gradient, expected, 2e-5 * reference_largest(expected));
    const double expected_total = number(fixture, "loss.total");
    reference_compare_number("total", (double)total, expected_total, 5e-5 * expected_total);
    gan_tensor_free(expected);
    gan_tensor_free(gradient);
}

static void check_reference(const struct reference *reference)
{
    if (reference_folder() == NULL)
        return;
    struct fixture fixture = set_up(reference);
    compare_grams(&fixture, reference);
    compare_numbers(&fixture);
    compare_gradient(&fixture, reference);
    tear_down(&fixture);
}

START_TEST(squeezenet_losses_are_those_of_the_reference)
{
    check_reference(&squeezenet);
}
END_TEST

START_TEST(vgg_losses_are_those_of_the_reference)
{
    check_reference(&vgg);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {squeezenet_losses_are_those_of_the_reference,
                                  vgg_losses_are_those_of_the_reference};
    return run_suite("style losses", tests, sizeof tests / sizeof tests[0]);
}
