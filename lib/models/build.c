#include "models/build.h"
#include "graph/graph.h"

#include <stdio.h>

enum { MOST = 1000000, NAME_SIZE = 64 };

gan_status gan_build_begin(gan_graph **graph, gan_layer **input, gan_context *context, int32_t channels)
{
    const int64_t shape[4] = {-1, -1, -1, channels};
    const gan_status status = gan_graph_create(graph, context);
    *input = status == GAN_OK ? gan_input(*graph, "input", shape, 4) : NULL;
    return status;
}

gan_layer *gan_build_name(gan_layer *layer, const char *name)
{
    return gan_layer_set_name(layer, name);
}

static gan_status describe(gan_model *model, const struct build_words *words)
{
    const char *const pairs[][2] = {{"architecture", words->architecture},
                                    {"input_range", words->input_range},
                                    {"output_range", words->output_range},
                                    {"input_channels", words->input_range != NULL ? "RGB" : NULL}};
    gan_status status = GAN_OK;
    for (size_t i = 0; status == GAN_OK && i < sizeof pairs / sizeof pairs[0]; i++)
        if (pairs[i][1] != NULL)
            status = gan_model_set_metadata(model, pairs[i][0], pairs[i][1]);
    return status;
}

gan_status gan_build_end(gan_model **out, gan_graph *graph, const char *name, gan_layer *const *inputs,
                         int32_t input_count, gan_layer *const *outputs, int32_t output_count,
                         const struct build_words *words)
{
    gan_model *model = NULL;
    gan_status status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_model_create(&model, name, inputs, input_count, outputs, output_count);
    if (status == GAN_OK)
        status = describe(model, words);
    gan_graph_free(graph);
    if (status != GAN_OK) {
        gan_model_free(model);
        return status;
    }
    *out = model;
    return GAN_OK;
}

gan_status gan_build_check(const char *option, int32_t value, int32_t least)
{
    if (value >= least && value <= MOST)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%s is %d, expected %d to %d", option, value, least, MOST);
}

gan_layer *gan_build_norm(gan_layer *x, const char *name, int32_t norm)
{
    char norm_name[NAME_SIZE];
    snprintf(norm_name, sizeof norm_name, "%.*s_norm", NAME_SIZE - 6, name);
    const gan_norm_options options = {
        .struct_size = sizeof options, .name = norm_name, .no_affine = norm == GAN_NORM_INSTANCE};
    if (norm == GAN_NORM_NONE)
        return x;
    return norm == GAN_NORM_BATCH ? gan_batch_norm(x, &options) : gan_instance_norm(x, &options);
}

gan_status gan_build_take_norm(int32_t *norm, int32_t otherwise)
{
    if (*norm < GAN_NORM_DEFAULT || *norm > GAN_NORM_NONE)
        return gan_fail(GAN_ERROR_ARGUMENT, "norm is %d, expected GAN_NORM_*", *norm);
    if (*norm == GAN_NORM_DEFAULT)
        *norm = otherwise;
    return GAN_OK;
}
