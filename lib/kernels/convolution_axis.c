#include "kernels/convolution_plan.h"
#include "kernels/sizes.h"

#include <string.h>

static int64_t floor_half(int64_t value)
{
    return (value - (value & 1)) / 2;
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The source position for a position that may lie outside, or -1. */
static int64_t pad_position(int64_t position, int64_t size, int32_t mode)
{
    if (position >= 0 && position < size)
        return position;
    if (mode == GAN_PADDING_REPLICATE)
        return position < 0 ? 0 : size - 1;
    if (mode == GAN_PADDING_REFLECT)
        return position < 0 ? -position : 2 * (size - 1) - position;
    if (mode == GAN_PADDING_WRAP)
        return wrapped(position, size);
    return -1;
}

static bool allocate_axis(struct axis *axis, gan_context *context, int64_t phases)
{
    axis->phase_count = phases;
    axis->phases = gan_allocate_array(context, (size_t)phases, sizeof *axis->phases);
    return axis->phases != NULL;
}

static bool allocate_map(struct axis *axis, gan_context *context, int64_t count)
{
    axis->virtual_count = count;
    axis->map = gan_allocate_array(context, (size_t)count, sizeof *axis->map);
    return axis->map != NULL;
}

void gan_axis_free(struct axis *axis, gan_context *context)
{
    gan_release(context, axis->map);
    gan_release(context, axis->phases);
}

/* Phases leave `start` relative to the source. Shift it to the first position read and map what is read. */
static bool map_virtual(struct axis *axis, gan_context *context, int64_t low, int64_t high, int32_t mode)
{
    if (!allocate_map(axis, context, high - low + 1))
        return false;
    for (int64_t i = 0; i < axis->phase_count; i++)
        axis->phases[i].start -= low;
    for (int64_t i = 0; i < axis->virtual_count; i++)
        axis->map[i] = pad_position(low + i, axis->source, mode);
    axis->plain = low == 0 && high < axis->source;
    return true;
}

/* The lowest and highest position that phases read; (0, 0) where none reads any. */
static void read_range(const struct axis *axis, int64_t *low, int64_t *high)
{
    bool any = false;
    *low = *high = 0;
    for (int64_t i = 0; i < axis->phase_count; i++) {
        const struct phase *phase = &axis->phases[i];
        if (phase->taps == 0)
            continue;
        const int64_t last =
            phase->start + (phase->count - 1) * phase->stride + (phase->taps - 1) * phase->dilation;
        *low = any ? smaller(*low, phase->start) : phase->start;
        *high = any ? larger(*high, last) : last;
        any = true;
    }
}

/* Output 2q + a reads low-resolution positions q + floor((a + r - pad) / 2) for 0 <= r < kernel. */
static struct phase upsampled_phase(const struct axis_shape *shape, int64_t a)
{
    const int64_t begin = floor_half(a - shape->pad_before);
    const int64_t end = floor_half(a + shape->kernel - 1 - shape->pad_before);
    return (struct phase){
        .first = a,
        .step = 2,
        .count = (shape->out - a + 1) / 2,
        .start = begin,
        .stride = 1,
        .taps = end - begin + 1,
        .dilation = 1,
        .weight = 2 * begin - a + shape->pad_before + 1,
        .weight_step = 2,
    };
}

static bool forward_summed(struct axis *axis, gan_context *context, const struct axis_shape *shape)
{
    if (!allocate_axis(axis, context, smaller(2, shape->out)))
        return false;
    for (int64_t a = 0; a < axis->phase_count; a++)
        axis->phases[a] = upsampled_phase(shape, a);
    int64_t low, high;
    read_range(axis, &low, &high);
    /* Reflection by one upsampled pixel meets the copy of the border pixel itself. */
    const bool mirrored = shape->padding_mode == GAN_PADDING_REFLECT;
    return map_virtual(axis, context, low, high, mirrored ? GAN_PADDING_REPLICATE : shape->padding_mode);
}

static bool forward_plain(struct axis *axis, gan_context *context, const struct axis_shape *shape)
{
    const int64_t size = shape->size * shape->upsample;
    if (!allocate_axis(axis, context, 1) ||
        !allocate_map(axis, context, shape->pad_before + size + shape->pad_after))
        return false;
    axis->phases[0] =
        (struct phase){0, 1, shape->out, 0, shape->stride, shape->kernel, shape->dilation, 0, 1};
    for (int64_t i = 0; i < axis->virtual_count; i++) {
        const int64_t position = pad_position(i - shape->pad_before, size, shape->padding_mode);
        axis->map[i] = position < 0 ? -1 : position / shape->upsample;
    }
    axis->plain = shape->upsample == 1 && shape->pad_before == 0 && shape->pad_after == 0;
    return true;
}

bool gan_axis_forward(struct axis *axis, gan_context *context, const struct axis_shape *shape)
{
    axis->source = shape->size;
    axis->destination = shape->out;
    return shape->summed ? forward_summed(axis, context, shape) : forward_plain(axis, context, shape);
}

/* Input position v = first + i * stride + offset receives from output o by kernel index r where
 * v = o * stride + r * dilation: from every r of one residue class, the last of which meets the first o. */
static struct phase strided_phase(const struct axis_shape *shape, int64_t first, int64_t offset,
                                  int64_t count)
{
    const int64_t divisor = common_divisor(shape->stride, shape->dilation);
    const int64_t between = shape->stride / divisor;
    struct phase phase = {.first = first, .step = shape->stride, .count = count, .stride = 1};
    phase.dilation = shape->dilation / divisor;
    for (int64_t r = 0; r < smaller(between, shape->kernel); r++)
        if ((first + offset - r * shape->dilation) % shape->stride == 0) {
            phase.taps = (shape->kernel - 1 - r) / between + 1;
            phase.weight = r + (phase.taps - 1) * between;
            phase.weight_step = -between;
            phase.start = (first + offset - phase.weight * shape->dilation) / shape->stride;
        }
    return phase;
}

static bool backward_strided(struct axis *axis, gan_context *context, const struct axis_shape *shape,
                             int64_t offset)
{
    const int64_t phases = smaller(shape->stride, axis->destination);
    if (!allocate_axis(axis, context, phases))
        return false;
    for (int64_t i = 0; i < phases; i++) {
        const int64_t count = (axis->destination - i - 1) / shape->stride + 1;
        axis->phases[i] = strided_phase(shape, i, offset, count);
    }
    return true;
}

/* Low-resolution position l receives from output 2l + pad + 1 - e by the summed kernel index e <= kernel. */
static bool backward_summed(struct axis *axis, gan_context *context, const struct axis_shape *shape,
                            int64_t offset)
{
    if (!allocate_axis(axis, context, 1))
        return false;
    axis->phases[0] = (struct phase){
        .first = 0,
        .step = 1,
        .count = axis->destination,
        .start = 2 * offset + shape->pad_before + 1 - shape->kernel,
        .stride = 2,
        .taps = shape->kernel + 1,
        .dilation = 1,
        .weight = shape->kernel,
        .weight_step = -1,
    };
    return true;
}

/* The position, relative to the source, that the forward axis sees first. */
static int64_t forward_low(const struct axis_shape *shape)
{
    return shape->summed ? floor_half(-shape->pad_before) : -shape->pad_before;
}

bool gan_axis_backward(struct axis *axis, gan_context *context, const struct axis_shape *shape,
                       const struct axis *forward, bool folded)
{
    axis->source = shape->out;
    axis->destination = folded ? forward->virtual_count : shape->size;
    const int64_t low = forward_low(shape);
    const bool made = shape->summed ? backward_summed(axis, context, shape, folded ? low : 0)
                                    : backward_strided(axis, context, shape, folded ? 0 : shape->pad_before);
    if (!made)
        return false;
    int64_t low_read, high_read;
    read_range(axis, &low_read, &high_read);
    return map_virtual(axis, context, low_read, high_read, GAN_PADDING_ZERO);
}
