#include "kernels/convolution_rows.h"
#include "kernels/packing.h"
#include "kernels/pixel_loops.h"

#include <string.h>

bool gan_rows_plain(const struct convolution_run *run)
{
    return run->plan->y.plain && run->plan->x.plain && run->input == NULL;
}

/* How many virtual columns from `column` on lie side by side in the source too. */
static int64_t run_length(const int64_t *map, int64_t column, int64_t end)
{
    int64_t next = column + 1;
    while (next < end && map[next] == map[next - 1] + 1)
        next++;
    return next - column;
}

/* Copy pixels, with the input's scale, shift and activation applied on the way. */
static void copy_pixels(const struct convolution_run *run, const float *from, int64_t image, int64_t count,
                        const struct row_window *window, float *out)
{
    const int64_t all = run->plan->groups * run->plan->in_channels, channels = window->channels;
    const struct convolution_input *input = run->input;
    if (input == NULL && channels == all) {
        memcpy(out, from, (size_t)(count * channels) * sizeof *out);
    } else if (input == NULL) {
        gan_spread_pixels(from, all, count, channels, channels, out);
    } else {
        const int64_t offset = image * all + window->channel;
        const bool scaled = input->scale != NULL;
        const struct pixel_change change = {scaled ? input->scale + offset : NULL,
                                            scaled ? input->shift + offset : NULL, input->activation};
        gan_pixels_change(run->context->kernels, from, all, count, channels, &change, out);
    }
}

void gan_rows_fill(const struct convolution_run *run, int64_t image, int64_t row,
                   const struct row_window *window, float *out)
{
    const struct convolution_plan *plan = run->plan;
    const int64_t source_row = plan->y.map[row];
    const size_t pixel_size = (size_t)window->channels * sizeof *out;
    if (source_row < 0) {
        memset(out, 0, (size_t)window->columns * pixel_size);
        return;
    }
    const int64_t pixel_stride = plan->groups * plan->in_channels;
    const float *source =
        run->source + window->channel + (image * plan->y.source + source_row) * plan->x.source * pixel_stride;
    const int64_t end = window->column + window->columns;
    for (int64_t v = window->column, length; v < end; v += length, out += length * window->channels) {
        const int64_t column = plan->x.map[v];
        length = column < 0 ? 1 : run_length(plan->x.map, v, end);
        if (column < 0) {
            memset(out, 0, pixel_size);
            continue;
        }
        copy_pixels(run, source + column * pixel_stride, image, length, window, out);
    }
}
