/* The styles of a generator that has several. */
#ifndef CLI_STYLES_H
#define CLI_STYLES_H

#include "gan/gan.h"

/* Put the generator of one style or mixture in the place of a model that has several; `words` as of
 * gan_model_style_weights, NULL for a model of one style, which stays as it is. */
gan_status styles_choose(gan_model **model, const char *words);

#endif
