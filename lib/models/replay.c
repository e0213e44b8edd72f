/* A model against what is expected of it. */
#include "gan/networks.h"
#include "gan/session.h"
#include "graph/model.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <math.h>

struct replay {
    gan_model *model;
    const gan_tensor *const *inputs, *const *expected;
    int32_t input_count, expected_count;
    gan_session *session;
    gan_tensor **outputs; /* one for each that something is expected of; NULL otherwise */
    double sum, largest_error, largest_value;
    int64_t compared; /* elements */
};

/* ---- What was given ---- */

static gan_status check_tensor(const gan_tensor *tensor, const char *what, const char *name)
{
    if (tensor->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "%s \"%s\" has elements of %s, expected float32", what, name,
                        gan_type_name(tensor->type));
    const float *values = tensor->data;
    for (int64_t i = 0; i < gan_tensor_count(tensor); i++)
        if (!isfinite(values[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE, "element %" PRId64 " of %s \"%s\" is not finite", i, what,
                            name);
    return GAN_OK;
}

static gan_status check_input(const struct replay *replay, int32_t index)
{
    const char *name = gan_model_input_name(replay->model, index);
    if (replay->inputs[index] == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "input \"%s\" is NULL", name);
    const int32_t rank = gan_model_input_shape(replay->model, index, NULL);
    if (replay->inputs[index]->shape.rank != rank)
        return gan_fail(GAN_ERROR_SHAPE, "input \"%s\" has %" PRId32 " dimensions, expected %" PRId32, name,
                        replay->inputs[index]->shape.rank, rank);
    return check_tensor(replay->inputs[index], "input", name);
}

static gan_status check_counts(const struct replay *replay)
{
    const int32_t inputs = gan_model_input_count(replay->model);
    const int32_t outputs = gan_model_output_count(replay->model);
    if (replay->input_count != inputs)
        return gan_fail(GAN_ERROR_ARGUMENT, "%" PRId32 " inputs are given, the model has %" PRId32,
                        replay->input_count, inputs);
    if (replay->expected_count < 1 || replay->expected_count > outputs)
        return gan_fail(GAN_ERROR_ARGUMENT, "%" PRId32 " outputs are expected, the model has %" PRId32,
                        replay->expected_count, outputs);
    bool any = false;
    for (int32_t i = 0; i < replay->expected_count; i++)
        any = any || replay->expected[i] != NULL;
    return any ? GAN_OK : gan_fail(GAN_ERROR_ARGUMENT, "no output is expected");
}

static gan_status check(const struct replay *replay)
{
    gan_status status = check_counts(replay);
    for (int32_t i = 0; status == GAN_OK && i < replay->input_count; i++)
        status = check_input(replay, i);
    for (int32_t i = 0; status == GAN_OK && i < replay->expected_count; i++)
        if (replay->expected[i] != NULL)
            status = check_tensor(replay->expected[i], "what is expected of output",
                                  gan_model_output_name(replay->model, i));
    return status;
}

/* ---- The run ---- */

static gan_status compile(struct replay *replay)
{
    const gan_session_options options = {.struct_size = sizeof options, .precision = GAN_PRECISION_EXACT};
    gan_context *context = replay->model->graph->context;
    const size_t size = (size_t)replay->input_count * GAN_MAX_RANK * sizeof(int64_t);
    int64_t *shapes = gan_allocate(context, size), *next = shapes;
    if (shapes == NULL)
        return gan_fail_memory("shapes of a replay", size);
    for (int32_t i = 0; i < replay->input_count; i++)
        next += gan_shape_give(&replay->inputs[i]->shape, next);
    const gan_status status = gan_session_create(&replay->session, replay->model, shapes, &options);
    gan_release(context, shapes);
    return status;
}

static gan_status make_output(struct replay *replay, int32_t index)
{
    const struct shape *expected = &replay->expected[index]->shape;
    char found_text[SHAPE_TEXT_SIZE], expected_text[SHAPE_TEXT_SIZE];
    struct shape shape = {0};
    shape.rank = gan_session_output_shape(replay->session, index, shape.size);
    if (!gan_shape_equal(&shape, expected))
        return gan_fail(GAN_ERROR_SHAPE, "output \"%s\" is %s, expected %s",
                        gan_model_output_name(replay->model, index), gan_shape_text(&shape, found_text),
                        gan_shape_text(expected, expected_text));
    return gan_tensor_make(&replay->outputs[index], replay->model->graph->context, GAN_FLOAT32, &shape);
}

static gan_status run(struct replay *replay)
{
    const int32_t count = gan_model_output_count(replay->model);
    gan_status status = compile(replay);
    if (status != GAN_OK)
        return status;
    replay->outputs =
        gan_allocate_zeroed(replay->model->graph->context, (size_t)count * sizeof(gan_tensor *));
    if (replay->outputs == NULL)
        return gan_fail_memory("outputs of a replay", (size_t)count * sizeof(gan_tensor *));
    for (int32_t i = 0; status == GAN_OK && i < replay->expected_count; i++)
        if (replay->expected[i] != NULL)
            status = make_output(replay, i);
    return status == GAN_OK
               ? gan_session_run(replay->session, replay->inputs, replay->input_count, replay->outputs, count)
               : status;
}

/* ---- The comparison ---- */

static gan_status compare(struct replay *replay, int32_t index)
{
    const gan_tensor *output = replay->outputs[index];
    const float *found = output->data, *expected = replay->expected[index]->data;
    const int64_t count = gan_tensor_count(output);
    for (int64_t i = 0; i < count; i++) {
        const double value = fabs((double)expected[i]), error = fabs((double)found[i] - (double)expected[i]);
        if (!isfinite(error))
            return gan_fail(GAN_ERROR_NOT_FINITE, "element %" PRId64 " of output \"%s\" is not finite", i,
                            gan_model_output_name(replay->model, index));
        replay->sum += error;
        replay->largest_error = fmax(replay->largest_error, error);
        replay->largest_value = fmax(replay->largest_value, value);
    }
    replay->compared += count;
    return GAN_OK;
}

static void release(struct replay *replay)
{
    for (int32_t i = 0; replay->outputs != NULL && i < gan_model_output_count(replay->model); i++)
        gan_tensor_free(replay->outputs[i]);
    gan_release(replay->model->graph->context, replay->outputs);
    gan_session_free(replay->session);
}

gan_status gan_model_replay(gan_model *model, const gan_tensor *const *inputs, int32_t input_count,
                            const gan_tensor *const *expected, int32_t expected_count, gan_replay *result)
{
    if (model == NULL || inputs == NULL || expected == NULL || result == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_replay: %s is NULL",
                        model == NULL      ? "model"
                        : inputs == NULL   ? "inputs"
                        : expected == NULL ? "expected"
                                           : "result");
    struct replay replay = {.model = model,
                            .inputs = inputs,
                            .expected = expected,
                            .input_count = input_count,
                            .expected_count = expected_count};
    gan_status status = gan_check_result(result, sizeof *result, "gan_replay");
    if (status != GAN_OK)
        return status;
    status = check(&replay);
    if (status == GAN_OK)
        status = run(&replay);
    for (int32_t i = 0; status == GAN_OK && i < expected_count; i++)
        if (expected[i] != NULL)
            status = compare(&replay, i);
    release(&replay);
    if (status != GAN_OK)
        return gan_fail_within(status, "model \"%s\": ", model->name);
    const gan_replay found = {.struct_size = sizeof found,
                              .largest_error = replay.largest_error,
                              .mean_error = replay.compared > 0 ? replay.sum / (double)replay.compared : 0,
                              .largest_value = replay.largest_value};
    gan_give_result(result, &found, sizeof found);
    return GAN_OK;
}
