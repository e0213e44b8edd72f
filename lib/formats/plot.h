/* Curves, such as losses by step, as a picture file. */
#ifndef GAN_FORMATS_PLOT_H
#define GAN_FORMATS_PLOT_H

#include "base/context.h"

#include <stdbool.h>

struct plot_series {
    const char *name;
    const double *x, *y; /* [count]; x does not fall */
    int64_t count;
};

enum { PLOT_WIDTH = 960, PLOT_HEIGHT = 540 };

/* Draw a plot and write it; the format follows the ending of `path`. Values that are not finite, and those
 * not above 0 on a logarithmic axis, leave a gap. No series or no value at all gives empty axes. Errors as of
 * gan_image_save. */
gan_status gan_plot_save(gan_context *context, const char *path, const char *title, const char *x_name,
                         const struct plot_series *series, int32_t count, bool logarithmic);

#endif
