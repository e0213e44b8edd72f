/* Painting: encode, transform, decode, level after level. */
#include "gan/image.h"
#include "gan/session.h"
#include "kernels/sizes.h"
#include "models/feature_transfer.h"
#include "models/picture_padding.h"
#include "style/feature_covariance.h"
#include "style/style.h"

#include <string.h>

enum { POSITIONS_AT_ONCE = 8192 };

/* What painting a level takes. */
struct passage {
    gan_context *context;
    const struct transfer_level *level;
    double strength;
    struct style_shares shares;
    gan_tensor *features; /* without their mean */
    gan_tensor *changed;
    struct feature_content content;
    struct feature_moments map;
    float *matrix, *offset; /* the same in float */
};

static gan_status open_passage(struct passage *passage)
{
    const size_t channels = (size_t)passage->level->transform.channels,
                 count = channels * channels + channels;
    gan_status status =
        gan_feature_moments_make(&passage->map, passage->context, passage->level->transform.channels);
    passage->matrix = gan_allocate_array(passage->context, count, sizeof *passage->matrix);
    if (passage->matrix == NULL)
        return gan_fail_memory("a transform of features", count * sizeof *passage->matrix);
    passage->offset = passage->matrix + channels * channels;
    return status;
}

static void close_passage(struct passage *passage)
{
    gan_style_shares_close(&passage->shares, passage->context);
    gan_feature_content_free(&passage->content, passage->context);
    gan_feature_moments_free(&passage->map, passage->context);
    gan_release(passage->context, passage->matrix);
    gan_tensor_free(passage->features);
    gan_tensor_free(passage->changed);
}

static void round_map(struct passage *passage)
{
    const int64_t channels = passage->level->transform.channels;
    for (int64_t i = 0; i < channels * channels; i++)
        passage->matrix[i] = (float)passage->map.matrix[i];
    for (int64_t i = 0; i < channels; i++)
        passage->offset[i] = (float)passage->map.mean[i];
}

/* ---- The same everywhere: one map is the sum of all ---- */

static gan_status change_everywhere(struct passage *passage, const struct feature_moments *const *styles)
{
    const struct feature_transform *transform = &passage->level->transform;
    const struct style_shares *shares = &passage->shares;
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < shares->count; i++)
        if (shares->weights[i] > 0)
            status = gan_feature_transform_add(transform, passage->context, &passage->content, styles[i],
                                               passage->strength * (double)shares->weights[i], &passage->map);
    if (status != GAN_OK)
        return status;
    gan_feature_transform_add_content(transform, &passage->content, 1 - passage->strength, &passage->map);
    round_map(passage);
    return gan_feature_map(passage->context, passage->features->data, shares->positions, transform->channels,
                           passage->matrix, passage->offset, passage->changed->data);
}

/* ---- By masks: each style's features times its share of a position ---- */

/* to += strength share (from) */
static void add_shared(float *to, const float *from, const float *shares, float strength, int64_t positions,
                       int64_t channels)
{
    for (int64_t i = 0; i < positions; i++)
        for (int64_t c = 0; c < channels; c++)
            to[i * channels + c] += strength * shares[i] * from[i * channels + c];
}

static gan_status add_style(struct passage *passage, const struct feature_moments *style, const float *shares,
                            float *scratch)
{
    const struct feature_transform *transform = &passage->level->transform;
    const int64_t channels = transform->channels, count = passage->shares.positions;
    const float *features = passage->features->data;
    float *changed = passage->changed->data;
    memset(passage->map.mean, 0, (size_t)(channels * channels + channels) * sizeof(double));
    gan_status status =
        gan_feature_transform_add(transform, passage->context, &passage->content, style, 1, &passage->map);
    if (status == GAN_OK)
        round_map(passage);
    for (int64_t first = 0; status == GAN_OK && first < count; first += POSITIONS_AT_ONCE) {
        const int64_t positions = count - first < POSITIONS_AT_ONCE ? count - first : POSITIONS_AT_ONCE;
        status = gan_feature_map(passage->context, features + first * channels, positions, channels,
                                 passage->matrix, passage->offset, scratch);
        if (status == GAN_OK)
            add_shared(changed + first * channels, scratch, shares + first, (float)passage->strength,
                       positions, channels);
    }
    return status;
}

/* What no style takes of a position stays the content's. */
static void begin_with_content(struct passage *passage)
{
    const int64_t channels = passage->level->transform.channels, positions = passage->shares.positions;
    const float *features = passage->features->data, *planes = passage->shares.planes;
    const double *mean = passage->content.whitening.mean;
    float *changed = passage->changed->data;
    for (int64_t i = 0; i < positions; i++) {
        double taken = 0;
        for (int32_t k = 0; k < passage->shares.count; k++)
            taken += (double)planes[k * positions + i];
        const float rest = (float)(1 - passage->strength * taken);
        for (int64_t c = 0; c < channels; c++)
            changed[i * channels + c] = rest * (features[i * channels + c] + (float)mean[c]);
    }
}

static gan_status change_by_masks(struct passage *passage, const struct feature_moments *const *styles)
{
    const int64_t positions = passage->shares.positions;
    const size_t count = (size_t)(POSITIONS_AT_ONCE * passage->level->transform.channels);
    float *scratch = gan_allocate_array(passage->context, count, sizeof *scratch);
    if (scratch == NULL)
        return gan_fail_memory("features of a style", count * sizeof *scratch);
    begin_with_content(passage);
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < passage->shares.count; i++)
        status = add_style(passage, styles[i], passage->shares.planes + i * positions, scratch);
    gan_release(passage->context, scratch);
    return status;
}

/* ---- A level ---- */

static gan_status transform(struct passage *passage, const struct feature_moments *const *styles)
{
    gan_tensor *features = passage->features;
    gan_status status =
        gan_feature_transform_content(&passage->level->transform, passage->context, features->data,
                                      passage->shares.positions, &passage->content);
    if (status == GAN_OK)
        status = gan_tensor_make(&passage->changed, passage->context, GAN_FLOAT32, &features->shape);
    if (status != GAN_OK)
        return status;
    status = passage->shares.planes != NULL ? change_by_masks(passage, styles)
                                            : change_everywhere(passage, styles);
    gan_tensor_free(passage->features); /* room for the decoder */
    passage->features = NULL;
    return status;
}

static int64_t padded_side(int64_t side, int32_t margin)
{
    return rounded_up(side + 2 * margin, TRANSFER_PICTURE_MULTIPLE);
}

static gan_status encode(struct passage *passage, const gan_tensor *picture, const gan_style_mixture *mixture,
                         int32_t count)
{
    const int32_t margin = passage->level->margin;
    gan_tensor *padded = NULL;
    gan_status status =
        gan_picture_place(&padded, picture, margin, margin, padded_side(picture->shape.size[1], margin),
                          padded_side(picture->shape.size[2], margin));
    if (status == GAN_OK)
        status = gan_model_run(passage->level->features, padded, &passage->features);
    if (status == GAN_OK)
        status = gan_style_shares_open(&passage->shares, mixture, count, picture, margin, padded,
                                       passage->features);
    gan_tensor_free(padded);
    return status;
}

/* A decoder of strides that the encoder does not have would give another size. */
static gan_status decode(const struct passage *passage, const gan_tensor *picture, gan_tensor **result)
{
    const int64_t height = picture->shape.size[1], width = picture->shape.size[2];
    const int32_t margin = passage->level->margin;
    gan_tensor *decoded = NULL;
    gan_status status = gan_model_run(passage->level->decoder, passage->changed, &decoded);
    if (status == GAN_OK &&
        (decoded->shape.size[1] < height + 2 * margin || decoded->shape.size[2] < width + 2 * margin))
        status = gan_fail(GAN_ERROR_SHAPE, "decoder \"%s\" gives a smaller picture than its encoder saw",
                          passage->level->decoder->name);
    if (status == GAN_OK)
        status = gan_image_crop(result, decoded, margin, margin, height, width);
    gan_tensor_free(decoded);
    return status;
}

static void clamp(gan_tensor *picture)
{
    float *values = picture->data;
    for (int64_t i = 0; i < gan_shape_count(&picture->shape); i++)
        values[i] = values[i] < 0 ? 0 : values[i] > 1 ? 1 : values[i];
}

static gan_status paint_level(const gan_feature_transfer *transfer, int32_t index, const gan_tensor *picture,
                              double strength, const gan_style_mixture *mixture, gan_tensor **result)
{
    struct passage passage = {
        .context = transfer->context, .level = &transfer->levels[index], .strength = strength};
    const struct feature_moments *styles[GAN_FEATURE_TRANSFER_MOST_STYLES];
    for (int32_t i = 0; i < transfer->style_count; i++)
        styles[i] = &transfer->styles[i].levels[index];
    gan_status status = open_passage(&passage);
    if (status == GAN_OK)
        status = encode(&passage, picture, mixture, transfer->style_count);
    if (status == GAN_OK)
        status = transform(&passage, styles);
    if (status == GAN_OK)
        status = decode(&passage, picture, result);
    if (status == GAN_OK)
        clamp(*result);
    close_passage(&passage);
    return status;
}

/* ---- All levels ---- */

static gan_status check(const gan_feature_transfer *transfer, const gan_tensor *content, float strength,
                        const gan_style_mixture *mixture)
{
    if (transfer->style_count == 0)
        return gan_fail(GAN_ERROR_STATE, "there is no style yet (gan_feature_transfer_add_picture)");
    if (!(strength >= 0 && strength <= 1))
        return gan_fail(GAN_ERROR_ARGUMENT, "strength is %g, expected 0 to 1", (double)strength);
    const gan_status status = gan_picture_check(content, "the content picture");
    return status == GAN_OK ? gan_style_mixture_check(mixture, transfer->style_count) : status;
}

static gan_status run(const gan_feature_transfer *transfer, const gan_tensor *content, float strength,
                      const gan_style_mixture *given, gan_tensor **result)
{
    gan_style_mixture mixture;
    gan_tensor *picture = NULL;
    gan_status status = gan_copy_options(&mixture, sizeof mixture, given, "gan_style_mixture");
    if (status == GAN_OK)
        status = check(transfer, content, strength, &mixture);
    for (int32_t i = 0; status == GAN_OK && i < transfer->level_count; i++) {
        gan_tensor *next = NULL;
        status = paint_level(transfer, i, i == 0 ? content : picture, (double)strength, &mixture, &next);
        gan_tensor_free(picture);
        picture = next;
    }
    if (status == GAN_OK)
        *result = picture;
    else
        gan_tensor_free(picture);
    return status;
}

gan_status gan_feature_transfer_run(gan_feature_transfer *transfer, const gan_tensor *content, float strength,
                                    const gan_style_mixture *mixture, gan_tensor **result)
{
    if (result != NULL)
        *result = NULL;
    if (transfer == NULL || result == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_feature_transfer_run: %s is NULL",
                        transfer == NULL ? "transfer" : "result");
    const gan_status status = run(transfer, content, strength, mixture, result);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_feature_transfer_run: ");
}
