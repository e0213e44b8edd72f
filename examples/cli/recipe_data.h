/* The data set that a recipe's options name. */
#ifndef CLI_RECIPE_DATA_H
#define CLI_RECIPE_DATA_H

#include "console.h"

#include "gan/gan.h"

struct recipe_data {
    const char *recipe;
    const char *data, *source, *target;
    const char *labels; /* IDX file, with conditional */
    bool conditional;   /* dcgan: the data set has labels */
    int32_t size;
    bool usual_size;      /* it is the recipe's own: nobody asked for it */
    double largest_scale; /* 0: the recipe's own */
    uint64_t seed;
};

/* Whether the recipe has the paths that it needs; says what is missing. */
bool recipe_data_is_complete(const struct recipe_data *data);

/* Open it, and name what will be skipped. */
int recipe_data_open(gan_dataset **out, const struct recipe_data *data, gan_context *context,
                     const struct console *console);

#endif
