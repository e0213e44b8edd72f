#include "streamed_rows.h"

#include <stdlib.h>
#include <string.h>

/* Of fine detail, as gan_adjuster_render has it by default. */
enum { DETAIL_RADIUS = 2, MOST_ROWS = STREAMED_ROWS + 2 * DETAIL_RADIUS };

static bool open_colors(struct streamed_rows *rows, const struct console *console)
{
    const int32_t color = rows->adjusting->adjustment.color;
    const int64_t pixels = rows->photo->height * rows->photo->width;
    if (color == GAN_COLOR_RESULT ||
        gan_recoloring_create(&rows->recoloring, rows->context, pixels, color) == GAN_OK)
        return true;
    console_fail(console, "%s", gan_error_message());
    return false;
}

bool streamed_rows_open(struct streamed_rows *rows, const struct console *console, gan_context *context,
                        const struct adjusting *adjusting, const struct streamed_photo *photo)
{
    *rows = (struct streamed_rows){.context = context, .adjusting = adjusting, .photo = photo};
    return streamed_mask_open(&rows->mask, console, context, adjusting, photo) && open_colors(rows, console);
}

void streamed_rows_close(struct streamed_rows *rows)
{
    streamed_mask_close(&rows->mask);
    gan_recoloring_free(rows->recoloring);
    free(rows->result);
    free(rows->original);
}

static size_t room(const struct streamed_rows *rows)
{
    return (size_t)(MOST_ROWS * rows->photo->width * 3) * sizeof(float);
}

/* Zeros, since fine detail is added to rows beside the result's too, which nobody looks at. */
bool streamed_rows_make_room(struct streamed_rows *rows)
{
    if (!adjusting_needed(rows->adjusting))
        return true;
    rows->result = calloc(1, room(rows));
    rows->original = calloc(1, room(rows));
    return rows->result != NULL && rows->original != NULL;
}

int64_t streamed_rows_memory(const struct streamed_rows *rows)
{
    const int64_t adjusting = adjusting_needed(rows->adjusting) ? 3 * (int64_t)room(rows) : 0;
    return adjusting + streamed_mask_memory(&rows->mask);
}

int32_t streamed_rows_rounds(const struct streamed_rows *rows)
{
    return rows->recoloring != NULL ? gan_recoloring_rounds(rows->recoloring) : 0;
}

gan_status streamed_rows_measure(struct streamed_rows *rows, int64_t first, int64_t count,
                                 const float *result)
{
    const gan_status status = streamed_photo_read(rows->photo, first, count, rows->original, NULL);
    return status == GAN_OK
               ? gan_recoloring_measure(rows->recoloring, result, rows->original, count * rows->photo->width)
               : status;
}

static gan_status blend(struct streamed_rows *rows, int64_t first, int64_t count, float *result,
                        const float *original)
{
    const float *mask = NULL;
    const gan_status status = streamed_mask_read(&rows->mask, first, count, &mask);
    if (status != GAN_OK || (mask == NULL && rows->adjusting->strength >= 1))
        return status;
    return gan_adjust_strength(rows->context, result, original, mask, count * rows->photo->width,
                               (float)rows->adjusting->strength);
}

gan_status streamed_rows_adjust(struct streamed_rows *rows, int64_t first, int64_t count, const float *given,
                                const float **adjusted)
{
    *adjusted = given;
    if (rows->result == NULL)
        return GAN_OK;
    const gan_adjustment *adjustment = &rows->adjusting->adjustment;
    const int64_t halo = adjustment->detail > 0 ? DETAIL_RADIUS : 0, width = rows->photo->width;
    const int64_t from = first > halo ? first - halo : 0;
    const int64_t to =
        first + count + halo < rows->photo->height ? first + count + halo : rows->photo->height;
    float *result = rows->result + (first - from) * width * 3;
    const float *original = rows->original + (first - from) * width * 3;
    gan_status status = streamed_photo_read(rows->photo, from, to - from, rows->original, NULL);
    memcpy(result, given, (size_t)(count * width * 3) * sizeof *given);
    if (status == GAN_OK && rows->recoloring != NULL)
        status = gan_recoloring_apply(rows->recoloring, result, original, count * width);
    if (status == GAN_OK && halo > 0)
        status = gan_adjust_detail(rows->context, rows->result, rows->original, to - from, width,
                                   adjustment->detail, DETAIL_RADIUS);
    if (status == GAN_OK)
        status = blend(rows, first, count, result, original);
    *adjusted = result;
    return status;
}
