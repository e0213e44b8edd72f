#include "kernels/convolution_rows.h"
#include "kernels/packing.h"

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

static void copy_pixels(const float *from, int64_t pixel_stride, int64_t count, int64_t channels, float *out)
{
    if (pixel_stride == channels)
        memcpy(out, from, (size_t)(count * channels) * sizeof *out);
    else
        gan_spread_pixels(from, pixel_stride, count, channels, channels, out);
}

static void scale_pixels(const float *scale, const float *shift, int64_t count, int64_t channels, float *out)
{
    for (int64_t i = 0; i < count; i++, out += channels)
        for (int64_t c = 0; c < channels; c++)
            out[c] = out[c] * scale[c] + shift[c];
}

/* Apply the input's scale, shift and activation to pixels while they are hot. */
static void transform(const struct convolution_run *run, int64_t image, const struct row_window *window,
                      int64_t count, float *out)
{
    const struct convolution_input *input = run->input;
    if (input->scale != NULL) {
        const int64_t all = run->plan->groups * run->plan->in_channels;
        const int64_t offset = image * all + window->channel;
        scale_pixels(input->scale + offset, input->shift + offset, count, window->channels, out);
    }
    if (input->activation.function != ACTIVATION_LINEAR)
        gan_activation_forward(run->context->kernels, input->activation, out, out, count * window->channels);
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
        copy_pixels(source + column * pixel_stride, pixel_stride, length, window->channels, out);
        if (run->input != NULL)
            transform(run, image, window, length, out);
    }
}
