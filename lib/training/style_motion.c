/* Motion made up for training: a generator shall paint what has moved as it painted it before, moved (Wang et
 * al. 2020, ReReVST: consistency without optical flow). */
#include "base/random.h"
#include "gan/image.h"
#include "kernels/warp.h"
#include "training/style_trainer.h"

#include <math.h>
#include <string.h>

static const uint64_t MOTIONS = UINT64_C(5) << 61; /* streams apart from those of folder and crops */

enum { KNOTS = 4 }; /* of the smooth part, in each direction */

/* Of the pictures' side: the largest shift, and the deviation of the smooth part. */
static const float shift_share = 1.0f / 16, bend_share = 1.0f / 80;
static const float most_noise = 0.02f;

static int64_t whole_shift(struct random_stream *random, int64_t size)
{
    const int64_t most = (int64_t)((float)size * shift_share);
    return gan_random_below(random, 2 * most + 1) - most;
}

/* A smooth field [1, size, size, 2], in every other picture 0. */
static gan_status make_bend(const struct style_trainer *trainer, struct random_stream *random,
                            gan_tensor **bend)
{
    const int64_t size = trainer->recipe.size;
    gan_tensor *knots;
    gan_status status =
        gan_tensor_create(&knots, trainer->context, GAN_FLOAT32, (const int64_t[]){1, KNOTS, KNOTS, 2}, 4);
    if (status != GAN_OK)
        return status;
    const float deviation = (gan_random_bits(random) & 1) != 0 ? (float)size * bend_share : 0;
    gan_random_fill_normal(random, gan_tensor_data(knots), 2 * KNOTS * KNOTS, 0, deviation);
    status = gan_image_resize(bend, knots, size, size);
    gan_tensor_free(knots);
    return status;
}

static gan_status write_displacement(const struct style_trainer *trainer, struct random_stream *random,
                                     float *displacement)
{
    const int64_t size = trainer->recipe.size;
    gan_tensor *bend = NULL;
    const gan_status status = make_bend(trainer, random, &bend);
    if (status != GAN_OK)
        return status;
    const float *from = gan_tensor_data_const(bend);
    const float shift[2] = {(float)whole_shift(random, size), (float)whole_shift(random, size)};
    for (int64_t i = 0; i < 2 * size * size; i++)
        displacement[i] = from[i] + shift[i % 2];
    gan_tensor_free(bend);
    return GAN_OK;
}

static gan_status add_noise(const struct style_trainer *trainer, struct random_stream *random, float *picture)
{
    const int64_t count = 3 * (int64_t)trainer->recipe.size * trainer->recipe.size;
    gan_tensor *noise;
    const gan_status status = gan_tensor_create(&noise, trainer->context, GAN_FLOAT32, &count, 1);
    if (status != GAN_OK)
        return status;
    const float *values = gan_tensor_data_const(noise), deviation = most_noise * gan_random_uniform(random);
    gan_random_fill_normal(random, gan_tensor_data(noise), count, 0, deviation);
    for (int64_t i = 0; i < count; i++)
        picture[i] = fminf(fmaxf(picture[i] + values[i], 0.0f), 1.0f);
    gan_tensor_free(noise);
    return GAN_OK;
}

static gan_status move_picture(const struct style_trainer *trainer, int64_t index)
{
    const int64_t size = trainer->recipe.size, pixels = size * size;
    const uint64_t sample = (uint64_t)(trainer->training.step * trainer->recipe.batch + index);
    struct random_stream random = {.seed = trainer->recipe.seed, .stream = MOTIONS | sample};
    float *displacement = (float *)gan_tensor_data(trainer->displacements) + 2 * pixels * index;
    float *moved = (float *)gan_tensor_data(trainer->moved_batch) + 3 * pixels * index;
    const float *content = (const float *)gan_tensor_data_const(trainer->content_batch) + 3 * pixels * index;
    const gan_status status = write_displacement(trainer, &random, displacement);
    if (status != GAN_OK)
        return status;
    const struct warp warp = {1, size, size, 3, displacement};
    gan_warp_forward(trainer->context, &warp, content, moved);
    return add_noise(trainer, &random, moved);
}

gan_status gan_trainer_move_contents(const struct style_trainer *trainer)
{
    gan_status status = GAN_OK;
    for (int64_t i = 0; status == GAN_OK && i < trainer->recipe.batch; i++)
        status = move_picture(trainer, i);
    return status;
}
