/* Codes of styles: from a picture to a code, from a code to a generator. */
#include "gan/networks.h"
#include "gan/transfer.h"
#include "graph/model.h"
#include "models/picture_words.h"
#include "style/style.h"
#include "tensor/tensor.h"

#include <math.h>
#include <string.h>

static bool has_input(const gan_model *model, const char *name)
{
    for (int32_t i = 0; i < model->input_count; i++)
        if (strcmp(model->inputs[i]->name, name) == 0)
            return true;
    return false;
}

/* The name of the layer that holds the style. */
static gan_status find_code(const gan_model *model, const char **layer)
{
    *layer = gan_model_metadata(model, "style_code");
    if (*layer != NULL && has_input(model, "content") && has_input(model, "style"))
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT,
                    "model \"%s\" takes no style, expected inputs \"content\" and \"style\" and metadata "
                    "\"style_code\"",
                    model->name);
}

/* The picture in the network's own range. */
static gan_status encode_picture(const gan_model *model, const gan_tensor *picture, gan_tensor **out)
{
    struct picture_words words;
    gan_status status = gan_picture_words_read(&words, model);
    if (status == GAN_OK)
        status = gan_tensor_make(out, model->graph->context, GAN_FLOAT32, &picture->shape);
    if (status != GAN_OK)
        return status;
    const int64_t rows = picture->shape.size[1], columns = picture->shape.size[2];
    for (int64_t y = 0; y < rows; y++)
        gan_picture_encode_row(&words, (const float *)picture->data + 3 * y * columns,
                               (float *)(*out)->data + 3 * y * columns, columns);
    return GAN_OK;
}

static gan_status encode_style(gan_model *model, const gan_tensor *style, gan_tensor **code)
{
    const char *layer;
    gan_model *encoder = NULL;
    gan_tensor *picture = NULL;
    gan_status status = find_code(model, &layer);
    if (status == GAN_OK)
        status = gan_picture_check(style, "the style");
    if (status == GAN_OK)
        status = gan_model_select_outputs(&encoder, model, &layer, 1);
    if (status == GAN_OK)
        status = encode_picture(model, style, &picture);
    if (status == GAN_OK)
        status = gan_model_run(encoder, picture, code);
    gan_tensor_free(picture);
    gan_model_free(encoder);
    return status;
}

gan_status gan_model_style_code(gan_model *model, const gan_tensor *style, gan_tensor **code)
{
    if (code != NULL)
        *code = NULL;
    if (model == NULL || style == NULL || code == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_style_code: %s is NULL",
                        model == NULL   ? "model"
                        : style == NULL ? "style"
                                        : "code");
    return encode_style(model, style, code);
}

gan_status gan_style_code_mix(const gan_tensor *a, const gan_tensor *b, float amount, gan_tensor **code)
{
    if (code != NULL)
        *code = NULL;
    if (a == NULL || b == NULL || code == NULL || !isfinite(amount))
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_style_code_mix: expected two codes and a finite amount");
    if (a->type != GAN_FLOAT32 || b->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "the codes are tensors of %s and %s, expected float32",
                        gan_type_name(a->type), gan_type_name(b->type));
    if (!gan_shape_equal(&a->shape, &b->shape))
        return gan_fail(GAN_ERROR_SHAPE, "the codes are of different models");
    const gan_status status = gan_tensor_make(code, a->context, GAN_FLOAT32, &a->shape);
    if (status != GAN_OK)
        return status;
    const float *from_a = a->data, *from_b = b->data;
    float *to = (*code)->data;
    for (int64_t i = 0; i < gan_shape_count(&a->shape); i++)
        to[i] = (1 - amount) * from_a[i] + amount * from_b[i];
    return GAN_OK;
}

gan_status gan_model_with_style(gan_model **out, gan_model *model, const gan_tensor *code)
{
    if (out != NULL)
        *out = NULL;
    if (out == NULL || model == NULL || code == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_with_style: %s is NULL",
                        out == NULL     ? "out"
                        : model == NULL ? "model"
                                        : "code");
    const char *layer;
    gan_status status = find_code(model, &layer);
    if (status == GAN_OK)
        status = gan_model_bind(out, model, layer, code);
    return status;
}
