#include "models/plain_colors.h"
#include "graph/networks.h"

gan_model *make_scaling(gan_context *context, float factor)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3);
    gan_model *model = make_model("scaling", x, convolve(x, "scale", 3, 1, 1));
    gan_tensor *weights = make_zeros(context, (const int64_t[]){3, 1, 1, 3}, 4);
    for (int i = 0; i < 3; i++)
        ((float *)gan_tensor_data(weights))[4 * i] = factor;
    succeed(gan_model_set_parameter(model, 0, weights));
    gan_tensor_free(weights);
    gan_graph_free(graph);
    return model;
}

gan_tensor *make_colors(gan_context *context, uint64_t seed, float red, float spread, float together)
{
    gan_tensor *picture = make_normal(context, (const int64_t[]){1, 48, 64, 3}, 4, seed);
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < 48 * 64; i++) {
        float *pixel = values + 3 * i;
        pixel[1] = together * pixel[0] + (1 - together) * pixel[1];
        for (int c = 0; c < 3; c++)
            pixel[c] = (c == 0 ? red : 0.5f) + spread * pixel[c];
    }
    return picture;
}

struct colors measure_colors(const gan_tensor *picture)
{
    const float *values = gan_tensor_data_const(picture);
    const int64_t pixels = gan_tensor_count(picture) / 3;
    struct colors colors = {{0}, {0}};
    for (int64_t i = 0; i < 3 * pixels; i++)
        colors.mean[i % 3] += (double)values[i] / (double)pixels;
    for (int64_t i = 0; i < pixels; i++)
        for (int k = 0; k < 9; k++)
            colors.covariance[k] += ((double)values[3 * i + k / 3] - colors.mean[k / 3]) *
                                    ((double)values[3 * i + k % 3] - colors.mean[k % 3]) / (double)pixels;
    return colors;
}

struct color_bench color_bench_open(int32_t threads)
{
    struct color_bench bench = {.context = make_context(threads)};
    bench.encoder = make_scaling(bench.context, 4);
    bench.decoder = make_scaling(bench.context, 0.25f);
    bench.content = make_colors(bench.context, 1, 0.4f, 0.05f, 0.8f);
    bench.styles[0] = make_colors(bench.context, 2, 0.6f, 0.08f, 0.1f);
    bench.styles[1] = make_colors(bench.context, 3, 0.5f, 0.03f, 0.5f);
    return bench;
}

void color_bench_close(struct color_bench *bench)
{
    gan_tensor_free(bench->content);
    for (int i = 0; i < 2; i++)
        gan_tensor_free(bench->styles[i]);
    gan_model_free(bench->encoder);
    gan_model_free(bench->decoder);
    gan_context_free(bench->context);
}

gan_feature_transfer *make_exact_transfer(const struct color_bench *bench, int32_t transform)
{
    const gan_feature_transfer_options options = {
        .struct_size = sizeof options, .transform = transform, .ridge = -1, .margin = -1};
    gan_feature_transfer *transfer;
    succeed(gan_feature_transfer_create(&transfer, &bench->encoder, &bench->decoder, 1, &options));
    return transfer;
}
