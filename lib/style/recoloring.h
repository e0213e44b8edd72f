/* A painted picture in the colours of its photograph, of which a piece is at hand at a time. */
#ifndef GAN_STYLE_RECOLORING_H
#define GAN_STYLE_RECOLORING_H

#include "base/context.h"
#include "gan/adjust.h"
#include "style/color_histogram.h"
#include "style/palette.h"

/* Pixels that are at work together, in cache; and blocks of them that are measured at the same time. Blocks
 * are counted from the picture's first pixel, whatever the pieces are, so that sums are always the same. */
enum { RECOLORING_BLOCK = 2048, RECOLORING_GROUP = 128 };

struct gan_recoloring {
    gan_context *context;
    int32_t color, round;
    int64_t pixels, measured;                           /* of the picture; in this round */
    int64_t summed;                                     /* pixels that the palettes are of */
    struct palette own, wanted;                         /* of the result and of the photograph */
    float map[3][3], offset[3];                         /* found by the first round */
    struct color_histogram *own_counts, *wanted_counts; /* one for each worker; NULL: COVARIANCE */
    struct color_curves *curves;                        /* found by the second round */
    int64_t waiting;                                    /* pixels that are not a whole block yet */
    float waiting_result[3 * RECOLORING_BLOCK], waiting_photo[3 * RECOLORING_BLOCK];
    struct palette group_own[RECOLORING_GROUP], group_wanted[RECOLORING_GROUP];
};

/* The next pixels of a round, of which it has as many left; on trust. */
void gan_recoloring_take(gan_recoloring *recoloring, const float *result, const float *photo, int64_t pixels);

/* Take whole blocks, or the last one of the picture, into what this round measures. */
void gan_recoloring_measure_blocks(gan_recoloring *recoloring, const float *result, const float *photo,
                                   int64_t pixels);

/* After all blocks of the round. */
void gan_recoloring_finish_round(gan_recoloring *recoloring);

/* `to` (may be `result` itself) becomes the result in its colours. All rounds are over. */
void gan_recoloring_render(gan_recoloring *recoloring, float *to, const float *result, const float *photo,
                           int64_t pixels);

#endif
