#include "kernels/augmentation.h"

#include <stdbool.h>
#include <string.h>

/* With pixel means m and the mean of all M, the three changes of colour are one:
 * y = k s x + k (1 - s) m + (1 - k) M + b for saturation s, contrast k, brightness b. The transpose has the
 * same factors on the gradients and no b. */
struct colours {
    float own, pixel, all; /* factors of x, m; what is added */
};

static struct colours colours_of(const struct augmentation *augmentation, double mean, float offset)
{
    const float s = augmentation->saturation, k = augmentation->contrast;
    return (struct colours){k * s, k * (1 - s), (float)((1 - (double)k) * mean) + offset};
}

static double mean_of(const float *x, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += (double)x[i];
    return sum / (double)count;
}

static void recolour(const struct colours *colours, const float *x, int64_t channels, float *y)
{
    float sum = 0;
    for (int64_t c = 0; c < channels; c++)
        sum += x[c];
    const float added = colours->pixel * sum / (float)channels + colours->all;
    for (int64_t c = 0; c < channels; c++)
        y[c] = colours->own * x[c] + added;
}

/* Whether a pixel of the result shows one of the picture. */
static bool shows(const struct augmentation *a, const struct augmented_shape *shape, int64_t row,
                  int64_t column)
{
    const bool cut =
        row >= a->cut_top && row < a->cut_bottom && column >= a->cut_left && column < a->cut_right;
    const int64_t from_row = row - a->down, from_column = column - a->right;
    return !cut && from_row >= 0 && from_row < shape->height && from_column >= 0 &&
           from_column < shape->width;
}

void gan_augment(const struct augmentation *augmentation, const struct augmented_shape *shape, const float *x,
                 float *y)
{
    const int64_t channels = shape->channels, count = shape->height * shape->width * channels;
    const struct colours colours = colours_of(augmentation, mean_of(x, count), augmentation->brightness);
    for (int64_t row = 0; row < shape->height; row++)
        for (int64_t column = 0; column < shape->width; column++, y += channels) {
            const int64_t from = (row - augmentation->down) * shape->width + column - augmentation->right;
            if (shows(augmentation, shape, row, column))
                recolour(&colours, x + from * channels, channels, y);
            else
                memset(y, 0, (size_t)channels * sizeof *y);
        }
}

/* The gradient at the recoloured picture: what of `dy` its pixels have moved to. */
static void move_back(const struct augmentation *augmentation, const struct augmented_shape *shape,
                      const float *dy, float *dx)
{
    const size_t pixel = (size_t)shape->channels;
    for (int64_t row = 0; row < shape->height; row++)
        for (int64_t column = 0; column < shape->width; column++, dx += pixel) {
            const int64_t to_row = row + augmentation->down, to_column = column + augmentation->right;
            const bool inside =
                to_row >= 0 && to_row < shape->height && to_column >= 0 && to_column < shape->width;
            if (inside && shows(augmentation, shape, to_row, to_column))
                memcpy(dx, dy + (size_t)(to_row * shape->width + to_column) * pixel, pixel * sizeof *dx);
            else
                memset(dx, 0, pixel * sizeof *dx);
        }
}

void gan_augment_backward(const struct augmentation *augmentation, const struct augmented_shape *shape,
                          const float *dy, float *dx)
{
    const int64_t channels = shape->channels, pixels = shape->height * shape->width;
    move_back(augmentation, shape, dy, dx);
    const struct colours colours = colours_of(augmentation, mean_of(dx, pixels * channels), 0);
    for (int64_t i = 0; i < pixels; i++)
        recolour(&colours, dx + i * channels, channels, dx + i * channels);
}
