#include "base/threads.h"
#include "kernels/convolution_epilogue.h"
#include "kernels/convolution_plan.h"

#include <string.h>

struct fold {
    gan_context *context;
    const struct convolution_plan *forward;
    const float *source;
    float *destination;
    const struct convolution_epilogue *epilogue;
};

static void add_row(const struct axis *x, int64_t channels, const float *from, float *to)
{
    for (int64_t v = 0; v < x->virtual_count; v++, from += channels) {
        if (x->map[v] < 0)
            continue;
        float *pixel = to + x->map[v] * channels;
        for (int64_t c = 0; c < channels; c++)
            pixel[c] += from[c];
    }
}

/* One row of the destination: the virtual rows that stand for it, in their order. */
static void fold_row(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct fold *fold = argument;
    const struct axis *y = &fold->forward->y, *x = &fold->forward->x;
    const int64_t channels = fold->forward->groups * fold->forward->in_channels;
    const int64_t image = index / y->source, row = index % y->source;
    const struct pixel_run run = {index * x->source * channels, x->source, channels, 0, channels, NULL};
    float *to = fold->destination + run.offset;
    memset(to, 0, (size_t)(x->source * channels) * sizeof *to);
    const int64_t row_size = x->virtual_count * channels;
    const float *from = fold->source + image * y->virtual_count * row_size;
    for (int64_t v = 0; v < y->virtual_count; v++)
        if (y->map[v] == row)
            add_row(x, channels, from + v * row_size, to);
    gan_epilogue_apply(fold->context->kernels, fold->epilogue, fold->destination, &run);
}

void gan_fold_run(gan_context *context, const struct convolution_plan *forward, const float *folded,
                  float *destination, const struct convolution_epilogue *epilogue)
{
    struct fold fold = {context, forward, folded, destination, epilogue};
    gan_parallel(context, forward->batch * forward->y.source, fold_row, &fold);
}
