#include "kernels/convolution_strip.h"
#include "kernels/convolution_rows.h"
#include "kernels/sizes.h"

enum { STRIP_FLOATS = 1 << 17, LEAST_ROWS = 8, LEAST_ROWS_OF_TALL_KERNELS = 16, TALL = 5 };
enum { LEAST_COLUMNS = 48, COLUMN_GRANULE = 12 };

/* Virtual positions from the first to the last that `count` destination positions read. */
static int64_t reach(const struct phase *phase, int64_t count)
{
    return (count - 1) * phase->stride + larger(0, phase->taps - 1) * phase->dilation + 1;
}

/* Enough rows to make the virtual rows that they share but few times. */
static int64_t wanted_rows(const struct convolution_phase *phase)
{
    return phase->y->taps >= TALL ? LEAST_ROWS_OF_TALL_KERNELS : LEAST_ROWS;
}

int64_t gan_strip_columns(const struct convolution_plan *plan, const struct convolution_phase *phase,
                          enum strip_cut cut)
{
    const struct phase *x = phase->x;
    const int64_t rows = reach(phase->y, smaller(wanted_rows(phase), phase->y->count));
    const int64_t fitting = (STRIP_FLOATS / (rows * plan->chunk) - reach(x, 1)) / x->stride + 1;
    if (cut == STRIP_ROWS || fitting >= x->count)
        return x->count;
    return larger(LEAST_COLUMNS, fitting) / COLUMN_GRANULE * COLUMN_GRANULE;
}

/* As many rows as are wanted, but so few that they stay in cache; no fewer, though, than those that a kernel
 * reaches beyond its first. */
static int64_t rows_of_strip(const struct convolution_plan *plan, const struct convolution_phase *phase,
                             enum strip_cut cut)
{
    const struct phase *y = phase->y;
    const int64_t row_size = reach(phase->x, gan_strip_columns(plan, phase, cut)) * plan->chunk;
    const int64_t fitting = (STRIP_FLOATS / row_size - reach(y, 1)) / y->stride + 1;
    const int64_t least = (reach(y, 1) - 1) / y->stride;
    return smaller(y->count, larger(larger(1, least), smaller(wanted_rows(phase), fitting)));
}

static int64_t strips_of_image(const struct convolution_plan *plan, const struct convolution_phase *phase,
                               enum strip_cut cut)
{
    const int64_t rows = rows_of_strip(plan, phase, cut);
    return (phase->y->count + rows - 1) / rows;
}

int64_t gan_strip_buffer(const struct convolution_plan *plan, enum strip_cut cut)
{
    int64_t most = 0;
    for (int64_t i = 0; i < plan->phase_count; i++) {
        const struct convolution_phase *phase = &plan->phases[i];
        const int64_t columns = reach(phase->x, gan_strip_columns(plan, phase, cut));
        const int64_t rows = reach(phase->y, rows_of_strip(plan, phase, cut));
        most = larger(most, aligned(rows * columns * plan->chunk));
    }
    return most;
}

int64_t gan_strip_line(const struct convolution_plan *plan)
{
    int64_t most = 0;
    for (int64_t i = 0; plan->spread && i < plan->phase_count; i++) {
        const struct convolution_phase *phase = &plan->phases[i];
        most = larger(most, reach(phase->x, phase->x->count) * aligned(phase->lanes) + 16);
    }
    return most;
}

int64_t gan_strip_count(const struct convolution_plan *plan, enum strip_cut cut)
{
    int64_t strips = 0;
    for (int64_t i = 0; i < plan->phase_count; i++)
        strips += plan->batch * strips_of_image(plan, &plan->phases[i], cut);
    return strips;
}

void gan_strip_place(struct strip *strip, enum strip_cut cut, int64_t index)
{
    const struct convolution_plan *plan = strip->run->plan;
    strip->phase = plan->phases;
    int64_t strips = strips_of_image(plan, strip->phase, cut);
    while (index >= plan->batch * strips) {
        index -= plan->batch * strips;
        strips = strips_of_image(plan, ++strip->phase, cut);
    }
    const int64_t most = rows_of_strip(plan, strip->phase, cut);
    strip->image = index / strips;
    strip->row = index % strips * most;
    strip->rows = smaller(most, strip->phase->y->count - strip->row);
    gan_strip_keep(strip, 0, strip->phase->x->count);
}

void gan_strip_keep(struct strip *strip, int64_t column, int64_t pixels)
{
    strip->column = column;
    strip->pixels = pixels;
    strip->columns = reach(strip->phase->x, pixels);
}

/* Whether `count` virtual positions from `first` on are as many source positions side by side. */
static bool is_run(const struct axis *axis, int64_t first, int64_t count)
{
    const int64_t low = axis->map[first], high = axis->map[first + count - 1];
    return low >= 0 && high - low == count - 1;
}

bool gan_strip_inner(const struct strip *strip, int64_t *first, int64_t *end)
{
    const struct convolution_plan *plan = strip->run->plan;
    const struct phase *y = strip->phase->y, *x = strip->phase->x;
    int64_t low = 0, high = x->count;
    if (strip->run->input != NULL ||
        !is_run(&plan->y, y->start + strip->row * y->stride, reach(y, strip->rows)))
        return false;
    while (low < high && !is_run(&plan->x, x->start + low * x->stride, reach(x, 1)))
        low++;
    while (low < high && !is_run(&plan->x, x->start + (high - 1) * x->stride, reach(x, 1)))
        high--;
    *first = low;
    *end = high;
    return low < high && is_run(&plan->x, x->start + low * x->stride, reach(x, high - low));
}

void gan_strip_prepare(struct strip *strip)
{
    const struct convolution_plan *plan = strip->run->plan;
    const struct phase *y = strip->phase->y, *x = strip->phase->x;
    const int64_t column = x->start + strip->column * x->stride;
    const int64_t first = y->start + strip->row * y->stride, rows = reach(y, strip->rows);
    const struct row_window window = {strip->group * plan->in_channels + strip->chunk_start, strip->chunk,
                                      column, strip->columns};
    if (!strip->copied && strip->run->input == NULL && is_run(&plan->y, first, rows) &&
        is_run(&plan->x, column, strip->columns)) {
        strip->pixel_stride = plan->groups * plan->in_channels;
        strip->row_stride = strip->pixel_stride * plan->x.source;
        const int64_t line = strip->image * plan->y.source + plan->y.map[first];
        const int64_t pixel = line * plan->x.source + plan->x.map[column];
        strip->source = strip->run->source + pixel * strip->pixel_stride + window.channel;
        return;
    }
    strip->pixel_stride = strip->chunk;
    strip->row_stride = strip->pixel_stride * strip->columns;
    strip->source = strip->buffer;
    for (int64_t v = 0; v < rows; v++)
        gan_rows_fill(strip->run, strip->image, first + v, &window, strip->buffer + v * strip->row_stride);
}

struct pixel_run gan_strip_destination(const struct strip *strip, int64_t row)
{
    const struct convolution_plan *plan = strip->run->plan;
    const struct phase *y = strip->phase->y, *x = strip->phase->x;
    const int64_t channel = strip->group * plan->out_channels;
    const int64_t line = strip->image * plan->y.destination + y->first + (strip->row + row) * y->step;
    const int64_t pixel = line * plan->x.destination + x->first + strip->column * x->step;
    return (struct pixel_run){
        .offset = pixel * plan->out_step + channel,
        .pixels = strip->pixels,
        .pixel_stride = x->step * plan->out_step,
        .channel = channel,
        .channels = plan->out_channels,
    };
}
