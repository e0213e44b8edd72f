#include "kernels/convolution.h"
#include "kernels/convolution_check.h"
#include "kernels/convolution_plan.h"
#include "kernels/sizes.h"

/* Whether upsampling and convolution become one convolution of the small picture: reflection by more than one
 * upsampled pixel would not map whole small pixels onto each other. */
static bool is_summed(const struct convolution_shape *shape)
{
    const int64_t pad =
        larger(larger(shape->pad_top, shape->pad_bottom), larger(shape->pad_left, shape->pad_right));
    return shape->upsample == 2 && shape->stride_height == 1 && shape->stride_width == 1 &&
           shape->dilation_height == 1 && shape->dilation_width == 1 &&
           (shape->padding_mode != GAN_PADDING_REFLECT || pad <= 1);
}

/* Whether a source position may stand for several virtual ones. */
static bool is_folded(const struct convolution_shape *shape)
{
    const bool padded =
        shape->pad_top > 0 || shape->pad_left > 0 || shape->pad_bottom > 0 || shape->pad_right > 0;
    return (padded && shape->padding_mode != GAN_PADDING_ZERO) || (shape->upsample == 2 && !is_summed(shape));
}

static struct axis_shape vertical(const struct convolution_shape *shape)
{
    return (struct axis_shape){shape->height,          shape->kernel_height, shape->stride_height,
                               shape->dilation_height, shape->pad_top,       shape->pad_bottom,
                               shape->out_height,      shape->padding_mode,  shape->upsample,
                               is_summed(shape)};
}

static struct axis_shape horizontal(const struct convolution_shape *shape)
{
    return (struct axis_shape){
        shape->width,     shape->kernel_width, shape->stride_width, shape->dilation_width, shape->pad_left,
        shape->pad_right, shape->out_width,    shape->padding_mode, shape->upsample,       is_summed(shape)};
}

static bool make_phases(struct convolution_plan *plan, gan_context *context, int32_t precision)
{
    plan->phase_count = plan->y.phase_count * plan->x.phase_count;
    plan->phases = gan_allocate_array(context, (size_t)plan->phase_count, sizeof *plan->phases);
    if (plan->phases == NULL)
        return false;
    for (int64_t i = 0; i < plan->phase_count; i++) {
        plan->phases[i].y = &plan->y.phases[i / plan->x.phase_count];
        plan->phases[i].x = &plan->x.phases[i % plan->x.phase_count];
    }
    gan_convolution_choose(plan, context->kernels, precision);
    return true;
}

static void describe(struct convolution_plan *plan, const struct convolution *convolution, bool transposed)
{
    const struct convolution_shape *shape = &convolution->shape;
    int64_t in = shape->in_channels / shape->groups, out = shape->out_channels / shape->groups;
    plan->kernel = gan_microkernel(convolution->context->kernels);
    plan->batch = shape->batch;
    plan->groups = shape->groups;
    if (shape->groups > 1 && in == 1 && out == 1) {
        plan->depthwise = gan_depthwise_kernels(convolution->context->kernels);
        plan->groups = 1;
        in = out = shape->groups;
    }
    plan->in_channels = transposed ? out : in;
    plan->out_channels = transposed ? in : out;
    const int64_t dense = plan->groups * plan->out_channels;
    plan->out_step = !transposed && convolution->out_step != 0 ? convolution->out_step : dense;
    plan->kernel_height = shape->kernel_height;
    plan->kernel_width = shape->kernel_width;
    plan->transposed = transposed;
    plan->changing = convolution->changing;
    plan->summed = is_summed(shape);
}

static bool make_plans(struct convolution *convolution)
{
    gan_context *context = convolution->context;
    const struct axis_shape y = vertical(&convolution->shape), x = horizontal(&convolution->shape);
    struct convolution_plan *forward = &convolution->forward, *backward = &convolution->backward;
    convolution->folded = is_folded(&convolution->shape);
    describe(forward, convolution, false);
    describe(backward, convolution, true);
    return gan_axis_forward(&forward->y, context, &y) && gan_axis_forward(&forward->x, context, &x) &&
           make_phases(forward, context, convolution->precision) &&
           gan_axis_backward(&backward->y, context, &y, &forward->y, convolution->folded) &&
           gan_axis_backward(&backward->x, context, &x, &forward->x, convolution->folded) &&
           make_phases(backward, context, convolution->precision);
}

static gan_status create(struct convolution **out, gan_context *context,
                         const struct convolution_shape *shape, int32_t precision, bool changing,
                         int64_t out_step)
{
    *out = NULL;
    struct convolution_shape checked = *shape;
    const gan_status status = gan_convolution_check(&checked);
    if (status != GAN_OK)
        return status;
    struct convolution *convolution = gan_allocate_zeroed(context, sizeof *convolution);
    if (convolution == NULL)
        return gan_fail_memory("a convolution", sizeof *convolution);
    convolution->context = gan_context_retain(context);
    convolution->shape = checked;
    convolution->precision = precision;
    convolution->changing = changing;
    convolution->out_step = out_step;
    if (!make_plans(convolution)) {
        gan_convolution_free(convolution);
        return gan_fail_memory("the plan of a convolution", sizeof(struct convolution_plan));
    }
    *out = convolution;
    return GAN_OK;
}

gan_status gan_convolution_create(struct convolution **out, gan_context *context,
                                  const struct convolution_shape *shape, int32_t precision)
{
    return create(out, context, shape, precision, false, 0);
}

gan_status gan_convolution_create_beside(struct convolution **out, gan_context *context,
                                         const struct convolution_shape *shape, int32_t precision,
                                         int64_t out_step)
{
    return create(out, context, shape, precision, false, out_step);
}

gan_status gan_convolution_create_trained(struct convolution **out, gan_context *context,
                                          const struct convolution_shape *shape, int32_t precision)
{
    return create(out, context, shape, precision, true, 0);
}

static void free_plan(struct convolution_plan *plan, gan_context *context)
{
    gan_axis_free(&plan->y, context);
    gan_axis_free(&plan->x, context);
    gan_release(context, plan->phases);
}

void gan_convolution_free(struct convolution *convolution)
{
    if (convolution == NULL)
        return;
    gan_context *context = convolution->context;
    free_plan(&convolution->forward, context);
    free_plan(&convolution->backward, context);
    gan_release(context, convolution);
    gan_context_free(context);
}

const struct convolution_shape *gan_convolution_shape(const struct convolution *convolution)
{
    return &convolution->shape;
}

static size_t plan_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    if (plan->tiles != NULL)
        return gan_tiles_workspace_size(context, plan);
    if (plan->winograd != NULL && plan->by_panels)
        return gan_winograd_by_panels_workspace_size(context, plan);
    if (plan->winograd != NULL)
        return plan->by_points ? gan_winograd_by_points_workspace_size(context, plan)
                               : gan_winograd_workspace_size(context, plan);
    if (plan->narrow != NULL)
        return gan_narrow_workspace_size(context, plan);
    if (plan->tall != NULL)
        return gan_tall_workspace_size(context, plan);
    if (plan->grouped)
        return gan_grouped_workspace_size(context, plan);
    if (plan->pointwise)
        return gan_pointwise_workspace_size(context, plan);
    if (plan->direct != NULL || plan->depthwise != NULL)
        return gan_direct_workspace_size(context, plan);
    return plan->few ? gan_few_workspace_size(context, plan) : gan_flat_workspace_size(context, plan);
}

static void run_winograd(const struct convolution_run *run)
{
    if (run->plan->by_panels)
        gan_winograd_by_panels_run(run);
    else if (run->plan->by_points)
        gan_winograd_by_points_run(run);
    else
        gan_winograd_run(run);
}

static void run_plan(const struct convolution_run *run)
{
    if (run->plan->tiles != NULL)
        gan_tiles_run(run);
    else if (run->plan->winograd != NULL)
        run_winograd(run);
    else if (run->plan->narrow != NULL)
        gan_narrow_run(run);
    else if (run->plan->tall != NULL)
        gan_tall_run(run);
    else if (run->plan->grouped)
        gan_grouped_run(run);
    else if (run->plan->pointwise)
        gan_pointwise_run(run);
    else if (run->plan->direct != NULL || run->plan->depthwise != NULL)
        gan_direct_run(run);
    else if (run->plan->few)
        gan_few_run(run);
    else
        gan_flat_run(run);
}

static const struct convolution_plan *plan_of(const struct convolution *convolution,
                                              enum convolution_pass pass)
{
    return pass == CONVOLUTION_BACKWARD_INPUT ? &convolution->backward : &convolution->forward;
}

size_t gan_convolution_packed_size(const struct convolution *convolution, enum convolution_pass pass)
{
    const struct convolution_plan *plan = plan_of(convolution, pass);
    if (pass == CONVOLUTION_BACKWARD_WEIGHTS || plan->unpacked)
        return 0;
    return (size_t)(plan->groups * plan->packed_count) * sizeof(float) + PANEL_SLACK;
}

/* Bytes of the gradient of the virtual source, which is folded after it is computed. */
static size_t folded_size(const struct convolution *convolution)
{
    const struct convolution_plan *plan = &convolution->backward;
    const int64_t floats =
        plan->batch * plan->y.destination * plan->x.destination * convolution->shape.in_channels;
    return convolution->folded ? (size_t)(floats + 15) / 16 * 16 * sizeof(float) : 0;
}

static size_t gradient_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    if (plan->depthwise != NULL)
        return gan_depthwise_workspace_size(context, plan);
    if (plan->adjoint != NULL)
        return gan_winograd_gradient_workspace_size(context, plan);
    if (gan_correlation_suits(plan))
        return gan_correlation_workspace_size(context, plan);
    return gan_gradient_workspace_size(context, plan);
}

static void run_gradient(const struct convolution_run *run, const float *gradient, float *weights)
{
    if (run->plan->depthwise != NULL)
        gan_depthwise_gradient(run, gradient, weights);
    else if (run->plan->adjoint != NULL)
        gan_winograd_gradient_run(run, gradient, weights);
    else if (gan_correlation_suits(run->plan))
        gan_correlation_run(run, gradient, weights);
    else
        gan_gradient_run(run, gradient, weights);
}

size_t gan_convolution_workspace_size(const struct convolution *convolution, enum convolution_pass pass)
{
    const gan_context *context = convolution->context;
    switch (pass) {
    case CONVOLUTION_FORWARD:
        return plan_workspace_size(context, &convolution->forward);
    case CONVOLUTION_BACKWARD_INPUT:
        return folded_size(convolution) + plan_workspace_size(context, &convolution->backward);
    default:
        return gan_bias_workspace_size(&convolution->forward) +
               gradient_workspace_size(context, &convolution->forward);
    }
}

void gan_convolution_pack(const struct convolution *convolution, enum convolution_pass pass,
                          const float *weights, void *packed)
{
    const struct convolution_plan *plan = plan_of(convolution, pass);
    if (pass == CONVOLUTION_BACKWARD_WEIGHTS || plan->unpacked)
        return;
    if (plan->depthwise != NULL)
        gan_depthwise_pack(plan, weights, packed);
    else if (plan->grouped)
        gan_grouped_pack(plan, weights, packed);
    else if (plan->tiles != NULL)
        gan_tiles_pack(convolution->context, plan, weights, packed);
    else if (plan->winograd != NULL)
        gan_winograd_pack(convolution->context, plan, weights, packed);
    else if (plan->narrow != NULL)
        gan_narrow_pack(plan, weights, packed);
    else if (plan->tall != NULL)
        gan_tall_pack(convolution->context, plan, weights, packed);
    else
        gan_convolution_plan_pack(convolution->context, plan, weights, packed);
}

/* An input that changes nothing is no input. */
static const struct convolution_input *effective(const struct convolution_input *input)
{
    if (input != NULL && input->scale == NULL && input->activation.function == ACTIVATION_LINEAR)
        return NULL;
    return input;
}

void gan_convolution_forward(const struct convolution *convolution, const float *x,
                             const struct convolution_input *input, const void *packed, float *y,
                             const struct convolution_epilogue *epilogue, void *workspace)
{
    const struct convolution_run run = {
        .context = convolution->context,
        .plan = &convolution->forward,
        .source = x,
        .input = effective(input),
        .packed = packed,
        .destination = y,
        .epilogue = epilogue,
        .workspace = workspace,
    };
    run_plan(&run);
}

void gan_convolution_backward_input(const struct convolution *convolution, const float *dy,
                                    const void *packed, float *dx,
                                    const struct convolution_epilogue *epilogue, void *workspace)
{
    const bool folded = convolution->folded;
    const struct convolution_run run = {
        .context = convolution->context,
        .plan = &convolution->backward,
        .source = dy,
        .packed = packed,
        .destination = folded ? workspace : dx,
        .epilogue = folded ? NULL : epilogue,
        .workspace = (char *)workspace + folded_size(convolution),
    };
    run_plan(&run);
    if (folded)
        gan_fold_run(convolution->context, &convolution->forward, workspace, dx, epilogue);
}

void gan_convolution_backward_weights(const struct convolution *convolution, const float *x,
                                      const struct convolution_input *input, const float *dy, float *dw,
                                      float *db, void *workspace)
{
    const struct convolution_plan *plan = &convolution->forward;
    const struct convolution_run run = {
        .context = convolution->context,
        .plan = plan,
        .source = x,
        .input = effective(input),
        .workspace = (char *)workspace + gan_bias_workspace_size(plan),
    };
    if (db != NULL)
        gan_bias_run(convolution->context, plan, dy, db, workspace);
    if (dw != NULL)
        run_gradient(&run, dy, dw);
}
