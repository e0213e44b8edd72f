/* How long something takes, before it is done: by a short measurement of the machine. */
#include "base/clock.h"
#include "graph/session.h"
#include "streaming/stream.h"
#include "tensor/tensor.h"

#include <string.h>

enum { SIDE = 256, FILE_BYTES = 1 << 25 };
static const double long_enough = 0.25; /* seconds */

static double multiplications_of(const gan_session *session)
{
    double sum = 0;
    for (int32_t i = 0; i < gan_session_step_count(session); i++) {
        gan_step_information step = {.struct_size = sizeof step};
        if (gan_session_step(session, i, &step) == GAN_OK)
            sum += step.multiplications;
    }
    return sum;
}

gan_status gan_session_measure(gan_model *model, const int64_t *shapes, const gan_session_options *options,
                               gan_session_needs *out)
{
    gan_session *session = NULL;
    gan_status status = gan_check_result(out, sizeof *out, "gan_session_needs");
    if (status == GAN_OK)
        status = gan_session_create_unplaced(&session, model, shapes, options);
    if (status != GAN_OK)
        return status;
    const gan_session_needs found = {.struct_size = sizeof found,
                                     .memory = gan_session_memory(session),
                                     .multiplications = multiplications_of(session)};
    gan_session_free(session);
    gan_give_result(out, &found, sizeof found);
    return GAN_OK;
}

/* The first run meets cold caches and packs weights, so that it is not among those that count. */
static gan_status time_session(gan_session *session, const gan_tensor *input, double *speed)
{
    const double work = multiplications_of(session);
    gan_tensor **outputs = gan_allocate_zeroed(session->model->graph->context,
                                               (size_t)session->model->output_count * sizeof(gan_tensor *));
    if (outputs == NULL)
        return gan_fail_memory("a list of tensors", sizeof *outputs);
    gan_status status = gan_session_run(session, &input, 1, outputs, session->model->output_count);
    const double begun = gan_seconds_now();
    double elapsed = 0;
    int64_t runs = 0;
    for (; status == GAN_OK && elapsed < long_enough; runs++) {
        status = gan_session_run(session, &input, 1, outputs, session->model->output_count);
        elapsed = gan_seconds_now() - begun;
    }
    gan_release(session->model->graph->context, outputs);
    *speed = elapsed > 0 ? work * (double)runs / elapsed : 0;
    return status;
}

static gan_status time_model(gan_model *model, int32_t precision, const struct shape *shape, double *speed)
{
    const gan_session_options options = {.struct_size = sizeof options, .precision = precision};
    gan_session *session = NULL;
    gan_tensor *input = NULL;
    gan_status status = gan_tensor_make(&input, model->graph->context, GAN_FLOAT32, shape);
    if (status == GAN_OK)
        status = gan_tensor_fill_uniform(input, 1, 0, 1);
    if (status == GAN_OK)
        status = gan_session_create(&session, model, shape->size, &options);
    if (status == GAN_OK)
        status = time_session(session, input, speed);
    gan_session_free(session);
    gan_tensor_free(input);
    return status;
}

gan_status gan_model_speed(gan_model *model, int32_t precision, double *multiplications_per_second)
{
    if (model == NULL || multiplications_per_second == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_speed: %s is NULL",
                        model == NULL ? "model" : "multiplications_per_second");
    if (model->input_count != 1 || model->inputs[0]->shape.rank != 4 || model->inputs[0]->shape.size[3] < 1)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_speed: expected a model with one input [N,H,W,C]");
    const int64_t *size = model->inputs[0]->shape.size;
    const struct shape shape = gan_shape_4(size[0] > 0 ? size[0] : 1, size[1] > 0 ? size[1] : SIDE,
                                           size[2] > 0 ? size[2] : SIDE, size[3]);
    return time_model(model, precision, &shape, multiplications_per_second);
}

/* Bytes written and read again, per second. */
static gan_status time_file(const gan_stream *stream, double *speed)
{
    gan_context *context = stream->model->graph->context;
    struct row_file file;
    unsigned char *bytes = gan_allocate(context, FILE_BYTES);
    if (bytes == NULL)
        return gan_fail_memory("a measurement of files", FILE_BYTES);
    memset(bytes, 1, FILE_BYTES);
    gan_status status = gan_row_file_open(&file, context, stream->folder, FILE_BYTES);
    const double begun = gan_seconds_now();
    if (status == GAN_OK)
        status = gan_row_file_write(&file, bytes, FILE_BYTES, 0);
    if (status == GAN_OK)
        status = gan_row_file_read(&file, bytes, FILE_BYTES, 0);
    *speed = 2 * (double)FILE_BYTES / (gan_seconds_now() - begun);
    gan_row_file_close(&file);
    gan_release(context, bytes);
    return status;
}

gan_status gan_stream_estimate(gan_stream *stream, double *seconds)
{
    if (stream == NULL || seconds == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_stream_estimate: %s is NULL",
                        stream == NULL ? "stream" : "seconds");
    gan_stream_information information = {.struct_size = sizeof information};
    double speed = 0, file_speed = 1;
    gan_status status = gan_stream_describe(stream, &information);
    if (status == GAN_OK)
        status = gan_model_speed(stream->model, stream->options.precision, &speed);
    if (status == GAN_OK && information.file_bytes > 0)
        status = time_file(stream, &file_speed);
    if (status != GAN_OK)
        return status;
    *seconds =
        (speed > 0 ? information.multiplications / speed : 0) + (double)information.file_traffic / file_speed;
    return GAN_OK;
}
