#include "kernels/convolution_gradient.h"
#include "kernels/sizes.h"

enum { BAND_PIXELS = 512, TASKS = 16, MOST_PARTIAL_FLOATS = 1 << 20 };

static int64_t common_divisor(int64_t a, int64_t b)
{
    return b == 0 ? a : common_divisor(b, a % b);
}

static struct tap_classes classify(const struct phase *phase)
{
    struct tap_classes taps = {.classes = phase->stride / common_divisor(phase->stride, phase->dilation)};
    taps.classes = smaller(taps.classes, phase->taps);
    taps.most_shift = (phase->taps - 1) * phase->dilation / phase->stride;
    return taps;
}

static int64_t reach(const struct phase *phase)
{
    return (phase->count - 1) * phase->stride + (phase->taps - 1) * phase->dilation + 1;
}

static void cut_bands(const struct convolution_plan *plan, struct gradient_cut *cut)
{
    const int64_t count = cut->phase->y->count, whole = (count + cut->y.most_shift) * cut->row_length;
    cut->rows = smaller(count, larger(1, BAND_PIXELS / cut->row_length));
    cut->images = cut->rows == count ? smaller(plan->batch, larger(1, BAND_PIXELS / whole)) : 1;
    cut->bands = parts(plan->batch, cut->images) * parts(count, cut->rows);
    const int64_t rows = cut->images * (cut->rows + cut->y.most_shift);
    cut->depth = rows * cut->row_length;
    cut->class_size = cut->depth * plan->kernel->channels;
}

static int64_t filter_size(const struct convolution_plan *plan)
{
    const int64_t more = plan->summed ? 1 : 0;
    return (plan->kernel_height + more) * (plan->kernel_width + more) * plan->in_channels;
}

/* The sums of all filters. */
static int64_t sum_count(const struct convolution_plan *plan)
{
    return plan->groups * plan->out_channels * filter_size(plan);
}

struct gradient_cut gan_gradient_cut(const struct convolution_plan *plan,
                                     const struct convolution_phase *phase)
{
    const struct phase *x = phase->x;
    struct gradient_cut cut = {.phase = phase, .y = classify(phase->y), .x = classify(x)};
    cut.columns = plan->kernel_width + (plan->summed ? 1 : 0);
    cut.filter_size = filter_size(plan);
    cut.virtual_columns = reach(x);
    cut.row_length = x->count + cut.x.most_shift;
    cut_bands(plan, &cut);
    cut.source_panels = parts(plan->in_channels, plan->kernel->channels);
    cut.gradient_panels = parts(plan->out_channels, plan->kernel->pixels);
    cut.parts = smaller(cut.bands, larger(1, MOST_PARTIAL_FLOATS / sum_count(plan)));
    cut.parts = smaller(cut.parts, TASKS);
    cut.panel_parts = smaller(cut.source_panels, parts(TASKS, cut.parts));
    return cut;
}

struct gradient_size gan_gradient_size(const struct convolution_plan *plan)
{
    const int64_t slack = PANEL_SLACK / (int64_t)sizeof(float);
    struct gradient_size size = {.sums = sum_count(plan)};
    int64_t line = 0;
    for (int64_t i = 0; i < plan->phase_count; i++) {
        const struct gradient_cut cut = gan_gradient_cut(plan, &plan->phases[i]);
        const int64_t classes = cut.y.classes * cut.x.classes;
        size.parts = larger(size.parts, cut.parts);
        size.gradient_panels =
            larger(size.gradient_panels, cut.gradient_panels * cut.depth * plan->kernel->pixels);
        size.source_panel = larger(size.source_panel, classes * cut.class_size + slack);
        line = larger(line, cut.virtual_columns * larger(plan->in_channels, 1));
    }
    size.in_place = size.parts == 1 && !plan->summed;
    size.partials = size.in_place ? 0 : aligned(size.parts * size.sums);
    size.gradient_panels = aligned(size.gradient_panels);
    size.source_panel = aligned(size.source_panel);
    size.scratch = size.gradient_panels + size.source_panel + aligned(line);
    return size;
}
