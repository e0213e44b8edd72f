/* A training step: forward, backward, update. */
#include "base/threads.h"
#include "graph/objective.h"
#include "kernels/accumulate.h"
#include "tensor/tensor.h"

#include <math.h>
#include <string.h>

static gan_status check_inputs(const gan_objective *objective, const gan_tensor *const *inputs,
                               int32_t input_count)
{
    if (objective == NULL || inputs == NULL || input_count != objective->input_count)
        return gan_fail(GAN_ERROR_ARGUMENT, "the objective takes %d inputs, the call gives %d",
                        objective == NULL ? 0 : objective->input_count, inputs == NULL ? 0 : input_count);
    for (int32_t i = 0; i < input_count; i++) {
        const char *name = objective->inputs[i]->name;
        if (inputs[i] == NULL)
            return gan_fail(GAN_ERROR_ARGUMENT, "input \"%s\" is NULL", name);
        if (inputs[i]->type != GAN_FLOAT32)
            return gan_fail(GAN_ERROR_TYPE, "input \"%s\" is a tensor of %s, expected float32", name,
                            gan_type_name(inputs[i]->type));
        const struct shape *given = &inputs[i]->shape, *expected = &objective->inputs[i]->shape;
        bool fits = given->rank == expected->rank;
        for (int32_t k = 0; fits && k < given->rank; k++)
            fits = expected->size[k] < 0 || expected->size[k] == given->size[k];
        char given_text[SHAPE_TEXT_SIZE], expected_text[SHAPE_TEXT_SIZE];
        if (!fits)
            return gan_fail(GAN_ERROR_SHAPE, "input \"%s\" has shape %s, expected %s", name,
                            gan_shape_text(given, given_text), gan_shape_text(expected, expected_text));
    }
    return GAN_OK;
}

static bool plan_fits(const gan_objective *objective, const gan_tensor *const *inputs)
{
    for (int32_t i = 0; i < objective->input_count; i++)
        if (!gan_shape_equal(&objective->input_shapes[i], &inputs[i]->shape))
            return false;
    return objective->plan != NULL;
}

static gan_status compile(gan_objective *objective, const gan_tensor *const *inputs)
{
    if (plan_fits(objective, inputs))
        return GAN_OK;
    gan_objective_drop_plan(objective);
    for (int32_t i = 0; i < objective->input_count; i++)
        objective->input_shapes[i] = inputs[i]->shape;
    const struct plan_request request = {.context = objective->graph->context,
                                         .layers = objective->layers,
                                         .layer_count = objective->layer_count,
                                         .inputs = objective->inputs,
                                         .input_shapes = objective->input_shapes,
                                         .input_count = objective->input_count,
                                         .roots = objective->roots,
                                         .root_count = objective->watched_count + 1,
                                         .precision = objective->precision,
                                         .training = true,
                                         .loss = objective->loss,
                                         .gradient_offset = gan_objective_gradient_offset,
                                         .owner = objective,
                                         .gradients = objective->gradients,
                                         .input_gradients = objective->input_gradients};
    memset(objective->gradients, 0, objective->gradient_count * sizeof(float));
    return gan_plan_create(&objective->plan, &request);
}

gan_status gan_objective_prepare(gan_objective *objective, const gan_tensor *const *inputs,
                                 int32_t input_count)
{
    gan_status status = check_inputs(objective, inputs, input_count);
    if (status == GAN_OK && !gan_objective_goes_on(objective, inputs))
        objective->begun = 0;
    if (status == GAN_OK)
        status = compile(objective, inputs);
    if (status == GAN_OK)
        objective->differentiated = false;
    for (int32_t i = 0; status == GAN_OK && i < input_count; i++)
        gan_plan_bind_input(objective->plan, i, inputs[i]->data);
    return status;
}

static void run_forward(gan_objective *objective, struct plan_run *run)
{
    gan_plan_forward(objective->plan, run);
    objective->last_loss = *gan_plan_value(objective->plan, objective->loss)->data;
}

static gan_status name_input(const gan_objective *objective)
{
    for (int32_t i = 0; i < objective->input_count; i++) {
        const struct plan_value *value = gan_plan_value(objective->plan, objective->inputs[i]);
        if (value != NULL && !gan_all_finite(value->data, gan_shape_count(&value->shape)))
            return gan_fail(GAN_ERROR_NOT_FINITE, "input \"%s\" has elements that are not finite",
                            objective->inputs[i]->name);
    }
    return GAN_OK;
}

static gan_status name_parameter(const gan_layer *layer)
{
    for (int32_t i = 0; i < layer->parameter_count; i++) {
        const struct parameter *parameter = layer->parameters[i];
        if (!gan_all_finite(gan_parameter_values(parameter), parameter->count))
            return gan_fail(GAN_ERROR_NOT_FINITE, "parameter \"%s.%s\" has elements that are not finite",
                            layer->name, parameter->specification.suffix);
    }
    return GAN_OK;
}

gan_status gan_objective_name_culprit(gan_objective *objective, struct plan_run run)
{
    gan_status status = name_input(objective);
    if (status != GAN_OK)
        return status;
    run.first = 0;
    run.update_statistics = false;
    run.scan = true;
    gan_plan_forward(objective->plan, &run);
    if (run.not_finite != NULL)
        status = name_parameter(run.not_finite);
    if (status != GAN_OK)
        return status;
    if (run.not_finite != NULL)
        return gan_fail(GAN_ERROR_NOT_FINITE, "the output of %s \"%s\" is not finite",
                        run.not_finite->op->name, run.not_finite->name);
    gan_plan_backward(objective->plan, &run);
    if (run.not_finite != NULL)
        return gan_fail(GAN_ERROR_NOT_FINITE, "a gradient of %s \"%s\" is not finite",
                        run.not_finite->op->name, run.not_finite->name);
    return gan_fail(GAN_ERROR_NOT_FINITE, "the gradients are too large to be added up");
}

struct plan_run gan_objective_run(const gan_objective *objective, bool update_statistics)
{
    return (struct plan_run){.first = objective->begun,
                             .update_statistics = update_statistics,
                             .random_seed = objective->random_seed,
                             .random_stream = objective->random_stream,
                             .random_counter = (uint64_t)gan_optimizer_step_count(objective->optimizer)
                                                   << 32 |
                                               (uint64_t)objective->pending};
}

/* Forward and backward; *squares is the sum of squares of all gradients. */
static gan_status differentiate(gan_objective *objective, bool update_statistics, double *squares)
{
    gan_context *context = objective->graph->context;
    struct plan_run run = gan_objective_run(objective, update_statistics);
    if (update_statistics)
        gan_objective_keep_statistics(objective);
    objective->begun = 0;
    run_forward(objective, &run);
    *squares = NAN;
    if (isfinite(objective->last_loss)) {
        gan_plan_backward(objective->plan, &run);
        *squares = gan_sum_of_squares(context, objective->gradients, (int64_t)objective->gradient_count);
    }
    objective->differentiated = isfinite(*squares);
    if (objective->differentiated)
        return GAN_OK;
    if (update_statistics)
        gan_objective_restore_statistics(objective);
    return gan_objective_name_culprit(objective, run);
}

static void mark_changed(gan_objective *objective)
{
    for (int32_t i = 0; i < objective->trained_count; i++)
        gan_parameter_mark_changed(objective->trained[i].parameter);
    gan_objective_mark_statistics(objective);
}

static void update(gan_objective *objective, double squares)
{
    const double norm = sqrt(squares);
    const double clip = (double)objective->clip_norm;
    const float factor = clip > 0 && norm > clip ? (float)(clip / norm) : 1;
    gan_optimizer_apply(objective->optimizer, objective->runs, objective->run_count, factor,
                        objective->clip_value);
    mark_changed(objective);
}

gan_status gan_objective_step(gan_objective *objective, const gan_tensor *const *inputs, int32_t input_count,
                              float *loss)
{
    gan_status status = gan_objective_prepare(objective, inputs, input_count);
    if (status != GAN_OK)
        return status;
    double squares;
    const uint32_t mode = gan_compute_enter(objective->graph->context);
    status = differentiate(objective, true, &squares);
    if (status == GAN_OK && gan_objective_accumulate(objective, &squares))
        update(objective, squares);
    else if (status == GAN_OK)
        mark_changed(objective);
    gan_compute_leave(objective->graph->context, mode);
    if (loss != NULL)
        *loss = objective->last_loss;
    return status;
}

gan_status gan_objective_gradients(gan_objective *objective, const gan_tensor *const *inputs,
                                   int32_t input_count, float *loss)
{
    gan_status status = gan_objective_prepare(objective, inputs, input_count);
    if (status != GAN_OK)
        return status;
    double squares;
    objective->begun = 0;
    const uint32_t mode = gan_compute_enter(objective->graph->context);
    status = differentiate(objective, false, &squares);
    gan_compute_leave(objective->graph->context, mode);
    if (loss != NULL)
        *loss = objective->last_loss;
    return status;
}

gan_status gan_objective_evaluate(gan_objective *objective, const gan_tensor *const *inputs,
                                  int32_t input_count, float *loss)
{
    const gan_status status = gan_objective_prepare(objective, inputs, input_count);
    if (status != GAN_OK)
        return status;
    objective->begun = 0;
    struct plan_run run = {.random_seed = objective->random_seed, .random_stream = objective->random_stream};
    const uint32_t mode = gan_compute_enter(objective->graph->context);
    run_forward(objective, &run);
    gan_compute_leave(objective->graph->context, mode);
    if (loss != NULL)
        *loss = objective->last_loss;
    return GAN_OK;
}

static gan_status check_differentiated(const gan_objective *objective)
{
    return objective->differentiated
               ? GAN_OK
               : gan_fail(GAN_ERROR_STATE,
                          "the objective's last run computed no gradients, or there was none");
}

static gan_status copy_out(gan_context *context, const struct shape *shape, const float *values,
                           gan_tensor **out)
{
    const gan_status status = gan_tensor_make(out, context, GAN_FLOAT32, shape);
    if (status == GAN_OK)
        memcpy((*out)->data, values, (size_t)gan_shape_count(shape) * sizeof(float));
    return status;
}

gan_status gan_objective_gradient(const gan_objective *objective, const gan_model *model, int32_t index,
                                  gan_tensor **out)
{
    if (objective == NULL || model == NULL || out == NULL || index < 0 || index >= model->parameter_count)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_objective_gradient: no parameter %d", index);
    *out = NULL;
    const struct parameter *parameter = model->parameters[index].parameter;
    const size_t offset = gan_objective_gradient_offset(objective, parameter);
    if (offset == SIZE_MAX)
        return gan_fail(GAN_ERROR_ARGUMENT, "the objective does not train parameter \"%s\"",
                        model->parameters[index].name);
    const gan_status status = check_differentiated(objective);
    if (status != GAN_OK)
        return status;
    return copy_out(objective->graph->context, &parameter->specification.shape, objective->gradients + offset,
                    out);
}

gan_status gan_objective_input_gradient(const gan_objective *objective, int32_t input, gan_tensor **out)
{
    if (objective == NULL || out == NULL || input < 0 || input >= objective->input_count ||
        !objective->input_gradients[input])
        return gan_fail(GAN_ERROR_ARGUMENT, "no gradient was requested for input %d", input);
    *out = NULL;
    const gan_status status = check_differentiated(objective);
    if (status != GAN_OK)
        return status;
    const struct plan_value *value = gan_plan_value(objective->plan, objective->inputs[input]);
    if (value == NULL || value->gradient == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "input \"%s\" does not influence the loss",
                        objective->inputs[input]->name);
    return copy_out(objective->graph->context, &value->shape, value->gradient, out);
}

static const struct plan_value *watched_value(const gan_objective *objective, int32_t index)
{
    if (objective == NULL || objective->plan == NULL || index < 0 || index >= objective->watched_count)
        return NULL;
    return gan_plan_value(objective->plan, objective->watched[index]);
}

gan_status gan_objective_value(const gan_objective *objective, int32_t index, gan_tensor **out)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_objective_value: out is NULL");
    *out = NULL;
    const struct plan_value *value = watched_value(objective, index);
    if (value == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "there is no watched layer %d, or the objective has not run",
                        index);
    return copy_out(objective->graph->context, &value->shape, value->data, out);
}

float gan_objective_scalar(const gan_objective *objective, int32_t index)
{
    const struct plan_value *value = watched_value(objective, index);
    return value != NULL ? value->data[0] : NAN;
}
