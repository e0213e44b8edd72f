/* Results of one frame after the other that do not flicker: where the picture is what it was, perhaps moved,
 * the result becomes a mix of what it was and what it is. */
#ifndef GAN_STYLE_STEADY_H
#define GAN_STYLE_STEADY_H

#include "style/motion.h"

struct steadier {
    gan_context *context;
    int64_t height, width;
    struct luma_pyramid now, before;
    struct motion_field motion;
    float *result;      /* of the frame before, [H, W, 3] */
    float *differences; /* of brightness, [H, W] */
    float *sums;        /* of them along rows */
    bool has_former;    /* `before` and `result` are filled */
};

gan_status gan_steadier_create(struct steadier *steadier, gan_context *context, int64_t height,
                               int64_t width);
void gan_steadier_free(struct steadier *steadier);

/* See a frame ([H, W, 3], 0 to 1). Whether it goes on from the one before: false for the first and behind a
 * cut. */
bool gan_steadier_see(struct steadier *steadier, const float *frame);

/* Mix `result` ([H, W, 3], of the frame seen last) with the one before, at most with the share `most` of
 * that. */
void gan_steadier_mix(struct steadier *steadier, float *result, float most);

/* The next frame is the first. */
void gan_steadier_forget(struct steadier *steadier);

#endif
