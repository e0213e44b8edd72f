/* What a feature network learns on: crops of photographs and paintings in all the states in which a generator
 * that still learns may show them. Each batch is a function of its number, the seed and the files. */
#include "base/random.h"
#include "gan/image.h"
#include "training/feature_trainer.h"
#include "training/image_folder.h"

#include <string.h>

static const uint64_t DISTURBANCES = UINT64_C(5) << 60; /* streams apart from those of the folders */

enum { TURN = 3 }; /* each so manieth picture is a painting */

static gan_status open_folder(gan_image_folder **folder, gan_tensor **batch,
                              struct feature_pictures *pictures, const char *path, int64_t count)
{
    const gan_image_folder_options options = {.struct_size = sizeof options,
                                              .size = (int32_t)pictures->size,
                                              .largest_scale = 3,
                                              .seed = pictures->seed};
    const int64_t shape[4] = {count, pictures->size, pictures->size, 3};
    const gan_status status = gan_image_folder_open(folder, pictures->context, path, &options);
    if (status != GAN_OK)
        return status;
    pictures->hash = gan_image_folder_hash(*folder, path, pictures->hash);
    return gan_tensor_create(batch, pictures->context, GAN_FLOAT32, shape, 4);
}

gan_status gan_feature_pictures_open(struct feature_pictures *pictures, gan_context *context,
                                     const char *photographs, const char *paintings, int64_t batch,
                                     int64_t size, uint64_t seed)
{
    const int64_t painted = paintings != NULL ? batch / TURN : 0;
    *pictures = (struct feature_pictures){.context = context, .batch = batch, .size = size, .seed = seed};
    const gan_status status = open_folder(&pictures->photographs, &pictures->photograph_batch, pictures,
                                          photographs, batch - painted);
    return status == GAN_OK && painted > 0
               ? open_folder(&pictures->paintings, &pictures->painting_batch, pictures, paintings, painted)
               : status;
}

void gan_feature_pictures_close(struct feature_pictures *pictures)
{
    gan_tensor_free(pictures->photograph_batch);
    gan_tensor_free(pictures->painting_batch);
    gan_image_folder_free(pictures->photographs);
    gan_image_folder_free(pictures->paintings);
}

gan_status gan_feature_pictures_plain(struct feature_pictures *pictures, int64_t index, gan_tensor *batch)
{
    float *to = gan_tensor_data(batch);
    const int64_t count = gan_tensor_count(pictures->photograph_batch);
    gan_status status = gan_image_folder_batch(pictures->photographs, index, pictures->photograph_batch);
    if (status != GAN_OK)
        return status;
    memcpy(to, gan_tensor_data_const(pictures->photograph_batch), (size_t)count * sizeof *to);
    if (pictures->paintings == NULL)
        return GAN_OK;
    status = gan_image_folder_batch(pictures->paintings, index, pictures->painting_batch);
    if (status == GAN_OK)
        memcpy(to + count, gan_tensor_data_const(pictures->painting_batch),
               (size_t)gan_tensor_count(pictures->painting_batch) * sizeof *to);
    return status;
}

static float between(struct random_stream *random, float low, float high)
{
    return low + (high - low) * gan_random_uniform(random);
}

static bool chance(struct random_stream *random, float probability)
{
    return gan_random_uniform(random) < probability;
}

/* Another contrast, saturation, tint and brightness. */
static void recolour(struct random_stream *random, float *picture, int64_t pixels)
{
    const float contrast = between(random, 0.5f, 1.5f), saturation = between(random, 0, 2);
    float offset[3];
    for (int c = 0; c < 3; c++)
        offset[c] = between(random, -0.2f, 0.2f);
    for (int64_t i = 0; i < pixels; i++) {
        float *pixel = picture + 3 * i;
        const float grey = (pixel[0] + pixel[1] + pixel[2]) / 3;
        for (int c = 0; c < 3; c++)
            pixel[c] =
                0.5f + contrast * (grey - 0.5f) + contrast * saturation * (pixel[c] - grey) + offset[c];
    }
}

/* As a generator does that has not yet chosen between the content and what it covers it with. */
static void mix(struct random_stream *random, float *picture, const float *other, int64_t values)
{
    const float share = between(random, 0.1f, 0.9f);
    for (int64_t i = 0; i < values; i++)
        picture[i] += share * (other[i] - picture[i]);
}

/* Noise in blocks of one, two or four pixels. */
static void add_noise(struct random_stream *random, float *picture, int64_t size)
{
    const int64_t block = (int64_t)1 << gan_random_below(random, 3), columns = (size + block - 1) / block;
    const float amplitude = between(random, 0, 0.2f);
    const struct random_stream noise = {.seed = random->seed, .stream = random->stream, .counter = 1 << 20};
    for (int64_t y = 0; y < size; y++) {
        struct random_stream row = noise;
        row.counter += (uint64_t)((y / block) * columns);
        float values[3] = {0};
        for (int64_t x = 0; x < size; x++)
            for (int c = 0; c < 3; c++) {
                if (x % block == 0)
                    values[c] = between(&row, -amplitude, amplitude);
                picture[3 * (y * size + x) + c] += values[c];
            }
    }
}

static void bound(float *picture, int64_t values)
{
    for (int64_t i = 0; i < values; i++)
        picture[i] = picture[i] < 0 ? 0 : picture[i] > 1 ? 1 : picture[i];
}

gan_status gan_feature_pictures_disturbed(struct feature_pictures *pictures, int64_t index, gan_tensor *batch)
{
    const int64_t pixels = pictures->size * pictures->size;
    const gan_status status = gan_feature_pictures_plain(pictures, index, batch);
    float *first = gan_tensor_data(batch);
    for (int64_t i = 0; status == GAN_OK && i < pictures->batch; i++) {
        struct random_stream random = {.seed = pictures->seed,
                                       .stream = DISTURBANCES | (uint64_t)(index * pictures->batch + i)};
        float *picture = first + 3 * pixels * i;
        if (chance(&random, 0.5f))
            recolour(&random, picture, pixels);
        if (chance(&random, 0.25f))
            mix(&random, picture, first + 3 * pixels * ((i + 1) % pictures->batch), 3 * pixels);
        if (chance(&random, 0.25f))
            add_noise(&random, picture, pictures->size);
        bound(picture, 3 * pixels);
    }
    return status;
}
