/* Weights of losses: not given, none, or a number. The library takes 0 for "the preset's" and below 0 for
 * "none"; on a command line 0 is none. */
#ifndef CLI_WEIGHT_H
#define CLI_WEIGHT_H

#include <math.h>

struct weight {
    double value; /* NaN: not given */
};

static inline void weight_unset(struct weight *weight)
{
    weight->value = (double)NAN;
}

static inline float weight_option(const struct weight *weight)
{
    if (isnan(weight->value))
        return 0;
    return weight->value > 0 ? (float)weight->value : -1;
}

#endif
