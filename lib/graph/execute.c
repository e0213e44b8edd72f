/* Running a plan. */
#include "base/clock.h"
#include "graph/plan.h"
#include "kernels/accumulate.h"

#include <string.h>

static void *workspace(const struct plan *plan, const struct plan_step *step, enum op_pass pass)
{
    const int32_t block = step->workspace_block[pass];
    return block != NO_BLOCK ? plan->arena + plan->blocks[block].offset : NULL;
}

/* The weights packed for a pass: now, where they are trained here, else when somebody changed them. */
static const void *packed_weights(const struct plan *plan, const struct plan_step *step, enum op_pass pass)
{
    if (step->packed[pass] != NULL)
        return gan_packed_fill(step->packed[pass], &step->call);
    const int32_t block = step->packed_block[pass];
    if (block == NO_BLOCK)
        return NULL;
    void *memory = plan->arena + plan->blocks[block].offset;
    step->layer->op->pack(&step->call, pass, memory);
    return memory;
}

static bool value_is_finite(const struct plan *plan, const struct plan_step *step)
{
    const struct plan_value *output = &plan->values[step->output];
    return gan_all_finite(output->data, gan_shape_count(&output->shape));
}

static void run_affine(const struct plan *plan, const struct plan_step *step)
{
    const struct shape *shape = &plan->values[step->output].shape;
    float *scale = (float *)(void *)(plan->arena + plan->blocks[step->affine_block].offset);
    step->layer->op->affine(&step->call, scale, scale + shape->size[0] * shape->size[3]);
}

static void run_step(struct plan *plan, struct plan_step *step, const struct plan_run *run)
{
    const double start = run->profile ? gan_seconds_now() : 0;
    if (step->affine_only)
        run_affine(plan, step);
    else
        step->layer->op->forward(&step->call);
    if (run->profile)
        step->seconds += gan_seconds_now() - start;
}

void gan_plan_forward(struct plan *plan, struct plan_run *run)
{
    run->not_finite = NULL;
    plan->profiled_runs += run->profile;
    const int32_t end = run->end > 0 ? run->end : plan->step_count;
    for (int32_t i = run->first; i < end; i++) {
        struct plan_step *step = &plan->steps[i];
        step->call.packed = packed_weights(plan, step, OP_FORWARD);
        step->call.workspace = workspace(plan, step, OP_FORWARD);
        step->call.update_statistics =
            run->update_statistics && step->layer->statistics == GAN_STATISTICS_FOLLOW;
        step->call.statistics_share = run->statistics_share;
        step->call.carry = run->carry;
        step->call.random_seed = run->random_seed;
        step->call.random_stream = run->random_stream + (uint64_t)i;
        step->call.random_counter = run->random_counter;
        run_step(plan, step, run);
        if (run->scan && run->not_finite == NULL && !value_is_finite(plan, step))
            run->not_finite = step->layer;
    }
}

static void add_spares(struct plan *plan, const struct plan_step *step)
{
    const int32_t count = step->call.input_count + step->call.parameter_count;
    for (int32_t k = 0; k < count; k++)
        if (step->gradients[k].add)
            gan_accumulate(plan->context, step->gradients[k].target, step->targets[k],
                           step->gradients[k].count);
}

static bool gradients_are_finite(const struct plan_step *step)
{
    const int32_t count = step->call.input_count + step->call.parameter_count;
    for (int32_t k = 0; k < count; k++)
        if (step->targets[k] != NULL && !gan_all_finite(step->targets[k], step->gradients[k].count))
            return false;
    return true;
}

static void differentiate_activation(struct plan *plan, const struct plan_step *step)
{
    if (step->call.activation.function == ACTIVATION_LINEAR)
        return;
    const struct plan_value *output = &plan->values[step->output];
    gan_activation_backward_in_place(plan->context, step->call.activation, output->data,
                                     plan->values[output->root].gradient, gan_shape_count(&output->shape));
}

void gan_plan_backward(struct plan *plan, struct plan_run *run)
{
    run->not_finite = NULL;
    *plan->values[plan->values[plan->loss].root].gradient = 1;
    for (int32_t i = plan->step_count - 1; i >= 0; i--) {
        struct plan_step *step = &plan->steps[i];
        if (!step->backward)
            continue;
        differentiate_activation(plan, step);
        step->call.packed = packed_weights(plan, step, OP_BACKWARD);
        step->call.workspace = workspace(plan, step, OP_BACKWARD);
        step->layer->op->backward(&step->call);
        if (run->scan && !gradients_are_finite(step)) {
            run->not_finite = step->layer;
            return;
        }
        add_spares(plan, step);
    }
}
