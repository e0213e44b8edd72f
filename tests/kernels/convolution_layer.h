/* A convolution with random data, for tests of its passes, and what they should give. */
#ifndef CONVOLUTION_LAYER_H
#define CONVOLUTION_LAYER_H

#include "kernels/convolution.h"
#include "naive_convolution.h"

/* Shapes that meet every way of computing, edges of tiles and panels, and kinds of padding. */
enum { LAYER_SHAPES = 87 };
extern const struct convolution_shape layer_shapes[LAYER_SHAPES];

/* Inputs, results and gradients are filled with random numbers. */
struct layer {
    gan_context *context;
    struct convolution *convolution;
    struct convolution_shape shape;
    int64_t inputs, outputs, weights;
    float *x, *y, *w, *dy, *scale, *shift, *bias;
};

/* A context; NULL where this machine lacks the kernel set. */
gan_context *layer_context(int32_t kernels, int32_t threads);

/* Takes the context over. */
struct layer layer_make(const struct convolution_shape *shape, gan_context *context, int32_t precision,
                        bool trained);
void layer_free(struct layer *layer);

/* Memory of its own pages, behind which reading faults, filled with NaN. */
float *layer_random_array(int64_t count, uint64_t stream);
void layer_free_array(float *array);

/* What a pass gives: its result, and of BACKWARD_WEIGHTS the gradient of the bias behind it. */
float *layer_run(struct layer *layer, enum convolution_pass pass, const struct convolution_input *input,
                 const struct convolution_epilogue *epilogue);

/* What a pass should give for the input x, in float64. */
struct value *layer_reference(const struct layer *layer, enum convolution_pass pass, const float *x);

/* Errors up to tolerance * the magnitude of what is summed. */
void layer_expect_close(const float *got, const struct value *value, int64_t count, double tolerance,
                        const char *what, int shape, int32_t kernels);

#endif
