#include "layers/bands.h"
#include "kernels/sizes.h"
#include "layers/convolution_attributes.h"
#include "layers/picture_attributes.h"

#include <inttypes.h>

static int64_t divide_down(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return divide_down(a + b - 1, b);
}

gan_status gan_band_rows(struct band *band)
{
    band->needed = band->given = band->wanted;
    return GAN_OK;
}

gan_status gan_band_along(struct band *band, int32_t axis)
{
    if (axis >= 2)
        return gan_band_rows(band);
    return gan_fail(GAN_ERROR_UNSUPPORTED, "it works along axis %" PRId32 ", which bands of rows cut", axis);
}

/* ---- Windows ---- */

void gan_band_window(struct band *band, const struct window *window, int32_t padding_mode,
                     struct margin *padding)
{
    const int64_t size = band->input->size[1], before = gan_window_margin(window, size).before;
    const int64_t reach = gan_window_reach(window), stride = window->stride;
    struct row_range rows = band->wanted;
    int64_t first = rows.first * stride - before, last = (rows.last - 1) * stride - before + reach + 1;
    const int64_t above = larger(0, -first), below = larger(0, last - size);
    const bool reflected = padding_mode == GAN_PADDING_REFLECT || padding_mode == GAN_PADDING_SYMMETRIC;
    const int64_t skipped = padding_mode == GAN_PADDING_REFLECT ? 1 : 0;
    /* The border shows these rows. */
    const int64_t lowest = reflected && above > 0 ? smaller(above + skipped, size) : 1;
    const int64_t highest = reflected && below > 0 ? larger(size - skipped - below, 0) : size - 1;
    if (last < lowest) {
        rows.last = smaller(divide_up(lowest + before - reach - 1, stride) + 1, band->output->size[1]);
        last = (rows.last - 1) * stride - before + reach + 1;
    }
    if (first > highest) {
        rows.first = larger(divide_down(highest + before, stride), 0);
        first = rows.first * stride - before;
    }
    band->given = rows;
    band->needed = (struct row_range){larger(first, 0), smaller(last, size)};
    *padding = (struct margin){larger(-first, 0), larger(last - size, 0)};
}

/* The first rows would need the last ones. */
static gan_status check_wrapping(int32_t padding_mode, const struct margin *padding)
{
    if (padding_mode != GAN_PADDING_WRAP || (padding->before == 0 && padding->after == 0))
        return GAN_OK;
    return gan_fail(GAN_ERROR_UNSUPPORTED, "its padding goes on at the opposite side of the whole picture");
}

gan_status gan_band_convolution(struct band *band)
{
    struct conv2d_attributes *conv = band->attributes;
    const struct window rows = gan_convolution_window(conv, 0), columns = gan_convolution_window(conv, 1);
    const struct margin whole = gan_window_margin(&rows, band->input->size[1]);
    const gan_status status = check_wrapping(conv->padding_mode, &whole);
    if (status != GAN_OK)
        return status;
    const struct margin sides = gan_window_margin(&columns, band->input->size[2]);
    struct margin ends;
    gan_band_window(band, &rows, conv->padding_mode, &ends);
    conv->padding = GAN_PAD_EXPLICIT;
    conv->pad[0] = (int32_t)ends.before;
    conv->pad[1] = (int32_t)sides.before;
    conv->pad[2] = (int32_t)ends.after;
    conv->pad[3] = (int32_t)sides.after;
    return GAN_OK;
}

/* Row i of the input goes to the kernel's rows from i * stride - before on. */
static void place_transposed_rows(struct band *band, struct conv2d_transpose_attributes *conv)
{
    const struct window window = gan_transposed_window(conv, 0);
    const int64_t stride = window.stride, kernel = window.kernel, size = band->input->size[1];
    const int64_t before = gan_window_margin(&window, band->output->size[1]).before;
    const struct row_range wanted = band->wanted;
    const int64_t touched = divide_up(wanted.first + before - kernel + 1, stride);
    const int64_t first = larger(smaller(touched, (wanted.first + before) / stride), 0);
    band->given = wanted;
    band->needed.first = smaller(first, size - 1);
    band->needed.last = smaller((wanted.last - 1 + before) / stride + 1, size);
    const int64_t more = (band->needed.last - 1) * stride - before + kernel - wanted.last;
    conv->pad[0] = (int32_t)(wanted.first + before - band->needed.first * stride);
    conv->pad[2] = (int32_t)larger(more, 0);
    conv->output_padding[0] = (int32_t)larger(-more, 0);
}

gan_status gan_band_convolution_transpose(struct band *band)
{
    struct conv2d_transpose_attributes *conv = band->attributes;
    const struct window window = gan_transposed_window(conv, 1);
    const struct margin sides = gan_window_margin(&window, band->output->size[2]);
    const int64_t width = (band->input->size[2] - 1) * window.stride + window.kernel;
    place_transposed_rows(band, conv);
    conv->padding = GAN_PAD_EXPLICIT;
    conv->pad[1] = (int32_t)sides.before;
    conv->pad[3] = (int32_t)sides.after;
    conv->output_padding[1] = (int32_t)(band->output->size[2] - (width - sides.before - sides.after));
    return GAN_OK;
}

gan_status gan_band_pooling(struct band *band)
{
    struct pool_attributes *pool = band->attributes;
    const struct window window = {.kernel = pool->kernel[0],
                                  .stride = pool->stride[0],
                                  .dilation = 1,
                                  .explicit = {pool->pad[0], pool->pad[2]}};
    struct margin ends;
    gan_band_window(band, &window, GAN_PADDING_ZERO, &ends);
    pool->pad[0] = (int32_t)ends.before;
    pool->pad[2] = (int32_t)smaller(ends.after, pool->pad[2]); /* the rest hangs over the edge */
    return GAN_OK;
}

gan_status gan_band_pad(struct band *band)
{
    struct pad_attributes *pad = band->attributes;
    const struct window window = {
        .kernel = 1, .stride = 1, .dilation = 1, .explicit = {pad->pad[0], pad->pad[2]}};
    struct margin ends = {pad->pad[0], pad->pad[2]};
    const gan_status status = check_wrapping(pad->mode, &ends);
    if (status != GAN_OK)
        return status;
    gan_band_window(band, &window, pad->mode, &ends);
    pad->pad[0] = (int32_t)ends.before;
    pad->pad[2] = (int32_t)ends.after;
    return GAN_OK;
}

gan_status gan_band_crop(struct band *band)
{
    struct pad_attributes *pad = band->attributes;
    band->given = band->wanted;
    band->needed = (struct row_range){band->wanted.first + pad->pad[0], band->wanted.last + pad->pad[0]};
    pad->pad[0] = pad->pad[2] = 0;
    return GAN_OK;
}

/* ---- Sizes that change by a factor ---- */

static gan_status spread(struct band *band, int64_t factor)
{
    band->needed = (struct row_range){band->wanted.first / factor, divide_up(band->wanted.last, factor)};
    band->given = (struct row_range){band->needed.first * factor, band->needed.last * factor};
    return GAN_OK;
}

gan_status gan_band_upsample_nearest(struct band *band)
{
    const struct resample_attributes *resample = band->attributes;
    return spread(band, resample->factor);
}

gan_status gan_band_pixel_shuffle(struct band *band)
{
    const struct pixel_shuffle_attributes *shuffle = band->attributes;
    return spread(band, shuffle->factor);
}

gan_status gan_band_pixel_unshuffle(struct band *band)
{
    const struct pixel_shuffle_attributes *shuffle = band->attributes;
    const int64_t factor = shuffle->factor;
    band->given = band->wanted;
    band->needed = (struct row_range){band->wanted.first * factor, band->wanted.last * factor};
    return GAN_OK;
}
