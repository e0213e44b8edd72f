#include "kernels/convolution_check.h"

#include <inttypes.h>

/* Every size stays below 2^31 and every array below 2^40 elements: no sum or product of offsets, in bytes
 * either, overflows 64 bits. */
static const int64_t most = INT32_MAX, most_elements = (int64_t)1 << 40;

/* The shape is that of a convolution, or of one that a transposed convolution transposes: messages call its
 * input what lies under the kernel, and its output the kernel's sums. */
struct named_size {
    const char *name;
    int64_t value, least;
};

static gan_status check_sizes(const struct named_size *sizes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sizes[i].value < sizes[i].least || sizes[i].value > most)
            return gan_fail(GAN_ERROR_SHAPE, "%s is %" PRId64 ", expected %" PRId64 " to %" PRId64,
                            sizes[i].name, sizes[i].value, sizes[i].least, most);
    return GAN_OK;
}

static gan_status check_ranges(const struct convolution_shape *shape)
{
    const struct named_size sizes[] = {
        {"the batch", shape->batch, 1},
        {"the height under the kernel", shape->height, 1},
        {"the width under the kernel", shape->width, 1},
        {"the number of channels under the kernel", shape->in_channels, 1},
        {"the number of channels of the kernel's sums", shape->out_channels, 1},
        {"the kernel height", shape->kernel_height, 1},
        {"the kernel width", shape->kernel_width, 1},
        {"the vertical stride", shape->stride_height, 1},
        {"the horizontal stride", shape->stride_width, 1},
        {"the vertical dilation", shape->dilation_height, 1},
        {"the horizontal dilation", shape->dilation_width, 1},
        {"the padding at the top", shape->pad_top, 0},
        {"the padding at the left", shape->pad_left, 0},
        {"the padding at the bottom", shape->pad_bottom, 0},
        {"the padding at the right", shape->pad_right, 0},
        {"the number of groups", shape->groups, 1},
    };
    return check_sizes(sizes, sizeof sizes / sizeof sizes[0]);
}

static gan_status check_modes(const struct convolution_shape *shape)
{
    if (shape->padding_mode < GAN_PADDING_ZERO || shape->padding_mode > GAN_PADDING_WRAP)
        return gan_fail(GAN_ERROR_SHAPE, "the padding mode is %d, expected a GAN_PADDING_* value",
                        shape->padding_mode);
    if (shape->upsample != 1 && shape->upsample != 2)
        return gan_fail(GAN_ERROR_SHAPE, "upsampling by %d, expected 1 or 2", shape->upsample);
    if (shape->in_channels % shape->groups != 0 || shape->out_channels % shape->groups != 0)
        return gan_fail(GAN_ERROR_SHAPE,
                        "%" PRId64 " channels under the kernel and %" PRId64
                        " of its sums are not divisible by %" PRId64 " groups",
                        shape->in_channels, shape->out_channels, shape->groups);
    return GAN_OK;
}

static gan_status check_reflection(int64_t pad, int64_t size)
{
    if (pad >= size)
        return gan_fail(GAN_ERROR_SHAPE,
                        "reflect padding of %" PRId64 " is not smaller than the size %" PRId64
                        " under the kernel",
                        pad, size);
    return GAN_OK;
}

static gan_status check_padding(const struct convolution_shape *shape)
{
    if (shape->padding_mode != GAN_PADDING_REFLECT)
        return GAN_OK;
    const int64_t height = shape->height * shape->upsample, width = shape->width * shape->upsample;
    gan_status status = check_reflection(shape->pad_top, height);
    if (status == GAN_OK)
        status = check_reflection(shape->pad_bottom, height);
    if (status == GAN_OK)
        status = check_reflection(shape->pad_left, width);
    if (status == GAN_OK)
        status = check_reflection(shape->pad_right, width);
    return status;
}

/* The number of output positions of one axis, or 0 where the kernel does not fit. */
static int64_t output_size(int64_t padded, int64_t kernel, int64_t stride, int64_t dilation)
{
    const int64_t span = (kernel - 1) * dilation + 1;
    return span > padded ? 0 : (padded - span) / stride + 1;
}

static gan_status fill_output(struct convolution_shape *shape)
{
    const int64_t height = shape->height * shape->upsample + shape->pad_top + shape->pad_bottom;
    const int64_t width = shape->width * shape->upsample + shape->pad_left + shape->pad_right;
    const int64_t out_height =
        output_size(height, shape->kernel_height, shape->stride_height, shape->dilation_height);
    const int64_t out_width =
        output_size(width, shape->kernel_width, shape->stride_width, shape->dilation_width);
    if (out_height == 0 || out_width == 0)
        return gan_fail(GAN_ERROR_SHAPE,
                        "kernel %" PRId64 "x%" PRId64 " (dilation %" PRId64 "x%" PRId64
                        ") does not fit into the padded %" PRId64 "x%" PRId64,
                        shape->kernel_height, shape->kernel_width, shape->dilation_height,
                        shape->dilation_width, height, width);
    if ((shape->out_height != 0 && shape->out_height != out_height) ||
        (shape->out_width != 0 && shape->out_width != out_width))
        return gan_fail(GAN_ERROR_SHAPE,
                        "the kernel's sums are %" PRId64 "x%" PRId64 ", expected %" PRId64 "x%" PRId64,
                        shape->out_height, shape->out_width, out_height, out_width);
    shape->out_height = out_height;
    shape->out_width = out_width;
    return GAN_OK;
}

static gan_status check_count(const char *name, const int64_t *sizes, size_t count)
{
    int64_t product = 1;
    for (size_t i = 0; i < count; i++)
        if (__builtin_mul_overflow(product, sizes[i], &product) || product > most_elements)
            return gan_fail(GAN_ERROR_SHAPE, "%s would have more than 2^40 elements", name);
    return GAN_OK;
}

static gan_status check_counts(const struct convolution_shape *shape)
{
    const int64_t input[] = {
        shape->batch, shape->height * shape->upsample + shape->pad_top + shape->pad_bottom,
        shape->width * shape->upsample + shape->pad_left + shape->pad_right, shape->in_channels};
    const int64_t output[] = {shape->batch, shape->out_height, shape->out_width, shape->out_channels};
    const int64_t weights[] = {shape->out_channels, shape->kernel_height + 1, shape->kernel_width + 1,
                               shape->in_channels};
    gan_status status = check_count("the padded picture", input, 4);
    if (status == GAN_OK)
        status = check_count("the kernel's sums", output, 4);
    if (status == GAN_OK)
        status = check_count("the kernel", weights, 4);
    return status;
}

gan_status gan_convolution_check(struct convolution_shape *shape)
{
    gan_status status = check_ranges(shape);
    if (status == GAN_OK)
        status = check_modes(shape);
    if (status == GAN_OK)
        status = check_padding(shape);
    if (status == GAN_OK)
        status = fill_output(shape);
    if (status == GAN_OK)
        status = check_counts(shape);
    return status;
}
