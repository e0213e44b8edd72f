/* An axis of a plot: the range it shows and where its marks are. */
#ifndef GAN_FORMATS_PLOT_AXIS_H
#define GAN_FORMATS_PLOT_AXIS_H

#include "formats/json_write.h"

#include <stdbool.h>
#include <stdint.h>

enum { MOST_MARKS = 24 };

struct axis {
    bool logarithmic;
    double low, high; /* low < high; on a logarithmic axis the decimal logarithms */
    int32_t marks;
    double mark[MOST_MARKS]; /* values, not logarithms */
};

/* Whether the axis can show a value at all. */
bool gan_axis_shows(const struct axis *axis, double value);

/* Fix range and marks for values from `least` to `most`, which it can show. */
void gan_axis_fit(struct axis *axis, double least, double most);

/* 0 at the low end, 1 at the high end. */
double gan_axis_place(const struct axis *axis, double value);

/* A mark's label. Returns text. */
const char *gan_axis_label(double value, char text[NUMBER_TEXT_SIZE]);

#endif
