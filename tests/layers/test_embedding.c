/* Embedding: rows by label, gradients to the table, labels that are no class, options. */
#include "base/suite.h"
#include "gradient_check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABELS = 6, CLASSES = 4, WIDTH = 5 };

/* A label twice, one class not at all. */
static const float given[LABELS] = {2, 0, 2, 3, 0, 2};

static gan_layer *constant_labels(gan_graph *graph, const float *values)
{
    gan_context *context = NULL;
    gan_tensor *labels = NULL;
    expect_ok("labels", gan_context_create(&context, NULL));
    expect_ok("labels", gan_tensor_create(&labels, context, GAN_FLOAT32, (const int64_t[]){LABELS}, 1));
    memcpy(gan_tensor_data(labels), values, LABELS * sizeof(float));
    gan_layer *layer = gan_constant(graph, "labels", labels);
    gan_tensor_free(labels);
    gan_context_free(context);
    return layer;
}

static gan_layer *rows(gan_layer *x, const float *labels, int32_t spectral_norm)
{
    const gan_embedding_options options = {
        .struct_size = sizeof options, .classes = CLASSES, .width = WIDTH, .spectral_norm = spectral_norm};
    return gan_embedding(constant_labels(gan_layer_graph(x), labels), &options);
}

/* x times the rows of its labels. */
static gan_layer *build_product(gan_layer *const *inputs, const void *argument)
{
    return gan_multiply(inputs[0], rows(inputs[0], argument, 0));
}

static gan_layer *build_normalized(gan_layer *const *inputs, const void *argument)
{
    return gan_multiply(inputs[0], rows(inputs[0], argument, 1));
}

static const struct layer_case product = {"embedding", build_product, given, {{2, {LABELS, WIDTH}}}, 0};

START_TEST(gradients)
{
    check_layer(&product);
}
END_TEST

/* Once the power iteration has converged, as in the test of spectral norms. */
START_TEST(gradients_with_spectral_norm)
{
    const struct layer_case layer = {
        "embedding with spectral norm", build_normalized, given, {{2, {LABELS, WIDTH}}}, 0};
    struct experiment e;
    experiment_create(&e, &layer, 0, 2, NULL, NULL);
    gan_session *session = experiment_session(&e);
    for (int i = 0; i < 400; i++)
        experiment_run_session(&e, session);
    gan_session_free(session);
    experiment_run(&e);
    check_finite_differences(&e, 1e-2);
    experiment_free(&e);
}
END_TEST

static void expect_rows(const float *labels, const int expected[LABELS])
{
    struct experiment e;
    struct layer_case layer = product;
    layer.argument = labels;
    experiment_create(&e, &layer, 0, 2, NULL, NULL);
    experiment_run(&e);
    gan_tensor *table = experiment_parameter(&e, "weight");
    gan_tensor *gradient = experiment_parameter_gradient(&e, "weight");
    const float *w = gan_tensor_data_const(table), *x = gan_tensor_data_const(e.inputs[0]);
    const float *g = gan_tensor_data_const(e.inputs[1]), *y = gan_tensor_data_const(e.output);
    double sums[CLASSES * WIDTH] = {0};
    for (int i = 0; i < LABELS * WIDTH; i++) {
        const int from = expected[i / WIDTH] * WIDTH + i % WIDTH;
        ck_assert(y[i] == x[i] * w[from]);
        sums[from] += (double)g[i] * (double)x[i];
    }
    expect_values("embedding", "gradient", gradient, sums, 1e-6);
    gan_tensor_free(table);
    gan_tensor_free(gradient);
    experiment_free(&e);
}

START_TEST(rows_by_label)
{
    expect_rows(given, (const int[]){2, 0, 2, 3, 0, 2});
}
END_TEST

START_TEST(labels_that_are_no_class)
{
    const float odd[LABELS] = {-1, 4, 1e30f, NAN, -INFINITY, 1};
    expect_rows(odd, (const int[]){0, 3, 3, 0, 0, 1});
}
END_TEST

static void refuse(const gan_embedding_options *options, int32_t rank, gan_status expected, const char *words)
{
    gan_context *context = NULL;
    gan_graph *graph = NULL;
    expect_ok("refuse", gan_context_create(&context, NULL));
    expect_ok("refuse", gan_graph_create(&graph, context));
    gan_layer *labels = gan_input(graph, "labels", (const int64_t[]){-1, 3}, rank);
    ck_assert_ptr_null(gan_embedding(labels, options));
    ck_assert_int_eq(gan_graph_status(graph), expected);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "%s", gan_error_message());
    gan_graph_free(graph);
    gan_context_free(context);
}

START_TEST(what_is_wrong)
{
    gan_embedding_options options = {
        .struct_size = sizeof options, .name = "which", .classes = 3, .width = 2};
    refuse(&options, 2, GAN_ERROR_SHAPE, "embedding \"which\": labels have shape [?,3], expected [N]");
    options.width = 0;
    refuse(&options, 1, GAN_ERROR_ARGUMENT, "width is 0");
    options.classes = 0;
    refuse(&options, 1, GAN_ERROR_ARGUMENT, "classes is 0");
    options.classes = INT32_MAX;
    refuse(&options, 1, GAN_ERROR_ARGUMENT, "expected 1 to 16777216");
    options.classes = 3;
    options.initializer = 99;
    refuse(&options, 1, GAN_ERROR_ARGUMENT, "initializer");
    refuse(NULL, 1, GAN_ERROR_ARGUMENT, "classes is 0");
    ck_assert_ptr_null(gan_embedding(NULL, &options));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {gradients, gradients_with_spectral_norm, rows_by_label,
                                  labels_that_are_no_class, what_is_wrong};
    return run_suite("embedding", tests, sizeof tests / sizeof tests[0]);
}
