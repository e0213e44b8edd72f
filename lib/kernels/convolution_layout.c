/* What packed weights look like, in numbers: plans with the same numbers read each other's weights. */
#include "kernels/convolution_plan.h"

/* The number that follows; what exceeds the room is only counted. */
struct writer {
    int64_t *numbers;
    int32_t room, count;
};

static void put(struct writer *writer, int64_t number)
{
    if (writer->count < writer->room)
        writer->numbers[writer->count] = number;
    writer->count++;
}

static void put_axis(struct writer *writer, const struct axis *axis)
{
    put(writer, axis->phase_count);
    for (int64_t i = 0; i < axis->phase_count; i++) {
        put(writer, axis->phases[i].taps);
        put(writer, axis->phases[i].weight);
        put(writer, axis->phases[i].weight_step);
    }
}

static void put_plan(struct writer *writer, const struct convolution_plan *plan)
{
    const int64_t numbers[] = {plan->winograd != NULL ? plan->winograd->taps : 0,
                               plan->winograd != NULL ? plan->winograd->points : 0,
                               plan->joined,
                               plan->few,
                               plan->tall != NULL,
                               plan->narrow != NULL,
                               plan->depthwise != NULL,
                               plan->grouped,
                               plan->direct != NULL,
                               plan->spread,
                               plan->transposed,
                               plan->summed,
                               plan->groups,
                               plan->in_channels,
                               plan->out_channels,
                               plan->kernel_height,
                               plan->kernel_width,
                               plan->chunk,
                               plan->packed_count,
                               plan->tiles != NULL,
                               plan->unfolded,
                               plan->depth};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        put(writer, numbers[i]);
    put_axis(writer, &plan->y);
    put_axis(writer, &plan->x);
}

int32_t gan_convolution_layout(const struct convolution *convolution, enum convolution_pass pass,
                               int64_t *numbers, int32_t room)
{
    struct writer writer = {numbers, room, 0};
    if (pass == CONVOLUTION_BACKWARD_WEIGHTS)
        return 0;
    put_plan(&writer, pass == CONVOLUTION_FORWARD ? &convolution->forward : &convolution->backward);
    return writer.count <= room ? writer.count : 0;
}
