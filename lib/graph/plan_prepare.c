/* Fourth part of a plan: every op made ready, and a block for all that it needs. */
#include "graph/plan.h"

static void fill_call(struct plan *plan, struct plan_step *step)
{
    for (int32_t i = 0; i < step->call.input_count; i++)
        step->input_values[i].shape = plan->values[step->inputs[i]].shape;
    for (int32_t i = 0; i < step->call.parameter_count; i++) {
        const struct parameter *parameter = step->layer->parameters[i];
        step->parameter_values[i].shape = parameter->specification.shape;
        step->parameter_values[i].data = gan_parameter_values(parameter);
    }
    step->call.output.shape = plan->values[step->output].shape;
}

static gan_status prepare_op(struct plan_step *step)
{
    const struct gan_op *op = step->layer->op;
    if (op->prepare == NULL)
        return GAN_OK;
    const gan_status status = op->prepare(&step->call, &step->op_plan);
    if (status != GAN_OK)
        gan_fail_within(status, "%s \"%s\": ", op->name, step->layer->name);
    step->call.plan = step->op_plan;
    return status;
}

/* Weights that this plan does not train are packed once, outside the arena; those that it trains in the
 * arena, where no other plan has them: a discriminator's step leaves the generator as the next step needs it.
 */
static bool packs_once(const struct plan_step *step)
{
    for (int32_t i = 0; step->backward && i < step->call.parameter_count; i++)
        if (step->gradients[step->call.input_count + i].wanted)
            return false;
    return true;
}

/* A layer that is applied twice reads the same weights twice. */
static bool has_packed(const struct plan *plan, const struct packed_weights *packed)
{
    for (int32_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].packed[OP_FORWARD] == packed || plan->steps[i].packed[OP_BACKWARD] == packed)
            return true;
    return false;
}

static gan_status add_packed(struct plan *plan, struct plan_step *step, enum op_pass pass, int32_t time)
{
    gan_status status = GAN_OK;
    const struct gan_op *op = step->layer->op;
    const size_t size = op->packed_size != NULL ? op->packed_size(&step->call, pass) : 0;
    if (size == 0)
        return GAN_OK;
    struct packed_weights *packed = NULL;
    if (step->pack_once)
        status = gan_packed_acquire(&packed, step->layer->parameters[0], op, &step->call, pass);
    else
        packed = gan_packed_join(step->layer->parameters[0], op, &step->call, pass);
    if (status == GAN_OK && packed == NULL) {
        step->packed_block[pass] = gan_plan_add_block(plan, size, time, time, &status);
        return status;
    }
    if (status == GAN_OK && !has_packed(plan, packed))
        plan->packed_size += size;
    step->packed[pass] = packed;
    return status;
}

static gan_status add_pass(struct plan *plan, struct plan_step *step, enum op_pass pass, int32_t time)
{
    const struct gan_op *op = step->layer->op;
    gan_status status = GAN_OK;
    if (op->workspace_size != NULL)
        step->workspace_block[pass] =
            gan_plan_add_block(plan, op->workspace_size(&step->call, pass), time, time, &status);
    return status == GAN_OK ? add_packed(plan, step, pass, time) : status;
}

static size_t affine_size(const struct plan_value *value)
{
    return 2 * (size_t)(value->shape.size[0] * value->shape.size[3]) * sizeof(float);
}

static size_t moments_size(const struct plan_value *value)
{
    return 2 * (size_t)(value->shape.size[0] * value->shape.size[3]) * sizeof(double);
}

/* Room for the value that a step writes, or for that of which it writes a part. */
static gan_status give_room(struct plan *plan, const struct plan_value *output, int32_t time)
{
    struct plan_value *root = &plan->values[output->root];
    gan_status status = GAN_OK;
    if (root->block != NO_BLOCK)
        gan_plan_extend_block(plan, root->block, time);
    else
        root->block = gan_plan_add_block(plan, (size_t)gan_shape_count(&root->shape) * sizeof(float), time,
                                         time, &status);
    return status;
}

static gan_status prepare_step(struct plan *plan, const struct plan_request *request, int32_t number)
{
    struct plan_step *step = &plan->steps[number];
    const int32_t forward = gan_plan_forward_time(plan, number);
    const int32_t backward = gan_plan_backward_time(plan, number);
    fill_call(plan, step);
    gan_status status = prepare_op(step);
    if (status != GAN_OK)
        return status;
    step->call.measured = step->call.measured && step->layer->op->gives_moments(&step->call);
    step->pack_once = packs_once(step);
    struct plan_value *output = &plan->values[step->output];
    if (!step->affine_only)
        status = give_room(plan, output, forward);
    else
        step->affine_block = gan_plan_add_block(plan, affine_size(output), forward, forward, &status);
    if (step->call.measured)
        step->moments_block = gan_plan_add_block(plan, moments_size(output), forward, forward, &status);
    /* Most ops write there in a forward pass alone, too. */
    if (step->layer->op->saved_size != NULL && (step->backward || !step->layer->op->saved_optional))
        step->saved_block = gan_plan_add_block(plan, step->layer->op->saved_size(&step->call), forward,
                                               step->backward ? backward : forward, &status);
    /* Nothing else ever lies where this does. */
    if (request->remembers && step->layer->op->remembered_size != NULL)
        step->remembered_block = gan_plan_add_block(plan, step->layer->op->remembered_size(&step->call), 0,
                                                    2 * plan->step_count, &status);
    if (status == GAN_OK)
        status = add_pass(plan, step, OP_FORWARD, forward);
    if (status == GAN_OK && step->backward)
        status = add_pass(plan, step, OP_BACKWARD, backward);
    return status;
}

static int32_t root_block(const struct plan *plan, int32_t value)
{
    return plan->values[plan->values[value].root].block;
}

/* Keep what a step reads alive until it has read it. */
static void extend_reads(struct plan *plan, int32_t number)
{
    const struct plan_step *step = &plan->steps[number];
    const struct gan_op *op = step->layer->op;
    const uint32_t saves = step->backward && op->saves != NULL ? op->saves(step->layer->attributes) : 0;
    const int32_t backward = gan_plan_backward_time(plan, number);
    for (int32_t i = 0; i < step->call.input_count; i++) {
        const int32_t block = root_block(plan, step->inputs[i]);
        gan_plan_extend_block(plan, block, gan_plan_forward_time(plan, number));
        if (i < 16 && (saves >> i & 1u) != 0)
            gan_plan_extend_block(plan, block, backward);
    }
    if (step->residual >= 0)
        gan_plan_extend_block(plan, root_block(plan, step->residual), gan_plan_forward_time(plan, number));
    if (step->moments_from >= 0)
        gan_plan_extend_block(plan, plan->steps[step->moments_from].moments_block,
                              gan_plan_forward_time(plan, number));
    if (step->affine_from >= 0)
        gan_plan_extend_block(plan, plan->steps[step->affine_from].affine_block,
                              gan_plan_forward_time(plan, number));
    const bool activation = step->backward && step->call.activation.function != ACTIVATION_LINEAR;
    if ((saves & SAVES_OUTPUT) != 0 || activation)
        gan_plan_extend_block(plan, root_block(plan, step->output), backward);
}

gan_status gan_plan_prepare(struct plan *plan, const struct plan_request *request)
{
    for (int32_t i = 0; i < plan->step_count; i++) {
        const gan_status status = prepare_step(plan, request, i);
        if (status != GAN_OK)
            return status;
    }
    for (int32_t i = 0; i < plan->step_count; i++)
        extend_reads(plan, i);
    for (int32_t i = 0; i < plan->value_count; i++)
        if (plan->values[i].kept)
            gan_plan_extend_block(plan, plan->values[i].block, 2 * plan->step_count);
    return GAN_OK;
}
