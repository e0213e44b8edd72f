/* SqueezeNet (Iandola et al. 2016) in the form 1.1 of its authors' repository. */
#include "gan/networks.h"
#include "graph/graph.h"
#include "models/build.h"

#include <stdbool.h>
#include <stdio.h>

enum { FIRES = 8, OUTPUTS = FIRES + 2, CLASSES = 1000, NAME_SIZE = 32 };

/* Fire modules 2 to 9; each of the two expanding convolutions has `expand` channels. */
static const struct {
    int32_t squeeze, expand;
    bool pool_before;
} fires[FIRES] = {
    {16, 64, true},  {16, 64, false},  {32, 128, true},  {32, 128, false},
    {48, 192, true}, {48, 192, false}, {64, 256, false}, {64, 256, false},
};

/* One number per colour, to be stretched over a picture. */
static gan_layer *colours(gan_graph *graph, gan_context *context, const char *name, const float values[3])
{
    const int64_t shape[4] = {1, 1, 1, 3};
    gan_tensor *tensor;
    const gan_status status = gan_tensor_create(&tensor, context, GAN_FLOAT32, shape, 4);
    if (status != GAN_OK)
        return gan_graph_refuse(graph, "constant", name, status);
    float *to = gan_tensor_data(tensor);
    for (int32_t i = 0; i < 3; i++)
        to[i] = values[i];
    gan_layer *layer = gan_constant(graph, name, tensor);
    gan_tensor_free(tensor);
    return layer;
}

/* From 0..1 to mean 0 and standard deviation 1 over ImageNet. */
static gan_layer *normalize(gan_graph *graph, gan_layer *x, gan_context *context)
{
    static const float means[3] = {0.485f, 0.456f, 0.406f};
    static const float factors[3] = {1 / 0.229f, 1 / 0.224f, 1 / 0.225f};
    gan_layer *mean = colours(graph, context, "mean", means);
    gan_layer *factor = colours(graph, context, "factor", factors);
    return gan_multiply(gan_subtract(x, mean), factor);
}

static gan_layer *convolve(gan_layer *x, const char *name, int32_t filters, int32_t kernel, int32_t stride)
{
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = name,
                                     .filters = filters,
                                     .kernel = {kernel, kernel},
                                     .stride = {stride, stride},
                                     .padding = stride == 1 ? GAN_PAD_HALF : GAN_PAD_VALID,
                                     .initializer = GAN_INITIALIZER_HE_UNIFORM};
    return gan_relu(gan_conv2d(x, &conv));
}

static gan_layer *pool(gan_layer *x)
{
    const gan_pool_options options = {
        .struct_size = sizeof options, .kernel = {3, 3}, .stride = {2, 2}, .ceil_mode = 1};
    return gan_max_pool(x, &options);
}

static gan_layer *fire(gan_layer *x, int32_t index)
{
    char name[NAME_SIZE], part[3][NAME_SIZE];
    snprintf(name, sizeof name, "fire%d", index + 2);
    snprintf(part[0], NAME_SIZE, "fire%d_squeeze", index + 2);
    snprintf(part[1], NAME_SIZE, "fire%d_expand1x1", index + 2);
    snprintf(part[2], NAME_SIZE, "fire%d_expand3x3", index + 2);
    gan_layer *squeezed = convolve(x, part[0], fires[index].squeeze, 1, 1);
    gan_layer *const expanded[2] = {convolve(squeezed, part[1], fires[index].expand, 1, 1),
                                    convolve(squeezed, part[2], fires[index].expand, 3, 1)};
    return gan_build_name(gan_concat(expanded, 2, -1), name);
}

static gan_layer *classify(gan_layer *x)
{
    gan_layer *scores = convolve(x, "classifier", CLASSES, 1, 1);
    return gan_build_name(gan_flatten(gan_global_average_pool(scores)), "logits");
}

static void extract(gan_layer *x, gan_layer *outputs[OUTPUTS])
{
    outputs[0] = gan_build_name(convolve(x, "conv1", 64, 3, 2), "relu1");
    for (int32_t i = 0; i < FIRES; i++)
        outputs[i + 1] = fire(fires[i].pool_before ? pool(outputs[i]) : outputs[i], i);
    outputs[OUTPUTS - 1] = classify(outputs[FIRES]);
}

gan_status gan_squeezenet_create(gan_model **out, gan_context *context)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_squeezenet_create: out is NULL");
    *out = NULL;
    gan_graph *graph;
    gan_layer *input, *outputs[OUTPUTS];
    const gan_status status = gan_build_begin(&graph, &input, context, 3);
    if (status != GAN_OK)
        return status;
    extract(normalize(graph, input, context), outputs);
    const struct build_words words = {"squeezenet1.1", "0..1", "none"};
    return gan_build_end(out, graph, "squeezenet", &input, 1, outputs, OUTPUTS, &words);
}
