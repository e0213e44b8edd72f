#include "kernels/convolution_tiles_strip.h"
#include "kernels/convolution_rows.h"
#include "kernels/sizes.h"

#include <string.h>

/* Rows of a strip fit the first-level cache, strips half of the second. Tall kernels share more rows. */
enum {
    ROW_BYTES = 1 << 15,
    STRIP_BYTES = 1 << 20,
    LEAST_ROWS = 4,
    MOST_ROWS = 16,
    TALL = 5,
    WANTED_TASKS = 16
};

/* A count rounded up to whole units. */
static int64_t whole(int64_t count, int64_t unit)
{
    return parts(count, unit) * unit;
}

struct span {
    int64_t first, count;
};

/* The virtual positions that destination positions [position, position + count) of all phases read. */
static struct span span_of(const struct axis *axis, int64_t position, int64_t count)
{
    int64_t first = INT64_MAX, end = 0;
    for (int64_t i = 0; i < axis->phase_count; i++) {
        const struct phase *phase = &axis->phases[i];
        const int64_t last = smaller(position + count, phase->count) - 1;
        if (last < position || phase->taps < 1)
            continue;
        first = smaller(first, phase->start + position * phase->stride);
        end = larger(end, phase->start + last * phase->stride + (phase->taps - 1) * phase->dilation + 1);
    }
    return end > 0 ? (struct span){first, end - first} : (struct span){0, 0};
}

static int64_t most_positions(const struct axis *axis)
{
    int64_t most = 0;
    for (int64_t i = 0; i < axis->phase_count; i++)
        most = larger(most, axis->phases[i].count);
    return most;
}

static int64_t longest_span(const struct axis *axis, int64_t positions, int64_t per_strip)
{
    int64_t most = 0;
    for (int64_t i = 0; i < positions; i += per_strip)
        most = larger(most, span_of(axis, i, per_strip).count);
    return most;
}

static int64_t most_taps(const struct convolution_plan *plan)
{
    int64_t taps = 0;
    for (int64_t i = 0; i < plan->x.phase_count; i++)
        taps = larger(taps, plan->x.phases[i].taps);
    return taps;
}

/* Products per row of taps, a tile of pixels and all lanes: of plain pixels, of pixels with their taps
 * unfolded into depth, and with taps spread over lanes, whose sums then have to be moved. Few channels on
 * either side leave tiles partly empty. */
static void choose_scheme(struct convolution_plan *plan)
{
    const struct phase *x = &plan->x.phases[0];
    const int64_t taps = most_taps(plan), in = plan->in_channels, out = plan->out_channels;
    const int64_t plain = taps * parts(in, TILE_DEPTH) * parts(out, TILE_ROWS);
    const int64_t spread = parts(in, TILE_DEPTH) * parts(taps * out, TILE_ROWS);
    const int64_t unfolded = parts(taps * in, TILE_DEPTH) * parts(out, TILE_ROWS);
    plan->unfolded = plan->phase_count == 1 && x->dilation == 1 && unfolded < plain;
    plan->spread = x->stride == 1 && 3 * spread <= 2 * (plan->unfolded ? unfolded : plain);
    if (plan->spread)
        plan->unfolded = false;
    plan->depth = whole(plan->unfolded ? taps * in : in, TILE_DEPTH);
}

/* Values from one position to the next. */
static int64_t position_step(const struct convolution_plan *plan)
{
    return plan->depth * (plan->unfolded ? 1 : plan->x.phases[0].stride);
}

static int64_t rows_of_strip(const struct convolution_plan *plan, int64_t positions, int64_t across)
{
    const struct phase *y = &plan->y.phases[0];
    const int64_t row_bytes = plan->cut.columns * position_step(plan) * (int64_t)sizeof(uint16_t);
    const int64_t wanted = y->taps >= TALL
                               ? MOST_ROWS
                               : smaller(MOST_ROWS, larger(LEAST_ROWS, positions * across / WANTED_TASKS));
    const int64_t fitting = (STRIP_BYTES / row_bytes - y->taps * y->dilation) / y->stride + 1;
    return smaller(positions, larger(1, smaller(wanted, fitting)));
}

static void cut_strips(struct convolution_plan *plan)
{
    const int64_t wide = most_positions(&plan->x), high = most_positions(&plan->y);
    const int64_t fitting = ROW_BYTES / (position_step(plan) * (int64_t)sizeof(uint16_t));
    const int64_t most = larger(TILE_BLOCK, fitting / TILE_BLOCK * TILE_BLOCK);
    struct tile_cut *cut = &plan->cut;
    cut->columns = smaller(wide, whole(parts(wide, parts(wide, most)), TILE_BLOCK));
    cut->across = parts(wide, cut->columns);
    cut->rows = rows_of_strip(plan, high, cut->across);
    cut->down = parts(high, cut->rows);
    cut->most_rows = longest_span(&plan->y, high, cut->rows);
    cut->most_columns = longest_span(&plan->x, wide, cut->columns);
    const int64_t strips = plan->batch * cut->down * cut->across;
    const int64_t panels = parts(plan->out_channels, TILE_BLOCK);
    cut->parts = plan->spread ? 1 : smaller(panels, parts(WANTED_TASKS, strips));
}

void gan_tiles_choose(struct convolution_plan *plan)
{
    choose_scheme(plan);
    gan_convolution_plan_place_weights(plan);
    gan_tiles_place_weights(plan);
    cut_strips(plan);
}

static int64_t most_lanes(const struct convolution_plan *plan)
{
    int64_t lanes = 0;
    for (int64_t i = 0; i < plan->phase_count; i++)
        lanes = larger(lanes, plan->phases[i].lanes);
    return lanes;
}

struct tile_room gan_tile_room(const struct convolution_plan *plan)
{
    const struct tile_cut *cut = &plan->cut;
    const int64_t positions = plan->unfolded ? cut->columns : cut->most_columns;
    const int64_t line = cut->most_columns * plan->in_channels;
    /* Tiles at the end of a row read pixels behind it. */
    const int64_t pixels = cut->most_rows * positions * plan->depth + TILE_ROWS * position_step(plan);
    const int64_t sums = cut->most_columns * whole(most_lanes(plan), TILE_ROWS) + TILE_ROWS;
    return (struct tile_room){
        .pixels = whole(pixels, 32) * (int64_t)sizeof(uint16_t),
        .values = plan->unfolded ? whole(line, 32) * (int64_t)sizeof(uint16_t) : 0,
        .line = whole(line, 16) * (int64_t)sizeof(float),
        .sums = plan->spread ? sums * (int64_t)sizeof(float) : 0,
    };
}

int64_t gan_tile_strip_count(const struct convolution_plan *plan)
{
    return plan->batch * plan->cut.down * plan->cut.across * plan->cut.parts;
}

void gan_tile_strip_place(struct tile_strip *strip, const struct convolution_run *run, int64_t index,
                          void *memory)
{
    const struct convolution_plan *plan = run->plan;
    const struct tile_cut *cut = &plan->cut;
    const struct tile_room room = gan_tile_room(plan);
    const int64_t place = index / cut->parts;
    *strip = (struct tile_strip){.run = run, .part = index % cut->parts, .rows = cut->rows};
    strip->image = place / cut->across / cut->down;
    strip->row = place / cut->across % cut->down * cut->rows;
    strip->column = place % cut->across * cut->columns;
    strip->columns = smaller(cut->columns, most_positions(&plan->x) - strip->column);
    const struct span y = span_of(&plan->y, strip->row, cut->rows);
    const struct span x = span_of(&plan->x, strip->column, cut->columns);
    strip->first_row = y.first;
    strip->virtual_rows = y.count;
    strip->first_column = x.first;
    strip->virtual_columns = x.count;
    strip->pitch = plan->depth * (plan->unfolded ? strip->columns : x.count);
    char *at = memory;
    strip->pixels = (uint16_t *)(void *)at;
    strip->values = (uint16_t *)(void *)(at + room.pixels);
    strip->line = (float *)(void *)(at + room.pixels + room.values);
    strip->sums = (float *)(void *)(at + room.pixels + room.values + room.line);
}

static bool is_simple(struct activation activation)
{
    return activation.function == ACTIVATION_LINEAR || activation.function == ACTIVATION_RELU ||
           activation.function == ACTIVATION_LEAKY_RELU;
}

/* How many virtual columns from `column` on lie side by side in the source too. */
static int64_t run_length(const int64_t *map, int64_t column, int64_t end)
{
    int64_t next = column + 1;
    while (next < end && map[next] == map[next - 1] + 1)
        next++;
    return next - column;
}

/* A row by way of float32: few channels, or an activation that takes more than a comparison. */
static void fill_by_line(const struct tile_strip *strip, int64_t row, uint16_t *out)
{
    const struct convolution_plan *plan = strip->run->plan;
    const int64_t channels = plan->in_channels, count = strip->virtual_columns;
    const struct row_window window = {0, channels, strip->first_column, count};
    gan_rows_fill(strip->run, strip->image, row, &window, strip->line);
    struct tile_conversion conversion = {.channels = channels, .depth = plan->depth};
    if (!plan->unfolded) {
        plan->tiles->convert(&conversion, strip->line, count, out);
        return;
    }
    const struct phase *x = &plan->x.phases[0];
    conversion.channels = count * channels;
    conversion.depth = whole(count * channels, 16);
    plan->tiles->convert(&conversion, strip->line, 1, strip->values);
    plan->tiles->unfold(strip->values, x->stride * channels, x->taps * channels, strip->columns, plan->depth,
                        out);
}

static struct tile_conversion conversion_of(const struct tile_strip *strip)
{
    const struct convolution_plan *plan = strip->run->plan;
    const struct convolution_input *input = strip->run->input;
    struct tile_conversion conversion = {.channels = plan->in_channels, .depth = plan->depth};
    if (input == NULL)
        return conversion;
    conversion.activation = input->activation;
    if (input->scale != NULL) {
        conversion.scale = input->scale + strip->image * plan->in_channels;
        conversion.shift = input->shift + strip->image * plan->in_channels;
    }
    return conversion;
}

/* A row straight from the source. */
static void fill_row(const struct tile_strip *strip, int64_t row, uint16_t *out)
{
    const struct convolution_plan *plan = strip->run->plan;
    const struct tile_conversion conversion = conversion_of(strip);
    const int64_t line = strip->image * plan->y.source + plan->y.map[row];
    const float *source = strip->run->source + line * plan->x.source * plan->in_channels;
    const int64_t *map = plan->x.map, end = strip->first_column + strip->virtual_columns;
    for (int64_t v = strip->first_column, length; v < end; v += length, out += length * plan->depth) {
        length = map[v] < 0 ? 1 : run_length(map, v, end);
        if (map[v] < 0)
            memset(out, 0, (size_t)plan->depth * sizeof *out);
        else
            plan->tiles->convert(&conversion, source + map[v] * plan->in_channels, length, out);
    }
}

void gan_tile_strip_fill(const struct tile_strip *strip)
{
    const struct convolution_plan *plan = strip->run->plan;
    const struct convolution_input *input = strip->run->input;
    const bool straight = !plan->unfolded && (input == NULL || is_simple(input->activation));
    for (int64_t i = 0; i < strip->virtual_rows; i++) {
        const int64_t row = strip->first_row + i;
        uint16_t *out = strip->pixels + i * strip->pitch;
        if (plan->y.map[row] < 0)
            memset(out, 0, (size_t)strip->pitch * sizeof *out);
        else if (straight)
            fill_row(strip, row, out);
        else
            fill_by_line(strip, row, out);
    }
}
