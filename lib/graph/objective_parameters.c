/* What an objective may change: trained parameters as runs over slabs, and running statistics. */
#include "graph/objective.h"

#include <string.h>

size_t gan_objective_gradient_offset(const void *owner, const struct parameter *parameter)
{
    const gan_objective *objective = owner;
    for (int32_t i = 0; i < objective->trained_count; i++)
        if (objective->trained[i].parameter == parameter)
            return objective->trained[i].offset;
    return SIZE_MAX;
}

static void add_trained(gan_objective *objective, struct parameter *parameter)
{
    if (parameter->specification.running_statistic ||
        gan_objective_gradient_offset(objective, parameter) != SIZE_MAX)
        return;
    objective->trained[objective->trained_count++] =
        (struct trained_parameter){parameter, objective->gradient_count};
    objective->gradient_count += gan_parameter_padded_count(parameter);
}

static gan_status list_trained(gan_objective *objective)
{
    size_t most = 0;
    for (int32_t i = 0; i < objective->model_count; i++)
        most += (size_t)objective->models[i]->parameter_count;
    gan_context *context = objective->graph->context;
    objective->trained = gan_allocate_array(context, most, sizeof *objective->trained);
    objective->runs = gan_allocate_array(context, most, sizeof *objective->runs);
    if (objective->trained == NULL || objective->runs == NULL)
        return gan_fail_memory("a list of parameters", most * sizeof *objective->trained);
    for (int32_t i = 0; i < objective->model_count; i++) {
        const gan_model *model = objective->models[i];
        for (int32_t k = 0; model->trainable && k < model->parameter_count; k++)
            add_trained(objective, model->parameters[k].parameter);
    }
    return GAN_OK;
}

/* Parameters that lie one after the other in their store lie so in the slab of gradients too: one run. The
 * padding between them is zero in both, and stays so. */
static void join_runs(gan_objective *objective)
{
    const struct parameter *former = NULL;
    for (int32_t i = 0; i < objective->trained_count; i++) {
        const struct parameter *parameter = objective->trained[i].parameter;
        const size_t count = gan_parameter_padded_count(parameter);
        if (former != NULL && former->store == parameter->store &&
            former->offset + gan_parameter_padded_count(former) == parameter->offset)
            objective->runs[objective->run_count - 1].count += count;
        else
            objective->runs[objective->run_count++] = (struct optimizer_run){
                gan_parameter_values(parameter), objective->gradients + objective->trained[i].offset, count};
        former = parameter;
    }
}

gan_status gan_objective_bind_optimizer(gan_objective *objective)
{
    gan_context *context = objective->graph->context;
    const size_t count = (size_t)objective->trained_count;
    uint64_t *keys = gan_allocate_array(context, count, sizeof *keys);
    if (keys == NULL)
        return gan_fail_memory("a list of parameters", count * sizeof *keys);
    for (size_t i = 0; i < count; i++)
        keys[i] = objective->trained[i].parameter->identity;
    const gan_status status =
        gan_optimizer_bind(objective->optimizer, keys, objective->trained_count, objective->gradient_count);
    gan_release(context, keys);
    return status;
}

static bool has_trained_parameter(const gan_objective *objective, const gan_layer *layer)
{
    for (int32_t k = 0; k < layer->parameter_count; k++)
        if (gan_objective_gradient_offset(objective, layer->parameters[k]) != SIZE_MAX)
            return true;
    return false;
}

/* From the loss back along the edges that let gradients through; `reached` is by index in the graph. */
static bool gradient_meets_parameter(const gan_objective *objective, bool *reached)
{
    reached[objective->loss->index] = true;
    for (int32_t i = objective->layer_count - 1; i >= 0; i--) {
        const gan_layer *layer = objective->layers[i];
        if (!reached[layer->index])
            continue;
        if (has_trained_parameter(objective, layer))
            return true;
        for (int32_t k = 0; !layer->op->stops_gradient && k < layer->input_count; k++)
            if (k >= 32 || (layer->op->no_gradient_inputs >> k & 1u) == 0)
                reached[layer->inputs[k]->index] = true;
    }
    return false;
}

static gan_status check_influence(const gan_objective *objective)
{
    const size_t count = (size_t)objective->graph->layer_count;
    bool *reached = gan_allocate_array(objective->graph->context, count, sizeof *reached);
    if (reached == NULL)
        return gan_fail_memory("a list of layers", count * sizeof *reached);
    const bool meets = gradient_meets_parameter(objective, reached);
    gan_release(objective->graph->context, reached);
    return meets
               ? GAN_OK
               : gan_fail(GAN_ERROR_ARGUMENT, "no parameter of the objective's %d models influences the loss",
                          objective->model_count);
}

gan_status gan_objective_collect_parameters(gan_objective *objective)
{
    gan_status status = list_trained(objective);
    if (status != GAN_OK)
        return status;
    if (objective->trained_count == 0)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "none of the objective's %d models has a parameter that is trainable",
                        objective->model_count);
    status = check_influence(objective);
    if (status != GAN_OK)
        return status;
    objective->gradients =
        gan_allocate_array(objective->graph->context, objective->gradient_count, sizeof(float));
    if (objective->gradients == NULL)
        return gan_fail_memory("gradients", objective->gradient_count * sizeof(float));
    join_runs(objective);
    return GAN_OK;
}

gan_status gan_objective_collect_statistics(gan_objective *objective)
{
    size_t most = 0, floats = 0;
    for (int32_t i = 0; i < objective->layer_count; i++)
        most += (size_t)objective->layers[i]->parameter_count;
    gan_context *context = objective->graph->context;
    objective->statistics = gan_allocate_array(context, most, sizeof(struct parameter *));
    if (objective->statistics == NULL)
        return gan_fail_memory("a list of statistics", most * sizeof(struct parameter *));
    for (int32_t i = 0; i < objective->layer_count; i++) {
        const gan_layer *layer = objective->layers[i];
        for (int32_t k = 0; k < layer->parameter_count; k++)
            if (layer->parameters[k]->specification.running_statistic) {
                objective->statistics[objective->statistic_count++] = layer->parameters[k];
                floats += (size_t)layer->parameters[k]->count;
            }
    }
    objective->statistics_before = gan_allocate_array(context, floats, sizeof(float));
    return objective->statistics_before != NULL ? GAN_OK
                                                : gan_fail_memory("statistics", floats * sizeof(float));
}

void gan_objective_keep_statistics(gan_objective *objective)
{
    float *copy = objective->statistics_before;
    for (int32_t i = 0; i < objective->statistic_count; i++) {
        const struct parameter *parameter = objective->statistics[i];
        if (!gan_objective_has_begun_with(objective, parameter))
            memcpy(copy, gan_parameter_values(parameter), (size_t)parameter->count * sizeof(float));
        copy += parameter->count;
    }
}

void gan_objective_mark_statistics(gan_objective *objective)
{
    for (int32_t i = 0; i < objective->statistic_count; i++)
        gan_parameter_mark_changed(objective->statistics[i]);
}

void gan_objective_restore_statistics(gan_objective *objective)
{
    const float *copy = objective->statistics_before;
    for (int32_t i = 0; i < objective->statistic_count; i++) {
        const struct parameter *parameter = objective->statistics[i];
        memcpy(gan_parameter_values(parameter), copy, (size_t)parameter->count * sizeof(float));
        copy += parameter->count;
    }
}
