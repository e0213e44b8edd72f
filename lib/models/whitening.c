#include "gan/whitening.h"
#include "gan/image.h"
#include "gan/networks.h"
#include "gan/session.h"
#include "graph/model.h"
#include "models/picture_padding.h"
#include "style/feature_covariance.h"
#include "style/style.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <string.h>

enum { MOST_CHANNELS = 512, PICTURE_MULTIPLE = 16 };

/* As the method's authors: the content's covariance is whitened with 1 added to its diagonal, and eigenvalues
 * below this say nothing. */
static const double content_ridge = 1, least_eigenvalue = 1e-5;

struct level {
    gan_model *encoder, *decoder; /* one output each */
    int64_t channels;
    double *mean, *coloring; /* of the style: [channels], [channels, channels] */
};

struct gan_whitening {
    gan_context *context;
    int32_t count;
    bool has_style;
    struct level levels[GAN_WHITENING_MOST_LEVELS];
};

/* ---- Making ---- */

static gan_status check_encoder(const gan_model *encoder, int64_t *channels)
{
    int64_t in[GAN_MAX_RANK] = {0}, out[GAN_MAX_RANK] = {0};
    const int32_t last = gan_model_output_count(encoder) - 1;
    if (gan_model_input_count(encoder) != 1 || gan_model_input_shape(encoder, 0, in) != 4 || in[3] != 3 ||
        gan_model_output_shape(encoder, last, out) != 4)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "model \"%s\" is no encoder: expected a picture in and features out", encoder->name);
    *channels = out[3];
    if (*channels >= 1 && *channels <= MOST_CHANNELS)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "encoder \"%s\" gives %" PRId64 " channels, expected 1 to %d",
                    encoder->name, *channels, MOST_CHANNELS);
}

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

static gan_status make_level(struct level *level, gan_context *context, gan_model *encoder,
                             gan_model *decoder)
{
    gan_status status = encoder != NULL && decoder != NULL
                            ? check_encoder(encoder, &level->channels)
                            : gan_fail(GAN_ERROR_ARGUMENT, "an encoder or decoder is NULL");
    if (status == GAN_OK)
        status = check_decoder(decoder, level->channels);
    if (status != GAN_OK)
        return status;
    const char *last = gan_model_output_name(encoder, gan_model_output_count(encoder) - 1);
    status = gan_model_select_outputs(&level->encoder, encoder, &last, 1);
    level->decoder = gan_model_retain(decoder);
    const size_t channels = (size_t)level->channels, numbers = channels * channels + channels;
    level->mean = gan_allocate_array(context, numbers, sizeof *level->mean);
    if (status == GAN_OK && level->mean == NULL)
        status = gan_fail_memory("a style's covariance", numbers * sizeof *level->mean);
    level->coloring = level->mean != NULL ? level->mean + channels : NULL;
    return status;
}

gan_status gan_whitening_create(gan_whitening **out, gan_model *const *encoders, gan_model *const *decoders,
                                int32_t levels)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_whitening_create: out is NULL");
    *out = NULL;
    if (encoders == NULL || decoders == NULL || levels < 1 || levels > GAN_WHITENING_MOST_LEVELS ||
        encoders[0] == NULL)
        return gan_fail(
            GAN_ERROR_ARGUMENT,
            "gan_whitening_create: expected encoders and decoders of 1 to %d levels, not %" PRId32,
            GAN_WHITENING_MOST_LEVELS, levels);
    gan_context *context = encoders[0]->graph->context;
    gan_whitening *whitening = gan_allocate_zeroed(context, sizeof *whitening);
    if (whitening == NULL)
        return gan_fail_memory("a whitening", sizeof *whitening);
    whitening->context = gan_context_retain(context);
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < levels; i++, whitening->count++)
        status = make_level(&whitening->levels[i], context, encoders[i], decoders[i]);
    if (status == GAN_OK)
        *out = whitening;
    else
        gan_whitening_free(whitening);
    return status;
}

void gan_whitening_free(gan_whitening *whitening)
{
    if (whitening == NULL)
        return;
    gan_context *context = whitening->context;
    for (int32_t i = 0; i < GAN_WHITENING_MOST_LEVELS; i++) {
        gan_model_free(whitening->levels[i].encoder);
        gan_model_free(whitening->levels[i].decoder);
        gan_release(context, whitening->levels[i].mean);
    }
    gan_release(context, whitening);
    gan_context_free(context);
}

/* ---- Features ---- */

static int64_t pixels_of(const gan_tensor *features)
{
    return features->shape.size[1] * features->shape.size[2];
}

/* Features without their mean. */
static gan_status encode(const struct level *level, const gan_tensor *picture, gan_tensor **features,
                         double *mean, double *covariance)
{
    gan_status status = gan_model_run(level->encoder, picture, features);
    if (status != GAN_OK)
        return status;
    return gan_feature_covariance((*features)->context, (*features)->data, pixels_of(*features),
                                  level->channels, mean, covariance);
}

static gan_status measure_style(struct level *level, const gan_tensor *style)
{
    gan_tensor *features = NULL;
    gan_status status = encode(level, style, &features, level->mean, level->coloring);
    gan_context *context = style->context;
    gan_tensor_free(features);
    return status == GAN_OK
               ? gan_symmetric_power(context, level->coloring, level->channels, 0.5, least_eigenvalue)
               : status;
}

/* A style of all levels, or none: what is measured goes into copies first. */
gan_status gan_whitening_set_style(gan_whitening *whitening, const gan_tensor *style)
{
    if (whitening == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_whitening_set_style: whitening is NULL");
    gan_status status = gan_picture_check(style, "the style picture");
    double *former[GAN_WHITENING_MOST_LEVELS] = {NULL};
    for (int32_t i = 0; status == GAN_OK && i < whitening->count; i++) {
        struct level *level = &whitening->levels[i], fresh = *level;
        const size_t channels = (size_t)level->channels, numbers = channels * channels + channels;
        fresh.mean = gan_allocate_array(whitening->context, numbers, sizeof *fresh.mean);
        if (fresh.mean == NULL) {
            status = gan_fail_memory("a style's covariance", numbers * sizeof *fresh.mean);
            break;
        }
        fresh.coloring = fresh.mean + channels;
        status = measure_style(&fresh, style);
        former[i] = level->mean;
        *level = fresh;
    }
    for (int32_t i = 0; i < whitening->count && former[i] != NULL; i++) {
        struct level *level = &whitening->levels[i];
        double *unwanted = status == GAN_OK ? former[i] : level->mean;
        level->mean = status == GAN_OK ? level->mean : former[i];
        level->coloring = level->mean + level->channels;
        gan_release(whitening->context, unwanted);
    }
    whitening->has_style = whitening->has_style || status == GAN_OK;
    return status;
}

/* ---- Painting ---- */

/* matrix = strength (coloring whitening) + (1 - strength), of which the offset is the rest. */
static void mix(const struct level *level, const double *whitening, const double *mean, double strength,
                float *matrix, float *offset)
{
    const int64_t n = level->channels;
    double row[MOST_CHANNELS];
    for (int64_t i = 0; i < n; i++) {
        memset(row, 0, sizeof row);
        for (int64_t k = 0; k < n; k++)
            for (int64_t j = 0; j < n; j++)
                row[j] += level->coloring[i * n + k] * whitening[k * n + j];
        for (int64_t j = 0; j < n; j++)
            matrix[i * n + j] = (float)(strength * row[j] + (i == j ? 1 - strength : 0));
        offset[i] = (float)(strength * level->mean[i] + (1 - strength) * mean[i]);
    }
}

struct numbers {
    double *mean, *whitening;
    float *matrix, *offset;
};

static gan_status make_numbers(struct numbers *numbers, gan_context *context, size_t channels)
{
    const size_t count = channels * channels + channels;
    numbers->mean = gan_allocate_array(context, count, sizeof *numbers->mean);
    numbers->matrix = gan_allocate_array(context, count, sizeof *numbers->matrix);
    if (numbers->mean == NULL || numbers->matrix == NULL)
        return gan_fail_memory("a transform of features", count * (sizeof(double) + sizeof(float)));
    numbers->whitening = numbers->mean + channels;
    numbers->offset = numbers->matrix + channels * channels;
    return GAN_OK;
}

static gan_status transform(const struct level *level, const gan_tensor *picture, double strength,
                            struct numbers *numbers, gan_tensor **changed)
{
    gan_tensor *features = NULL;
    gan_status status = encode(level, picture, &features, numbers->mean, numbers->whitening);
    for (int64_t i = 0; status == GAN_OK && i < level->channels; i++)
        numbers->whitening[i * level->channels + i] += content_ridge;
    if (status == GAN_OK)
        status = gan_symmetric_power(picture->context, numbers->whitening, level->channels, -0.5,
                                     least_eigenvalue);
    if (status == GAN_OK)
        status = gan_tensor_make(changed, picture->context, GAN_FLOAT32, &features->shape);
    if (status == GAN_OK) {
        mix(level, numbers->whitening, numbers->mean, strength, numbers->matrix, numbers->offset);
        status = gan_feature_map(picture->context, features->data, pixels_of(features), level->channels,
                                 numbers->matrix, numbers->offset, (*changed)->data);
    }
    gan_tensor_free(features);
    return status;
}

/* The picture with sides that the level's strides divide, painted, and cut to its own size again. */
static gan_status paint_level(const struct level *level, const gan_tensor *picture, double strength,
                              gan_tensor **result)
{
    const int64_t height = picture->shape.size[1], width = picture->shape.size[2];
    gan_tensor *padded = NULL, *changed = NULL, *decoded = NULL;
    struct numbers numbers = {NULL, NULL, NULL, NULL};
    gan_status status = make_numbers(&numbers, picture->context, (size_t)level->channels);
    if (status == GAN_OK)
        status = gan_picture_pad(&padded, picture,
                                 (height + PICTURE_MULTIPLE - 1) / PICTURE_MULTIPLE * PICTURE_MULTIPLE,
                                 (width + PICTURE_MULTIPLE - 1) / PICTURE_MULTIPLE * PICTURE_MULTIPLE);
    if (status == GAN_OK)
        status = transform(level, padded, strength, &numbers, &changed);
    if (status == GAN_OK)
        status = gan_model_run(level->decoder, changed, &decoded);
    if (status == GAN_OK)
        status = gan_image_crop(result, decoded, 0, 0, height, width);
    gan_tensor_free(padded);
    gan_tensor_free(changed);
    gan_tensor_free(decoded);
    gan_release(picture->context, numbers.mean);
    gan_release(picture->context, numbers.matrix);
    return status;
}

static void clamp(gan_tensor *picture)
{
    float *values = picture->data;
    for (int64_t i = 0; i < gan_shape_count(&picture->shape); i++)
        values[i] = values[i] < 0 ? 0 : values[i] > 1 ? 1 : values[i];
}

static gan_status check_run(const gan_whitening *whitening, const gan_tensor *content, float strength)
{
    if (!whitening->has_style)
        return gan_fail(GAN_ERROR_STATE,
                        "gan_whitening_run: there is no style yet (gan_whitening_set_style)");
    if (!(strength >= 0 && strength <= 1))
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_whitening_run: strength is %g, expected 0 to 1",
                        (double)strength);
    return gan_picture_check(content, "the content picture");
}

gan_status gan_whitening_run(gan_whitening *whitening, const gan_tensor *content, float strength,
                             gan_tensor **result)
{
    if (whitening == NULL || result == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_whitening_run: %s is NULL",
                        whitening == NULL ? "whitening" : "result");
    *result = NULL;
    gan_status status = check_run(whitening, content, strength);
    gan_tensor *picture = NULL;
    for (int32_t i = 0; status == GAN_OK && i < whitening->count; i++) {
        gan_tensor *next = NULL;
        status = paint_level(&whitening->levels[i], i == 0 ? content : picture, (double)strength, &next);
        gan_tensor_free(picture);
        picture = next;
        if (status == GAN_OK)
            clamp(picture);
    }
    if (status == GAN_OK)
        *result = picture;
    else
        gan_tensor_free(picture);
    return status;
}
