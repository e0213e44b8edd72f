/* Which picture a sample is, and which piece of it: pure functions of seed, number and files. */
#include "base/random.h"
#include "training/image_folder.h"
#include "training/shuffle.h"

#include <string.h>

int64_t gan_image_folder_choose(const gan_image_folder *folder, int64_t sample)
{
    if (folder->unreadable == folder->count)
        return -1;
    int64_t index =
        gan_shuffle(folder->options.seed, sample / folder->count, folder->count, sample % folder->count);
    while (folder->pictures[index].state == PICTURE_UNREADABLE)
        index = (index + 1) % folder->count;
    return index;
}

/* Have the picture of a sample in memory. Call with the mutex held. */
static gan_status fetch_sample(gan_image_folder *folder, int64_t sample, const struct folder_picture **out)
{
    for (;;) {
        const int64_t index = gan_image_folder_choose(folder, sample);
        if (index < 0)
            return gan_fail(GAN_ERROR_FORMAT, "no picture is left that can be read");
        const gan_status status = gan_image_folder_fetch(folder, index);
        *out = &folder->pictures[index];
        if (!gan_image_folder_is_unreadable(status))
            return status;
    }
}

struct crop gan_image_folder_crop(const gan_image_folder *folder, const struct folder_picture *picture,
                                  int64_t sample)
{
    struct random_stream random = {.seed = folder->options.seed,
                                   .stream = (uint64_t)sample & ~SHUFFLE_STREAMS};
    const int64_t height = picture->height, width = picture->width / (folder->halves ? 2 : 1);
    const int64_t shorter = height < width ? height : width;
    const int64_t most = shorter < folder->keep ? shorter : folder->keep;
    const int64_t least = folder->options.size < most ? folder->options.size : most;
    const int64_t side = least + gan_random_below(&random, most - least + 1);
    const int64_t top = gan_random_below(&random, height - side + 1);
    const int64_t left = gan_random_below(&random, width - side + 1);
    const bool flip = (gan_random_bits(&random) & 1) != 0 && folder->options.no_flip == 0;
    if (folder->centre)
        return (struct crop){(height - most) / 2, (width - most) / 2, most, most, flip};
    return (struct crop){top, left, side, side, flip};
}

static void copy_crop(float *to, const struct folder_picture *picture, const struct crop *crop)
{
    for (int64_t y = 0; y < crop->height; y++) {
        const unsigned char *row = picture->pixels + ((crop->top + y) * picture->width + crop->left) * 3;
        for (int64_t x = 0; x < crop->width; x++) {
            const unsigned char *pixel = row + 3 * (crop->flip ? crop->width - 1 - x : x);
            for (int64_t c = 0; c < 3; c++)
                *to++ = (float)pixel[c] / 255.0f;
        }
    }
}

gan_status gan_image_folder_cut(gan_image_folder *folder, const struct folder_picture *picture,
                                const struct crop *crop, gan_tensor **out)
{
    const int64_t shape[4] = {1, crop->height, crop->width, 3};
    const gan_status status = gan_tensor_create(out, folder->context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        copy_crop(gan_tensor_data(*out), picture, crop);
    return status;
}

gan_status gan_image_folder_sample(gan_image_folder *folder, int64_t sample, float *to)
{
    const struct folder_picture *picture = NULL;
    const int64_t size = folder->options.size;
    gan_tensor *piece = NULL, *scaled = NULL;
    pthread_mutex_lock(&folder->mutex);
    gan_status status = fetch_sample(folder, sample, &picture);
    if (status == GAN_OK) {
        const struct crop crop = gan_image_folder_crop(folder, picture, sample);
        status = gan_image_folder_cut(folder, picture, &crop, &piece);
    }
    pthread_mutex_unlock(&folder->mutex);
    if (status == GAN_OK)
        status = gan_image_resize(&scaled, piece, size, size);
    if (status == GAN_OK)
        memcpy(to, gan_tensor_data_const(scaled), (size_t)(size * size * 3) * sizeof(float));
    gan_tensor_free(piece);
    gan_tensor_free(scaled);
    return status;
}

gan_status gan_image_folder_picture(gan_image_folder *folder, int64_t sample, gan_tensor **out)
{
    const struct folder_picture *picture = NULL;
    pthread_mutex_lock(&folder->mutex);
    gan_status status = fetch_sample(folder, sample, &picture);
    if (status == GAN_OK) {
        const struct crop all = {0, 0, picture->height, picture->width, false};
        status = gan_image_folder_cut(folder, picture, &all, out);
    }
    pthread_mutex_unlock(&folder->mutex);
    return status;
}
