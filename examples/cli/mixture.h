/* Several styles in one picture, or several pictures in one style: how much of each, and where. */
#ifndef CLI_MIXTURE_H
#define CLI_MIXTURE_H

#include "arguments.h"

#include "gan/gan.h"

/* Weights of `count` inputs, whose sum becomes 1; no words: all the same. false: the mistake was named. */
bool weights_read(float *weights, int count, const struct texts *words);

/* The first channel of a picture of any size as a mask [1, H, W, 1] of the size of `photo`, in 0..1. */
gan_status mask_read(gan_tensor **mask, gan_context *context, const char *path, const gan_tensor *photo);

enum { MIXTURE_MOST_STYLES = 16 };

/* Masks at the size of a photograph, one for each style. */
struct placement {
    int count;                              /* 0: no masks */
    gan_tensor *masks[MIXTURE_MOST_STYLES]; /* weights included; they add up to 1 where there is any style */
    gan_tensor *covered; /* how much of the photograph is painted: what the masks add up to, at most 1 */
};

/* placement_free after any outcome. */
gan_status placement_read(struct placement *placement, gan_context *context, const struct texts *paths,
                          const float *weights, const gan_tensor *photo);
void placement_free(struct placement *placement);

/* result = the sum of pictures times masks, for as many as there are. Where no mask says anything it is
 * `photo`. */
void placement_blend(const struct placement *placement, gan_tensor *const *pictures, const gan_tensor *photo,
                     gan_tensor *result);

#endif
