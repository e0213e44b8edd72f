/* Nearest and bilinear resampling of NHWC pictures. */
#ifndef GAN_KERNELS_RESAMPLE_H
#define GAN_KERNELS_RESAMPLE_H

#include "base/context.h"
#include <stdbool.h>

/* Output position i along an axis is (1 - weight) input[low] + weight input[high]. Seen from the input, the
 * output positions [first, last) read position i. */
struct resample_axis {
    int64_t size, out_size;
    int64_t *low, *high;   /* [out_size] */
    float *weight;         /* [out_size]; all 0 for nearest */
    int64_t *first, *last; /* [size] */
};

struct resample {
    int64_t batch, channels;
    struct resample_axis rows, columns;
};

/* Of all positions along an axis and all that are made of them, those at hand. */
struct resample_part {
    int64_t size, out_size;
    int64_t first, count, out_first, out_count;
};

/* Where output position i of all is read. */
struct resample_place {
    int64_t low, high;
    float weight;
};
struct resample_place gan_resample_place(int64_t size, int64_t out_size, bool bilinear, int64_t i);

/* Nearest reads floor(i size / out_size); bilinear has half-pixel centres. Errors: OUT_OF_MEMORY. */
gan_status gan_resample_axis_create(struct resample_axis *axis, gan_context *context, int64_t size,
                                    int64_t out_size, bool bilinear);
/* An axis of the part alone, which holds all that its output positions read. */
gan_status gan_resample_axis_create_part(struct resample_axis *axis, gan_context *context,
                                         const struct resample_part *part, bool bilinear);
void gan_resample_axis_free(struct resample_axis *axis, gan_context *context);

void gan_resample_forward(gan_context *context, const struct resample *resample, const float *x, float *y);
void gan_resample_backward(gan_context *context, const struct resample *resample, const float *dy, float *dx);

#endif
