/* Gradients at the weights: for every tap, the product of the output's gradient with the virtual source moved
 * by that tap, summed over all pixels. Neither side is transposed. The source is packed once for all taps:
 * a tap is an offset into it, which works because the rows of both sides are padded to the same length, with
 * zeros on the gradient's side. Strides cut the source into classes of positions with the same remainder. */
#include "kernels/convolution_gradient.h"
#include "base/threads.h"
#include "kernels/sizes.h"

#include <string.h>

enum { SLACK = PANEL_SLACK / sizeof(float), LINE = 16, SHALLOW = 48 };

struct gradient_task {
    const struct convolution_run *run;
    const float *gradient;
    const struct gradient_cut *cut;
    int64_t group, band, bands, panel, panels;
    int64_t image, images, row, rows; /* of the current band */
    float *sums;                      /* this task's partial result */
    float *line, *gradient_panels, *source_panel;
    float beta;
};

static int64_t depth_of(const struct gradient_task *task)
{
    const struct gradient_cut *cut = task->cut;
    const int64_t lines = (task->images - 1) * (task->rows + cut->y.most_shift) + task->rows;
    return lines * cut->row_length - cut->x.most_shift;
}

static void select_band(struct gradient_task *task, int64_t band)
{
    const struct gradient_cut *cut = task->cut;
    const int64_t row_bands = (cut->phase->y->count + cut->rows - 1) / cut->rows;
    task->image = band / row_bands * cut->images;
    task->images = smaller(cut->images, task->run->plan->batch - task->image);
    task->row = band % row_bands * cut->rows;
    task->rows = smaller(cut->rows, cut->phase->y->count - task->row);
}

/* One row of the output's gradient, spread over the panels, and zeros where the source's rows are longer. */
static void pack_gradient_row(const struct gradient_task *task, int64_t image, int64_t row, float *out)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct gradient_cut *cut = task->cut;
    const struct phase *y = cut->phase->y, *x = cut->phase->x;
    const int64_t all = plan->groups * plan->out_channels, width = plan->kernel->pixels;
    const int64_t line = image * plan->y.destination + y->first + row * y->step;
    const float *from =
        task->gradient + (line * plan->x.destination + x->first) * all + task->group * plan->out_channels;
    for (int64_t lane = 0; lane < plan->out_channels; lane += width, out += cut->depth * width) {
        gan_spread_pixels(from + lane, x->step * all, x->count, smaller(width, plan->out_channels - lane),
                          width, out);
        memset(out + x->count * width, 0, (size_t)((cut->row_length - x->count) * width) * sizeof *out);
    }
}

/* The rows between images, where several are in one band. */
static void clear_gradient_rows(const struct gradient_task *task, float *out)
{
    const struct gradient_cut *cut = task->cut;
    const int64_t width = task->run->plan->kernel->pixels;
    const int64_t count = cut->y.most_shift * cut->row_length * width;
    for (int64_t i = 0; i < cut->gradient_panels; i++)
        memset(out + i * cut->depth * width, 0, (size_t)count * sizeof *out);
}

static void pack_gradient(const struct gradient_task *task)
{
    const int64_t row_size = task->cut->row_length * task->run->plan->kernel->pixels;
    float *out = task->gradient_panels;
    for (int64_t n = 0; n < task->images; n++) {
        for (int64_t i = 0; i < task->rows; i++, out += row_size)
            pack_gradient_row(task, task->image + n, task->row + i, out);
        if (task->images > 1)
            clear_gradient_rows(task, out);
        if (task->images > 1)
            out += task->cut->y.most_shift * row_size;
    }
}

/* One row of the virtual source, from a panel's first lane on, spread over the classes of columns. */
static void pack_source_row(const struct gradient_task *task, int64_t lanes, const float *row,
                            int64_t pixel_stride, float *out)
{
    const struct gradient_cut *cut = task->cut;
    const int64_t width = task->run->plan->kernel->channels, stride = cut->phase->x->stride;
    for (int64_t i = 0; i < cut->x.classes; i++, out += cut->class_size) {
        const int64_t offset = i * cut->phase->x->dilation % stride;
        const int64_t count = smaller(cut->row_length, (cut->virtual_columns - offset + stride - 1) / stride);
        gan_spread_pixels(row + offset * pixel_stride, stride * pixel_stride, count, lanes, width, out);
        memset(out + count * width, 0, (size_t)((cut->row_length - count) * width) * sizeof *out);
    }
}

static void pack_source_line(const struct gradient_task *task, int64_t panel, int64_t image, int64_t row,
                             float *out)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct gradient_cut *cut = task->cut;
    const int64_t width = plan->kernel->channels, lane = panel * width;
    const int64_t lanes = smaller(width, plan->in_channels - lane);
    const int64_t column = cut->phase->x->start, all = plan->groups * plan->in_channels;
    const int64_t first = task->group * plan->in_channels;
    if (gan_rows_plain(task->run)) {
        const int64_t pixel = (image * plan->y.source + row) * plan->x.source + column;
        pack_source_row(task, lanes, task->run->source + pixel * all + first + lane, all, out);
    } else {
        const struct row_window window = {first + lane, lanes, column, cut->virtual_columns};
        const bool in_place = lanes == width && cut->phase->x->stride == 1;
        float *line = in_place ? out : task->line;
        gan_rows_fill(task->run, image, row, &window, line);
        if (!in_place)
            pack_source_row(task, lanes, line, lanes, out);
    }
}

static void pack_source(const struct gradient_task *task, int64_t panel)
{
    const struct gradient_cut *cut = task->cut;
    const struct phase *y = cut->phase->y;
    const int64_t width = task->run->plan->kernel->channels, row_size = cut->row_length * width;
    const int64_t rows = task->rows + cut->y.most_shift;
    const int64_t last = y->start + (y->count - 1) * y->stride + (y->taps - 1) * y->dilation;
    for (int64_t i = 0; i < cut->y.classes; i++)
        for (int64_t n = 0; n < task->images; n++)
            for (int64_t q = 0; q < rows; q++) {
                float *out =
                    task->source_panel + i * cut->x.classes * cut->class_size + (n * rows + q) * row_size;
                const int64_t row = y->start + (task->row + q) * y->stride + i * y->dilation % y->stride;
                if (row <= last)
                    pack_source_line(task, panel, task->image + n, row, out);
                else
                    for (int64_t j = 0; j < cut->x.classes; j++)
                        memset(out + j * cut->class_size, 0, (size_t)row_size * sizeof *out);
            }
}

/* Ask for the lines of the tap after next, which lie in no cache near by: so many products take little longer
 * than to write them. */
static void fetch_sums(const float *sums, int64_t filters, int64_t filter_size)
{
    for (int64_t k = 0; k < filters; k++, sums += filter_size) {
        __builtin_prefetch(sums, 1);
        __builtin_prefetch(sums + LINE, 1);
    }
}

/* One tap's sums for a panel of source channels and one of filters. */
static void multiply_tap(const struct gradient_task *task, int64_t panel, int64_t filters, int64_t i,
                         int64_t j)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct gradient_cut *cut = task->cut;
    const struct phase *y = cut->phase->y, *x = cut->phase->x;
    const int64_t width = plan->kernel->channels, lane = panel * width;
    const int64_t filter = filters * plan->kernel->pixels;
    const int64_t y_class = i % cut->y.classes, x_class = j % cut->x.classes;
    const int64_t shift = i * y->dilation / y->stride * cut->row_length + j * x->dilation / x->stride;
    const float *source =
        task->source_panel + (y_class * cut->x.classes + x_class) * cut->class_size + shift * width;
    const int64_t row = y->weight + i * y->weight_step, column = x->weight + j * x->weight_step;
    const int64_t position = row * cut->columns + column;
    const int64_t count = smaller(plan->kernel->pixels, plan->out_channels - filter);
    float *sums = task->sums + filter * cut->filter_size + position * plan->in_channels + lane;
    if (depth_of(task) <= SHALLOW)
        fetch_sums(sums + 2 * x->weight_step * plan->in_channels, count, cut->filter_size);
    plan->kernel->multiply(smaller(width, plan->in_channels - lane), count, depth_of(task), source,
                           task->gradient_panels + filter * cut->depth, task->beta, sums, cut->filter_size);
}

static void multiply_panel(const struct gradient_task *task, int64_t panel)
{
    const struct gradient_cut *cut = task->cut;
    for (int64_t filters = 0; filters < cut->gradient_panels; filters++)
        for (int64_t i = 0; i < cut->phase->y->taps; i++)
            for (int64_t j = 0; j < cut->phase->x->taps; j++)
                multiply_tap(task, panel, filters, i, j);
}

static void run_band(const struct gradient_task *task)
{
    pack_gradient(task);
    for (int64_t panel = task->panel; panel < task->panels; panel++) {
        pack_source(task, panel);
        multiply_panel(task, panel);
    }
}

struct gradient_run {
    const struct convolution_run *run;
    const float *gradient;
    float *partials, *scratch;
    struct gradient_size size;
};

/* Find the phase, group, part of the pixels and part of the lanes of task `index`. */
static void place_task(const struct gradient_run *all, int64_t index, struct gradient_cut *cut,
                       struct gradient_task *task)
{
    const struct convolution_plan *plan = all->run->plan;
    int64_t phase = 0;
    *cut = gan_gradient_cut(plan, &plan->phases[0]);
    while (index >= plan->groups * cut->parts * cut->panel_parts) {
        index -= plan->groups * cut->parts * cut->panel_parts;
        *cut = gan_gradient_cut(plan, &plan->phases[++phase]);
    }
    const int64_t panel_part = index % cut->panel_parts, part = index / cut->panel_parts % cut->parts;
    task->group = index / cut->panel_parts / cut->parts;
    task->cut = cut;
    task->band = part * cut->bands / cut->parts;
    task->bands = (part + 1) * cut->bands / cut->parts;
    task->panel = panel_part * cut->source_panels / cut->panel_parts;
    task->panels = (panel_part + 1) * cut->source_panels / cut->panel_parts;
    task->sums = all->partials + part * all->size.sums + task->group * plan->out_channels * cut->filter_size;
}

static void run_task(void *argument, int64_t index, int32_t worker)
{
    const struct gradient_run *all = argument;
    struct gradient_cut cut;
    struct gradient_task task = {.run = all->run, .gradient = all->gradient};
    place_task(all, index, &cut, &task);
    task.gradient_panels = all->scratch + worker * all->size.scratch;
    task.source_panel = task.gradient_panels + all->size.gradient_panels;
    task.line = task.source_panel + all->size.source_panel;
    for (int64_t band = task.band; band < task.bands; band++) {
        select_band(&task, band);
        task.beta = band == task.band ? 0.0f : 1.0f;
        run_band(&task);
    }
}

size_t gan_gradient_workspace_size(const gan_context *context, const struct convolution_plan *forward)
{
    const struct gradient_size size = gan_gradient_size(forward);
    return (size_t)(size.partials + size.scratch * gan_parallel_workers(context) + SLACK) * sizeof(float);
}

void gan_gradient_run(const struct convolution_run *run, const float *gradient, float *weights)
{
    struct gradient_run all = {.run = run, .gradient = gradient, .size = gan_gradient_size(run->plan)};
    const struct gradient_size *size = &all.size;
    all.partials = size->in_place ? weights : run->workspace;
    all.scratch = (float *)run->workspace + size->partials;
    int64_t tasks = 0;
    bool whole = true;
    for (int64_t i = 0; i < run->plan->phase_count; i++) {
        const struct gradient_cut cut = gan_gradient_cut(run->plan, &run->plan->phases[i]);
        tasks += run->plan->groups * cut.parts * cut.panel_parts;
        whole = whole && cut.parts == size->parts;
    }
    /* Some sums of some parts may have no task: those of missing phases, or of phases with fewer parts. */
    if (!whole || (run->plan->summed && run->plan->phase_count < 4))
        memset(all.partials, 0, (size_t)(size->parts * size->sums) * sizeof(float));
    gan_parallel(run->context, tasks, run_task, &all);
    if (!size->in_place)
        gan_gradient_reduce(run->context, run->plan, all.partials, size->parts, size->sums, weights);
}
