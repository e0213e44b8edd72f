/* Second part of a plan: the steps, with pointwise functions and upsampling folded into their neighbours. */
#include "graph/plan.h"

#include <stdio.h>
#include <string.h>

void gan_plan_note_fold(struct plan_step *step, const char *word)
{
    const size_t used = strlen(step->folded);
    snprintf(step->folded + used, sizeof step->folded - used, "%s%s", used > 0 ? ", " : "", word);
}

static int32_t value_of(const struct plan *plan, const gan_layer *layer)
{
    return plan->value_of_layer[layer->index];
}

/* The step that made a value which nobody but `value`'s one reader sees, or NULL. */
static struct plan_step *private_producer(const struct plan *plan, int32_t value)
{
    const struct plan_value *found = &plan->values[value];
    if (found->producer < 0 || found->uses != 1 || found->root != value || found->joined)
        return NULL;
    return &plan->steps[found->producer];
}

static bool fold_activation(struct plan *plan, const gan_layer *layer, bool training)
{
    if (layer->op->activation == NULL)
        return false;
    struct plan_step *producer = private_producer(plan, value_of(plan, layer->inputs[0]));
    if (producer == NULL || !producer->layer->op->takes_activation ||
        producer->call.activation.function != ACTIVATION_LINEAR)
        return false;
    const struct activation *activation = layer->op->activation(layer->attributes);
    if (training && gan_activation_needs_input(*activation))
        return false;
    const int32_t output = value_of(plan, layer);
    plan->values[producer->output].producer = -1;
    plan->values[output].producer = (int32_t)(producer - plan->steps);
    producer->call.activation = *activation;
    gan_plan_note_fold(producer, layer->op->name);
    producer->output = output;
    return true;
}

/* Whether a value is there when a step runs. */
static bool ready_before(const struct plan *plan, int32_t value, const struct plan_step *step)
{
    return plan->values[plan->values[value].root].producer < (int32_t)(step - plan->steps);
}

static bool fold_sum_into(struct plan *plan, const gan_layer *layer, int32_t term, int32_t other)
{
    struct plan_step *producer = private_producer(plan, term);
    if (producer == NULL || !producer->layer->op->takes_residual || producer->residual >= 0 ||
        producer->call.activation.function != ACTIVATION_LINEAR ||
        !gan_shape_equal(&plan->values[term].shape, &plan->values[other].shape) ||
        !ready_before(plan, other, producer))
        return false;
    const int32_t output = value_of(plan, layer);
    plan->values[term].producer = -1;
    plan->values[output].producer = (int32_t)(producer - plan->steps);
    producer->residual = other;
    gan_plan_note_fold(producer, layer->op->name);
    producer->output = output;
    return true;
}

static bool fold_sum(struct plan *plan, const gan_layer *layer, bool training)
{
    if (training || !layer->op->adds)
        return false;
    const int32_t a = value_of(plan, layer->inputs[0]), b = value_of(plan, layer->inputs[1]);
    return fold_sum_into(plan, layer, a, b) || fold_sum_into(plan, layer, b, a);
}

/* ---- Values that lie side by side ---- */

static bool can_write_part(const struct plan *plan, int32_t value)
{
    const struct plan_step *producer = private_producer(plan, value);
    return producer != NULL && producer->layer->op->takes_output_step && producer->residual < 0;
}

static bool joins_channels(const struct plan *plan, const gan_layer *layer)
{
    if (layer->op->joined_axis == NULL || layer->shape.rank != 4 ||
        layer->op->joined_axis(layer->attributes) != 3)
        return false;
    for (int32_t i = 0; i < layer->input_count; i++)
        if (!can_write_part(plan, value_of(plan, layer->inputs[i])))
            return false;
    return true;
}

/* Channels that are joined: all who make them write them to their place at once. */
static bool fold_join(struct plan *plan, const gan_layer *layer, const struct plan_request *request)
{
    if (request->loss != NULL || request->precision == GAN_PRECISION_BF16 || !joins_channels(plan, layer))
        return false;
    const int32_t whole = value_of(plan, layer);
    int64_t start = 0;
    for (int32_t i = 0; i < layer->input_count; i++) {
        struct plan_value *part = &plan->values[value_of(plan, layer->inputs[i])];
        struct plan_step *producer = &plan->steps[part->producer];
        producer->call.output_step = plan->values[whole].shape.size[3];
        gan_plan_note_fold(producer, layer->op->name);
        part->root = whole;
        part->part = start;
        start += part->shape.size[3];
        if (part->producer > plan->values[whole].producer)
            plan->values[whole].producer = part->producer;
    }
    plan->values[whole].joined = true;
    return true;
}

static void fold_upsample(struct plan *plan, struct plan_step *step)
{
    if (!step->layer->op->takes_upsample)
        return;
    struct plan_step *producer = private_producer(plan, step->inputs[0]);
    if (producer == NULL || producer->layer->op->upsample_factor == NULL ||
        producer->layer->op->upsample_factor(producer->layer->attributes) != 2)
        return;
    producer->dropped = true;
    plan->values[step->inputs[0]].producer = -1;
    step->inputs[0] = producer->inputs[0];
    step->call.upsample = 2;
    gan_plan_note_fold(step, "upsample");
}

static gan_status make_step(struct plan *plan, const struct plan_request *request, const gan_layer *layer)
{
    gan_context *context = plan->context;
    struct plan_step *step = &plan->steps[plan->step_count];
    const size_t inputs = (size_t)layer->input_count, parameters = (size_t)layer->parameter_count;
    *step = (struct plan_step){.layer = layer,
                               .output = value_of(plan, layer),
                               .residual = -1,
                               .affine_from = -1,
                               .affine_block = NO_BLOCK,
                               .moments_from = -1,
                               .moments_block = NO_BLOCK,
                               .saved_block = NO_BLOCK,
                               .remembered_block = NO_BLOCK,
                               .workspace_block = {NO_BLOCK, NO_BLOCK},
                               .packed_block = {NO_BLOCK, NO_BLOCK}};
    step->inputs = gan_allocate_array(context, inputs, sizeof *step->inputs);
    step->input_values = gan_allocate_array(context, inputs, sizeof *step->input_values);
    step->parameter_values = gan_allocate_array(context, parameters, sizeof *step->parameter_values);
    step->gradients = gan_allocate_array(context, inputs + parameters, sizeof *step->gradients);
    step->targets = gan_allocate_array(context, inputs + parameters, sizeof(float *));
    plan->step_count++;
    if (step->inputs == NULL || step->input_values == NULL || step->parameter_values == NULL ||
        step->gradients == NULL || step->targets == NULL)
        return gan_fail_memory("a step", sizeof *step);
    for (size_t i = 0; i < inputs; i++)
        step->inputs[i] = value_of(plan, layer->inputs[i]);
    step->call = (struct op_call){.context = context,
                                  .op = layer->op,
                                  .layer_name = layer->name,
                                  .attributes = layer->attributes,
                                  .precision = request->precision,
                                  .input_count = layer->input_count,
                                  .parameter_count = layer->parameter_count,
                                  .inputs = step->input_values,
                                  .parameters = step->parameter_values,
                                  .upsample = 1};
    plan->values[step->output].producer = plan->step_count - 1;
    fold_upsample(plan, step);
    return GAN_OK;
}

/* The last of the steps that write parts of a value counts as the one that makes it. */
static void renumber_joined(struct plan *plan)
{
    for (int32_t i = 0; i < plan->value_count; i++)
        if (plan->values[i].joined)
            plan->values[i].producer = -1;
    for (int32_t i = 0; i < plan->value_count; i++) {
        struct plan_value *root = &plan->values[plan->values[i].root];
        if (root->joined && plan->values[i].producer > root->producer)
            root->producer = plan->values[i].producer;
    }
}

/* Close the gaps that dropped steps leave. */
static void compact(struct plan *plan)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < plan->step_count; i++) {
        struct plan_step *step = &plan->steps[i];
        if (step->dropped) {
            gan_release(plan->context, step->inputs);
            gan_release(plan->context, step->input_values);
            gan_release(plan->context, step->parameter_values);
            gan_release(plan->context, step->gradients);
            gan_release(plan->context, step->targets);
            continue;
        }
        plan->steps[kept] = *step;
        plan->values[step->output].producer = kept;
        kept++;
    }
    plan->step_count = kept;
    renumber_joined(plan);
}

static void settle_statistics(struct plan *plan, const struct plan_request *request)
{
    for (int32_t i = 0; i < plan->step_count; i++) {
        struct plan_step *step = &plan->steps[i];
        const int32_t statistics = step->layer->statistics;
        const bool moving = request->training || request->measure;
        step->call.training = request->training;
        step->call.batch_statistics =
            statistics == GAN_STATISTICS_FOLLOW ? moving : statistics == GAN_STATISTICS_BATCH;
    }
}

static gan_status add_layer(struct plan *plan, const struct plan_request *request, const gan_layer *layer)
{
    const bool training = request->loss != NULL;
    if (layer->op == &gan_op_input || layer->op == &gan_op_constant || layer->op->view ||
        fold_activation(plan, layer, training) || fold_sum(plan, layer, training) ||
        fold_join(plan, layer, request))
        return GAN_OK;
    return make_step(plan, request, layer);
}

static bool comes_early(const struct plan_request *request, const gan_layer *layer)
{
    return request->loss != NULL && layer->op->adds_gradient && layer->input_count == 1;
}

/* A layer, and right behind it those of its readers that can add to a gradient (but not readers of its
 * views). So they are the last ones on the way back, when the others have written theirs, and none of these
 * has to be kept and added. */
static gan_status add_with_readers(struct plan *plan, const struct plan_request *request,
                                   const gan_layer *layer)
{
    gan_status status = add_layer(plan, request, layer);
    for (int32_t i = 0; status == GAN_OK && i < request->layer_count; i++)
        if (comes_early(request, request->layers[i]) && request->layers[i]->inputs[0] == layer)
            status = add_with_readers(plan, request, request->layers[i]);
    return status;
}

gan_status gan_plan_make_steps(struct plan *plan, const struct plan_request *request)
{
    plan->steps = gan_allocate_array(plan->context, (size_t)request->layer_count, sizeof *plan->steps);
    if (plan->steps == NULL)
        return gan_fail_memory("a plan's steps", (size_t)request->layer_count * sizeof *plan->steps);
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < request->layer_count; i++)
        if (!comes_early(request, request->layers[i]))
            status = add_with_readers(plan, request, request->layers[i]);
    if (status != GAN_OK)
        return status;
    compact(plan);
    settle_statistics(plan, request);
    return GAN_OK;
}
