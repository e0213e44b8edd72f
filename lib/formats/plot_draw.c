#include "formats/plot_draw.h"

#include <math.h>
#include <string.h>

static int32_t most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* Mix a colour into a pixel; cover 0 leaves it, 1 replaces it. */
static void mix(const struct drawing *drawing, int32_t x, int32_t y, struct colour colour, double cover)
{
    uint8_t *pixel = drawing->samples + ((int64_t)y * drawing->width + x) * 3;
    const uint8_t target[3] = {colour.red, colour.green, colour.blue};
    for (int i = 0; i < 3; i++)
        pixel[i] = (uint8_t)((double)pixel[i] + ((double)target[i] - (double)pixel[i]) * cover + 0.5);
}

void gan_draw_rectangle(const struct drawing *drawing, int32_t left, int32_t top, int32_t width,
                        int32_t height, struct colour colour)
{
    const int32_t right = least(left + width, drawing->width), bottom = least(top + height, drawing->height);
    for (int32_t y = most(top, 0); y < bottom; y++)
        for (int32_t x = most(left, 0); x < right; x++)
            mix(drawing, x, y, colour, 1.0);
}

/* How far a point is from the segment. */
static double distance(double x, double y, const double from[2], const double to[2])
{
    const double along_x = to[0] - from[0], along_y = to[1] - from[1];
    const double length = along_x * along_x + along_y * along_y;
    double part = length > 0.0 ? ((x - from[0]) * along_x + (y - from[1]) * along_y) / length : 0.0;
    part = fmin(fmax(part, 0.0), 1.0);
    return hypot(x - from[0] - part * along_x, y - from[1] - part * along_y);
}

/* The rows in which a line covers column x, so that long steep or flat lines cost what they cover. */
static void column_range(double x, const double from[2], const double to[2], double reach, double range[2])
{
    double first = fmin(from[1], to[1]), last = fmax(from[1], to[1]);
    const double run = to[0] - from[0];
    if (fabs(run) > 1e-9) {
        const double slope = (to[1] - from[1]) / run;
        const double before = from[1] + slope * (x - reach - from[0]);
        const double after = from[1] + slope * (x + reach - from[0]);
        first = fmax(first, fmin(before, after));
        last = fmin(last, fmax(before, after));
    }
    range[0] = first - reach;
    range[1] = last + reach;
}

void gan_draw_line(const struct drawing *drawing, const double from[2], const double to[2], double thickness,
                   struct colour colour)
{
    const double reach = thickness / 2.0 + 0.5;
    const double right = fmin(fmax(from[0], to[0]) + reach, drawing->width - 1);
    const double left = fmax(fmin(from[0], to[0]) - reach, 0.0);
    for (int32_t x = (int32_t)ceil(left); x <= (int32_t)floor(right); x++) {
        double range[2];
        column_range(x, from, to, reach, range);
        const int32_t bottom = (int32_t)floor(fmin(range[1], drawing->height - 1));
        for (int32_t y = (int32_t)ceil(fmax(range[0], 0.0)); y <= bottom; y++) {
            const double cover = reach - distance(x, y, from, to);
            if (cover > 0.0)
                mix(drawing, x, y, colour, fmin(cover, 1.0));
        }
    }
}

static void draw_character(const struct drawing *drawing, int32_t left, int32_t top, int32_t scale,
                           char character, struct colour colour)
{
    const int index = (uint8_t)character - FONT_FIRST;
    const uint8_t *rows = gan_font[index >= 0 && index < FONT_COUNT ? index : '?' - FONT_FIRST];
    for (int32_t y = 0; y < FONT_HEIGHT; y++)
        for (int32_t x = 0; x < FONT_WIDTH; x++)
            if (rows[y] >> (FONT_WIDTH - 1 - x) & 1)
                gan_draw_rectangle(drawing, left + x * scale, top + y * scale, scale, scale, colour);
}

void gan_draw_text(const struct drawing *drawing, int32_t left, int32_t top, int32_t scale, const char *text,
                   struct colour colour)
{
    for (; *text != '\0' && left < drawing->width; text++, left += FONT_ADVANCE * scale)
        draw_character(drawing, left, top, scale, *text, colour);
}

int32_t gan_text_width(const char *text, int32_t scale)
{
    const size_t length = strlen(text);
    return length == 0 || length > 10000 ? 0 : ((int32_t)length * FONT_ADVANCE - 1) * scale;
}
