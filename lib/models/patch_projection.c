/* What PatchNCE puts on features: a multilayer perceptron of two layers (Park et al. 2020). */
#include "gan/networks.h"
#include "models/build.h"

static gan_layer *dense(gan_layer *x, const char *name, int32_t units)
{
    const gan_dense_options options = {
        .struct_size = sizeof options, .name = name, .units = units, .initializer = GAN_INITIALIZER_NORMAL};
    return gan_dense(x, &options);
}

gan_status gan_patch_projection_create(gan_model **out, gan_context *context, int32_t channels, int32_t width)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_patch_projection_create: out is NULL");
    *out = NULL;
    const int32_t units = width != 0 ? width : 256;
    gan_graph *graph;
    gan_status status = gan_build_check("channels", channels, 1);
    if (status == GAN_OK)
        status = gan_build_check("width", units, 1);
    if (status == GAN_OK)
        status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    const int64_t shape[3] = {-1, -1, channels};
    gan_layer *patches = gan_input(graph, "patches", shape, 3);
    gan_layer *output = dense(gan_relu(dense(patches, "dense1", units)), "dense2", units);
    const struct build_words words = {"patch_projection", NULL, NULL};
    return gan_build_end(out, graph, "projection", &patches, 1, &output, 1, &words);
}
