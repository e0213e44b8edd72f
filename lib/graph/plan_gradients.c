/* Third part of a plan: which gradients flow, in reverse order of the steps, and where they are added up. */
#include "graph/plan.h"

#include <inttypes.h>

static struct plan_value *root_of(struct plan *plan, int32_t value)
{
    return &plan->values[plan->values[value].root];
}

static bool takes_gradient(const struct plan *plan, const struct plan_step *step, int32_t input)
{
    const struct gan_op *op = step->layer->op;
    return !op->stops_gradient && (input >= 32 || (op->no_gradient_inputs >> input & 1u) == 0) &&
           plan->values[step->inputs[input]].needs_gradient;
}

static bool trains(const struct plan_request *request, const struct plan_step *step, int32_t parameter)
{
    const struct parameter *found = step->layer->parameters[parameter];
    return !found->specification.running_statistic &&
           request->gradient_offset(request->owner, found) != SIZE_MAX;
}

static bool step_needs_gradient(const struct plan *plan, const struct plan_request *request,
                                const struct plan_step *step)
{
    if (step->layer->op->backward == NULL)
        return false;
    for (int32_t i = 0; i < step->call.input_count; i++)
        if (takes_gradient(plan, step, i))
            return true;
    for (int32_t i = 0; i < step->call.parameter_count; i++)
        if (trains(request, step, i))
            return true;
    return false;
}

/* Values stand in the order of their layers, so inputs are settled before their users. */
static void mark_needs(struct plan *plan, const struct plan_request *request)
{
    for (int32_t i = 0; i < plan->value_count; i++) {
        struct plan_value *value = &plan->values[i];
        if (value->input >= 0)
            value->needs_gradient =
                request->input_gradients != NULL && request->input_gradients[value->input];
        else if (value->layer->op->view)
            value->needs_gradient =
                !value->layer->op->stops_gradient &&
                plan->values[plan->value_of_layer[value->layer->inputs[0]->index]].needs_gradient;
        else if (value->producer >= 0)
            value->needs_gradient = step_needs_gradient(plan, request, &plan->steps[value->producer]);
    }
}

/* A float block for a gradient that a step writes at `time`. */
static int32_t gradient_block(struct plan *plan, int64_t count, int32_t first, int32_t last,
                              gan_status *status)
{
    return gan_plan_add_block(plan, (size_t)count * sizeof(float), first, last, status);
}

static void flow_to_input(struct plan *plan, struct plan_step *step, int32_t input, int32_t time,
                          gan_status *status)
{
    struct plan_gradient *gradient = &step->gradients[input];
    struct plan_value *root = root_of(plan, step->inputs[input]);
    const bool adds = input == 0 && root->reached && step->layer->op->adds_gradient;
    *gradient = (struct plan_gradient){.wanted = true,
                                       .add = root->reached && !adds,
                                       .spare_block = NO_BLOCK,
                                       .count = gan_shape_count(&root->shape)};
    step->call.adds_gradient = step->call.adds_gradient || adds;
    if (adds)
        return;
    if (root->reached) {
        gradient->spare_block = gradient_block(plan, gradient->count, time, time, status);
        return;
    }
    root->reached = true;
    const int32_t last =
        root->input >= 0 ? 2 * plan->step_count : gan_plan_backward_time(plan, root->producer);
    root->gradient_block = gradient_block(plan, gradient->count, time, last, status);
}

/* Whether an earlier step of the backward pass has written this parameter's gradient already. */
static bool written_before(const struct plan *plan, int32_t step, const struct parameter *parameter)
{
    for (int32_t i = plan->step_count - 1; i > step; i--) {
        const gan_layer *layer = plan->steps[i].layer;
        for (int32_t k = 0; plan->steps[i].backward && k < layer->parameter_count; k++)
            if (layer->parameters[k] == parameter)
                return true;
    }
    return false;
}

static void flow_to_parameter(struct plan *plan, const struct plan_request *request, int32_t step_number,
                              int32_t number, gan_status *status)
{
    struct plan_step *step = &plan->steps[step_number];
    const struct parameter *parameter = step->layer->parameters[number];
    struct plan_gradient *gradient = &step->gradients[step->call.input_count + number];
    const int32_t time = gan_plan_backward_time(plan, step_number);
    *gradient = (struct plan_gradient){.wanted = true,
                                       .add = written_before(plan, step_number, parameter),
                                       .spare_block = NO_BLOCK,
                                       .target = request->gradients +
                                                 request->gradient_offset(request->owner, parameter),
                                       .count = parameter->count};
    if (gradient->add)
        gradient->spare_block = gradient_block(plan, gradient->count, time, time, status);
}

static void differentiate_step(struct plan *plan, const struct plan_request *request, int32_t number,
                               gan_status *status)
{
    struct plan_step *step = &plan->steps[number];
    const int32_t time = gan_plan_backward_time(plan, number);
    step->backward = true;
    for (int32_t i = 0; i < step->call.input_count; i++)
        if (takes_gradient(plan, step, i))
            flow_to_input(plan, step, i, time, status);
    for (int32_t i = 0; i < step->call.parameter_count; i++)
        if (trains(request, step, i))
            flow_to_parameter(plan, request, number, i, status);
}

static gan_status check_loss(const struct plan_value *loss)
{
    char text[SHAPE_TEXT_SIZE];
    if (gan_shape_count(&loss->shape) != 1)
        return gan_fail(GAN_ERROR_SHAPE, "the loss, %s \"%s\", has shape %s, expected one element",
                        loss->layer->op->name, loss->layer->name, gan_shape_text(&loss->shape, text));
    if (!loss->needs_gradient)
        return gan_fail(GAN_ERROR_ARGUMENT, "nothing that may change influences the loss, %s \"%s\"",
                        loss->layer->op->name, loss->layer->name);
    return GAN_OK;
}

gan_status gan_plan_differentiate(struct plan *plan, const struct plan_request *request)
{
    mark_needs(plan, request);
    plan->loss = plan->value_of_layer[request->loss->index];
    gan_status status = check_loss(&plan->values[plan->loss]);
    if (status != GAN_OK)
        return status;
    struct plan_value *root = root_of(plan, plan->loss);
    root->reached = true;
    root->gradient_block = gradient_block(plan, 1, plan->step_count, 2 * plan->step_count, &status);
    for (int32_t i = plan->step_count - 1; i >= 0; i--)
        if (root_of(plan, plan->steps[i].output)->reached &&
            plan->values[plan->steps[i].output].needs_gradient)
            differentiate_step(plan, request, i, &status);
    return status;
}
