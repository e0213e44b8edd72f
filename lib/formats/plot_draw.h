/* Drawing on a canvas of RGB bytes: rectangles, smooth lines, small text. What lies outside is not drawn. */
#ifndef GAN_FORMATS_PLOT_DRAW_H
#define GAN_FORMATS_PLOT_DRAW_H

#include <stdint.h>

enum { FONT_FIRST = 32, FONT_COUNT = 95, FONT_WIDTH = 5, FONT_HEIGHT = 7, FONT_ADVANCE = 6 };

extern const uint8_t gan_font[FONT_COUNT][FONT_HEIGHT];

struct drawing {
    uint8_t *samples;
    int32_t width, height;
};

struct colour {
    uint8_t red, green, blue;
};

void gan_draw_rectangle(const struct drawing *drawing, int32_t left, int32_t top, int32_t width,
                        int32_t height, struct colour colour);

/* A line of `thickness` pixels with round ends. Coordinates are of pixel centres. */
void gan_draw_line(const struct drawing *drawing, const double from[2], const double to[2], double thickness,
                   struct colour colour);

/* Text with its upper left corner at the point; each dot is scale x scale pixels. */
void gan_draw_text(const struct drawing *drawing, int32_t left, int32_t top, int32_t scale, const char *text,
                   struct colour colour);

/* Width of the text in pixels. */
int32_t gan_text_width(const char *text, int32_t scale);

#endif
