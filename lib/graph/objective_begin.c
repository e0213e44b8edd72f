/* Steps in two parts: what a layer needs first, and all else when another objective has had its turn. */
#include "base/threads.h"
#include "graph/objective.h"
#include "kernels/accumulate.h"
#include "tensor/tensor.h"

#include <string.h>

static bool has_parameter(const gan_layer *layer, const struct parameter *parameter)
{
    for (int32_t i = 0; i < layer->parameter_count; i++)
        if (layer->parameters[i] == parameter)
            return true;
    return false;
}

bool gan_objective_has_begun_with(const gan_objective *objective, const struct parameter *parameter)
{
    for (int32_t i = 0; i < objective->begun; i++)
        if (has_parameter(objective->plan->steps[i].layer, parameter))
            return true;
    return false;
}

/* Grows with every change to a parameter that begun steps have read. Running statistics are what they move
 * themselves. */
static uint64_t begun_version(const gan_objective *objective)
{
    uint64_t version = 0;
    for (int32_t i = 0; i < objective->begun; i++) {
        const gan_layer *layer = objective->plan->steps[i].layer;
        for (int32_t k = 0; k < layer->parameter_count; k++)
            if (!layer->parameters[k]->specification.running_statistic)
                version += atomic_load(&layer->parameters[k]->version);
    }
    return version;
}

bool gan_objective_goes_on(const gan_objective *objective, const gan_tensor *const *inputs)
{
    if (objective->begun == 0 || begun_version(objective) != objective->begun_version)
        return false;
    for (int32_t i = 0; i < objective->input_count; i++) {
        const struct plan_value *bound = gan_plan_value(objective->plan, objective->inputs[i]);
        if (bound != NULL &&
            (bound->data != inputs[i]->data || !gan_shape_equal(&bound->shape, &inputs[i]->shape)))
            return false;
    }
    return true;
}

void gan_objective_drop_plan(gan_objective *objective)
{
    gan_tensor_free(objective->lent);
    objective->lent = NULL;
    gan_plan_free(objective->plan);
    objective->plan = NULL;
    objective->begun = 0;
}

/* A tensor over the memory of a watched value, made anew only where it is not the one lent before. */
static gan_status lend(gan_objective *objective, const struct plan_value *value)
{
    if (objective->lent != NULL && objective->lent->data == value->data)
        return GAN_OK;
    gan_tensor_free(objective->lent);
    objective->lent = NULL;
    return gan_tensor_wrap(&objective->lent, objective->graph->context, GAN_FLOAT32, value->shape.size,
                           value->shape.rank, value->data, NULL, NULL);
}

/* The steps before `end`, which make `value`. */
static gan_status run_to(gan_objective *objective, int32_t end, const struct plan_value *value,
                         bool update_statistics)
{
    gan_context *context = objective->graph->context;
    gan_status status = GAN_OK;
    objective->begun = 0;
    gan_objective_keep_statistics(objective);
    struct plan_run run = gan_objective_run(objective, update_statistics);
    run.end = end;
    const uint32_t mode = gan_compute_enter(context);
    gan_plan_forward(objective->plan, &run);
    if (!gan_all_finite(value->data, gan_shape_count(&value->shape))) {
        gan_objective_restore_statistics(objective);
        status = gan_objective_name_culprit(objective, run);
    }
    gan_compute_leave(context, mode);
    if (status != GAN_OK)
        return status;
    objective->begun = end;
    objective->begun_version = begun_version(objective);
    if (update_statistics)
        gan_objective_mark_statistics(objective);
    return GAN_OK;
}

static gan_status check_begin(const gan_objective *objective, int32_t watched, int32_t statistics,
                              const gan_tensor **value)
{
    if (value == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_objective_begin: value is NULL");
    *value = NULL;
    if (objective != NULL && (watched < 0 || watched >= objective->watched_count))
        return gan_fail(GAN_ERROR_ARGUMENT, "the objective watches %d layers: there is no layer %d",
                        objective->watched_count, watched);
    if (statistics != GAN_STATISTICS_FOLLOW && statistics != GAN_STATISTICS_BATCH)
        return gan_fail(GAN_ERROR_ARGUMENT, "statistics is %d, expected GAN_STATISTICS_FOLLOW or _BATCH",
                        statistics);
    return GAN_OK;
}

gan_status gan_objective_begin(gan_objective *objective, const gan_tensor *const *inputs, int32_t input_count,
                               int32_t watched, int32_t statistics, const gan_tensor **value)
{
    gan_status status = check_begin(objective, watched, statistics, value);
    if (status == GAN_OK)
        status = gan_objective_prepare(objective, inputs, input_count);
    if (status != GAN_OK)
        return status;
    const struct plan *plan = objective->plan;
    const struct plan_value *found = gan_plan_value(plan, objective->watched[watched]);
    status = lend(objective, found);
    if (status == GAN_OK)
        status = run_to(objective, plan->values[found->root].producer + 1, found,
                        statistics == GAN_STATISTICS_FOLLOW);
    if (status == GAN_OK)
        *value = objective->lent;
    return status;
}

void gan_objective_cancel(gan_objective *objective)
{
    if (objective == NULL || objective->begun == 0)
        return;
    objective->begun = 0;
    gan_objective_restore_statistics(objective);
    gan_objective_mark_statistics(objective);
}
