/* Published transformation networks: outputs as raw floats, and gradients of all weights. */
#include "base/suite.h"
#include "kernels/tile_emulator.h"
#include "models/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bounds are 10 times float32's own error, which the reference data states. */
static const struct {
    const char *weights, *file;
    double float32_error;
} cases[] = {
    {"fns_vangogh_starry-night", "fns_vangogh_starry-night/square_256x256", 0.0042},
    {"fns_vangogh_starry-night", "fns_vangogh_starry-night/odd_250x187", 0.00047},
    {"fns_vangogh_red-vineyards", "fns_vangogh_red-vineyards/square_128x128", 0.00085},
    {"fns_vangogh_red-vineyards", "fns_vangogh_red-vineyards/odd_125x94", 0.00049},
    {"fns_vangogh8_bedroom", "fns_vangogh8_bedroom/square_128x128", 0.00048},
    {"fns_vangogh8_bedroom", "fns_vangogh8_bedroom/odd_125x94", 0.00054},
    {"johnson_random", "johnson_random/odd_66x49", 4.1e-06},
    {"johnson_random", "johnson_random/photo_256x256", 1.1e-05},
};

static const double bf16_bound = 0.05;

static void compare_case(size_t index, int32_t precision, const char *precision_name)
{
    char path[256], label[256];
    gan_context *context = reference_context();
    snprintf(path, sizeof path, "weights/%s.safetensors", cases[index].weights);
    gan_model *model = reference_import(context, path);
    snprintf(path, sizeof path, "golden/%s.safetensors", cases[index].file);
    gan_tensors *golden = reference_load(context, path);
    gan_tensor *input = reference_picture(golden, "input.x"), *expected = reference_picture(golden, "output");
    gan_tensor *output;
    reference_run(model, input, precision, &output);
    snprintf(label, sizeof label, "%s, %s", cases[index].file, precision_name);
    reference_compare(label, output, expected, 10 * cases[index].float32_error);
    gan_tensor_free(output);
    gan_tensor_free(expected);
    gan_tensor_free(input);
    gan_tensors_free(golden);
    gan_model_free(model);
    gan_context_free(context);
}

static void compare_all(int32_t precision, const char *precision_name)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        compare_case(i, precision, precision_name);
}

START_TEST(outputs_exact)
{
    compare_all(GAN_PRECISION_EXACT, "exact");
}
END_TEST

START_TEST(outputs_default)
{
    compare_all(GAN_PRECISION_DEFAULT, "default");
}
END_TEST

/* In bfloat16, relative to the largest output: the bounds of gan_session_precision's header. */
static void compare_bf16(const char *weights, const char *file)
{
    char path[256];
    gan_context *context = reference_context();
    if (!tile_emulator_serve(context)) {
        printf("no kernels that go with tiles: bfloat16 is not compared\n");
        gan_context_free(context);
        return;
    }
    snprintf(path, sizeof path, "weights/%s.safetensors", weights);
    gan_model *model = reference_import(context, path);
    snprintf(path, sizeof path, "golden/%s.safetensors", file);
    gan_tensors *golden = reference_load(context, path);
    gan_tensor *input = reference_picture(golden, "input.x"), *expected = reference_picture(golden, "output");
    gan_tensor *output;
    reference_run(model, input, GAN_PRECISION_BF16, &output);
    snprintf(path, sizeof path, "%s, bf16", file);
    reference_compare(path, output, expected, bf16_bound * reference_largest(expected));
    gan_tensor_free(output);
    gan_tensor_free(expected);
    gan_tensor_free(input);
    gan_tensors_free(golden);
    gan_model_free(model);
    gan_context_free(context);
}

START_TEST(outputs_bf16)
{
    for (size_t i = 0; reference_folder() != NULL && i < sizeof cases / sizeof cases[0]; i++)
        compare_bf16(cases[i].weights, cases[i].file);
}
END_TEST

/* ---- Gradients ---- */

/* L = mean(output^2) / 10^4 of a model that has one input. */
static gan_objective *mean_square_objective(gan_context *context, gan_model *model, gan_optimizer *optimizer)
{
    const int64_t shape[4] = {-1, -1, -1, 3};
    const gan_objective_options options = {.struct_size = sizeof options, .precision = GAN_PRECISION_EXACT};
    gan_graph *graph;
    gan_objective *objective;
    must(gan_graph_create(&graph, context));
    gan_layer *x = gan_input(graph, "x", shape, 4);
    gan_layer *y = gan_apply(model, x);
    gan_layer *loss = gan_scale(gan_mean(gan_multiply(y, y)), 1e-4f, 0);
    must(gan_objective_create(&objective, loss, &x, 1, &model, 1, optimizer, &options));
    must(gan_objective_request_input_gradient(objective, 0));
    gan_graph_free(graph);
    return objective;
}

/* Variable 3 k + j of the file: weights, shift, scale of stage k; here weights, scale, shift. */
static int32_t parameter_of(int32_t variable)
{
    static const int32_t places[3] = {0, 2, 1};
    return variable / 3 * 3 + places[variable % 3];
}

/* The reference's gradient in this library's layout. */
static gan_tensor *expected_gradient(const gan_tensors *golden, const char *name, gan_context *context)
{
    gan_tensor *gradient = reference_take(golden, name);
    if (gan_tensor_size(gradient, 0) > 1 || gan_tensor_size(gradient, 2) > 1) {
        gan_tensor_free(gradient);
        return reference_picture(golden, name);
    }
    gan_tensor *vector;
    const int64_t size = gan_tensor_size(gradient, 1);
    must(gan_tensor_create(&vector, context, GAN_FLOAT32, &size, 1));
    memcpy(gan_tensor_data(vector), gan_tensor_data(gradient), (size_t)size * sizeof(float));
    gan_tensor_free(gradient);
    return vector;
}

static void compare_gradient(gan_context *context, const gan_tensors *golden, const char *name,
                             gan_tensor *gradient)
{
    gan_tensor *expected = expected_gradient(golden, name, context);
    reference_compare(name, gradient, expected, 1e-4 * reference_largest(expected));
    gan_tensor_free(expected);
    gan_tensor_free(gradient);
}

START_TEST(gradients)
{
    gan_context *context = reference_context();
    gan_model *model = reference_import(context, "weights/fns_vangogh_starry-night.safetensors");
    gan_tensors *golden = reference_load(context, "golden/fns_vangogh_starry-night/grad_64x48.safetensors");
    gan_optimizer *optimizer;
    must(gan_sgd_create(&optimizer, context, NULL));
    gan_objective *objective = mean_square_objective(context, model, optimizer);
    gan_tensor *input = reference_picture(golden, "x"), *expected_loss = reference_take(golden, "loss");
    float loss;
    must(gan_objective_gradients(objective, (const gan_tensor *const[]){input}, 1, &loss));
    const double expected = (double)*(const float *)gan_tensor_data_const(expected_loss);
    reference_compare_number("loss", (double)loss, expected, 1e-5 * expected);
    for (int32_t i = 0; i < gan_tensors_count(golden); i++) {
        const char *name = gan_tensors_name(golden, i);
        gan_tensor *gradient;
        if (strncmp(name, "grad.", 5) != 0)
            continue;
        if (strcmp(name, "grad.x") == 0)
            must(gan_objective_input_gradient(objective, 0, &gradient));
        else
            must(gan_objective_gradient(objective, model, parameter_of(atoi(name + 5 + strlen("Variable_"))),
                                        &gradient));
        compare_gradient(context, golden, name, gradient);
    }
    gan_tensor_free(expected_loss);
    gan_tensor_free(input);
    gan_objective_free(objective);
    gan_optimizer_free(optimizer);
    gan_tensors_free(golden);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    if (reference_folder() == NULL)
        return 77;
    const TTest *const tests[] = {outputs_exact, outputs_default, outputs_bf16, gradients};
    return run_suite("reference johnson", tests, sizeof tests / sizeof tests[0]);
}
