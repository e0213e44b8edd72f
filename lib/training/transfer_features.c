/* Features of a photograph with the statistics of a style's: what a decoder for any style is given to paint.
 */
#include "gan/feature_transfer.h"
#include "style/feature_covariance.h"
#include "style/feature_transform.h"
#include "training/transfer_trainer.h"

#include <string.h>

static const uint64_t WISHES = UINT64_C(9) << 60; /* streams apart from those of folders and colours */

/* Shares of the photographs. */
static const float of_itself = 0.12f, of_photograph = 0.1f, with_covariances = 0.25f, part_of_the_way = 0.25f;

/* What gan_feature_transfer adds to the content's variances. */
static const double ridge_of_variances = 1e-4, ridge_of_covariances = 0.01;

struct transfer_wish gan_transfer_wish(uint64_t seed, int64_t sample, bool reconstruct)
{
    struct random_stream random = {.seed = seed, .stream = WISHES | (uint64_t)sample};
    struct transfer_wish wish = {
        .style = STYLE_OF_PAINTING, .transform = GAN_TRANSFORM_MEAN_DEVIATION, .strength = 1};
    const float kind = gan_random_uniform(&random);
    if (reconstruct || kind < of_itself)
        return (struct transfer_wish){.style = STYLE_OF_ITSELF};
    if (kind < of_itself + of_photograph)
        wish.style = STYLE_OF_PHOTOGRAPH;
    if (gan_random_uniform(&random) < with_covariances)
        wish.transform = (gan_random_bits(&random) & 1) != 0 ? GAN_TRANSFORM_WHITENING : GAN_TRANSFORM_LINEAR;
    if (gan_random_uniform(&random) < part_of_the_way)
        wish.strength = 0.5 + 0.5 * (double)gan_random_uniform(&random);
    return wish;
}

/* Room for one transform. */
struct room {
    gan_context *context;
    int64_t pixels, channels;
    struct feature_moments style, map;
    struct feature_content content;
    float *centred, *matrix, *offset; /* [pixels, C], [C, C], [C], in one piece */
};

static gan_status make_room(struct room *room)
{
    const size_t n = (size_t)room->channels, count = (size_t)room->pixels * n + n * n + n;
    gan_status status = gan_feature_moments_make(&room->style, room->context, room->channels);
    if (status == GAN_OK)
        status = gan_feature_moments_make(&room->map, room->context, room->channels);
    room->centred = gan_allocate_array(room->context, count, sizeof *room->centred);
    if (room->centred == NULL)
        return gan_fail_memory("transformed features", count * sizeof *room->centred);
    room->matrix = room->centred + (size_t)room->pixels * n;
    room->offset = room->matrix + n * n;
    return status;
}

static void free_room(struct room *room)
{
    gan_feature_moments_free(&room->style, room->context);
    gan_feature_moments_free(&room->map, room->context);
    gan_feature_content_free(&room->content, room->context);
    gan_release(room->context, room->centred);
}

static gan_status measure_style(struct room *room, const struct feature_transform *transform,
                                const float *style)
{
    memcpy(room->centred, style, (size_t)(room->pixels * room->channels) * sizeof *style);
    const gan_status status = gan_feature_covariance(room->context, room->centred, room->pixels,
                                                     room->channels, room->style.mean, room->style.matrix);
    return status == GAN_OK ? gan_feature_transform_style(transform, room->context, &room->style) : status;
}

static gan_status measure_content(struct room *room, const struct feature_transform *transform,
                                  const float *content)
{
    memcpy(room->centred, content, (size_t)(room->pixels * room->channels) * sizeof *content);
    return gan_feature_transform_content(transform, room->context, room->centred, room->pixels,
                                         &room->content);
}

/* The transform as far as the strength goes; the rest is the content's own. */
static gan_status make_map(struct room *room, const struct feature_transform *transform, double strength)
{
    const int64_t n = room->channels;
    const gan_status status = gan_feature_transform_add(transform, room->context, &room->content,
                                                        &room->style, strength, &room->map);
    gan_feature_transform_add_content(transform, &room->content, 1 - strength, &room->map);
    for (int64_t i = 0; i < n * n; i++)
        room->matrix[i] = (float)room->map.matrix[i];
    for (int64_t i = 0; i < n; i++)
        room->offset[i] = (float)room->map.mean[i];
    return status;
}

static gan_status apply(struct room *room, const struct transfer_wish *wish, const float *content,
                        const float *style, float *to)
{
    const struct feature_transform transform = {
        .kind = wish->transform,
        .channels = room->channels,
        .ridge = wish->transform == GAN_TRANSFORM_MEAN_DEVIATION ? ridge_of_variances : ridge_of_covariances};
    gan_status status = make_room(room);
    if (status == GAN_OK)
        status = measure_style(room, &transform, style);
    if (status == GAN_OK)
        status = measure_content(room, &transform, content);
    if (status == GAN_OK)
        status = make_map(room, &transform, wish->strength);
    return status == GAN_OK ? gan_feature_map(room->context, room->centred, room->pixels, room->channels,
                                              room->matrix, room->offset, to)
                            : status;
}

gan_status gan_transfer_features(gan_context *context, const struct transfer_wish *wish, const float *content,
                                 const float *style, int64_t pixels, int64_t channels, float *to)
{
    struct room room = {.context = context, .pixels = pixels, .channels = channels};
    if (wish->strength == 0) {
        memcpy(to, content, (size_t)(pixels * channels) * sizeof *to);
        return GAN_OK;
    }
    const gan_status status = apply(&room, wish, content, style, to);
    free_room(&room);
    return status;
}
