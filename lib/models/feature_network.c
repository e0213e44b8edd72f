/* The feature network that libgan's own trainings look through. */
#include "gan/feature_network.h"
#include "base/context.h"
#include "models/build.h"

#include <stdio.h>

enum { LEVELS = 4, DEFAULT_CHANNELS = 24, NAME_SIZE = 32 };

/* Features of a stage, as multiples of the first one's. */
static const int32_t widths[LEVELS] = {1, 2, 4, 4};

static gan_layer *convolve(gan_layer *x, const char *name, int32_t filters, int32_t kernel)
{
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .name = name,
                                        .filters = filters,
                                        .kernel = {kernel, kernel},
                                        .padding = GAN_PAD_HALF,
                                        .padding_mode = GAN_PADDING_REFLECT,
                                        .initializer = GAN_INITIALIZER_HE_NORMAL};
    return gan_conv2d(x, &options);
}

static gan_layer *stage(gan_layer *x, int32_t level, int32_t filters)
{
    char name[NAME_SIZE];
    for (char part = 'a'; part <= 'b'; part++) {
        snprintf(name, sizeof name, "conv%d%c", level + 1, part);
        x = gan_relu(convolve(x, name, filters, 3));
    }
    return x;
}

static void extract(gan_layer *x, int32_t channels, gan_layer *outputs[LEVELS])
{
    x = gan_scale(x, 4, -2); /* about mean 0 and deviation 1 */
    for (int32_t i = 0; i < LEVELS; i++) {
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "level%d", i + 1);
        x = stage(i > 0 ? gan_max_pool(x, NULL) : x, i, widths[i] * channels);
        outputs[i] = convolve(x, name, widths[i] * channels, 1);
    }
}

gan_status gan_feature_network_create(gan_model **out, gan_context *context,
                                      const gan_feature_network_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_feature_network_create: out is NULL");
    *out = NULL;
    gan_feature_network_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_feature_network_options");
    if (status != GAN_OK)
        return status;
    const int32_t channels = options.channels != 0 ? options.channels : DEFAULT_CHANNELS;
    if (channels < 1 || channels > 256)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_feature_network_create: channels is %d, expected 1 to 256",
                        channels);
    gan_graph *graph;
    gan_layer *input, *outputs[LEVELS];
    status = gan_build_begin(&graph, &input, context, 3);
    if (status != GAN_OK)
        return status;
    extract(input, channels, outputs);
    const struct build_words words = {"features", "0..1", "none"};
    gan_model *model = NULL;
    status = gan_build_end(&model, graph, "features", &input, 1, outputs, LEVELS, &words);
    if (status == GAN_OK)
        status = gan_model_set_metadata(model, "content_level", "level3");
    if (status == GAN_OK)
        *out = model;
    else
        gan_model_free(model);
    return status;
}
