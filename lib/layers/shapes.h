/* Shape inference that several families of layers share. Sizes may be open (-1) everywhere. */
#ifndef GAN_LAYERS_SHAPES_H
#define GAN_LAYERS_SHAPES_H

#include "base/status.h"
#include "tensor/shape.h"

/* The layer is given as many inputs as its kind takes: files may say anything. */
gan_status gan_expect_inputs(int32_t given, int32_t expected);

/* struct gan_op's infer for one input whose shape is that of the output. */
gan_status gan_infer_same(const void *attributes, const struct shape *inputs, int32_t input_count,
                          struct shape *output);

/* The shape that both shapes have: sizes that one of them leaves open come from the other. `what` names the
 * second in messages; the first is "input". `output` is neither of them. */
gan_status gan_meet_shapes(const struct shape *input, const struct shape *other, const char *what,
                           struct shape *output);

/* An axis counted from the end where it is negative, as 0 <= axis < rank. */
gan_status gan_take_axis(int32_t *axis, int32_t given, const struct shape *shape);

/* The axis of attributes, which builders have counted from the start: 0 <= axis < rank. */
gan_status gan_expect_axis(int32_t axis, const struct shape *shape);

/* Product of the sizes of axes [first, last), all known. */
int64_t gan_axes_count(const struct shape *shape, int32_t first, int32_t last);

/* -1 stays -1; otherwise size + more, or size * factor. INT64_MAX where that overflows: gan_expect_sizes
 * refuses it. */
int64_t gan_size_plus(int64_t size, int64_t more);
int64_t gan_size_times(int64_t size, int64_t factor);

/* The sizes, some of which may be open, are ones that an array can have. */
gan_status gan_expect_sizes(const struct shape *shape);

#endif
