/* Brightness and colour differences, as bytes, and red, green and blue, as floats (ITU-R BT.601 and BT.709).
 */
#include "base/threads.h"
#include "formats/y4m.h"

#include <math.h>

struct color_matrix {
    float red, blue;    /* shares of red and blue in brightness; green has the rest */
    float floor, range; /* of brightness, in bytes */
    float color_range;
};

static struct color_matrix color_matrix(const gan_video_format *format)
{
    const bool hd = format->matrix == GAN_MATRIX_BT709, full = format->full_range != 0;
    return (struct color_matrix){
        .red = hd ? 0.2126f : 0.299f,
        .blue = hd ? 0.0722f : 0.114f,
        .floor = full ? 0.0f : 16.0f,
        .range = full ? 255.0f : 219.0f,
        .color_range = full ? 255.0f : 224.0f,
    };
}

struct conversion {
    const gan_video_format *format;
    struct y4m_planes planes;
    struct color_matrix matrix;
    const uint8_t *from; /* planes */
    uint8_t *to;
    const float *rgb_in;
    float *rgb_out;
    float *scratch; /* two rows of floats per worker */
};

static struct conversion conversion_of(const gan_video_format *format, float *scratch)
{
    return (struct conversion){.format = format,
                               .planes = gan_y4m_planes(format),
                               .matrix = color_matrix(format),
                               .scratch = scratch};
}

size_t gan_y4m_scratch(gan_context *context, const gan_video_format *format)
{
    return 2 * (size_t)gan_parallel_workers(context) * (size_t)format->width;
}

static float *scratch_row(const struct conversion *job, int32_t worker, int32_t which)
{
    return job->scratch + (2 * (int64_t)worker + which) * job->planes.width;
}

static bool is_centered(const struct conversion *job)
{
    return job->format->sampling == GAN_SAMPLING_420_CENTER;
}

/* ---- To red, green and blue ---- */

/* Rows of colour that lie about row `y` of brightness: samples are between two rows. */
static void nearest_rows(const struct y4m_planes *planes, int64_t y, int64_t *near, int64_t *far)
{
    *near = *far = y;
    if (planes->rows == planes->height)
        return;
    *near = y / 2;
    *far = y % 2 == 0 ? *near - 1 : *near + 1;
    if (*far < 0 || *far >= planes->rows)
        *far = *near;
}

static int64_t clamp_index(int64_t index, int64_t count)
{
    return index < 0 ? 0 : index >= count ? count - 1 : index;
}

/* One row of colour differences at every pixel, -128 to 127: linear interpolation between samples. */
static void spread_row(const struct conversion *job, const uint8_t *plane, int64_t y, float *row)
{
    const struct y4m_planes *planes = &job->planes;
    int64_t near_row, far_row;
    nearest_rows(planes, y, &near_row, &far_row);
    const uint8_t *near = plane + near_row * planes->columns, *far = plane + far_row * planes->columns;
    const bool whole = planes->columns == planes->width;
    const float on_odd = is_centered(job) ? 0.75f : 0.5f, on_even = is_centered(job) ? 0.75f : 1.0f;
    const int64_t even_neighbour = is_centered(job) ? -1 : 0;
    for (int64_t x = 0; x < planes->width; x++) {
        const int64_t own = whole ? x : x / 2;
        const int64_t other = whole ? x : clamp_index(own + (x % 2 ? 1 : even_neighbour), planes->columns);
        const float share = whole ? 1.0f : x % 2 ? on_odd : on_even;
        const float at_own = 0.75f * (float)near[own] + 0.25f * (float)far[own];
        const float at_other = 0.75f * (float)near[other] + 0.25f * (float)far[other];
        row[x] = share * at_own + (1 - share) * at_other - 128.0f;
    }
}

static float unit(float value)
{
    return fminf(fmaxf(value, 0.0f), 1.0f);
}

static void write_grey(const struct conversion *job, const uint8_t *bright, float *rgb)
{
    for (int64_t x = 0; x < job->planes.width; x++) {
        const float grey = unit(((float)bright[x] - job->matrix.floor) / job->matrix.range);
        rgb[3 * x] = rgb[3 * x + 1] = rgb[3 * x + 2] = grey;
    }
}

static void write_colors(const struct conversion *job, const uint8_t *bright, const float *u, const float *v,
                         float *rgb)
{
    const struct color_matrix *matrix = &job->matrix;
    const float green = 1 - matrix->red - matrix->blue;
    const float of_red = 2 * (1 - matrix->red) / matrix->color_range;
    const float of_blue = 2 * (1 - matrix->blue) / matrix->color_range;
    for (int64_t x = 0; x < job->planes.width; x++) {
        const float y = ((float)bright[x] - matrix->floor) / matrix->range;
        const float red = of_red * v[x], blue = of_blue * u[x];
        rgb[3 * x] = unit(y + red);
        rgb[3 * x + 1] = unit(y - (matrix->red * red + matrix->blue * blue) / green);
        rgb[3 * x + 2] = unit(y + blue);
    }
}

static void row_to_rgb(void *argument, int64_t y, int32_t worker)
{
    const struct conversion *job = argument;
    const struct y4m_planes *planes = &job->planes;
    const uint8_t *bright = job->from + y * planes->width;
    float *rgb = job->rgb_out + 3 * y * planes->width;
    if (planes->columns == 0) {
        write_grey(job, bright, rgb);
        return;
    }
    const uint8_t *colors = job->from + planes->width * planes->height;
    float *u = scratch_row(job, worker, 0), *v = scratch_row(job, worker, 1);
    spread_row(job, colors, y, u);
    spread_row(job, colors + planes->columns * planes->rows, y, v);
    write_colors(job, bright, u, v, rgb);
}

void gan_y4m_to_rgb(gan_context *context, const gan_video_format *format, const uint8_t *planes, float *rgb,
                    float *scratch)
{
    struct conversion job = conversion_of(format, scratch);
    job.from = planes;
    job.rgb_out = rgb;
    gan_parallel(context, job.planes.height, row_to_rgb, &job);
}

/* ---- From red, green and blue ---- */

static uint8_t to_byte(float value)
{
    return (uint8_t)(fminf(fmaxf(value, 0.0f), 255.0f) + 0.5f);
}

static float brightness(const struct color_matrix *matrix, const float *rgb)
{
    return matrix->red * unit(rgb[0]) + (1 - matrix->red - matrix->blue) * unit(rgb[1]) +
           matrix->blue * unit(rgb[2]);
}

static void bright_row(void *argument, int64_t y, int32_t worker)
{
    (void)worker;
    const struct conversion *job = argument;
    const float *rgb = job->rgb_in + 3 * y * job->planes.width;
    uint8_t *row = job->to + y * job->planes.width;
    for (int64_t x = 0; x < job->planes.width; x++)
        row[x] = to_byte(job->matrix.floor + job->matrix.range * brightness(&job->matrix, rgb + 3 * x));
}

/* Add the colour differences of one row of pixels. */
static void add_differences(const struct conversion *job, int64_t y, float *u, float *v)
{
    const struct color_matrix *matrix = &job->matrix;
    const float *rgb = job->rgb_in + 3 * y * job->planes.width;
    const float of_red = matrix->color_range / (2 * (1 - matrix->red));
    const float of_blue = matrix->color_range / (2 * (1 - matrix->blue));
    for (int64_t x = 0; x < job->planes.width; x++) {
        const float bright = brightness(matrix, rgb + 3 * x);
        u[x] += of_blue * (unit(rgb[3 * x + 2]) - bright);
        v[x] += of_red * (unit(rgb[3 * x]) - bright);
    }
}

/* `rows`: how many rows of pixels are in the sums. */
static void gather_row(const struct conversion *job, const float *sums, float rows, uint8_t *samples)
{
    const int64_t width = job->planes.width;
    for (int64_t i = 0; i < job->planes.columns; i++) {
        float value = sums[i];
        if (job->planes.columns < width) {
            const float own = sums[2 * i], right = sums[clamp_index(2 * i + 1, width)];
            const float left = sums[clamp_index(2 * i - 1, width)];
            value = is_centered(job) ? 0.5f * (own + right) : 0.25f * (left + right) + 0.5f * own;
        }
        samples[i] = to_byte(128.0f + value / rows);
    }
}

static void color_row(void *argument, int64_t row, int32_t worker)
{
    const struct conversion *job = argument;
    const struct y4m_planes *planes = &job->planes;
    const int64_t step = planes->rows < planes->height ? 2 : 1;
    const int64_t first = step * row;
    const int64_t rows = first + step <= planes->height ? step : 1;
    float *u = scratch_row(job, worker, 0), *v = scratch_row(job, worker, 1);
    for (int64_t x = 0; x < planes->width; x++)
        u[x] = v[x] = 0;
    for (int64_t k = 0; k < rows; k++)
        add_differences(job, first + k, u, v);
    uint8_t *samples = job->to + planes->width * planes->height + row * planes->columns;
    gather_row(job, u, (float)rows, samples);
    gather_row(job, v, (float)rows, samples + planes->columns * planes->rows);
}

void gan_y4m_from_rgb(gan_context *context, const gan_video_format *format, const float *rgb, uint8_t *planes,
                      float *scratch)
{
    struct conversion job = conversion_of(format, scratch);
    job.to = planes;
    job.rgb_in = rgb;
    gan_parallel(context, job.planes.height, bright_row, &job);
    gan_parallel(context, job.planes.rows, color_row, &job);
}
