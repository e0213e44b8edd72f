/* Reading and writing the parameters of a model. */
#include "graph/initializer.h"
#include "graph/model.h"
#include "tensor/tensor.h"

#include <math.h>
#include <string.h>

static const struct model_parameter *parameter_at(const gan_model *model, int32_t index)
{
    return model != NULL && index >= 0 && index < model->parameter_count ? &model->parameters[index] : NULL;
}

int32_t gan_model_parameter_count(const gan_model *model)
{
    return model != NULL ? model->parameter_count : 0;
}

const char *gan_model_parameter_name(const gan_model *model, int32_t index)
{
    const struct model_parameter *found = parameter_at(model, index);
    return found != NULL ? found->name : NULL;
}

int32_t gan_model_parameter_find(const gan_model *model, const char *name)
{
    for (int32_t i = 0; name != NULL && i < gan_model_parameter_count(model); i++)
        if (strcmp(model->parameters[i].name, name) == 0)
            return i;
    return -1;
}

int32_t gan_model_parameter_shape(const gan_model *model, int32_t index, int64_t *sizes)
{
    const struct model_parameter *found = parameter_at(model, index);
    return found != NULL ? gan_shape_give(&found->parameter->specification.shape, sizes) : -1;
}

int32_t gan_model_parameter_trainable(const gan_model *model, int32_t index)
{
    const struct model_parameter *found = parameter_at(model, index);
    return found != NULL && !found->parameter->specification.running_statistic;
}

int64_t gan_model_element_count(const gan_model *model)
{
    int64_t count = 0;
    for (int32_t i = 0; i < gan_model_parameter_count(model); i++)
        count += model->parameters[i].parameter->count;
    return count;
}

static gan_status no_such_parameter(const gan_model *model, int32_t index)
{
    if (model == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "the model is NULL");
    return gan_fail(GAN_ERROR_ARGUMENT, "model \"%s\" has %d parameters, there is none with index %d",
                    model->name, model->parameter_count, index);
}

gan_status gan_model_get_parameter(const gan_model *model, int32_t index, gan_tensor **out)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_get_parameter: out is NULL");
    *out = NULL;
    const struct model_parameter *found = parameter_at(model, index);
    if (found == NULL)
        return no_such_parameter(model, index);
    gan_tensor *copy;
    const gan_status status =
        gan_tensor_make(&copy, model->graph->context, GAN_FLOAT32, &found->parameter->specification.shape);
    if (status != GAN_OK)
        return status;
    memcpy(copy->data, gan_parameter_values(found->parameter),
           (size_t)found->parameter->count * sizeof(float));
    *out = copy;
    return GAN_OK;
}

static gan_status check_value(const struct model_parameter *to, const gan_tensor *value)
{
    if (value == NULL || value->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "parameter \"%s\": the value is %s, expected a float32 tensor",
                        to->name, value == NULL ? "NULL" : gan_type_name(value->type));
    const struct shape *expected = &to->parameter->specification.shape;
    char given_text[SHAPE_TEXT_SIZE], expected_text[SHAPE_TEXT_SIZE];
    if (!gan_shape_equal(&value->shape, expected))
        return gan_fail(GAN_ERROR_SHAPE, "parameter \"%s\": the value has shape %s, expected %s", to->name,
                        gan_shape_text(&value->shape, given_text), gan_shape_text(expected, expected_text));
    const float *values = value->data;
    for (int64_t i = 0; i < to->parameter->count; i++)
        if (!isfinite(values[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE, "parameter \"%s\": element %lld is not finite", to->name,
                            (long long)i);
    return GAN_OK;
}

gan_status gan_model_set_parameter(gan_model *model, int32_t index, const gan_tensor *value)
{
    const struct model_parameter *found = parameter_at(model, index);
    if (found == NULL)
        return no_such_parameter(model, index);
    const gan_status status = check_value(found, value);
    if (status != GAN_OK)
        return status;
    memcpy(gan_parameter_values(found->parameter), value->data,
           (size_t)found->parameter->count * sizeof(float));
    gan_parameter_mark_changed(found->parameter);
    return GAN_OK;
}

gan_status gan_model_initialize(gan_model *model, uint64_t seed)
{
    if (model == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_initialize: the model is NULL");
    for (int32_t i = 0; i < model->parameter_count; i++) {
        struct parameter *parameter = model->parameters[i].parameter;
        struct random_stream random = {seed, (uint64_t)i, 0};
        gan_parameter_initialize(parameter, &random);
        gan_parameter_mark_changed(parameter);
    }
    return GAN_OK;
}

static gan_status check_same_parameters(const gan_model *to, const gan_model *from)
{
    if (to == NULL || from == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "a model is NULL");
    if (to->parameter_count != from->parameter_count)
        return gan_fail(GAN_ERROR_SHAPE, "model \"%s\" has %d parameters, model \"%s\" has %d", to->name,
                        to->parameter_count, from->name, from->parameter_count);
    for (int32_t i = 0; i < to->parameter_count; i++)
        if (!gan_shape_equal(&to->parameters[i].parameter->specification.shape,
                             &from->parameters[i].parameter->specification.shape))
            return gan_fail(GAN_ERROR_SHAPE, "parameter \"%s\" and parameter \"%s\" have different shapes",
                            to->parameters[i].name, from->parameters[i].name);
    return GAN_OK;
}

gan_status gan_model_copy_parameters(gan_model *to, const gan_model *from)
{
    const gan_status status = check_same_parameters(to, from);
    for (int32_t i = 0; status == GAN_OK && i < to->parameter_count; i++) {
        struct parameter *target = to->parameters[i].parameter;
        memmove(gan_parameter_values(target), gan_parameter_values(from->parameters[i].parameter),
                (size_t)target->count * sizeof(float));
        gan_parameter_mark_changed(target);
    }
    return status;
}
