/* What may be wrong with a model: numbers, and inputs of normalization layers. */
#include "gan/health.h"
#include "gan/session.h"
#include "graph/model.h"
#include "kernels/accumulate.h"
#include "layers/normalization.h"
#include "layers/ops.h"
#include "tensor/tensor.h"

#include <inttypes.h>

gan_status gan_check_parameters(const gan_model *model)
{
    if (model == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_check_parameters: model is NULL");
    for (int32_t i = 0; i < model->parameter_count; i++) {
        const struct parameter *parameter = model->parameters[i].parameter;
        const float *values = gan_parameter_values(parameter);
        if (gan_all_finite(values, parameter->count))
            continue;
        for (int64_t k = 0; k < parameter->count; k++)
            if (!gan_all_finite(values + k, 1))
                return gan_fail(GAN_ERROR_NOT_FINITE,
                                "parameter \"%s\" of model \"%s\" is not finite: element %" PRId64,
                                model->parameters[i].name, model->name, k);
    }
    return GAN_OK;
}

/* ---- Normalization ---- */

static bool is_normalization(const gan_layer *layer)
{
    return layer->op == &gan_op_batch_norm || layer->op == &gan_op_instance_norm ||
           layer->op == &gan_op_group_norm || layer->op == &gan_op_layer_norm;
}

/* The numbers that one mean and variance is of: `pictures` of them together, `channels` beside one another.
 */
struct grouping {
    int64_t sets, positions,
        channels; /* sets of pictures; positions in all pictures of a set; channels of a group */
    int64_t all_channels;
};

static struct grouping grouping_of(const gan_layer *layer, const gan_tensor *input)
{
    const struct norm_attributes *attributes = layer->attributes;
    const int64_t channels = input->shape.size[input->shape.rank - 1], batch = input->shape.size[0];
    const int64_t pixels = gan_tensor_count(input) / channels;
    struct grouping grouping = {batch, pixels / batch, 1, channels};
    if (layer->op == &gan_op_batch_norm)
        grouping = (struct grouping){1, pixels, 1, channels};
    else if (layer->op == &gan_op_layer_norm)
        grouping.channels = channels;
    else if (layer->op == &gan_op_group_norm)
        grouping.channels = channels / attributes->groups;
    return grouping;
}

static double variance(const struct grouping *grouping, const float *first)
{
    const double count = (double)(grouping->positions * grouping->channels);
    double sum = 0, squares = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i < grouping->positions; i++)
            for (int64_t c = 0; c < grouping->channels; c++) {
                const double value = (double)first[i * grouping->all_channels + c];
                const double difference = value - sum / count;
                if (pass == 0)
                    sum += value;
                else
                    squares += difference * difference;
            }
    return squares / count;
}

static gan_status check_layer(const gan_layer *layer, const gan_tensor *input)
{
    const struct norm_attributes *attributes = layer->attributes;
    const struct grouping grouping = grouping_of(layer, input);
    const int64_t groups = grouping.all_channels / grouping.channels;
    const float *values = input->data;
    for (int64_t set = 0; set < grouping.sets; set++) {
        const float *first = values + set * grouping.positions * grouping.all_channels;
        int64_t flat = 0;
        for (int64_t group = 0; group < groups; group++)
            flat += !(variance(&grouping, first + group * grouping.channels) >= (double)attributes->epsilon);
        if (2 * flat > groups)
            return gan_fail(GAN_ERROR_STATE,
                            "%s \"%s\" gets flat inputs: picture %" PRId64
                            " has less variance than its epsilon of %g in "
                            "%" PRId64 " of %" PRId64 " groups of channels",
                            layer->op->name, layer->name, set, (double)attributes->epsilon, flat, groups);
    }
    return GAN_OK;
}

/* The layers that feed normalizations, each once. */
static int32_t list_sources(const gan_model *model, gan_layer **sources)
{
    int32_t count = 0;
    for (int32_t i = 0; i < model->layer_count; i++) {
        if (!is_normalization(model->layers[i]))
            continue;
        gan_layer *source = model->layers[i]->inputs[0];
        bool known = false;
        for (int32_t k = 0; k < count; k++)
            known = known || sources[k] == source;
        if (!known)
            sources[count++] = source;
    }
    return count;
}

struct probe {
    gan_model *model;
    gan_session *session;
    gan_layer **sources;
    gan_tensor **values;
    int32_t count;
};

static gan_status run_probe(struct probe *probe, gan_model *model, const gan_tensor *input)
{
    gan_context *context = model->graph->context;
    gan_status status = gan_model_create(&probe->model, "probe", model->inputs, model->input_count,
                                         probe->sources, probe->count);
    if (status == GAN_OK)
        status = gan_session_create(&probe->session, probe->model, input->shape.size, NULL);
    for (int32_t i = 0; status == GAN_OK && i < probe->count; i++) {
        int64_t size[GAN_MAX_RANK];
        const int32_t rank = gan_session_output_shape(probe->session, i, size);
        status = gan_tensor_create(&probe->values[i], context, GAN_FLOAT32, size, rank);
    }
    if (status == GAN_OK)
        status = gan_session_run(probe->session, &input, 1, probe->values, probe->count);
    return status;
}

static gan_status judge(const struct probe *probe, const gan_model *model)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < model->layer_count; i++) {
        const gan_layer *layer = model->layers[i];
        for (int32_t k = 0; is_normalization(layer) && status == GAN_OK && k < probe->count; k++)
            if (probe->sources[k] == layer->inputs[0])
                status = check_layer(layer, probe->values[k]);
    }
    return status;
}

static gan_status probe_model(gan_model *model, const gan_tensor *input)
{
    gan_context *context = model->graph->context;
    const size_t count = (size_t)model->layer_count;
    struct probe probe = {.sources = gan_allocate_array(context, count, sizeof(gan_layer *)),
                          .values = gan_allocate_array(context, count, sizeof(gan_tensor *))};
    gan_status status = GAN_OK;
    if (probe.sources == NULL || probe.values == NULL)
        status = gan_fail_memory("a list of layers", count * sizeof(gan_layer *));
    else
        probe.count = list_sources(model, probe.sources);
    if (status == GAN_OK && probe.count > 0)
        status = run_probe(&probe, model, input);
    if (status == GAN_OK)
        status = judge(&probe, model);
    for (int32_t i = 0; i < probe.count; i++)
        gan_tensor_free(probe.values[i]);
    gan_session_free(probe.session);
    gan_model_free(probe.model);
    gan_release(context, probe.sources);
    gan_release(context, probe.values);
    return status;
}

gan_status gan_check_normalization(gan_model *model, const gan_tensor *input)
{
    gan_status status = GAN_OK;
    if (model == NULL || input == NULL)
        status = gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL", model == NULL ? "model" : "input");
    else if (model->input_count != 1 || input->shape.rank != model->inputs[0]->shape.rank)
        status = gan_fail(GAN_ERROR_SHAPE, "model \"%s\" has not one input of the rank %d", model->name,
                          input->shape.rank);
    else if (input->type == GAN_FLOAT32 && !gan_all_finite(input->data, gan_tensor_count(input)))
        status = gan_fail(GAN_ERROR_NOT_FINITE, "input has elements that are not finite");
    else
        status = probe_model(model, input);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_check_normalization: ");
}
