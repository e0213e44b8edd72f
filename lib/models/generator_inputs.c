#include "models/generator_inputs.h"
#include "gan/styles.h"
#include "graph/model.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static gan_status find_styles(struct generator_inputs *inputs, const gan_model *model, int32_t styles)
{
    inputs->place = strcmp(gan_model_input_name(model, 0), "style") == 0 ? 1 : 0;
    return gan_tensor_create(&inputs->weights, model->graph->context, GAN_FLOAT32,
                             (const int64_t[]){1, styles}, 2);
}

static gan_status find(struct generator_inputs *inputs, const gan_model *model)
{
    const int32_t styles = gan_model_style_count(model), count = gan_model_input_count(model);
    if (styles > 0 && count == 2 && gan_model_output_count(model) == 1)
        return find_styles(inputs, model, styles);
    if (gan_model_metadata(model, "style_code") != NULL && count > 1)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "it takes a style beside the picture: gan_model_with_style makes a generator of one "
                        "style, and the command gan transfer paints");
    if (count == 1 && gan_model_output_count(model) == 1)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT,
                    "it has %d inputs and %d outputs, expected one picture in and one out (a generator)",
                    count, gan_model_output_count(model));
}

gan_status gan_generator_inputs_find(struct generator_inputs *inputs, const gan_model *model)
{
    int64_t in[GAN_MAX_RANK] = {0}, out[GAN_MAX_RANK] = {0};
    *inputs = (struct generator_inputs){0};
    const gan_status status = find(inputs, model);
    if (status != GAN_OK)
        return status;
    const int32_t in_rank = gan_model_input_shape(model, inputs->place, in);
    const int32_t out_rank = gan_model_output_shape(model, 0, out);
    if (in_rank != 4 || in[3] != 3 || out_rank != 4 || out[3] != 3)
        return gan_fail(GAN_ERROR_ARGUMENT, "its input or output is no RGB picture [N, H, W, 3]");
    inputs->fixed_height = in[1];
    inputs->fixed_width = in[2];
    return GAN_OK;
}

void gan_generator_inputs_release(struct generator_inputs *inputs)
{
    gan_tensor_free(inputs->weights);
    inputs->weights = NULL;
}

gan_status gan_generator_inputs_choose(struct generator_inputs *inputs, const float *weights, int32_t count)
{
    const int64_t styles = inputs->weights != NULL ? gan_tensor_size(inputs->weights, 1) : 0;
    if (styles == 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "it has one style only: there are no weights to set");
    if (count != styles)
        return gan_fail(GAN_ERROR_ARGUMENT, "%" PRId32 " weights for %" PRId64 " styles", count, styles);
    for (int32_t i = 0; i < count; i++)
        if (!isfinite(weights[i]))
            return gan_fail(GAN_ERROR_ARGUMENT, "weight %" PRId32 " of its styles is not finite", i);
    memcpy(inputs->weights->data, weights, (size_t)count * sizeof *weights);
    inputs->chosen = true;
    return GAN_OK;
}

bool gan_generator_inputs_wait(const struct generator_inputs *inputs)
{
    return inputs->weights != NULL && !inputs->chosen;
}

static int32_t count_of(const struct generator_inputs *inputs)
{
    return inputs->weights != NULL ? 2 : 1;
}

void gan_generator_inputs_shapes(const struct generator_inputs *inputs, const struct shape *picture,
                                 int64_t shapes[GENERATOR_INPUTS * GAN_MAX_RANK])
{
    for (int32_t i = 0; i < count_of(inputs); i++)
        shapes += gan_shape_give(i == inputs->place ? picture : &inputs->weights->shape, shapes);
}

int32_t gan_generator_inputs_gather(const struct generator_inputs *inputs, const gan_tensor *picture,
                                    const gan_tensor *gathered[GENERATOR_INPUTS])
{
    gathered[0] = gathered[1] = inputs->weights;
    gathered[inputs->place] = picture;
    return count_of(inputs);
}
