#include "streamed_mask.h"

enum { LEAST_ROWS = 64 };

static bool open_mask(struct streamed_mask *mask, const struct adjusting *adjusting,
                      const struct streamed_photo *photo)
{
    if (photo->source == NULL) {
        if (adjusting_fit_mask(adjusting, &photo->scaled, &mask->scaled) != GAN_OK)
            return false;
        mask->height = gan_tensor_size(mask->scaled, 1);
        mask->width = gan_tensor_size(mask->scaled, 2);
        return true;
    }
    if (gan_image_source_open(&mask->source, mask->context, adjusting->mask_path) != GAN_OK)
        return false;
    mask->height = gan_image_source_height(mask->source);
    mask->width = gan_image_source_width(mask->source);
    return true;
}

bool streamed_mask_open(struct streamed_mask *mask, const struct console *console, gan_context *context,
                        const struct adjusting *adjusting, const struct streamed_photo *photo)
{
    *mask = (struct streamed_mask){.context = context, .feather = adjusting->feather};
    if (adjusting->mask_path == NULL)
        return true;
    if (!open_mask(mask, adjusting, photo)) {
        console_fail(console, "%s", gan_error_message());
        return false;
    }
    if (mask->height == photo->height && mask->width == photo->width)
        return true;
    console_fail(console, "%s: the mask has %lld x %lld pixels, but the picture %lld x %lld",
                 adjusting->mask_path, (long long)mask->width, (long long)mask->height,
                 (long long)photo->width, (long long)photo->height);
    return false;
}

void streamed_mask_close(struct streamed_mask *mask)
{
    gan_image_source_free(mask->source);
    gan_tensor_free(mask->scaled);
    gan_tensor_free(mask->window);
}

static bool is_there(const struct streamed_mask *mask)
{
    return mask->source != NULL || mask->scaled != NULL;
}

/* Many rows where each window reads many beside its own. */
static int64_t window_rows(const struct streamed_mask *mask)
{
    const int64_t rows = 2 * mask->feather > LEAST_ROWS ? 2 * mask->feather : LEAST_ROWS;
    return rows < mask->height ? rows : mask->height;
}

int64_t streamed_mask_memory(const struct streamed_mask *mask)
{
    int64_t rows = window_rows(mask) + 2 * mask->feather;
    rows = rows < mask->height ? rows : mask->height;
    if (!is_there(mask)) /* rows of a picture, the mask, and what softening takes */
        return 0;
    const int64_t whole =
        mask->source != NULL ? gan_image_source_memory(mask->source) : 4 * mask->height * mask->width;
    return whole + rows * mask->width * 5 * (int64_t)sizeof(float);
}

/* A picture's rows as a mask. */
static gan_status take_from_picture(struct streamed_mask *mask, int64_t first, int64_t count)
{
    const int64_t shape[4] = {1, count, mask->width, 3};
    gan_tensor *picture = NULL;
    gan_status status = gan_tensor_create(&picture, mask->context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        status = gan_image_source_read(mask->source, first, count, gan_tensor_data(picture), NULL);
    if (status == GAN_OK)
        status = gan_mask_of_picture(&mask->window, picture);
    gan_tensor_free(picture);
    return status;
}

static gan_status take_from_scaled(struct streamed_mask *mask, int64_t first, int64_t count)
{
    const int64_t shape[4] = {1, count, mask->width, 1};
    const gan_status status = gan_tensor_create(&mask->window, mask->context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        copy_rows(mask->scaled, first, count, gan_tensor_data(mask->window));
    return status;
}

/* Softening looks no farther than its radius, so that these rows are as in the whole mask. */
static gan_status move_window(struct streamed_mask *mask, int64_t first)
{
    const int64_t rows = window_rows(mask), rest = mask->height - first;
    const int64_t from = first > mask->feather ? first - mask->feather : 0;
    mask->first = first;
    mask->count = rows < rest ? rows : rest;
    mask->before = first - from;
    const int64_t end = first + mask->count + mask->feather;
    const int64_t count = (end < mask->height ? end : mask->height) - from;
    gan_tensor_free(mask->window);
    mask->window = NULL;
    const gan_status status =
        (mask->source != NULL ? take_from_picture : take_from_scaled)(mask, from, count);
    if (status == GAN_OK)
        return gan_mask_feather(mask->context, gan_tensor_data(mask->window), count, mask->width,
                                (int32_t)mask->feather);
    mask->count = 0;
    return status;
}

gan_status streamed_mask_read(struct streamed_mask *mask, int64_t first, int64_t count, const float **rows)
{
    *rows = NULL;
    if (!is_there(mask))
        return GAN_OK;
    if (first < mask->first || first + count > mask->first + mask->count) {
        const gan_status status = move_window(mask, first);
        if (status != GAN_OK)
            return status;
    }
    *rows = (const float *)gan_tensor_data_const(mask->window) +
            (mask->before + first - mask->first) * mask->width;
    return GAN_OK;
}
