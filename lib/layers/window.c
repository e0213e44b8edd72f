#include "layers/window.h"
#include "layers/expect.h"

#include <inttypes.h>

/* Far above any kernel of use; keeps products of sizes from overflowing. */
enum { MOST = 1 << 20 };

int64_t gan_window_reach(const struct window *window)
{
    return window->dilation * (window->kernel - 1);
}

/* TensorFlow's SAME: as many positions as size / stride rounded up, the odd element of padding at the end. */
static struct margin same_margin(const struct window *window, int64_t size)
{
    const int64_t count = (size + window->stride - 1) / window->stride;
    const int64_t needed = (count - 1) * window->stride + gan_window_reach(window) + 1 - size;
    const int64_t total = needed > 0 ? needed : 0;
    return (struct margin){total / 2, total - total / 2};
}

struct margin gan_window_margin(const struct window *window, int64_t size)
{
    const int64_t half = gan_window_reach(window) / 2;
    switch (window->padding) {
    case GAN_PAD_SAME:
        return same_margin(window, size);
    case GAN_PAD_HALF:
        return (struct margin){half, half};
    case GAN_PAD_VALID:
        return (struct margin){0, 0};
    default:
        return window->explicit;
    }
}

int64_t gan_window_count(const struct window *window, int64_t size)
{
    const struct margin margin = gan_window_margin(window, size);
    const int64_t room = size + margin.before + margin.after - gan_window_reach(window) - 1;
    return room < 0 ? 0 : room / window->stride + 1;
}

static gan_status check_size(const char *axis, const char *what, int64_t value, int64_t least)
{
    if (value >= least && value <= MOST)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%s %s is %" PRId64 ", expected %" PRId64 " to %d", what, axis, value,
                    least, MOST);
}

gan_status gan_window_check(const struct window *window, const char *axis)
{
    gan_status status = check_size(axis, "kernel", window->kernel, 1);
    if (status == GAN_OK)
        status = check_size(axis, "stride", window->stride, 1);
    if (status == GAN_OK)
        status = check_size(axis, "dilation", window->dilation, 1);
    if (status == GAN_OK)
        status = check_size(axis, "padding before", window->explicit.before, 0);
    if (status == GAN_OK)
        status = check_size(axis, "padding after", window->explicit.after, 0);
    if (status == GAN_OK && (window->padding < GAN_PAD_EXPLICIT || window->padding > GAN_PAD_HALF))
        status = gan_fail(GAN_ERROR_ARGUMENT, "padding is %" PRId32 ", expected a GAN_PAD_* number",
                          window->padding);
    return status;
}

void gan_take_pair(const int32_t given[2], int32_t fallback, int32_t pair[2])
{
    pair[0] = given[0] != 0 ? given[0] : fallback;
    pair[1] = given[1] != 0 ? given[1] : pair[0];
}
