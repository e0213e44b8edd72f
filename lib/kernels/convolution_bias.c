#include "base/threads.h"
#include "kernels/convolution_plan.h"

#include <string.h>

/* Pixels are summed in this many parts, whatever the number of threads, and the parts in their order. */
enum { PARTS = 32 };

struct sum {
    const float *gradient;
    double *part;
    int64_t pixels, channels;
};

static void sum_part(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct sum *sum = argument;
    const int64_t begin = index * sum->pixels / PARTS, end = (index + 1) * sum->pixels / PARTS;
    double *total = sum->part + index * sum->channels;
    memset(total, 0, (size_t)sum->channels * sizeof *total);
    for (int64_t i = begin; i < end; i++) {
        const float *pixel = sum->gradient + i * sum->channels;
        for (int64_t c = 0; c < sum->channels; c++)
            total[c] += (double)pixel[c];
    }
}

size_t gan_bias_workspace_size(const struct convolution_plan *forward)
{
    const int64_t channels = forward->groups * forward->out_channels;
    return (size_t)(PARTS * channels + 7) / 8 * 8 * sizeof(double);
}

void gan_bias_run(gan_context *context, const struct convolution_plan *forward, const float *gradient,
                  float *bias, void *workspace)
{
    struct sum sum = {gradient, workspace, forward->batch * forward->y.destination * forward->x.destination,
                      forward->groups * forward->out_channels};
    gan_parallel(context, PARTS, sum_part, &sum);
    for (int64_t c = 0; c < sum.channels; c++) {
        double total = 0.0;
        for (int64_t i = 0; i < PARTS; i++)
            total += sum.part[i * sum.channels + c];
        bias[c] = (float)total;
    }
}
