#include "style/pictures.h"

#include <check.h>

gan_model *small_extractor(gan_context *context)
{
    gan_graph *graph;
    gan_model *model;
    ck_assert_int_eq(gan_graph_create(&graph, context), GAN_OK);
    gan_conv2d_options options = {.struct_size = sizeof options,
                                  .name = "first",
                                  .filters = 6,
                                  .kernel = {3, 3},
                                  .padding = GAN_PAD_HALF};
    gan_layer *input = gan_input(graph, "input", (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *levels[2];
    levels[0] = gan_relu(gan_conv2d(input, &options));
    options.name = "second";
    options.filters = 8;
    options.stride[0] = 2;
    levels[1] = gan_relu(gan_conv2d(levels[0], &options));
    ck_assert_int_eq(gan_model_create(&model, "small", &input, 1, levels, 2), GAN_OK);
    gan_graph_free(graph);
    return model;
}

gan_tensor *noise_picture(gan_context *context, int64_t height, int64_t width, uint64_t seed)
{
    gan_tensor *picture;
    const int64_t shape[4] = {1, height, width, 3};
    ck_assert_int_eq(gan_tensor_create(&picture, context, GAN_FLOAT32, shape, 4), GAN_OK);
    ck_assert_int_eq(gan_tensor_fill_uniform(picture, seed, 0, 1), GAN_OK);
    return picture;
}

struct style_bench style_bench_open(void)
{
    struct style_bench bench;
    ck_assert_int_eq(gan_context_create(&bench.context, NULL), GAN_OK);
    bench.extractor = small_extractor(bench.context);
    bench.other = small_extractor(bench.context);
    for (int i = 0; i < 2; i++)
        bench.pictures[i] = noise_picture(bench.context, 24, 32, (uint64_t)(7 + i));
    return bench;
}

void style_bench_close(struct style_bench *bench)
{
    for (int i = 0; i < 2; i++)
        gan_tensor_free(bench->pictures[i]);
    gan_model_free(bench->extractor);
    gan_model_free(bench->other);
    gan_context_free(bench->context);
}
