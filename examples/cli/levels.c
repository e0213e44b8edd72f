#include "levels.h"
#include "network.h"

#include <stdlib.h>

static int open_all(gan_model **models, gan_context *context, const struct console *console,
                    const struct texts *paths)
{
    int code = EXIT_SUCCESS;
    for (int i = 0; i < paths->count && code == EXIT_SUCCESS; i++)
        code = network_open(&models[i], context, console, paths->items[i]);
    return code;
}

int levels_open(gan_feature_transfer **out, gan_model **deepest, gan_context *context,
                const struct console *console, const struct texts *encoders, const struct texts *decoders,
                int32_t transform)
{
    const gan_feature_transfer_options options = {.struct_size = sizeof options, .transform = transform};
    gan_model *models[2][GAN_FEATURE_TRANSFER_MOST_LEVELS] = {{NULL}};
    if (encoders->count != decoders->count || encoders->count > GAN_FEATURE_TRANSFER_MOST_LEVELS)
        return console_fail(console, "there are %d encoders and %d decoders, expected as many, at most %d",
                            encoders->count, decoders->count, GAN_FEATURE_TRANSFER_MOST_LEVELS);
    int code = open_all(models[0], context, console, encoders);
    if (code == EXIT_SUCCESS)
        code = open_all(models[1], context, console, decoders);
    if (code == EXIT_SUCCESS &&
        gan_feature_transfer_create(out, models[0], models[1], encoders->count, &options) != GAN_OK)
        code = console_fail(console, "%s", gan_error_message());
    if (code == EXIT_SUCCESS) {
        *deepest = models[0][0];
        models[0][0] = NULL;
    }
    for (int i = 0; i < GAN_FEATURE_TRANSFER_MOST_LEVELS; i++) {
        gan_model_free(models[0][i]);
        gan_model_free(models[1][i]);
    }
    return code;
}
