/* The moving average of a model's parameters. */
#include "gan/average.h"
#include "base/threads.h"
#include "graph/model.h"
#include "kernels/accumulate.h"
#include "tensor/tensor.h"
#include "training/state_names.h"

#include <math.h>
#include <string.h>

struct gan_average {
    gan_context *context;
    gan_model *model;
    gan_average_options options; /* defaults filled in */
    int64_t updates;
    gan_tensor **values; /* per parameter of the model */
};

void gan_average_free(gan_average *average)
{
    if (average == NULL)
        return;
    gan_context *context = average->context;
    for (int32_t i = 0; average->values != NULL && i < average->model->parameter_count; i++)
        gan_tensor_free(average->values[i]);
    gan_release(context, average->values);
    gan_model_free(average->model);
    gan_release(context, average);
    gan_context_free(context);
}

static gan_status take_options(gan_average_options *options, const gan_average_options *given)
{
    const gan_status status = gan_copy_options(options, sizeof *options, given, "gan_average_options");
    if (status != GAN_OK)
        return status;
    if (options->decay == 0)
        options->decay = 0.999f;
    if (options->bias_corrected != 0 && options->short_at_first != 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "bias_corrected and short_at_first exclude each other");
    if (options->decay > 0 && options->decay < 1)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "decay is %g, expected 0 or more and less than 1",
                    (double)options->decay);
}

static gan_status copy_parameters(gan_average *average)
{
    const int32_t count = average->model->parameter_count;
    average->values = gan_allocate_array(average->context, (size_t)count, sizeof *average->values);
    if (average->values == NULL)
        return gan_fail_memory("an average", (size_t)count * sizeof *average->values);
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < count; i++)
        status = gan_model_get_parameter(average->model, i, &average->values[i]);
    return status;
}

gan_status gan_average_create(gan_average **out, gan_model *model, const gan_average_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_average_create: out is NULL");
    *out = NULL;
    gan_average_options options;
    gan_status status =
        model != NULL ? take_options(&options, given) : gan_fail(GAN_ERROR_ARGUMENT, "model is NULL");
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_average_create: ");
    gan_context *context = model->graph->context;
    gan_average *average = gan_allocate_zeroed(context, sizeof *average);
    if (average == NULL)
        return gan_fail_memory("an average", sizeof *average);
    average->context = gan_context_retain(context);
    average->model = gan_model_retain(model);
    average->options = options;
    status = copy_parameters(average);
    if (status != GAN_OK) {
        gan_average_free(average);
        return status;
    }
    *out = average;
    return GAN_OK;
}

static gan_status check_finite(const gan_model *model)
{
    for (int32_t i = 0; i < model->parameter_count; i++) {
        const struct parameter *parameter = model->parameters[i].parameter;
        if (!gan_all_finite(gan_parameter_values(parameter), parameter->count))
            return gan_fail(GAN_ERROR_NOT_FINITE, "gan_average_update: parameter \"%s\" is not finite",
                            model->parameters[i].name);
    }
    return GAN_OK;
}

struct update {
    const gan_average *average;
    float share; /* of what is new */
};

static void update_parameter(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct update *update = argument;
    const struct parameter *parameter = update->average->model->parameters[index].parameter;
    const float *now = gan_parameter_values(parameter);
    const float share = parameter->specification.running_statistic ? 1 : update->share;
    float *value = update->average->values[index]->data;
    for (int64_t i = 0; i < parameter->count; i++)
        value[i] = share == 1 ? now[i] : value[i] + share * (now[i] - value[i]);
}

/* What an update takes of the new values. With (1 - decay) / (1 - decay^t) the plain recursion gives the
 * bias-corrected average itself. */
static double share_of_new(const gan_average_options *options, int64_t updates)
{
    const double decay = (double)options->decay, t = (double)updates;
    if (options->short_at_first != 0)
        return 1 - fmin(decay, (1 + t) / (10 + t));
    return options->bias_corrected != 0 ? (1 - decay) / (1 - pow(decay, t + 1)) : 1 - decay;
}

gan_status gan_average_update(gan_average *average)
{
    if (average == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_average_update: average is NULL");
    const gan_status status = check_finite(average->model);
    if (status != GAN_OK)
        return status;
    struct update update = {average, (float)share_of_new(&average->options, average->updates++)};
    gan_parallel(average->context, average->model->parameter_count, update_parameter, &update);
    return GAN_OK;
}

int64_t gan_average_updates(const gan_average *average)
{
    return average != NULL ? average->updates : 0;
}

gan_status gan_average_apply(const gan_average *average, gan_model *to)
{
    if (average == NULL || to == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_average_apply: %s is NULL", to == NULL ? "to" : "average");
    if (to->parameter_count != average->model->parameter_count)
        return gan_fail(GAN_ERROR_SHAPE, "gan_average_apply: the model has %d parameters, the average %d",
                        to->parameter_count, average->model->parameter_count);
    for (int32_t i = 0; i < to->parameter_count; i++)
        if (!gan_shape_equal(&to->parameters[i].parameter->specification.shape, &average->values[i]->shape))
            return gan_fail(GAN_ERROR_SHAPE,
                            "gan_average_apply: parameter \"%s\" has another shape than the average's",
                            to->parameters[i].name);
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < to->parameter_count; i++)
        status = gan_model_set_parameter(to, i, average->values[i]);
    return status;
}

gan_status gan_average_store(const gan_average *average, gan_tensors *state, const char *prefix)
{
    if (average == NULL || state == NULL || prefix == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_average_store: an argument is NULL");
    gan_status status = gan_state_set_count(state, prefix, "updates", average->updates);
    for (int32_t i = 0; status == GAN_OK && i < average->model->parameter_count; i++)
        status = gan_state_add_copy(state, prefix, average->model->parameters[i].name, average->values[i]);
    return status;
}

static gan_status find_value(const gan_average *average, const gan_tensors *state, const char *prefix,
                             int32_t index, const gan_tensor **found)
{
    const char *name = average->model->parameters[index].name;
    char given[SHAPE_TEXT_SIZE], expected[SHAPE_TEXT_SIZE];
    const gan_status status = gan_state_find(state, prefix, name, found);
    if (status == GAN_OK && !gan_shape_equal(&(*found)->shape, &average->values[index]->shape))
        return gan_fail(GAN_ERROR_FORMAT, "\"%s.%s\" has the shape %s, expected %s", prefix, name,
                        gan_shape_text(&(*found)->shape, given),
                        gan_shape_text(&average->values[index]->shape, expected));
    return status;
}

gan_status gan_average_restore(gan_average *average, const gan_tensors *state, const char *prefix)
{
    if (average == NULL || state == NULL || prefix == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_average_restore: an argument is NULL");
    int64_t updates = 0;
    const gan_tensor *found = NULL;
    gan_status status = gan_state_count(state, prefix, "updates", &updates);
    for (int32_t i = 0; status == GAN_OK && i < average->model->parameter_count; i++)
        status = find_value(average, state, prefix, i, &found);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_average_restore: ");
    for (int32_t i = 0; i < average->model->parameter_count; i++) {
        find_value(average, state, prefix, i, &found);
        memcpy(average->values[i]->data, found->data, (size_t)gan_tensor_count(found) * sizeof(float));
    }
    average->updates = updates;
    return GAN_OK;
}
