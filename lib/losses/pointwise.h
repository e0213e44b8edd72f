/* What losses share that are a mean over elements. */
#ifndef GAN_LOSSES_POINTWISE_H
#define GAN_LOSSES_POINTWISE_H

#include "graph/graph.h"

/* Elements [0, count) of the prediction x and the target t (NULL where there is none); `parameter` is the one
 * number that some losses have. */
struct loss_terms {
    const float *x, *t;
    int64_t count;
    double parameter;
};

struct pointwise_loss {
    double (*sum)(const struct loss_terms *terms);
    /* dx[i] = factor * derivative of term i in x. */
    void (*slope)(const struct loss_terms *terms, double factor, float *dx);
};

/* For struct gan_op: prediction and target, or a prediction alone, to one number. */
gan_status gan_loss_infer_pair(const void *attributes, const struct shape *inputs, int32_t input_count,
                               struct shape *output);
gan_status gan_loss_infer_single(const void *attributes, const struct shape *inputs, int32_t input_count,
                                 struct shape *output);
uint32_t gan_loss_saves_inputs(const void *attributes);
size_t gan_loss_workspace_size(const struct op_call *call, enum op_pass pass);

void gan_loss_forward(const struct op_call *call, const struct pointwise_loss *loss, double parameter);
/* The gradient of a second input that wants one is minus that of the first: such losses depend on x - t. */
void gan_loss_backward(const struct op_call *call, const struct pointwise_loss *loss, double parameter);

/* For builders. */
gan_layer *gan_loss_add_pair(const struct gan_op *op, const void *attributes, gan_layer *x,
                             gan_layer *target);

#endif
