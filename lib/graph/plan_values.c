/* First part of a plan: the values of all layers with their known shapes. */
#include "graph/plan.h"

#include <string.h>

static gan_status resolve_input(const struct plan_request *request, struct plan_value *value)
{
    for (int32_t i = 0; i < request->input_count; i++)
        if (request->inputs[i] == value->layer) {
            value->input = i;
            value->shape = request->input_shapes[i];
            return GAN_OK;
        }
    return gan_fail(GAN_ERROR_ARGUMENT, "input \"%s\" is needed, but not given", value->layer->name);
}

static gan_status infer_value(const struct plan *plan, struct plan_value *value)
{
    const gan_layer *layer = value->layer;
    const size_t count = (size_t)layer->input_count;
    struct shape *shapes = gan_allocate_array(plan->context, count, sizeof *shapes);
    if (shapes == NULL)
        return gan_fail_memory("shapes", count * sizeof *shapes);
    for (size_t i = 0; i < count; i++)
        shapes[i] = plan->values[plan->value_of_layer[layer->inputs[i]->index]].shape;
    const gan_status status = layer->op->infer(layer->attributes, shapes, layer->input_count, &value->shape);
    gan_release(plan->context, shapes);
    if (status != GAN_OK)
        gan_fail_within(status, "%s \"%s\": ", layer->op->name, layer->name);
    return status;
}

static gan_status check_known(const struct plan_value *value)
{
    struct shape checked;
    char text[SHAPE_TEXT_SIZE];
    const gan_status status = gan_shape_take(&checked, value->shape.size, value->shape.rank, 1);
    if (status != GAN_OK)
        gan_fail(status, "%s \"%s\": its shape here is %s, expected sizes of at least 1",
                 value->layer->op->name, value->layer->name, gan_shape_text(&value->shape, text));
    return status;
}

static gan_status make_value(struct plan *plan, const struct plan_request *request, const gan_layer *layer)
{
    const int32_t number = plan->value_count++;
    struct plan_value *value = &plan->values[number];
    plan->value_of_layer[layer->index] = number;
    *value = (struct plan_value){.layer = layer,
                                 .root = number,
                                 .input = -1,
                                 .producer = -1,
                                 .block = NO_BLOCK,
                                 .gradient_block = NO_BLOCK};
    gan_status status = GAN_OK;
    if (layer->op == &gan_op_input)
        status = resolve_input(request, value);
    else
        status = infer_value(plan, value);
    if (status == GAN_OK)
        status = check_known(value);
    if (layer->op->view)
        value->root = plan->values[plan->value_of_layer[layer->inputs[0]->index]].root;
    for (int32_t i = 0; i < layer->input_count; i++)
        plan->values[plan->value_of_layer[layer->inputs[i]->index]].uses++;
    return status;
}

static gan_status allocate(struct plan *plan, const struct plan_request *request)
{
    gan_context *context = plan->context;
    const size_t layers = (size_t)request->layers[0]->graph->layer_count;
    plan->value_of_layer = gan_allocate_array(context, layers, sizeof *plan->value_of_layer);
    plan->values = gan_allocate_array(context, (size_t)request->layer_count, sizeof *plan->values);
    plan->input_values =
        gan_allocate_array(context, (size_t)request->input_count, sizeof *plan->input_values);
    if (plan->value_of_layer == NULL || plan->values == NULL || plan->input_values == NULL)
        return gan_fail_memory("a plan's values", (size_t)request->layer_count * sizeof *plan->values);
    for (size_t i = 0; i < layers; i++)
        plan->value_of_layer[i] = -1;
    return GAN_OK;
}

gan_status gan_plan_make_values(struct plan *plan, const struct plan_request *request)
{
    gan_status status = allocate(plan, request);
    for (int32_t i = 0; status == GAN_OK && i < request->layer_count; i++)
        status = make_value(plan, request, request->layers[i]);
    if (status != GAN_OK)
        return status;
    for (int32_t i = 0; i < request->root_count; i++) {
        struct plan_value *value = &plan->values[plan->value_of_layer[request->roots[i]->index]];
        value->uses++;
        plan->values[value->root].uses++; /* nothing is folded over a value that is read in the end */
        plan->values[value->root].kept = true;
    }
    plan->input_count = request->input_count;
    for (int32_t i = 0; i < request->input_count; i++)
        plan->input_values[i] = plan->value_of_layer[request->inputs[i]->index];
    return GAN_OK;
}
