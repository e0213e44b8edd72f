#include "naive.h"

#include <check.h>
#include <stdlib.h>

void check_values(const struct layer_case *layer, naive_value value)
{
    struct experiment e;
    experiment_create(&e, layer, 0, 2, NULL, NULL);
    experiment_run(&e);
    const int64_t count = gan_tensor_count(e.output);
    double *expected = calloc((size_t)count, sizeof *expected);
    ck_assert_ptr_nonnull(expected);
    for (int64_t i = 0; i < count; i++)
        expected[i] = value(&e, i);
    expect_values(e.name, "output", e.output, expected, 1e-6);
    free(expected);
    experiment_free(&e);
}

double pixel(const struct experiment *experiment, int32_t input, int64_t n, int64_t y, int64_t x, int64_t c)
{
    const gan_tensor *tensor = experiment->inputs[input];
    const int64_t row = n * gan_tensor_size(tensor, 1) + y, column = row * gan_tensor_size(tensor, 2) + x;
    return (double)((const float *)gan_tensor_data_const(tensor))[column * gan_tensor_size(tensor, 3) + c];
}

struct place place_of(const gan_tensor *tensor, int64_t index)
{
    const int64_t channels = gan_tensor_size(tensor, 3), width = gan_tensor_size(tensor, 2);
    const int64_t column = index / channels, row = column / width;
    return (struct place){row / gan_tensor_size(tensor, 1), row % gan_tensor_size(tensor, 1), column % width,
                          index % channels};
}

double target_at(int64_t i)
{
    return (double)(float)((double)(i * 7 % 11) / 10);
}

gan_layer *constant_target(gan_layer *x, int64_t batch)
{
    gan_context *context = NULL;
    gan_tensor *tensor = NULL;
    int64_t size[GAN_MAX_RANK];
    const int32_t rank = gan_layer_shape(x, size);
    if (batch > 0)
        size[0] = batch;
    expect_ok("target", gan_context_create(&context, NULL));
    expect_ok("target", gan_tensor_create(&tensor, context, GAN_FLOAT32, size, rank));
    float *values = gan_tensor_data(tensor);
    for (int64_t i = 0; i < gan_tensor_count(tensor); i++)
        values[i] = (float)target_at(i);
    gan_layer *layer = gan_constant(gan_layer_graph(x), NULL, tensor);
    gan_tensor_free(tensor);
    gan_context_free(context);
    return layer;
}

void expect_refusal(refused_builder build, const char *words, int32_t rank, const int64_t *first,
                    const int64_t *second)
{
    gan_context *context = NULL;
    gan_graph *graph = NULL;
    expect_ok("context", gan_context_create(&context, NULL));
    expect_ok("graph", gan_graph_create(&graph, context));
    gan_layer *const inputs[] = {gan_input(graph, "a", first, rank),
                                 second != NULL ? gan_input(graph, "b", second, rank) : NULL};
    ck_assert_ptr_null(build(inputs));
    ck_assert_int_ne(gan_graph_status(graph), GAN_OK);
    ck_assert_str_eq(gan_error_message(), words);
    gan_graph_free(graph);
    gan_context_free(context);
}
