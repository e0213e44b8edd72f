/* Where each block of a picture was in the picture before: block matching from coarse to fine. */
#ifndef GAN_STYLE_MOTION_H
#define GAN_STYLE_MOTION_H

#include "style/luma_pyramid.h"

enum { MOTION_BLOCK = 8 };

struct motion_vector {
    float right, down; /* from a place in this picture to where it was before, in pixels */
    float difference;  /* mean absolute one of brightness around the block, 0 to 255 */
};

struct motion_field {
    int64_t rows, columns; /* of blocks */
    struct motion_vector *vectors, *coarse;
};

gan_status gan_motion_create(struct motion_field *field, gan_context *context, int64_t height, int64_t width);
void gan_motion_free(struct motion_field *field, gan_context *context);

/* Both pyramids and the field have one size. The same bits for any number of threads. */
void gan_motion_estimate(struct motion_field *field, gan_context *context, const struct luma_pyramid *now,
                         const struct luma_pyramid *before);

/* Of the picture as a whole: the medians. */
struct motion_vector gan_motion_median(const struct motion_field *field);

/* At a pixel, between the vectors of the four blocks about it. */
struct motion_vector gan_motion_at(const struct motion_field *field, int64_t y, int64_t x);

#endif
