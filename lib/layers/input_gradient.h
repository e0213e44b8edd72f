/* What the rules of struct gan_op's input_gradient share: gradients at inputs as layers that have the same
 * parameters, so that they can be differentiated once more. */
#ifndef GAN_LAYERS_INPUT_GRADIENT_H
#define GAN_LAYERS_INPUT_GRADIENT_H

#include "graph/graph.h"

/* A layer of `op` whose parameter 0 is `weight`, which another layer has already. */
gan_layer *gan_add_sharing(const struct layer_request *request, gan_graph *graph, struct parameter *weight);

/* A rule finds that its layer's options are not supported: records why, returns NULL. */
gan_layer *gan_refuse_input_gradient(const gan_layer *layer, const char *why);

/* The rule of layers that are linear in one input and have no parameters: their transpose. */
gan_layer *gan_transposed_input_gradient(gan_layer *layer, gan_layer *gradient, int32_t input);

/* The op of that transpose, to stand beside the linear one. */
#define GAN_TRANSPOSE_OF(linear, title, size, field_list, length)                                            \
    {                                                                                                        \
        .name = title, .attributes_size = size, .fields = field_list, .field_count = length,                 \
        .infer = gan_transposed_infer, .prepare = gan_transposed_prepare, .discard = gan_transposed_discard, \
        .workspace_size = gan_transposed_workspace_size, .forward = gan_transposed_forward,                  \
        .backward = gan_transposed_backward, .no_gradient_inputs = 1u << 1, .transpose_of = &(linear)        \
    }
gan_status gan_transposed_infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                                struct shape *output);
gan_status gan_transposed_prepare(const struct op_call *call, void **plan);
void gan_transposed_discard(gan_context *context, void *plan);
size_t gan_transposed_workspace_size(const struct op_call *call, enum op_pass pass);
void gan_transposed_forward(const struct op_call *call);
void gan_transposed_backward(const struct op_call *call);

/* What a convolution and its transpose have in common. */
struct convolution_window {
    int32_t kernel[2], stride[2], padding, pad[4];
};

/* Without bias; the transposed one gives the shape of `like`. */
gan_layer *gan_add_convolution(gan_layer *x, const struct convolution_window *window,
                               struct parameter *weight);
gan_layer *gan_add_transposed_convolution(gan_layer *x, gan_layer *like,
                                          const struct convolution_window *window, struct parameter *weight);

#endif
