#include "losses/pointwise.h"
#include "kernels/ranges.h"
#include "layers/shapes.h"

gan_status gan_loss_infer_pair(const void *attributes, const struct shape *inputs, int32_t input_count,
                               struct shape *output)
{
    (void)attributes;
    struct shape both;
    gan_status status = gan_expect_inputs(input_count, 2);
    if (status == GAN_OK)
        status = gan_meet_shapes(&inputs[0], &inputs[1], "target", &both);
    output->rank = 0;
    return status;
}

gan_status gan_loss_infer_single(const void *attributes, const struct shape *inputs, int32_t input_count,
                                 struct shape *output)
{
    (void)attributes;
    (void)inputs;
    output->rank = 0;
    return gan_expect_inputs(input_count, 1);
}

uint32_t gan_loss_saves_inputs(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUTS;
}

static int64_t count_of(const struct op_call *call)
{
    return gan_shape_count(&call->inputs[0].shape);
}

size_t gan_loss_workspace_size(const struct op_call *call, enum op_pass pass)
{
    return pass == OP_FORWARD ? gan_sum_workspace_size(count_of(call)) : 0;
}

struct pass {
    const struct pointwise_loss *loss;
    struct loss_terms terms; /* all of them */
    double factor;
    float *dx;
};

static struct pass pass_of(const struct op_call *call, const struct pointwise_loss *loss, double parameter)
{
    return (struct pass){.loss = loss,
                         .terms = {.x = call->inputs[0].data,
                                   .t = call->input_count > 1 ? call->inputs[1].data : NULL,
                                   .count = count_of(call),
                                   .parameter = parameter}};
}

static struct loss_terms part_of(const struct loss_terms *terms, int64_t start, int64_t end)
{
    return (struct loss_terms){terms->x + start, terms->t != NULL ? terms->t + start : NULL, end - start,
                               terms->parameter};
}

static double sum_range(const void *argument, int64_t start, int64_t end)
{
    const struct pass *pass = argument;
    const struct loss_terms terms = part_of(&pass->terms, start, end);
    return pass->loss->sum(&terms);
}

void gan_loss_forward(const struct op_call *call, const struct pointwise_loss *loss, double parameter)
{
    const struct pass pass = pass_of(call, loss, parameter);
    const double sum = gan_sum_ranges(call->context, pass.terms.count, sum_range, &pass, call->workspace);
    call->output.data[0] = (float)(sum / (double)pass.terms.count);
}

static void slope_range(const void *argument, int64_t start, int64_t end)
{
    const struct pass *pass = argument;
    const struct loss_terms terms = part_of(&pass->terms, start, end);
    pass->loss->slope(&terms, pass->factor, pass->dx + start);
}

void gan_loss_backward(const struct op_call *call, const struct pointwise_loss *loss, double parameter)
{
    enum { GRAIN = 16384 };
    struct pass pass = pass_of(call, loss, parameter);
    for (int32_t i = 0; i < call->input_count; i++) {
        pass.dx = call->input_gradients[i];
        if (pass.dx == NULL)
            continue;
        const double sign = i == 0 ? 1.0 : -1.0;
        pass.factor = sign * (double)call->output_gradient[0] / (double)pass.terms.count;
        gan_parallel_ranges(call->context, pass.terms.count, GRAIN, slope_range, &pass);
    }
}

gan_layer *gan_loss_add_pair(const struct gan_op *op, const void *attributes, gan_layer *x, gan_layer *target)
{
    if (x == NULL || target == NULL)
        return NULL;
    gan_layer *const inputs[] = {x, target};
    const struct layer_request request = {
        .op = op, .attributes = attributes, .inputs = inputs, .input_count = 2};
    return gan_graph_add(x->graph, &request);
}
