#include "layers/adaptive_normalization.h"
#include "kernels/channel_loops.h"
#include "kernels/normalization.h"
#include "layers/bands.h"
#include "layers/ops.h"
#include "layers/settled.h"

#include <math.h>

static const struct attribute_field fields[] = {
    GAN_FIELD(adain_attributes, epsilon, ATTRIBUTE_FLOAT, 1),
    GAN_FIELD(adain_attributes, sample_variance, ATTRIBUTE_INT32, 1),
};

/* ---- Which elements share their statistics ---- */

static struct normalization of_picture(const struct op_call *call, int32_t input)
{
    const struct adain_attributes *attributes = call->attributes;
    const int64_t *size = call->inputs[input].shape.size;
    return (struct normalization){.field = {size[0], size[1] * size[2], size[3]},
                                  .sets = size[3],
                                  .epsilon = (double)attributes->epsilon,
                                  .sample_variance = attributes->sample_variance != 0};
}

/* The content, steered by scale and shift of [steering pictures, channels]. */
static struct normalization of_content(const struct op_call *call, const float *scale, const float *shift)
{
    struct normalization content = of_picture(call, CONTENT);
    content.scale = scale;
    content.shift = shift;
    content.affine_step = call->inputs[STYLE].shape.size[0] > 1 ? content.field.channels : 0;
    return content;
}

static int64_t picture_channels(const struct op_call *call, int32_t input)
{
    const struct shape *shape = &call->inputs[input].shape;
    return shape->size[0] * shape->size[shape->rank - 1];
}

/* ---- Memory ---- */

/* The kept part lies in call->saved where there is a backward pass. Arrays of the content have [N, C]
 * elements, those of the style [N or 1, C]. */
struct memory {
    struct set_statistics *content, *style;
    double *dscale, *dshift;       /* of the content */
    float *center, *scale, *shift; /* of the style */
    void *rest;
};

static size_t kept_size(int64_t content, int64_t style)
{
    return (size_t)(content + style) * sizeof(struct set_statistics);
}

static struct memory memory_of(const struct op_call *call, int64_t style)
{
    const int64_t content = picture_channels(call, CONTENT);
    struct set_statistics *own = call->workspace;
    struct memory memory;
    memory.content = call->saved != NULL ? call->saved : own;
    memory.style = memory.content + content;
    memory.dscale = (double *)(own + content + style);
    memory.dshift = memory.dscale + content;
    memory.center = (float *)(memory.dshift + content); /* double room keeps the rest on 8 bytes */
    memory.scale = memory.center + 2 * style;
    memory.shift = memory.scale + 2 * style;
    memory.rest = memory.shift + 2 * style;
    return memory;
}

static size_t own_size(int64_t content, int64_t style)
{
    return kept_size(content, style) + 2 * (size_t)content * sizeof(double) +
           6 * (size_t)style * sizeof(float);
}

static size_t adain_saved_size(const struct op_call *call)
{
    return kept_size(picture_channels(call, CONTENT), picture_channels(call, STYLE));
}

static size_t adain_workspace_size(const struct op_call *call, enum op_pass pass)
{
    (void)pass;
    const struct normalization content = of_picture(call, CONTENT), style = of_picture(call, STYLE);
    const size_t room_for_content = gan_normalization_workspace_size(&content);
    const size_t room_for_style = gan_normalization_workspace_size(&style);
    return own_size(picture_channels(call, CONTENT), picture_channels(call, STYLE)) +
           (room_for_content > room_for_style ? room_for_content : room_for_style);
}

static size_t affine_saved_size(const struct op_call *call)
{
    return kept_size(picture_channels(call, CONTENT), 0);
}

static size_t affine_workspace_size(const struct op_call *call, enum op_pass pass)
{
    (void)pass;
    const struct normalization content = of_picture(call, CONTENT);
    return own_size(picture_channels(call, CONTENT), 0) + gan_normalization_workspace_size(&content);
}

/* ---- Both ---- */

static void measure_content(const struct op_call *call, const struct normalization *content,
                            const struct memory *memory)
{
    gan_normalization_statistics(call->context, content, call->inputs[CONTENT].data, memory->content,
                                 memory->rest);
    if (call->remembered != NULL)
        gan_normalization_carry(memory->content, call->remembered, picture_channels(call, CONTENT),
                                call->carry);
}

static void normalize(const struct op_call *call, const struct normalization *content,
                      const struct memory *memory)
{
    const float *x = call->inputs[CONTENT].data;
    measure_content(call, content, memory);
    gan_normalization_forward(call->context, content, x, memory->content, call->activation, call->output.data,
                              memory->rest);
}

/* Scale and shift alone, for a convolution that applies them itself. */
static void find_affine(const struct op_call *call, const struct normalization *content,
                        const struct memory *memory, float *scale, float *shift)
{
    measure_content(call, content, memory);
    gan_normalization_affine(content, memory->content, scale, shift, memory->rest);
}

static void differentiate(const struct op_call *call, const struct normalization *content,
                          const struct memory *memory)
{
    gan_normalization_backward(call->context, content, call->inputs[CONTENT].data, call->output_gradient,
                               memory->content, call->input_gradients[CONTENT], memory->dscale,
                               memory->dshift, memory->rest);
}

/* Element i of what [N, C] values give to a gradient of [N or 1, C]: one that steers all pictures gets the
 * sum over them. */
static double steering_gradient(const struct normalization *content, const double *values, int64_t i)
{
    if (content->affine_step != 0)
        return values[i];
    double sum = 0;
    for (int64_t n = 0; n < content->field.batch; n++)
        sum += values[n * content->field.channels + i];
    return sum;
}

/* ---- adain ---- */

static double deviation(const struct op_call *call, struct set_statistics statistics)
{
    const struct adain_attributes *attributes = call->attributes;
    return sqrt(statistics.variance + (double)attributes->epsilon);
}

static void steer_by_style(const struct op_call *call, const struct memory *memory)
{
    for (int64_t i = 0; i < picture_channels(call, STYLE); i++) {
        memory->scale[i] = (float)deviation(call, memory->style[i]);
        memory->shift[i] = (float)memory->style[i].mean;
    }
}

static void measure_style(const struct op_call *call, const struct memory *memory)
{
    const struct normalization style = of_picture(call, STYLE);
    gan_normalization_statistics(call->context, &style, call->inputs[STYLE].data, memory->style,
                                 memory->rest);
    steer_by_style(call, memory);
}

static void adain_forward(const struct op_call *call)
{
    const struct memory memory = memory_of(call, picture_channels(call, STYLE));
    const struct normalization content = of_content(call, memory.scale, memory.shift);
    measure_style(call, &memory);
    normalize(call, &content, &memory);
}

static void adain_coefficients(const struct op_call *call, float *scale, float *shift)
{
    const struct memory memory = memory_of(call, picture_channels(call, STYLE));
    const struct normalization content = of_content(call, memory.scale, memory.shift);
    measure_style(call, &memory);
    find_affine(call, &content, &memory, scale, shift);
}

/* d style = (gradient of its mean) / count + (gradient of its deviation) (style - mean) / (deviation
 * divisor), written as (style - center) scale + shift. Takes over scale and shift. */
static void differentiate_style(const struct op_call *call, const struct normalization *content,
                                const struct memory *memory)
{
    const struct normalization style = of_picture(call, STYLE);
    const double count = (double)style.field.pixels;
    const double divisor = style.sample_variance && count > 1 ? count - 1 : count;
    for (int64_t i = 0; i < picture_channels(call, STYLE); i++) {
        const struct set_statistics set = memory->style[i];
        const double of_mean = steering_gradient(content, memory->dshift, i) / count;
        const double slope = steering_gradient(content, memory->dscale, i) / (deviation(call, set) * divisor);
        memory->center[i] = (float)set.mean;
        memory->scale[i] = (float)slope;
        memory->shift[i] = (float)(of_mean + ((double)memory->center[i] - set.mean) * slope);
    }
    const struct channel_affine affine = {memory->center, memory->scale, memory->shift};
    const struct activation linear = {ACTIVATION_LINEAR, 0};
    gan_channel_affine(call->context, &style.field, call->inputs[STYLE].data, &affine, linear,
                       call->input_gradients[STYLE]);
}

static void adain_backward(const struct op_call *call)
{
    const struct memory memory = memory_of(call, picture_channels(call, STYLE));
    const struct normalization content = of_content(call, memory.scale, memory.shift);
    steer_by_style(call, &memory);
    differentiate(call, &content, &memory);
    if (call->input_gradients[STYLE] != NULL)
        differentiate_style(call, &content, &memory);
}

static uint32_t adain_saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_0 | SAVES_INPUT_1;
}

const struct gan_op gan_op_adain = {
    .name = "adain",
    .attributes_size = sizeof(struct adain_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = gan_adain_infer,
    .band = gan_band_rows,
    .measures = MEASURES_MOMENTS,
    .settle = gan_settle_adain,
    .saves = adain_saves,
    .saved_size = adain_saved_size,
    .remembered_size = affine_saved_size,
    .workspace_size = adain_workspace_size,
    .forward = adain_forward,
    .affine = adain_coefficients,
    .backward = adain_backward,
    .takes_activation = true,
};

/* ---- adain_affine ---- */

static void affine_forward(const struct op_call *call)
{
    const struct memory memory = memory_of(call, 0);
    const struct normalization content = of_content(call, call->inputs[SCALE].data, call->inputs[SHIFT].data);
    normalize(call, &content, &memory);
}

static void affine_coefficients(const struct op_call *call, float *scale, float *shift)
{
    const struct memory memory = memory_of(call, 0);
    const struct normalization content = of_content(call, call->inputs[SCALE].data, call->inputs[SHIFT].data);
    find_affine(call, &content, &memory, scale, shift);
}

static void write_gradient(const struct op_call *call, const struct normalization *content, int32_t input,
                           const double *values)
{
    float *gradient = call->input_gradients[input];
    for (int64_t i = 0; gradient != NULL && i < picture_channels(call, input); i++)
        gradient[i] = (float)steering_gradient(content, values, i);
}

static void affine_backward(const struct op_call *call)
{
    const struct memory memory = memory_of(call, 0);
    const struct normalization content = of_content(call, call->inputs[SCALE].data, NULL);
    differentiate(call, &content, &memory);
    write_gradient(call, &content, SCALE, memory.dscale);
    write_gradient(call, &content, SHIFT, memory.dshift);
}

const struct gan_op gan_op_adain_affine = {
    .name = "adain_affine",
    .attributes_size = sizeof(struct adain_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = gan_adain_affine_infer,
    .band = gan_band_rows,
    .measures = MEASURES_MOMENTS,
    .settle = gan_settle_adain_affine,
    .saves = adain_saves,
    .saved_size = affine_saved_size,
    .remembered_size = affine_saved_size,
    .workspace_size = affine_workspace_size,
    .forward = affine_forward,
    .affine = affine_coefficients,
    .backward = affine_backward,
    .takes_activation = true,
};
