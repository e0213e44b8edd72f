/* Pictures bent by a field of displacements, which no gradient reaches. */
#include "kernels/warp.h"
#include "gan/layers.h"
#include "graph/graph.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/shapes.h"

enum { PICTURE = 0, DISPLACEMENT = 1 };

/* [N, H, W, 2]; sizes still open may become so. */
static gan_status check_displacement(const struct shape *picture, const struct shape *displacement)
{
    char text[SHAPE_TEXT_SIZE], expected_text[SHAPE_TEXT_SIZE];
    struct shape expected = *picture, met;
    expected.size[3] = 2;
    return gan_meet_shapes(&expected, displacement, "", &met) == GAN_OK
               ? GAN_OK
               : gan_fail(GAN_ERROR_SHAPE, "displacement has shape %s, expected %s",
                          gan_shape_text(displacement, text), gan_shape_text(&expected, expected_text));
}

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    (void)attributes;
    gan_status status = gan_expect_inputs(input_count, 2);
    if (status == GAN_OK)
        status = gan_expect_picture(&inputs[PICTURE], "input");
    if (status == GAN_OK)
        status = gan_expect_picture(&inputs[DISPLACEMENT], "displacement");
    *output = inputs[PICTURE];
    return status == GAN_OK ? check_displacement(&inputs[PICTURE], &inputs[DISPLACEMENT]) : status;
}

static struct warp warp_of(const struct op_call *call)
{
    const int64_t *size = call->inputs[PICTURE].shape.size;
    return (struct warp){size[0], size[1], size[2], size[3], call->inputs[DISPLACEMENT].data};
}

static void forward(const struct op_call *call)
{
    const struct warp warp = warp_of(call);
    gan_warp_forward(call->context, &warp, call->inputs[PICTURE].data, call->output.data);
}

static void backward(const struct op_call *call)
{
    const struct warp warp = warp_of(call);
    if (call->input_gradients[PICTURE] != NULL)
        gan_warp_backward(call->context, &warp, call->output_gradient, call->input_gradients[PICTURE]);
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_1;
}

const struct gan_op gan_op_warp = {
    .name = "warp",
    .infer = infer,
    .saves = saves,
    .forward = forward,
    .backward = backward,
    .no_gradient_inputs = 1u << DISPLACEMENT,
};

gan_layer *gan_warp(gan_layer *x, gan_layer *displacement)
{
    if (x == NULL || displacement == NULL)
        return NULL;
    gan_layer *const inputs[] = {x, displacement};
    const struct layer_request request = {.op = &gan_op_warp, .inputs = inputs, .input_count = 2};
    return gan_graph_add(x->graph, &request);
}
