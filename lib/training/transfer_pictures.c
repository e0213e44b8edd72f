/* What a decoder for any style learns on: photographs, and few paintings made many. Each batch is a function
 * of its number, the seed and the files. */
#include "training/image_folder.h"
#include "training/transfer_trainer.h"

#include <math.h>
#include <string.h>

static const uint64_t COLOURS = UINT64_C(7) << 60; /* streams apart from those of the folders */

/* Shorter sides of crops before they are scaled, in sizes of a crop: of paintings from single strokes to the
 * whole. */
static const float photograph_scale = 3, painting_scale = 5;

static gan_status open_folder(gan_image_folder **folder, gan_tensor **batch,
                              struct transfer_pictures *pictures, const char *path, float scale)
{
    const gan_image_folder_options options = {.struct_size = sizeof options,
                                              .size = (int32_t)pictures->size,
                                              .largest_scale = scale,
                                              .seed = pictures->seed};
    const int64_t shape[4] = {pictures->batch, pictures->size, pictures->size, 3};
    const gan_status status = gan_image_folder_open(folder, pictures->context, path, &options);
    if (status != GAN_OK)
        return status;
    pictures->hash = gan_image_folder_hash(*folder, path, pictures->hash);
    return gan_tensor_create(batch, pictures->context, GAN_FLOAT32, shape, 4);
}

gan_status gan_transfer_pictures_open(struct transfer_pictures *pictures, gan_context *context,
                                      const char *photographs, const char *paintings, int64_t batch,
                                      int64_t size, uint64_t seed)
{
    *pictures = (struct transfer_pictures){.context = context, .batch = batch, .size = size, .seed = seed};
    const gan_status status = open_folder(&pictures->photographs, &pictures->photograph_batch, pictures,
                                          photographs, photograph_scale);
    return status == GAN_OK ? open_folder(&pictures->paintings, &pictures->painting_batch, pictures,
                                          paintings, painting_scale)
                            : status;
}

void gan_transfer_pictures_close(struct transfer_pictures *pictures)
{
    gan_tensor_free(pictures->photograph_batch);
    gan_tensor_free(pictures->painting_batch);
    gan_image_folder_free(pictures->photographs);
    gan_image_folder_free(pictures->paintings);
}

static void swap_pixels(float *a, float *b)
{
    for (int c = 0; c < 3; c++) {
        const float kept = a[c];
        a[c] = b[c];
        b[c] = kept;
    }
}

static void mirror_top_down(float *picture, int64_t size)
{
    for (int64_t y = 0; y < size / 2; y++)
        for (int64_t x = 0; x < size; x++)
            swap_pixels(picture + 3 * (y * size + x), picture + 3 * ((size - 1 - y) * size + x));
}

static void transpose(float *picture, int64_t size)
{
    for (int64_t y = 0; y < size; y++)
        for (int64_t x = 0; x < y; x++)
            swap_pixels(picture + 3 * (y * size + x), picture + 3 * (x * size + y));
}

/* With the folder's left and right, all eight directions that a square can lie in. */
static void turn(struct random_stream *random, float *picture, int64_t size)
{
    if ((gan_random_bits(random) & 1) != 0)
        mirror_top_down(picture, size);
    if ((gan_random_bits(random) & 1) != 0)
        transpose(picture, size);
}

/* A rotation of colours about the axis of the greys by any angle (Rodrigues' formula), perhaps after red and
 * blue have changed places; and another saturation. */
static void make_colours(struct random_stream *random, float matrix[3][3])
{
    const bool exchanged = (gan_random_bits(random) & 1) != 0;
    const float angle = 6.2831853f * gan_random_uniform(random);
    const float saturation = 0.5f + gan_random_uniform(random);
    const float across = (1 - cosf(angle)) / 3, along = sinf(angle) / sqrtf(3);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            const float rotation = i == j             ? cosf(angle) + across
                                   : j == (i + 1) % 3 ? across - along
                                                      : across + along;
            matrix[i][exchanged ? 2 - j : j] = saturation * rotation + (1 - saturation) / 3;
        }
}

static void recolour(struct random_stream *random, float *picture, int64_t pixels)
{
    float matrix[3][3];
    make_colours(random, matrix);
    for (int64_t i = 0; i < pixels; i++) {
        float *pixel = picture + 3 * i, old[3];
        memcpy(old, pixel, sizeof old);
        for (int c = 0; c < 3; c++) {
            const float value = matrix[c][0] * old[0] + matrix[c][1] * old[1] + matrix[c][2] * old[2];
            pixel[c] = value < 0 ? 0 : value > 1 ? 1 : value;
        }
    }
}

gan_status gan_transfer_pictures_load(struct transfer_pictures *pictures, int64_t index)
{
    const int64_t pixels = pictures->size * pictures->size;
    float *paintings = gan_tensor_data(pictures->painting_batch);
    gan_status status = gan_image_folder_batch(pictures->photographs, index, pictures->photograph_batch);
    if (status == GAN_OK)
        status = gan_image_folder_batch(pictures->paintings, index, pictures->painting_batch);
    for (int64_t i = 0; status == GAN_OK && i < pictures->batch; i++) {
        struct random_stream random = {.seed = pictures->seed,
                                       .stream = COLOURS | (uint64_t)(index * pictures->batch + i)};
        turn(&random, paintings + 3 * pixels * i, pictures->size);
        if ((gan_random_bits(&random) & 1) != 0)
            recolour(&random, paintings + 3 * pixels * i, pixels);
    }
    return status;
}
