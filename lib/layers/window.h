/* How a window slides along one axis: what convolution layers share. */
#ifndef GAN_LAYERS_WINDOW_H
#define GAN_LAYERS_WINDOW_H

#include "base/status.h"

struct margin {
    int64_t before, after;
};

/* One axis; the paddings are those of GAN_PAD_EXPLICIT. */
struct window {
    int64_t kernel, stride, dilation;
    int32_t padding; /* GAN_PAD_* */
    struct margin explicit;
};

/* Positions that the kernel spans, less one. */
int64_t gan_window_reach(const struct window *window);

/* Padding of an axis of `size` elements. */
struct margin gan_window_margin(const struct window *window, int64_t size);

/* Positions of the window; less than 1 where it does not fit. */
int64_t gan_window_count(const struct window *window, int64_t size);

/* Each number is sensible by itself. `axis` is "height" or "width". */
gan_status gan_window_check(const struct window *window, const char *axis);

/* A pair of option values, of which a width of 0 means the same as the height, and a height of 0 `fallback`.
 */
void gan_take_pair(const int32_t given[2], int32_t fallback, int32_t pair[2]);

#endif
