/* One encoder and one decoder that belong together. */
#include "gan/networks.h"
#include "models/feature_transfer.h"
#include "style/style.h"

#include <inttypes.h>
#include <string.h>

enum { MOST_CHANNELS = 512 };

/* Whitening with 1 added to the content's variances and without eigenvalues below the second number, after
 * the authors of Universal Style Transfer; deviations as of the usual adaptive instance normalization. */
static const double vgg_ridge = 1, vgg_least = 1e-5, deviation_ridge = 1e-5;

enum { DEFAULT_MARGIN = 16, MOST_MARGIN = 1024 };

static const double default_ridge = 0.01, default_deviation_ridge = 1e-4;

/* ---- Which features ---- */

static gan_status check_encoder(const gan_model *encoder)
{
    int64_t in[GAN_MAX_RANK] = {0};
    if (gan_model_input_count(encoder) == 1 && gan_model_input_shape(encoder, 0, in) == 4 && in[3] == 3)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "model \"%s\" is no encoder: expected a picture in and features out",
                    encoder->name);
}

static gan_status check_features(const gan_model *features, int64_t *channels)
{
    int64_t out[GAN_MAX_RANK] = {0};
    if (gan_model_output_shape(features, 0, out) != 4)
        return gan_fail(GAN_ERROR_ARGUMENT, "model \"%s\" is no encoder: its output \"%s\" is no feature map",
                        features->name, gan_model_output_name(features, 0));
    *channels = out[3];
    if (*channels >= 1 && *channels <= MOST_CHANNELS)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "encoder \"%s\" gives %" PRId64 " channels, expected 1 to %d",
                    features->name, *channels, (int)MOST_CHANNELS);
}

static gan_status select_features(struct transfer_level *level, const char *name)
{
    gan_model *encoder = level->encoder;
    gan_status status = check_encoder(encoder);
    if (name == NULL)
        name = gan_model_metadata(level->decoder, "encoder_level");
    if (name == NULL)
        name = gan_model_output_name(encoder, gan_model_output_count(encoder) - 1);
    if (status == GAN_OK)
        status = gan_model_select_outputs(&level->features, encoder, &name, 1);
    return status == GAN_OK ? check_features(level->features, &level->transform.channels) : status;
}

/* ---- Which decoder ---- */

static gan_status check_decoder(const gan_model *decoder, int64_t channels)
{
    int64_t in[GAN_MAX_RANK] = {0}, out[GAN_MAX_RANK] = {0};
    if (gan_model_input_count(decoder) != 1 || gan_model_output_count(decoder) != 1 ||
        gan_model_input_shape(decoder, 0, in) != 4 || gan_model_output_shape(decoder, 0, out) != 4 ||
        out[3] != 3)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "model \"%s\" is no decoder: expected features in and a picture out", decoder->name);
    if (in[3] == channels)
        return GAN_OK;
    return gan_fail(GAN_ERROR_SHAPE, "decoder \"%s\" takes %" PRId64 " channels, its encoder gives %" PRId64,
                    decoder->name, in[3], channels);
}

/* A decoder that was trained for other features of the same shape would paint something, but nothing
 * sensible. */
static gan_status check_pair(const gan_model *encoder, const gan_model *decoder)
{
    char identity[EXTRACTOR_IDENTITY_SIZE];
    const char *expected = gan_model_metadata(decoder, "encoder");
    if (expected == NULL)
        return GAN_OK;
    const gan_status status = gan_extractor_identity_text(identity, encoder);
    if (status != GAN_OK || strcmp(identity, expected) == 0)
        return status;
    return gan_fail(
        GAN_ERROR_ARGUMENT,
        "decoder \"%s\" belongs to another encoder (%.20s; given: \"%s\" %s), or to one with other "
        "outputs",
        decoder->name, expected, encoder->name, identity);
}

/* ---- Which numbers ---- */

static bool is_vgg(const gan_model *encoder)
{
    const char *architecture = gan_model_metadata(encoder, "architecture");
    return architecture != NULL && strcmp(architecture, "vgg19") == 0;
}

static void choose_ridge(struct feature_transform *transform, const gan_model *encoder, double ridge)
{
    const bool deviation = transform->kind == GAN_TRANSFORM_MEAN_DEVIATION;
    if (ridge != 0)
        transform->ridge = ridge > 0 ? ridge : 0;
    else if (is_vgg(encoder) && deviation)
        transform->fixed_ridge = transform->style_ridge = deviation_ridge;
    else if (is_vgg(encoder) && transform->kind == GAN_TRANSFORM_WHITENING)
        transform->fixed_ridge = vgg_ridge;
    else
        transform->ridge = deviation ? default_deviation_ridge : default_ridge;
    if (is_vgg(encoder) && transform->kind == GAN_TRANSFORM_WHITENING)
        transform->fixed_least = vgg_least;
}

static gan_status choose_margin(int32_t *margin, const gan_model *encoder, int32_t given)
{
    if (given > MOST_MARGIN)
        return gan_fail(GAN_ERROR_ARGUMENT, "margin is %" PRId32 ", expected at most %d", given,
                        (int)MOST_MARGIN);
    *margin = given > 0 ? given : 0;
    if (given == 0 && !is_vgg(encoder))
        *margin = DEFAULT_MARGIN;
    return GAN_OK;
}

/* ---- The level ---- */

gan_status gan_transfer_level_open(struct transfer_level *level, gan_model *encoder, gan_model *decoder,
                                   const char *name, const gan_feature_transfer_options *options)
{
    if (encoder == NULL || decoder == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL", encoder == NULL ? "an encoder" : "a decoder");
    level->encoder = gan_model_retain(encoder);
    level->decoder = gan_model_retain(decoder);
    level->transform.kind = options->transform;
    choose_ridge(&level->transform, encoder, (double)options->ridge);
    gan_status status = choose_margin(&level->margin, encoder, options->margin);
    if (status == GAN_OK)
        status = select_features(level, name);
    if (status == GAN_OK)
        status = check_decoder(decoder, level->transform.channels);
    return status == GAN_OK ? check_pair(encoder, decoder) : status;
}

void gan_transfer_level_close(struct transfer_level *level)
{
    gan_model_free(level->features);
    gan_model_free(level->encoder);
    gan_model_free(level->decoder);
}
