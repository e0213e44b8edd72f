#include "formats/plot_axis.h"

#include <math.h>
#include <stdio.h>

enum { WANTED_MARKS = 7 };

bool gan_axis_shows(const struct axis *axis, double value)
{
    return isfinite(value) && fabs(value) < 1e300 && (!axis->logarithmic || value > 1e-300);
}

static void add_mark(struct axis *axis, double value)
{
    if (axis->marks < MOST_MARKS)
        axis->mark[axis->marks++] = value;
}

/* The smallest of 1, 2, 5 times a power of ten that is at least `least`. */
static double round_step(double least)
{
    const double power = pow(10.0, floor(log10(least)));
    const double digit = least / power;
    return power * (digit <= 1.0 ? 1.0 : digit <= 2.0 ? 2.0 : digit <= 5.0 ? 5.0 : 10.0);
}

static void mark_evenly(struct axis *axis, double low, double high)
{
    const double step = round_step((high - low) / WANTED_MARKS);
    for (double i = ceil(low / step - 1e-9); i <= floor(high / step + 1e-9); i++)
        add_mark(axis, i * step);
}

/* Powers of ten, every other one and so on where there are many; 2 and 5 between them where there are few. */
static void mark_decades(struct axis *axis)
{
    const double stride = ceil((axis->high - axis->low) / (MOST_MARKS / 3));
    for (double power = floor(axis->low); power <= ceil(axis->high); power += stride) {
        static const double digits[] = {1.0, 2.0, 5.0};
        const int count = axis->high - axis->low > 3.0 ? 1 : 3;
        for (int i = 0; i < count; i++) {
            const double place = power + log10(digits[i]);
            if (place >= axis->low - 1e-9 && place <= axis->high + 1e-9)
                add_mark(axis, digits[i] * pow(10.0, power));
        }
    }
    if (axis->marks < 3) {
        axis->marks = 0;
        mark_evenly(axis, pow(10.0, axis->low), pow(10.0, axis->high));
    }
}

void gan_axis_fit(struct axis *axis, double least, double most)
{
    axis->low = axis->logarithmic ? log10(least) : least;
    axis->high = axis->logarithmic ? log10(most) : most;
    const double size = fmax(fabs(axis->low), fabs(axis->high));
    if (axis->high - axis->low <= 1e-9 * size || axis->high <= axis->low) {
        const double margin = axis->logarithmic ? 0.5 : size > 0.0 ? size * 0.1 : 1.0;
        axis->low -= margin;
        axis->high += margin;
    }
    axis->marks = 0;
    if (axis->logarithmic)
        mark_decades(axis);
    else
        mark_evenly(axis, axis->low, axis->high);
}

double gan_axis_place(const struct axis *axis, double value)
{
    const double shown = axis->logarithmic ? log10(value) : value;
    return (shown - axis->low) / (axis->high - axis->low);
}

const char *gan_axis_label(double value, char text[NUMBER_TEXT_SIZE])
{
    /* Steps leave rounding errors, such as 0.30000000000000004. */
    return gan_number_text(fabs(value) < 1e-290 ? 0.0 : (double)(float)value, true, text);
}
