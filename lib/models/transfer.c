/* A style, given as its code, applied to any number of pictures. */
#include "gan/transfer.h"
#include "graph/model.h"
#include "style/style.h"
#include "tensor/tensor.h"

#include <string.h>

struct gan_transfer {
    gan_model *model;
    gan_tensor *code;
    gan_stylizer_options options;
    gan_stylizer *stylizer; /* of the whole style */
    int32_t precision;      /* of the last run */
};

static gan_status make_stylizer(const gan_transfer *transfer, const gan_tensor *code, gan_stylizer **stylizer)
{
    gan_model *generator;
    gan_status status = gan_model_with_style(&generator, transfer->model, code);
    if (status == GAN_OK)
        status = gan_stylizer_create(stylizer, generator, &transfer->options);
    gan_model_free(generator);
    return status;
}

void gan_transfer_free(gan_transfer *transfer)
{
    if (transfer == NULL)
        return;
    gan_context *context = gan_context_retain(transfer->model->graph->context);
    gan_stylizer_free(transfer->stylizer);
    gan_tensor_free(transfer->code);
    gan_model_free(transfer->model);
    gan_release(context, transfer);
    gan_context_free(context);
}

gan_status gan_transfer_create(gan_transfer **out, gan_model *model, const gan_tensor *code,
                               const gan_stylizer_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_transfer_create: out is NULL");
    *out = NULL;
    if (model == NULL || code == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_transfer_create: %s is NULL",
                        model == NULL ? "model" : "code");
    gan_stylizer_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_stylizer_options");
    if (status != GAN_OK)
        return status;
    gan_transfer *transfer = gan_allocate_zeroed(model->graph->context, sizeof *transfer);
    if (transfer == NULL)
        return gan_fail_memory("a transfer", sizeof *transfer);
    transfer->model = gan_model_retain(model);
    transfer->options = options;
    transfer->options.struct_size = sizeof transfer->options;
    transfer->precision = -1;
    status = make_stylizer(transfer, code, &transfer->stylizer);
    if (status == GAN_OK)
        status = gan_style_code_mix(code, code, 0, &transfer->code);
    if (status != GAN_OK) {
        gan_transfer_free(transfer);
        return status;
    }
    *out = transfer;
    return GAN_OK;
}

int32_t gan_transfer_precision(const gan_transfer *transfer)
{
    return transfer != NULL ? transfer->precision : -1;
}

static gan_status run_stylizer(gan_transfer *transfer, gan_stylizer *stylizer, const gan_tensor *content,
                               gan_tensor **result)
{
    const gan_status status = gan_stylizer_run(stylizer, content, result);
    if (status == GAN_OK)
        transfer->precision = gan_session_precision(gan_stylizer_session(stylizer));
    return status;
}

/* result = content + weight (result - content) */
static void blend(gan_tensor *result, const gan_tensor *content, float weight)
{
    float *to = result->data;
    const float *from = content->data;
    for (int64_t i = 0; i < gan_shape_count(&result->shape); i++)
        to[i] = from[i] + weight * (to[i] - from[i]);
}

static gan_status copy(const gan_tensor *content, gan_tensor **result)
{
    const gan_status status = gan_tensor_make(result, content->context, GAN_FLOAT32, &content->shape);
    return status == GAN_OK ? gan_tensor_copy(*result, content) : status;
}

/* In a style between that of the content and the whole one. */
static gan_status run_between(gan_transfer *transfer, const gan_tensor *content, float strength,
                              gan_tensor **result)
{
    gan_tensor *own = NULL, *code = NULL;
    gan_stylizer *stylizer = NULL;
    gan_status status = gan_model_style_code(transfer->model, content, &own);
    if (status == GAN_OK)
        status = gan_style_code_mix(own, transfer->code, strength, &code);
    if (status == GAN_OK)
        status = make_stylizer(transfer, code, &stylizer);
    if (status == GAN_OK)
        status = run_stylizer(transfer, stylizer, content, result);
    if (status == GAN_OK && strength < 0.5f)
        blend(*result, content, 2 * strength);
    gan_stylizer_free(stylizer);
    gan_tensor_free(code);
    gan_tensor_free(own);
    return status;
}

gan_status gan_transfer_run(gan_transfer *transfer, const gan_tensor *content, float strength,
                            gan_tensor **result)
{
    if (result != NULL)
        *result = NULL;
    if (transfer == NULL || result == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_transfer_run: %s is NULL",
                        transfer == NULL ? "transfer" : "result");
    if (!(strength >= 0 && strength <= 1))
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_transfer_run: strength is %g, expected 0 to 1",
                        (double)strength);
    const gan_status status = gan_picture_check(content, "the content");
    if (status != GAN_OK)
        return status;
    if (strength == 0)
        return copy(content, result);
    if (strength == 1)
        return run_stylizer(transfer, transfer->stylizer, content, result);
    return run_between(transfer, content, strength, result);
}

gan_status gan_model_transfer(gan_model *model, const gan_tensor *content, const gan_tensor *style,
                              float strength, gan_tensor **result)
{
    if (result == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_transfer: result is NULL");
    *result = NULL;
    gan_tensor *code;
    gan_transfer *transfer = NULL;
    gan_status status = gan_model_style_code(model, style, &code);
    if (status == GAN_OK)
        status = gan_transfer_create(&transfer, model, code, NULL);
    if (status == GAN_OK)
        status = gan_transfer_run(transfer, content, strength, result);
    gan_transfer_free(transfer);
    gan_tensor_free(code);
    return status;
}
