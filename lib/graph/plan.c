#include "graph/plan.h"
#include "base/pages.h"
#include "tensor/tensor.h"

#include <string.h>

int32_t gan_plan_forward_time(const struct plan *plan, int32_t step)
{
    (void)plan;
    return step;
}

int32_t gan_plan_backward_time(const struct plan *plan, int32_t step)
{
    return 2 * plan->step_count - 1 - step;
}

int32_t gan_plan_add_block(struct plan *plan, size_t size, int32_t first, int32_t last, gan_status *status)
{
    if (size == 0 || *status != GAN_OK)
        return NO_BLOCK;
    if (plan->block_count == plan->block_capacity) {
        const int32_t capacity = plan->block_capacity > 0 ? 2 * plan->block_capacity : 64;
        struct memory_block *blocks = gan_allocate_array(plan->context, (size_t)capacity, sizeof *blocks);
        if (blocks == NULL) {
            *status = gan_fail_memory("a memory plan", (size_t)capacity * sizeof *blocks);
            return NO_BLOCK;
        }
        if (plan->block_count > 0)
            memcpy(blocks, plan->blocks, (size_t)plan->block_count * sizeof *blocks);
        gan_release(plan->context, plan->blocks);
        plan->blocks = blocks;
        plan->block_capacity = capacity;
    }
    plan->blocks[plan->block_count] = (struct memory_block){.size = size, .first = first, .last = last};
    return plan->block_count++;
}

void gan_plan_extend_block(struct plan *plan, int32_t block, int32_t time)
{
    if (block != NO_BLOCK && plan->blocks[block].last < time)
        plan->blocks[block].last = time;
}

static void free_step(struct plan *plan, struct plan_step *step)
{
    gan_context *context = plan->context;
    if (step->op_plan != NULL)
        step->layer->op->discard(context, step->op_plan);
    gan_packed_release(step->packed[OP_FORWARD]);
    gan_packed_release(step->packed[OP_BACKWARD]);
    gan_release(context, step->inputs);
    gan_release(context, step->input_values);
    gan_release(context, step->parameter_values);
    gan_release(context, step->gradients);
    gan_release(context, step->targets);
}

void gan_plan_free(struct plan *plan)
{
    if (plan == NULL)
        return;
    gan_context *context = plan->context;
    for (int32_t i = 0; i < plan->step_count; i++)
        free_step(plan, &plan->steps[i]);
    gan_release(context, plan->steps);
    gan_release(context, plan->values);
    gan_release(context, plan->value_of_layer);
    gan_release(context, plan->input_values);
    gan_release(context, plan->blocks);
    gan_release(context, plan->arena);
    gan_release(context, plan);
}

gan_status gan_plan_create(struct plan **out, const struct plan_request *request)
{
    *out = NULL;
    struct plan *plan = gan_allocate_zeroed(request->context, sizeof *plan);
    if (plan == NULL)
        return gan_fail_memory("a plan", sizeof *plan);
    plan->context = request->context;
    plan->training = request->training;
    plan->loss = -1;
    gan_status status = gan_plan_make_values(plan, request);
    if (status == GAN_OK)
        status = gan_plan_make_steps(plan, request);
    if (status == GAN_OK && request->loss != NULL)
        status = gan_plan_differentiate(plan, request);
    else if (status == GAN_OK)
        gan_plan_fold_affine(plan);
    if (status == GAN_OK) {
        gan_plan_link_moments(plan);
        status = gan_plan_prepare(plan, request);
    }
    if (status == GAN_OK)
        status = request->unplaced
                     ? gan_memory_plan(plan->context, plan->blocks, plan->block_count, &plan->arena_size)
                     : gan_plan_place(plan);
    if (status != GAN_OK) {
        gan_plan_free(plan);
        return status;
    }
    *out = plan;
    return GAN_OK;
}

const struct plan_value *gan_plan_value(const struct plan *plan, const gan_layer *layer)
{
    const int32_t value = plan->value_of_layer[layer->index];
    return value >= 0 ? &plan->values[value] : NULL;
}

int64_t gan_plan_memory(const struct plan *plan)
{
    return (int64_t)(plan->arena_size + plan->packed_size + (size_t)plan->step_count * sizeof *plan->steps +
                     (size_t)plan->value_count * sizeof *plan->values);
}

/* Point every step at the present place of what it reads and writes. */
static void refresh(struct plan *plan)
{
    for (int32_t i = 0; i < plan->value_count; i++) {
        struct plan_value *value = &plan->values[i];
        value->data = plan->values[value->root].data;
        if (value->part > 0)
            value->data += value->part;
    }
    for (int32_t i = 0; i < plan->step_count; i++) {
        struct plan_step *step = &plan->steps[i];
        for (int32_t k = 0; k < step->call.input_count; k++)
            step->input_values[k].data = plan->values[step->inputs[k]].data;
        step->call.output.data = plan->values[step->output].data;
        step->call.residual = step->residual >= 0 ? plan->values[step->residual].data : NULL;
    }
}

void gan_plan_bind_input(struct plan *plan, int32_t input, const float *data)
{
    if (plan->input_values[input] < 0)
        return; /* no output needs this input */
    struct plan_value *value = &plan->values[plan->input_values[input]];
    if (value->data == data)
        return;
    /* Steps only read their inputs; op_value has no second, constant form for that alone. */
    memcpy(&value->data, &data, sizeof data);
    refresh(plan);
}

static void *block_address(const struct plan *plan, int32_t block)
{
    return block != NO_BLOCK ? plan->arena + plan->blocks[block].offset : NULL;
}

/* The step that writes such a value may as well write it elsewhere. */
static bool is_movable(const struct plan_value *value, int32_t index)
{
    return value->root == index && value->producer >= 0 && value->block != NO_BLOCK;
}

void gan_plan_bind_output(struct plan *plan, const gan_layer *layer, float *data)
{
    const int32_t index = plan->value_of_layer[layer->index];
    struct plan_value *value = &plan->values[index];
    if (!is_movable(value, index))
        return;
    float *place = data != NULL ? data : block_address(plan, value->block);
    if (value->data == place)
        return;
    value->data = place;
    refresh(plan);
}

static void place_values(struct plan *plan)
{
    for (int32_t i = 0; i < plan->value_count; i++) {
        struct plan_value *value = &plan->values[i];
        value->data = block_address(plan, value->block);
        value->gradient = block_address(plan, value->gradient_block);
        if (value->layer->value != NULL)
            value->data = value->layer->value->data;
    }
}

static void place_gradients(struct plan *plan, struct plan_step *step)
{
    const int32_t count = step->call.input_count + step->call.parameter_count;
    for (int32_t k = 0; k < count; k++) {
        struct plan_gradient *gradient = &step->gradients[k];
        if (!gradient->wanted)
            continue;
        if (k < step->call.input_count)
            gradient->target = plan->values[plan->values[step->inputs[k]].root].gradient;
        step->targets[k] = gradient->add ? block_address(plan, gradient->spare_block) : gradient->target;
    }
}

static void place_step(struct plan *plan, struct plan_step *step)
{
    step->call.saved = block_address(plan, step->saved_block);
    step->call.remembered = block_address(plan, step->remembered_block);
    step->call.moments = block_address(plan, step->moments_block);
    if (step->moments_from >= 0)
        step->call.input_moments = block_address(plan, plan->steps[step->moments_from].moments_block);
    if (step->affine_from >= 0) {
        const struct plan_step *from = &plan->steps[step->affine_from];
        const struct shape *shape = &plan->values[from->output].shape;
        step->call.input_scale = block_address(plan, from->affine_block);
        step->call.input_shift = step->call.input_scale + shape->size[0] * shape->size[3];
    }
    if (step->backward) {
        step->call.output_gradient = plan->values[plan->values[step->output].root].gradient;
        place_gradients(plan, step);
        step->call.input_gradients = step->targets;
        step->call.parameter_gradients = step->targets + step->call.input_count;
    }
}

gan_status gan_plan_place(struct plan *plan)
{
    gan_status status = gan_memory_plan(plan->context, plan->blocks, plan->block_count, &plan->arena_size);
    if (status != GAN_OK)
        return status;
    plan->arena = gan_allocate(plan->context, plan->arena_size);
    if (plan->arena == NULL)
        return gan_fail_memory("a session's arena", plan->arena_size);
    gan_advise_huge_pages(plan->arena, plan->arena_size);
    place_values(plan);
    refresh(plan);
    for (int32_t i = 0; i < plan->step_count; i++)
        place_step(plan, &plan->steps[i]);
    return GAN_OK;
}
