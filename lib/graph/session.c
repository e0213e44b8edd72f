#include "graph/session.h"
#include "base/threads.h"
#include "kernels/tiles.h"
#include "tensor/tensor.h"

#include <stdio.h>
#include <string.h>

static bool moves_statistics(const gan_session_options *options)
{
    return options->training != 0 || options->measure_statistics != 0;
}

gan_status gan_session_check_options(const gan_session_options *options)
{
    if (options->precision < GAN_PRECISION_DEFAULT || options->precision > GAN_PRECISION_BF16)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "precision is %d, expected GAN_PRECISION_DEFAULT, _EXACT or _BF16",
                        options->precision);
    if (options->training != 0 && options->measure_statistics != 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "training and measure_statistics exclude each other");
    if (options->precision == GAN_PRECISION_BF16 && moves_statistics(options))
        return gan_fail(GAN_ERROR_UNSUPPORTED,
                        "GAN_PRECISION_BF16 is for inference, the session trains: expected "
                        "GAN_PRECISION_DEFAULT or _EXACT");
    if (!(options->statistics_memory >= 0 && options->statistics_memory < 1))
        return gan_fail(GAN_ERROR_ARGUMENT, "statistics_memory is %g, expected 0 to less than 1",
                        (double)options->statistics_memory);
    if (options->statistics_memory > 0 && options->training != 0)
        return gan_fail(GAN_ERROR_UNSUPPORTED, "statistics_memory is for inference, the session trains");
    return GAN_OK;
}

/* What this context can compute with. */
static int32_t effective_precision(const gan_context *context, int32_t wanted)
{
    const bool lacking = wanted == GAN_PRECISION_BF16 && !gan_tiles_available(context);
    return lacking ? GAN_PRECISION_DEFAULT : wanted;
}

/* Known sizes that agree with those which the model fixes. */
static gan_status check_input_shape(const gan_model *model, int32_t index, const struct shape *shape)
{
    const struct shape *expected = &model->inputs[index]->shape;
    char given_text[SHAPE_TEXT_SIZE], expected_text[SHAPE_TEXT_SIZE];
    for (int32_t i = 0; i < shape->rank; i++)
        if (expected->size[i] >= 0 && expected->size[i] != shape->size[i])
            return gan_fail(GAN_ERROR_SHAPE, "it takes %s, the session asks for %s",
                            gan_shape_text(expected, expected_text), gan_shape_text(shape, given_text));
    return GAN_OK;
}

static gan_status take_shapes(gan_session *session, const int64_t *sizes)
{
    const gan_model *model = session->model;
    const size_t count = (size_t)model->input_count;
    session->input_shapes = gan_allocate_array(model->graph->context, count, sizeof *session->input_shapes);
    if (session->input_shapes == NULL)
        return gan_fail_memory("a session", count * sizeof *session->input_shapes);
    for (int32_t i = 0; i < model->input_count; i++) {
        const int32_t rank = model->inputs[i]->shape.rank;
        gan_status status = gan_shape_take(&session->input_shapes[i], sizes, rank, 1);
        if (status == GAN_OK)
            status = check_input_shape(model, i, &session->input_shapes[i]);
        if (status != GAN_OK)
            return gan_fail_within(status, "model \"%s\", input \"%s\": ", model->name,
                                   model->inputs[i]->name);
        sizes += rank;
    }
    return GAN_OK;
}

static gan_status compile(gan_session *session, bool unplaced)
{
    const gan_model *model = session->model;
    const struct plan_request request = {.context = model->graph->context,
                                         .layers = model->layers,
                                         .layer_count = model->layer_count,
                                         .inputs = model->inputs,
                                         .input_shapes = session->input_shapes,
                                         .input_count = model->input_count,
                                         .roots = model->outputs,
                                         .root_count = model->output_count,
                                         .precision = session->options.precision,
                                         .training = session->options.training != 0,
                                         .measure = session->options.measure_statistics != 0,
                                         .remembers = session->options.statistics_memory > 0,
                                         .unplaced = unplaced};
    return gan_plan_create(&session->plan, &request);
}

static gan_status create(gan_session **out, gan_model *model, const int64_t *shapes,
                         const gan_session_options *options, bool unplaced)
{
    gan_context *context = model->graph->context;
    gan_session *session = gan_allocate_zeroed(context, sizeof *session);
    if (session == NULL)
        return gan_fail_memory("a session", sizeof *session);
    session->model = gan_model_retain(model);
    session->options = *options;
    session->options.precision = effective_precision(context, options->precision);
    if (!unplaced)
        session->random_stream = gan_context_next_stream(context) << 20;
    gan_status status = take_shapes(session, shapes);
    if (status == GAN_OK)
        status = compile(session, unplaced);
    if (status != GAN_OK) {
        gan_session_free(session);
        return status;
    }
    *out = session;
    return GAN_OK;
}

static gan_status check_and_create(gan_session **out, gan_model *model, const int64_t *shapes,
                                   const gan_session_options *given, bool unplaced, const char *call)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: out is NULL", call);
    *out = NULL;
    if (model == NULL || shapes == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: %s is NULL", call, model == NULL ? "model" : "shapes");
    gan_session_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_session_options");
    if (status == GAN_OK)
        status = gan_session_check_options(&options);
    return status == GAN_OK ? create(out, model, shapes, &options, unplaced) : status;
}

gan_status gan_session_create(gan_session **out, gan_model *model, const int64_t *shapes,
                              const gan_session_options *given)
{
    return check_and_create(out, model, shapes, given, false, "gan_session_create");
}

gan_status gan_session_create_unplaced(gan_session **out, gan_model *model, const int64_t *shapes,
                                       const gan_session_options *options)
{
    return check_and_create(out, model, shapes, options, true, "gan_session_measure");
}

gan_status gan_session_create_2d(gan_session **out, gan_model *model, int64_t batch, int64_t height,
                                 int64_t width, const gan_session_options *options)
{
    if (out != NULL)
        *out = NULL;
    if (model == NULL || model->input_count != 1 || model->inputs[0]->shape.rank != 4)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "gan_session_create_2d: expected a model with one input [N,H,W,C]");
    const int64_t channels = model->inputs[0]->shape.size[3];
    const int64_t shape[4] = {batch, height, width, channels};
    if (channels < 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "model \"%s\" leaves its channels open: use gan_session_create",
                        model->name);
    return gan_session_create(out, model, shape, options);
}

void gan_session_free(gan_session *session)
{
    if (session == NULL)
        return;
    gan_context *context = gan_context_retain(session->model->graph->context);
    gan_plan_free(session->plan);
    gan_release(context, session->input_shapes);
    gan_model_free(session->model);
    gan_release(context, session);
    gan_context_free(context);
}

int32_t gan_session_precision(const gan_session *session)
{
    return session != NULL ? session->options.precision : -1;
}

static const struct plan_value *output_value(const gan_session *session, int32_t index)
{
    if (session == NULL || index < 0 || index >= session->model->output_count)
        return NULL;
    return gan_plan_value(session->plan, session->model->outputs[index]);
}

int32_t gan_session_output_shape(const gan_session *session, int32_t index, int64_t *sizes)
{
    const struct plan_value *value = output_value(session, index);
    return value != NULL ? gan_shape_give(&value->shape, sizes) : -1;
}

int64_t gan_session_memory(const gan_session *session)
{
    return session != NULL ? (int64_t)sizeof *session + gan_plan_memory(session->plan) : 0;
}

int64_t gan_session_packed_memory(const gan_session *session)
{
    return session != NULL ? (int64_t)session->plan->packed_size : 0;
}

/* `what` is "input" or "output". */
static gan_status check_tensor(const gan_tensor *tensor, const struct shape *expected, const char *what,
                               const gan_layer *layer)
{
    if (tensor == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s \"%s\" is NULL", what, layer->name);
    if (tensor->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "%s \"%s\" is a tensor of %s, expected float32", what, layer->name,
                        gan_type_name(tensor->type));
    char given_text[SHAPE_TEXT_SIZE], expected_text[SHAPE_TEXT_SIZE];
    if (!gan_shape_equal(&tensor->shape, expected))
        return gan_fail(GAN_ERROR_SHAPE, "%s \"%s\" has shape %s, the session expects %s", what, layer->name,
                        gan_shape_text(&tensor->shape, given_text), gan_shape_text(expected, expected_text));
    return GAN_OK;
}

static gan_status check_tensors(const gan_session *session, const gan_tensor *const *inputs,
                                int32_t input_count, gan_tensor *const *outputs, int32_t output_count)
{
    const gan_model *model = session->model;
    if (inputs == NULL || input_count != model->input_count)
        return gan_fail(GAN_ERROR_ARGUMENT, "model \"%s\" takes %d inputs, the call gives %d", model->name,
                        model->input_count, inputs == NULL ? 0 : input_count);
    if (outputs == NULL || output_count != model->output_count)
        return gan_fail(GAN_ERROR_ARGUMENT, "model \"%s\" has %d outputs, the call gives %d", model->name,
                        model->output_count, outputs == NULL ? 0 : output_count);
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < input_count; i++)
        status = check_tensor(inputs[i], &session->input_shapes[i], "input", model->inputs[i]);
    for (int32_t i = 0; status == GAN_OK && i < output_count; i++)
        if (outputs[i] != NULL)
            status = check_tensor(outputs[i], &output_value(session, i)->shape, "output", model->outputs[i]);
    return status;
}

/* Results are written straight into the caller's tensors, but for an output that is asked for in two tensors,
 * and two outputs in one. */
static void bind_outputs(const gan_session *session, gan_tensor *const *outputs)
{
    gan_layer *const *layers = session->model->outputs;
    for (int32_t i = 0; i < session->model->output_count; i++) {
        bool shared = outputs[i] == NULL;
        for (int32_t k = 0; k < session->model->output_count && !shared; k++)
            shared = k != i && outputs[k] != NULL &&
                     (outputs[k]->data == outputs[i]->data || layers[k] == layers[i]);
        gan_plan_bind_output(session->plan, layers[i], shared ? NULL : outputs[i]->data);
    }
}

void gan_session_forget(gan_session *session)
{
    if (session != NULL)
        session->remembers = false;
}

gan_status gan_session_run(gan_session *session, const gan_tensor *const *inputs, int32_t input_count,
                           gan_tensor *const *outputs, int32_t output_count)
{
    if (session == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_session_run: session is NULL");
    const gan_status status = check_tensors(session, inputs, input_count, outputs, output_count);
    if (status != GAN_OK)
        return status;
    for (int32_t i = 0; i < input_count; i++)
        gan_plan_bind_input(session->plan, i, inputs[i]->data);
    bind_outputs(session, outputs);
    struct plan_run run = {.update_statistics = moves_statistics(&session->options),
                           .profile = session->profiling,
                           .carry = session->remembers ? (double)session->options.statistics_memory : 0,
                           .random_seed = session->model->graph->context->seed,
                           .random_stream = session->random_stream,
                           .random_counter = session->runs++};
    if (session->options.measure_statistics != 0)
        run.statistics_share = 1 / (double)session->runs;
    const uint32_t mode = gan_compute_enter(session->model->graph->context);
    gan_plan_forward(session->plan, &run);
    gan_compute_leave(session->model->graph->context, mode);
    session->remembers = true;
    for (int32_t i = 0; i < output_count; i++) {
        const struct plan_value *value = output_value(session, i);
        if (outputs[i] != NULL && outputs[i]->data != value->data)
            memcpy(outputs[i]->data, value->data, (size_t)gan_shape_count(&value->shape) * sizeof(float));
    }
    return GAN_OK;
}

gan_status gan_model_run(gan_model *model, const gan_tensor *input, gan_tensor **out)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_run: out is NULL");
    *out = NULL;
    if (model == NULL || input == NULL || model->input_count != 1 || model->output_count != 1)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_run: expected a tensor and a model with one input and "
                                            "one output");
    if (input->shape.rank != model->inputs[0]->shape.rank)
        return gan_fail(GAN_ERROR_SHAPE, "model \"%s\": the input has rank %d, expected %d", model->name,
                        input->shape.rank, model->inputs[0]->shape.rank);
    gan_session *session;
    gan_status status = gan_session_create(&session, model, input->shape.size, NULL);
    if (status != GAN_OK)
        return status;
    gan_tensor *result = NULL;
    status = gan_tensor_make(&result, model->graph->context, GAN_FLOAT32, &output_value(session, 0)->shape);
    if (status == GAN_OK)
        status = gan_session_run(session, &input, 1, &result, 1);
    gan_session_free(session);
    if (status != GAN_OK) {
        gan_tensor_free(result);
        return status;
    }
    *out = result;
    return GAN_OK;
}
