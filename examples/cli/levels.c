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

int levels_open(gan_whitening **out, gan_context *context, const struct console *console,
                const struct texts *encoders, const struct texts *decoders)
{
    gan_model *models[2][GAN_WHITENING_MOST_LEVELS] = {{NULL}};
    if (encoders->count != decoders->count || encoders->count > GAN_WHITENING_MOST_LEVELS)
        return console_fail(console, "there are %d encoders and %d decoders, expected as many, at most %d",
                            encoders->count, decoders->count, GAN_WHITENING_MOST_LEVELS);
    int code = open_all(models[0], context, console, encoders);
    if (code == EXIT_SUCCESS)
        code = open_all(models[1], context, console, decoders);
    if (code == EXIT_SUCCESS && gan_whitening_create(out, models[0], models[1], encoders->count) != GAN_OK)
        code = console_fail(console, "%s", gan_error_message());
    for (int i = 0; i < GAN_WHITENING_MOST_LEVELS; i++) {
        gan_model_free(models[0][i]);
        gan_model_free(models[1][i]);
    }
    return code;
}
