/* Shapes and builders of adaptive instance normalization. */
#include "gan/layers.h"
#include "graph/graph.h"
#include "layers/adaptive_normalization.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <inttypes.h>

/* ---- Shapes ---- */

static gan_status check_epsilon(float epsilon)
{
    if (epsilon > 0 && epsilon < 1e30f)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "epsilon is %g, expected more than 0", (double)epsilon);
}

/* `other` steers `content`: as many channels, and as many pictures or one; sizes still open may become so. */
static gan_status check_fit(const struct shape *content, const struct shape *other, const char *what)
{
    const int64_t batch = content->size[0], others = other->size[0];
    const int64_t channels = content->size[3], other_channels = other->size[other->rank - 1];
    if (other_channels >= 0 && channels != other_channels)
        return gan_fail(GAN_ERROR_SHAPE, "content has %" PRId64 " channels, %s has %" PRId64, channels, what,
                        other_channels);
    if (others != 1 && others >= 0 && batch >= 0 && others != batch)
        return gan_fail(GAN_ERROR_SHAPE,
                        "content has batch %" PRId64 ", %s has %" PRId64 ", expected the same or 1", batch,
                        what, others);
    return GAN_OK;
}

gan_status gan_adain_infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                           struct shape *output)
{
    if (input_count != 2)
        return gan_expect_inputs(input_count, 2);
    const struct adain_attributes *adain = attributes;
    *output = inputs[CONTENT];
    gan_status status = check_epsilon(adain->epsilon);
    if (status == GAN_OK)
        status = gan_expect_picture(&inputs[CONTENT], "content");
    if (status == GAN_OK)
        status = gan_expect_picture(&inputs[STYLE], "style");
    return status == GAN_OK ? check_fit(&inputs[CONTENT], &inputs[STYLE], "style") : status;
}

static gan_status check_vector(const struct shape *content, const struct shape *vector, const char *what)
{
    char text[SHAPE_TEXT_SIZE];
    if (vector->rank != 2)
        return gan_fail(GAN_ERROR_SHAPE, "%s has shape %s, expected [N,C]", what,
                        gan_shape_text(vector, text));
    return check_fit(content, vector, what);
}

gan_status gan_adain_affine_infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                                  struct shape *output)
{
    if (input_count != 3)
        return gan_expect_inputs(input_count, 3);
    const struct adain_attributes *adain = attributes;
    *output = inputs[CONTENT];
    gan_status status = check_epsilon(adain->epsilon);
    if (status == GAN_OK)
        status = gan_expect_picture(&inputs[CONTENT], "content");
    if (status == GAN_OK)
        status = check_vector(&inputs[CONTENT], &inputs[SCALE], "scale");
    if (status == GAN_OK)
        status = check_vector(&inputs[CONTENT], &inputs[SHIFT], "shift");
    const int64_t scales = inputs[SCALE].size[0], shifts = inputs[SHIFT].size[0];
    if (status == GAN_OK && scales >= 0 && shifts >= 0 && scales != shifts)
        return gan_fail(GAN_ERROR_SHAPE, "scale has batch %" PRId64 ", shift has %" PRId64, scales, shifts);
    return status;
}

/* ---- The builders ---- */

static float epsilon_of(float epsilon)
{
    return epsilon != 0 ? epsilon : 1e-5f;
}

gan_layer *gan_adain(gan_layer *content, gan_layer *style, float epsilon, int32_t sample_variance)
{
    if (content == NULL || style == NULL)
        return NULL;
    const struct adain_attributes attributes = {epsilon_of(epsilon), sample_variance != 0};
    gan_layer *const inputs[] = {content, style};
    const struct layer_request request = {
        .op = &gan_op_adain, .attributes = &attributes, .inputs = inputs, .input_count = 2};
    return gan_graph_add(content->graph, &request);
}

gan_layer *gan_adain_affine(gan_layer *content, gan_layer *scale, gan_layer *shift, float epsilon,
                            int32_t sample_variance)
{
    if (content == NULL || scale == NULL || shift == NULL)
        return NULL;
    const struct adain_attributes attributes = {epsilon_of(epsilon), sample_variance != 0};
    gan_layer *const inputs[] = {content, scale, shift};
    const struct layer_request request = {
        .op = &gan_op_adain_affine, .attributes = &attributes, .inputs = inputs, .input_count = 3};
    return gan_graph_add(content->graph, &request);
}
