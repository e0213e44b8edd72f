/* Content loss and style matrix loss: squared differences, picture by picture, from a target that may be one
 * for the whole batch. */
#include "gan/losses.h"
#include "kernels/ranges.h"
#include "layers/ops.h"
#include "layers/shapes.h"
#include "losses/pointwise.h"

#include <inttypes.h>

struct distance_attributes {
    int32_t reduction;
};

static const struct attribute_field fields[] = {
    GAN_FIELD(distance_attributes, reduction, ATTRIBUTE_INT32, 1)};

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const int32_t reduction = ((const struct distance_attributes *)attributes)->reduction;
    if (reduction < GAN_REDUCE_MEAN || reduction > GAN_REDUCE_RELATIVE)
        return gan_fail(GAN_ERROR_ARGUMENT, "reduction is %" PRId32 ", expected a GAN_REDUCE_*", reduction);
    const gan_status status = gan_expect_inputs(input_count, 2);
    if (status != GAN_OK)
        return status;
    struct shape target = inputs[1], both;
    if (target.rank > 0 && target.rank == inputs[0].rank && target.size[0] == 1)
        target.size[0] = inputs[0].size[0];
    output->rank = 0;
    return gan_meet_shapes(&inputs[0], &target, "target", &both);
}

static gan_status expect_rank(const struct shape *x, int32_t least, int32_t most, const char *expected)
{
    if (x->rank >= least && x->rank <= most)
        return GAN_OK;
    char text[SHAPE_TEXT_SIZE];
    return gan_fail(GAN_ERROR_SHAPE, "input has shape %s, expected %s", gan_shape_text(x, text), expected);
}

static gan_status infer_content(const void *attributes, const struct shape *inputs, int32_t input_count,
                                struct shape *output)
{
    const gan_status status = infer(attributes, inputs, input_count, output);
    return status == GAN_OK ? expect_rank(&inputs[0], 4, 4, "features [N,H,W,C]") : status;
}

static gan_status infer_style(const void *attributes, const struct shape *inputs, int32_t input_count,
                              struct shape *output)
{
    const gan_status status = infer(attributes, inputs, input_count, output);
    return status == GAN_OK ? expect_rank(&inputs[0], 2, 3, "[N,C,C] or [N,C]") : status;
}

/* One picture of the batch and its target. */
struct picture {
    const float *x, *t;
    int64_t count;
    float factor;
    float *dx;
};

static int64_t batch_of(const struct op_call *call)
{
    return call->inputs[0].shape.size[0];
}

static struct picture picture_of(const struct op_call *call, int64_t n)
{
    const struct shape *shape = &call->inputs[0].shape;
    const int64_t count = gan_axes_count(shape, 1, shape->rank);
    const int64_t of_target = call->inputs[1].shape.size[0] == 1 ? 0 : n;
    return (struct picture){
        .x = call->inputs[0].data + n * count, .t = call->inputs[1].data + of_target * count, .count = count};
}

static double squared_distance(const void *argument, int64_t start, int64_t end)
{
    enum { LANES = 8 };
    const struct picture *picture = argument;
    const float *x = picture->x, *t = picture->t;
    double lanes[LANES] = {0}, total = 0;
    int64_t i = start;
    for (; i + LANES <= end; i += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            const double difference = (double)x[i + lane] - (double)t[i + lane];
            lanes[lane] += difference * difference;
        }
    for (; i < end; i++)
        total += ((double)x[i] - (double)t[i]) * ((double)x[i] - (double)t[i]);
    for (int lane = 0; lane < LANES; lane++)
        total += lanes[lane];
    return total;
}

static double squared_size(const void *argument, int64_t start, int64_t end)
{
    enum { LANES = 8 };
    const float *t = ((const struct picture *)argument)->t;
    double lanes[LANES] = {0}, total = 0;
    int64_t i = start;
    for (; i + LANES <= end; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += (double)t[i + lane] * (double)t[i + lane];
    for (; i < end; i++)
        total += (double)t[i] * (double)t[i];
    for (int lane = 0; lane < LANES; lane++)
        total += lanes[lane];
    return total;
}

/* What a picture's sum is multiplied by. A target of zeros has no scale to be relative to: it counts for
 * nothing. */
static double factor_of(const struct op_call *call, const struct picture *picture)
{
    const int32_t reduction = ((const struct distance_attributes *)call->attributes)->reduction;
    if (reduction == GAN_REDUCE_MEAN)
        return 1.0 / (double)picture->count;
    if (reduction == GAN_REDUCE_SUM)
        return 1.0;
    const double size = gan_sum_ranges(call->context, picture->count, squared_size, picture, call->workspace);
    return size > 0.0 ? 1.0 / size : 0.0;
}

/* The factors are kept for backward, which then needs no reduction of its own. */
static size_t saved_size(const struct op_call *call)
{
    return (size_t)batch_of(call) * sizeof(double);
}

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    const struct shape *shape = &call->inputs[0].shape;
    return pass == OP_FORWARD ? gan_sum_workspace_size(gan_axes_count(shape, 1, shape->rank)) : 0;
}

static void forward(const struct op_call *call)
{
    double *factors = call->saved, total = 0;
    for (int64_t n = 0; n < batch_of(call); n++) {
        const struct picture picture = picture_of(call, n);
        const double factor = factor_of(call, &picture);
        total += factor *
                 gan_sum_ranges(call->context, picture.count, squared_distance, &picture, call->workspace);
        if (factors != NULL)
            factors[n] = factor;
    }
    call->output.data[0] = (float)(total / (double)batch_of(call));
}

static void differentiate(const void *argument, int64_t start, int64_t end)
{
    const struct picture *picture = argument;
    for (int64_t i = start; i < end; i++)
        picture->dx[i] = picture->factor * (picture->x[i] - picture->t[i]);
}

static void backward(const struct op_call *call)
{
    enum { GRAIN = 16384 };
    const double *factors = call->saved;
    const double slope = 2.0 * (double)call->output_gradient[0] / (double)batch_of(call);
    for (int64_t n = 0; n < batch_of(call) && call->input_gradients[0] != NULL; n++) {
        struct picture picture = picture_of(call, n);
        picture.factor = (float)(slope * factors[n]);
        picture.dx = call->input_gradients[0] + n * picture.count;
        gan_parallel_ranges(call->context, picture.count, GRAIN, differentiate, &picture);
    }
}

const struct gan_op gan_op_content_loss = {
    .name = "content_loss",
    .attributes_size = sizeof(struct distance_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer_content,
    .saves = gan_loss_saves_inputs,
    .saved_size = saved_size,
    .workspace_size = workspace_size,
    .forward = forward,
    .backward = backward,
    .no_gradient_inputs = 1u << 1,
};

const struct gan_op gan_op_style_matrix_loss = {
    .name = "style_matrix_loss",
    .attributes_size = sizeof(struct distance_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer_style,
    .saves = gan_loss_saves_inputs,
    .saved_size = saved_size,
    .workspace_size = workspace_size,
    .forward = forward,
    .backward = backward,
    .no_gradient_inputs = 1u << 1,
};

gan_layer *gan_content_loss(gan_layer *x, gan_layer *target, int32_t reduction)
{
    const struct distance_attributes attributes = {reduction};
    return gan_loss_add_pair(&gan_op_content_loss, &attributes, x, target);
}

gan_layer *gan_style_matrix_loss(gan_layer *x, gan_layer *target, int32_t reduction)
{
    const struct distance_attributes attributes = {reduction};
    return gan_loss_add_pair(&gan_op_style_matrix_loss, &attributes, x, target);
}
