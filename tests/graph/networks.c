#include "graph/networks.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void succeed(gan_status status)
{
    ck_assert_msg(status == GAN_OK, "%s: %s", gan_status_name(status), gan_error_message());
}

void fails_with(gan_status status, gan_status expected, const char *word)
{
    ck_assert_msg(status == expected, "%s, expected %s; message: %s", gan_status_name(status),
                  gan_status_name(expected), gan_error_message());
    ck_assert_msg(strstr(gan_error_message(), word) != NULL, "\"%s\" does not speak of \"%s\"",
                  gan_error_message(), word);
}

gan_context *make_context(int32_t threads)
{
    gan_context *context;
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads, .seed = 5};
    succeed(gan_context_create(&context, &options));
    return context;
}

gan_graph *make_graph(gan_context *context)
{
    gan_graph *graph;
    succeed(gan_graph_create(&graph, context));
    return graph;
}

gan_tensor *make_zeros(gan_context *context, const int64_t *shape, int32_t rank)
{
    gan_tensor *tensor;
    succeed(gan_tensor_create(&tensor, context, GAN_FLOAT32, shape, rank));
    return tensor;
}

gan_tensor *make_normal(gan_context *context, const int64_t *shape, int32_t rank, uint64_t seed)
{
    gan_tensor *tensor = make_zeros(context, shape, rank);
    succeed(gan_tensor_fill_normal(tensor, seed, 0, 1));
    return tensor;
}

gan_tensor *make_filled(gan_context *context, const int64_t *shape, int32_t rank, float value)
{
    gan_tensor *tensor = make_zeros(context, shape, rank);
    float *values = gan_tensor_data(tensor);
    for (int64_t i = 0; i < gan_tensor_count(tensor); i++)
        values[i] = value;
    return tensor;
}

gan_tensor *make_pictures(gan_context *context, int64_t batch, int64_t height, int64_t width, uint64_t seed)
{
    return make_normal(context, (const int64_t[]){batch, height, width, 3}, 4, seed);
}

static bool same_shape(const gan_tensor *a, const gan_tensor *b)
{
    bool same = gan_tensor_rank(a) == gan_tensor_rank(b);
    for (int32_t i = 0; same && i < gan_tensor_rank(a); i++)
        same = gan_tensor_size(a, i) == gan_tensor_size(b, i);
    return same;
}

bool same_bits(const gan_tensor *a, const gan_tensor *b)
{
    return same_shape(a, b) && memcmp(gan_tensor_data_const(a), gan_tensor_data_const(b),
                                      (size_t)gan_tensor_count(a) * sizeof(float)) == 0;
}

double largest_difference(const gan_tensor *a, const gan_tensor *b)
{
    ck_assert(same_shape(a, b));
    const float *left = gan_tensor_data_const(a), *right = gan_tensor_data_const(b);
    double largest = 0;
    for (int64_t i = 0; i < gan_tensor_count(a); i++) {
        ck_assert(isfinite(left[i]) && isfinite(right[i]));
        largest = fmax(largest, fabs((double)left[i] - (double)right[i]));
    }
    return largest;
}

gan_layer *open_pictures(gan_graph *graph, const char *name, int32_t channels)
{
    return gan_input(graph, name, (const int64_t[]){-1, -1, -1, channels}, 4);
}

gan_layer *convolve(gan_layer *x, const char *name, int32_t filters, int32_t kernel, int32_t stride)
{
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .name = name,
                                        .filters = filters,
                                        .kernel = {kernel},
                                        .stride = {stride},
                                        .padding = GAN_PAD_HALF,
                                        .initializer = GAN_INITIALIZER_HE_NORMAL};
    return gan_conv2d(x, &options);
}

gan_layer *densely(gan_layer *x, const char *name, int32_t units)
{
    const gan_dense_options options = {.struct_size = sizeof options, .name = name, .units = units};
    return gan_dense(x, &options);
}

gan_model *make_model(const char *name, gan_layer *input, gan_layer *output)
{
    gan_model *model;
    succeed(gan_model_create(&model, name, &input, 1, &output, 1));
    return model;
}

gan_model *make_generator(gan_context *context)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3);
    gan_layer *y = gan_relu(gan_batch_norm(convolve(x, "down", 6, 3, 2), NULL));
    y = gan_relu(gan_instance_norm(convolve(gan_upsample_nearest(y, 2), "up", 5, 3, 1), NULL));
    y = gan_tanh(convolve(y, "rgb", 3, 3, 1));
    gan_model *model = make_model("generator", x, y);
    gan_graph_free(graph);
    return model;
}

gan_model *make_discriminator(gan_context *context)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3);
    gan_layer *y = gan_leaky_relu(convolve(x, "first", 4, 3, 2), 0.2f);
    y = gan_leaky_relu(gan_batch_norm(convolve(y, "second", 6, 3, 2), NULL), 0.2f);
    y = convolve(y, "logits", 1, 3, 1);
    gan_model *model = make_model("discriminator", x, y);
    gan_graph_free(graph);
    return model;
}

struct snapshot *take_snapshot(gan_model *model)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    ck_assert_ptr_nonnull(snapshot);
    snapshot->model = model;
    snapshot->values = calloc((size_t)gan_model_parameter_count(model), sizeof(gan_tensor *));
    for (int32_t i = 0; i < gan_model_parameter_count(model); i++)
        succeed(gan_model_get_parameter(model, i, &snapshot->values[i]));
    return snapshot;
}

bool unchanged(const struct snapshot *snapshot, int32_t trainable)
{
    bool same = true;
    for (int32_t i = 0; i < gan_model_parameter_count(snapshot->model); i++) {
        if (trainable >= 0 && gan_model_parameter_trainable(snapshot->model, i) != trainable)
            continue;
        gan_tensor *value;
        succeed(gan_model_get_parameter(snapshot->model, i, &value));
        same = same && same_bits(value, snapshot->values[i]);
        gan_tensor_free(value);
    }
    return same;
}

void free_snapshot(struct snapshot *snapshot)
{
    for (int32_t i = 0; i < gan_model_parameter_count(snapshot->model); i++)
        gan_tensor_free(snapshot->values[i]);
    free(snapshot->values);
    free(snapshot);
}
