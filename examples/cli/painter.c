#include "painter.h"
#include "levels.h"
#include "network.h"
#include "paths.h"
#include "photo.h"

#include <stdlib.h>
#include <string.h>

static const char *const methods[] = {"mean-deviation", "whitening", "linear"};

/* What looks best through decoders of libgan's own features: two thirds of the style loss of mean and
 * deviation, and both losses lower than by whitening. */
enum { DECODER_TRANSFORM = GAN_TRANSFORM_LINEAR };

/* ---- Words ---- */

static int32_t find_method(const char *name)
{
    for (int32_t i = GAN_TRANSFORM_MEAN_DEVIATION; i <= GAN_TRANSFORM_LINEAR; i++)
        if (strcmp(name, methods[i]) == 0)
            return i;
    return -1;
}

bool painter_check(const struct painter_choice *choice)
{
    if (choice->method != NULL && find_method(choice->method) < 0)
        complain("--method %s: expected mean-deviation, whitening or linear", choice->method);
    else if (choice->encoders.count > 0 && choice->features != NULL)
        complain("--features goes with a decoder that is the model: --encoder names the encoders here");
    else
        return true;
    return false;
}

/* ---- Styles ---- */

/* Large paintings are scaled down: their finest brushwork is not what a style is known by. */
static gan_status read_style(const struct painter *painter, const char *path, gan_tensor **picture)
{
    const gan_status status = gan_image_load(picture, NULL, painter->context, path);
    if (status != GAN_OK || photo_longer_side(*picture) <= painter->choice->style_size)
        return status;
    return photo_scale(picture, painter->choice->style_size);
}

static int fail_style(const struct console *console, const char *path)
{
    const bool named = strstr(gan_error_message(), path) != NULL;
    return console_fail(console, "%s%s%s", named ? "" : path, named ? "" : ": ", gan_error_message());
}

/* ---- A network that takes a style ---- */

static gan_status make_code(const struct painter *painter, const char *path, gan_tensor **code)
{
    gan_tensor *picture = NULL;
    gan_status status = read_style(painter, path, &picture);
    if (status == GAN_OK)
        status = gan_model_style_code(painter->network, picture, code);
    gan_tensor_free(picture);
    return status;
}

/* The mean of the codes so far, which have a share of `before`, and of one more. */
static gan_status mix_codes(struct painter *painter, int count)
{
    double before = 0;
    gan_status status = GAN_OK;
    for (int i = 0; status == GAN_OK && i < count; i++) {
        const double weight = (double)painter->choice->weights[i];
        gan_tensor *mixed = NULL;
        if (i > 0 && weight > 0)
            status = gan_style_code_mix(painter->codes[0], painter->codes[i],
                                        (float)(weight / (before + weight)), &mixed);
        before += weight;
        if (mixed == NULL)
            continue;
        gan_tensor_free(painter->codes[0]);
        painter->codes[0] = mixed;
    }
    return status;
}

static int open_codes(struct painter *painter, const struct console *console)
{
    const struct painter_choice *choice = painter->choice;
    const gan_stylizer_options options = {.struct_size = sizeof options, .precision = choice->precision};
    gan_status status = GAN_OK;
    for (int i = 0; i < choice->styles.count; i++) {
        const char *path = choice->styles.items[i];
        if (path_is_style(path))
            return console_fail(console, "%s: a saved style is of a feature network, but %s takes pictures",
                                path, choice->network);
        if (make_code(painter, path, &painter->codes[i]) != GAN_OK)
            return fail_style(console, path);
    }
    if (!choice->masked)
        status = mix_codes(painter, choice->styles.count);
    painter->transfer_count = choice->masked ? choice->styles.count : 1;
    for (int i = 0; status == GAN_OK && i < painter->transfer_count; i++)
        status = gan_transfer_create(&painter->transfers[i], painter->network, painter->codes[i], &options);
    return status == GAN_OK ? EXIT_SUCCESS
                            : console_fail(console, "%s: %s", choice->network, gan_error_message());
}

/* ---- Features between encoders and decoders ---- */

/* A picture, or S as gan style has saved it. */
static gan_status add_style(const struct painter *painter, const char *path)
{
    gan_tensor *picture = NULL;
    gan_style *style = NULL;
    gan_status status = path_is_style(path) ? gan_style_load(&style, painter->encoder, path)
                                            : read_style(painter, path, &picture);
    if (status == GAN_OK)
        status = style != NULL ? gan_feature_transfer_add_style(painter->features, style)
                               : gan_feature_transfer_add_picture(painter->features, picture);
    gan_style_free(style);
    gan_tensor_free(picture);
    return status;
}

static int add_styles(const struct painter *painter, const struct console *console)
{
    const struct texts *styles = &painter->choice->styles;
    for (int i = 0; i < styles->count; i++)
        if (add_style(painter, styles->items[i]) != GAN_OK)
            return fail_style(console, styles->items[i]);
    return EXIT_SUCCESS;
}

static int32_t transform_of(const struct painter_choice *choice, int32_t otherwise)
{
    return choice->method != NULL ? find_method(choice->method) : otherwise;
}

static int open_levels(struct painter *painter, const struct console *console)
{
    const struct painter_choice *choice = painter->choice;
    const int code =
        levels_open(&painter->features, &painter->encoder, painter->context, console, &choice->encoders,
                    &choice->decoders, transform_of(choice, GAN_TRANSFORM_WHITENING));
    return code == EXIT_SUCCESS ? add_styles(painter, console) : code;
}

/* The network is a decoder of features. */
static int open_decoder(struct painter *painter, const struct console *console)
{
    const struct painter_choice *choice = painter->choice;
    const gan_feature_transfer_options options = {.struct_size = sizeof options,
                                                  .transform = transform_of(choice, DECODER_TRANSFORM)};
    const int code = network_open_features(&painter->encoder, painter->context, console, choice->features);
    if (code != EXIT_SUCCESS)
        return code;
    gan_status status = network_select_maps(&painter->encoder, NULL);
    if (status == GAN_OK)
        status = gan_feature_transfer_create(&painter->features, &painter->encoder, &painter->network, 1,
                                             &options);
    return status == GAN_OK ? add_styles(painter, console)
                            : console_fail(console, "%s: %s", choice->network, gan_error_message());
}

/* ---- Both ---- */

static int open_network(struct painter *painter, const struct console *console)
{
    const struct painter_choice *choice = painter->choice;
    const int code = network_open(&painter->network, painter->context, console, choice->network);
    if (code != EXIT_SUCCESS)
        return code;
    if (gan_model_metadata(painter->network, "encoder_level") != NULL)
        return open_decoder(painter, console);
    if (choice->method != NULL || choice->features != NULL)
        return console_fail(console,
                            "%s is no decoder of features: --method and --features do not go with it",
                            choice->network);
    return open_codes(painter, console);
}

int painter_open(struct painter *painter, gan_context *context, const struct console *console,
                 const struct painter_choice *choice)
{
    *painter = (struct painter){.context = context, .choice = choice};
    return choice->encoders.count > 0 ? open_levels(painter, console) : open_network(painter, console);
}

void painter_close(struct painter *painter)
{
    for (int i = 0; i < MIXTURE_MOST_STYLES; i++) {
        gan_transfer_free(painter->transfers[i]);
        gan_tensor_free(painter->codes[i]);
    }
    gan_feature_transfer_free(painter->features);
    gan_model_free(painter->encoder);
    gan_model_free(painter->network);
}

/* Decoders begin with another transform where none is chosen. */
bool painter_has_generator(const struct painter *painter)
{
    return painter->features == NULL ||
           transform_of(painter->choice, DECODER_TRANSFORM) == GAN_TRANSFORM_MEAN_DEVIATION;
}

static gan_status make_generator(const struct painter *painter, gan_model **generator)
{
    const gan_style_mixture mixture = {.struct_size = sizeof mixture, .weights = painter->choice->weights};
    return painter->features != NULL ? gan_feature_transfer_generator(generator, painter->features, &mixture)
                                     : gan_model_with_style(generator, painter->network, painter->codes[0]);
}

gan_status painter_save_generator(const struct painter *painter, const char *path, bool half,
                                  const char *style_digest)
{
    gan_model *generator = NULL;
    gan_status status = make_generator(painter, &generator);
    if (status == GAN_OK && style_digest[0] != '\0')
        status = gan_model_set_metadata(generator, "style_sha256", style_digest);
    if (status == GAN_OK)
        status = gan_model_save(generator, path, half ? GAN_STORE_FLOAT16 : GAN_STORE_FLOAT32);
    gan_model_free(generator);
    return status;
}

/* Each style paints for itself. */
static gan_status run_each(const struct painter *painter, const gan_tensor *photo, float strength,
                           const struct placement *placement, gan_tensor **result)
{
    const int64_t shape[4] = {1, gan_tensor_size(photo, 1), gan_tensor_size(photo, 2), 3};
    gan_tensor *painted[MIXTURE_MOST_STYLES] = {NULL};
    gan_status status = GAN_OK;
    for (int i = 0; status == GAN_OK && i < painter->transfer_count; i++)
        status = gan_transfer_run(painter->transfers[i], photo, strength, &painted[i]);
    if (status == GAN_OK)
        status = gan_tensor_create(result, painter->context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        placement_blend(placement, painted, photo, *result);
    for (int i = 0; i < MIXTURE_MOST_STYLES; i++)
        gan_tensor_free(painted[i]);
    return status;
}

static gan_status run_features(const struct painter *painter, const gan_tensor *photo, float strength,
                               const struct placement *placement, gan_tensor **result)
{
    const gan_style_mixture mixture = {
        .struct_size = sizeof mixture,
        .weights = placement->count > 0 ? NULL : painter->choice->weights,
        .masks = placement->count > 0 ? (const gan_tensor *const *)placement->masks : NULL};
    return gan_feature_transfer_run(painter->features, photo, strength, &mixture, result);
}

gan_status painter_run(const struct painter *painter, const gan_tensor *photo, float strength,
                       const struct placement *placement, gan_tensor **result)
{
    if (painter->features != NULL)
        return run_features(painter, photo, strength, placement, result);
    return painter->choice->masked ? run_each(painter, photo, strength, placement, result)
                                   : gan_transfer_run(painter->transfers[0], photo, strength, result);
}

int32_t painter_precision(const struct painter *painter)
{
    return painter->features != NULL ? GAN_PRECISION_DEFAULT : gan_transfer_precision(painter->transfers[0]);
}
