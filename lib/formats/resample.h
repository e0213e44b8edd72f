/* Weights of a separable resampling filter along one axis. */
#ifndef GAN_FORMATS_RESAMPLE_H
#define GAN_FORMATS_RESAMPLE_H

#include "base/context.h"

struct resampling {
    int64_t size;    /* of the result */
    int64_t taps;    /* source positions that each result position reads */
    int64_t *starts; /* [size] first of them; starts[i] + taps <= source size */
    float *weights;  /* [size, taps], each row with the sum 1 */
};

/* Catmull-Rom, widened by the factor of shrinking; beyond a border lies the border's value. Errors:
 * OUT_OF_MEMORY. */
gan_status gan_resampling_make(struct resampling *resampling, gan_context *context, int64_t from, int64_t to);
void gan_resampling_release(struct resampling *resampling, gan_context *context);

#endif
