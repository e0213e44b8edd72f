#include "generators.h"
#include "styles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gan_status open_one(struct generator *generator, const struct generators_request *request,
                           gan_context *context)
{
    const gan_stylizer_options options = {
        .struct_size = sizeof options, .precision = request->precision, .tileable = request->tileable};
    gan_status status = gan_model_load(&generator->model, context, generator->path);
    if (status == GAN_OK)
        status = styles_choose(&generator->model, request->style);
    if (status == GAN_OK)
        status = gan_stylizer_create(&generator->stylizer, generator->model, &options);
    const char *style = status == GAN_OK ? gan_model_metadata(generator->model, "style_sha256") : NULL;
    if (style != NULL)
        snprintf(generator->style_digest, DIGEST_SIZE, "%s", style);
    return status == GAN_OK ? saving_digest(request->saving, context, generator->path, generator->digest)
                            : status;
}

int generators_open(struct generators *generators, const struct generators_request *request,
                    const struct console *console, gan_context *context)
{
    const int count = request->paths->count;
    generators->items = calloc((size_t)count, sizeof *generators->items);
    if (generators->items == NULL)
        return console_fail(console, "out of memory");
    while (generators->count < count) {
        struct generator *generator = &generators->items[generators->count];
        generator->path = request->paths->items[generators->count++];
        if (open_one(generator, request, context) == GAN_OK)
            continue;
        const bool named = strstr(gan_error_message(), generator->path) != NULL;
        return console_fail(console, "%s%s%s", named ? "" : generator->path, named ? "" : ": ",
                            gan_error_message());
    }
    return EXIT_SUCCESS;
}

void generators_close(struct generators *generators)
{
    for (int i = 0; i < generators->count; i++) {
        gan_stylizer_free(generators->items[i].stylizer);
        gan_model_free(generators->items[i].model);
    }
    free(generators->items);
}
