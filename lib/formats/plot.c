#include "formats/plot.h"
#include "formats/image_encode.h"
#include "formats/plot_axis.h"
#include "formats/plot_draw.h"

#include <math.h>
#include <string.h>

enum { LEFT = 84, RIGHT = 24, TOP = 52, BOTTOM = 60, TEXT_SCALE = 1, TITLE_SCALE = 2, TICK = 5 };
enum { LEGEND_LINE = 16, LEGEND_SAMPLE = 22, LEGEND_PADDING = 8, MOST_LEGEND = 20 };

static const struct colour white = {255, 255, 255}, ink = {40, 44, 52}, pale = {228, 231, 236};

static const struct colour palette[] = {
    {31, 105, 193}, {214, 84, 36}, {34, 139, 87}, {142, 68, 173},
    {199, 144, 0},  {0, 151, 167}, {194, 40, 98}, {110, 110, 110},
};

struct plot {
    struct drawing drawing;
    const struct plot_series *series;
    int32_t count;
    struct axis x, y;
    double left, top, width, height; /* the field inside the axes */
};

static struct colour series_colour(int32_t index)
{
    return palette[(size_t)index % (sizeof palette / sizeof palette[0])];
}

static bool shown(const struct plot *plot, const struct plot_series *series, int64_t i)
{
    return gan_axis_shows(&plot->x, series->x[i]) && gan_axis_shows(&plot->y, series->y[i]);
}

static void fit_axes(struct plot *plot)
{
    double x[2] = {INFINITY, -INFINITY}, y[2] = {INFINITY, -INFINITY};
    for (int32_t s = 0; s < plot->count; s++)
        for (int64_t i = 0; i < plot->series[s].count; i++)
            if (shown(plot, &plot->series[s], i)) {
                x[0] = fmin(x[0], plot->series[s].x[i]);
                x[1] = fmax(x[1], plot->series[s].x[i]);
                y[0] = fmin(y[0], plot->series[s].y[i]);
                y[1] = fmax(y[1], plot->series[s].y[i]);
            }
    const bool empty = x[0] > x[1];
    gan_axis_fit(&plot->x, empty ? 0.0 : x[0], empty ? 1.0 : x[1]);
    gan_axis_fit(&plot->y, empty ? 0.1 : y[0], empty ? 1.0 : y[1]);
}

static double place_x(const struct plot *plot, double value)
{
    return plot->left + gan_axis_place(&plot->x, value) * plot->width;
}

static double place_y(const struct plot *plot, double value)
{
    return plot->top + (1.0 - gan_axis_place(&plot->y, value)) * plot->height;
}

static void draw_x_marks(const struct plot *plot)
{
    const int32_t top = (int32_t)plot->top, bottom = (int32_t)(plot->top + plot->height);
    for (int32_t i = 0; i < plot->x.marks; i++) {
        char label[NUMBER_TEXT_SIZE];
        const char *text = gan_axis_label(plot->x.mark[i], label);
        const int32_t x = (int32_t)lrint(place_x(plot, plot->x.mark[i]));
        gan_draw_rectangle(&plot->drawing, x, top, 1, bottom - top, pale);
        gan_draw_rectangle(&plot->drawing, x, bottom, 1, TICK, ink);
        gan_draw_text(&plot->drawing, x - gan_text_width(text, TEXT_SCALE) / 2, bottom + TICK + 6, TEXT_SCALE,
                      text, ink);
    }
}

static void draw_y_marks(const struct plot *plot)
{
    const int32_t left = (int32_t)plot->left;
    for (int32_t i = 0; i < plot->y.marks; i++) {
        char label[NUMBER_TEXT_SIZE];
        const char *text = gan_axis_label(plot->y.mark[i], label);
        const int32_t y = (int32_t)lrint(place_y(plot, plot->y.mark[i]));
        gan_draw_rectangle(&plot->drawing, left, y, (int32_t)plot->width, 1, pale);
        gan_draw_rectangle(&plot->drawing, left - TICK, y, TICK, 1, ink);
        gan_draw_text(&plot->drawing, left - TICK - 6 - gan_text_width(text, TEXT_SCALE),
                      y - FONT_HEIGHT * TEXT_SCALE / 2, TEXT_SCALE, text, ink);
    }
}

static void draw_frame(const struct plot *plot, const char *title, const char *x_name)
{
    const int32_t left = (int32_t)plot->left, bottom = (int32_t)(plot->top + plot->height);
    gan_draw_rectangle(&plot->drawing, left, (int32_t)plot->top, 1, (int32_t)plot->height, ink);
    gan_draw_rectangle(&plot->drawing, left, bottom, (int32_t)plot->width + 1, 1, ink);
    gan_draw_text(&plot->drawing, left, 18, TITLE_SCALE, title, ink);
    gan_draw_text(&plot->drawing, left + ((int32_t)plot->width - gan_text_width(x_name, TEXT_SCALE)) / 2,
                  PLOT_HEIGHT - 22, TEXT_SCALE, x_name, ink);
}

/* A value without neighbours is a dot. */
static void draw_series(const struct plot *plot, const struct plot_series *series, struct colour colour)
{
    double former[2] = {0.0, 0.0};
    bool joined = false;
    for (int64_t i = 0; i < series->count; i++) {
        if (!shown(plot, series, i)) {
            joined = false;
            continue;
        }
        const double point[2] = {place_x(plot, series->x[i]), place_y(plot, series->y[i])};
        const bool alone = !joined && (i + 1 == series->count || !shown(plot, series, i + 1));
        if (joined || alone)
            gan_draw_line(&plot->drawing, joined ? former : point, point, alone ? 5.0 : 1.6, colour);
        memcpy(former, point, sizeof former);
        joined = true;
    }
}

static void draw_legend(const struct plot *plot)
{
    int32_t widest = 0;
    const int32_t count = plot->count < MOST_LEGEND ? plot->count : MOST_LEGEND;
    for (int32_t i = 0; i < count; i++) {
        const int32_t width = gan_text_width(plot->series[i].name, TEXT_SCALE);
        widest = width > widest ? width : widest;
    }
    const int32_t width = widest + LEGEND_SAMPLE + 3 * LEGEND_PADDING;
    const int32_t height = count * LEGEND_LINE + LEGEND_PADDING;
    const int32_t left = PLOT_WIDTH - RIGHT - width - 6, top = TOP + 6;
    if (count == 0)
        return;
    gan_draw_rectangle(&plot->drawing, left, top, width, height, pale);
    gan_draw_rectangle(&plot->drawing, left + 1, top + 1, width - 2, height - 2, white);
    for (int32_t i = 0; i < count; i++) {
        const int32_t y = top + LEGEND_PADDING + i * LEGEND_LINE;
        const double from[2] = {left + LEGEND_PADDING, y + 3};
        const double to[2] = {left + LEGEND_PADDING + LEGEND_SAMPLE, y + 3};
        gan_draw_line(&plot->drawing, from, to, 2.4, series_colour(i));
        gan_draw_text(&plot->drawing, left + 2 * LEGEND_PADDING + LEGEND_SAMPLE, y, TEXT_SCALE,
                      plot->series[i].name, ink);
    }
}

static void draw(struct plot *plot, const char *title, const char *x_name)
{
    gan_draw_rectangle(&plot->drawing, 0, 0, PLOT_WIDTH, PLOT_HEIGHT, white);
    fit_axes(plot);
    draw_x_marks(plot);
    draw_y_marks(plot);
    draw_frame(plot, title, x_name);
    for (int32_t i = 0; i < plot->count; i++)
        draw_series(plot, &plot->series[i], series_colour(i));
    draw_legend(plot);
}

gan_status gan_plot_save(gan_context *context, const char *path, const char *title, const char *x_name,
                         const struct plot_series *series, int32_t count, bool logarithmic)
{
    int32_t format;
    gan_status status = gan_image_format(path, &format);
    if (status != GAN_OK)
        return status;
    const size_t size = (size_t)PLOT_WIDTH * PLOT_HEIGHT * 3;
    uint8_t *samples = gan_allocate(context, size);
    if (samples == NULL)
        return gan_fail_memory("a plot", size);
    struct plot plot = {
        .drawing = {samples, PLOT_WIDTH, PLOT_HEIGHT},
        .series = series,
        .count = count,
        .y.logarithmic = logarithmic,
        .left = LEFT,
        .top = TOP,
        .width = PLOT_WIDTH - LEFT - RIGHT,
        .height = PLOT_HEIGHT - TOP - BOTTOM,
    };
    draw(&plot, title, x_name);
    const struct canvas canvas = {
        .samples = samples, .width = PLOT_WIDTH, .height = PLOT_HEIGHT, .channels = 3};
    const struct encoding_options encoding = {.format = format, .quality = 95};
    status = gan_pixels_save(context, &canvas, path, &encoding);
    gan_release(context, samples);
    return status;
}
