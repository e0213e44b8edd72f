/* How much of the photograph stays in the result. */
#ifndef CLI_BLEND_H
#define CLI_BLEND_H

#include "gan/tensor.h"

/* Both pictures have one size. Change `result`: its luma with the photograph's chroma (BT.601). */
void blend_keep_color(gan_tensor *result, const gan_tensor *photo);
/* result = photo + strength (result - photo). */
void blend_strength(gan_tensor *result, const gan_tensor *photo, float strength);

#endif
