/* Picture files written from the top down. */
#include "formats/image_extras.h"
#include "formats/image_metadata.h"
#include "formats/png_write.h"
#include "gan/image_rows.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { DEFAULT_QUALITY = 92 };

struct gan_image_sink {
    gan_context *context;
    char *path;
    struct encoding_options encoding;
    struct image_extras extras;
    struct canvas canvas;
    int64_t written;  /* rows */
    uint8_t *samples; /* of one row of a PNG, or of all rows */
    struct file_writer file;
    struct png_writer png;
    bool file_open, png_open, finished;
    bool spoilt; /* a row is lost, that of a PNG which could not be written */
};

static size_t row_bytes(const gan_image_sink *sink)
{
    return (size_t)sink->canvas.width * (size_t)sink->canvas.channels * (size_t)sink->canvas.depth / 8;
}

static bool is_png(const gan_image_sink *sink)
{
    return sink->encoding.format == FORMAT_PNG;
}

/* ---- Beginning ---- */

static gan_status take_options(gan_image_sink *sink, const gan_image_sink_options *options)
{
    const int32_t format = sink->encoding.format;
    if (options->quality < 0 || options->quality > 100)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: quality is %" PRId32 ", expected 0 to 100", sink->path,
                        options->quality);
    if (options->depth != 0 && options->depth != 8 && (options->depth != 16 || !is_png(sink)))
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: depth is %" PRId32 ", expected 8, or 16 for PNG", sink->path,
                        options->depth);
    sink->encoding.quality = options->quality > 0 ? options->quality : DEFAULT_QUALITY;
    sink->canvas.depth = options->depth > 0 ? options->depth : 8;
    sink->canvas.channels = options->alpha != 0 && gan_format_has_alpha(format) ? 4 : 3;
    return gan_canvas_check(&sink->canvas, sink->path, format);
}

static gan_status allocate_samples(gan_image_sink *sink)
{
    const size_t size = row_bytes(sink) * (is_png(sink) ? 1 : (size_t)sink->canvas.height);
    sink->samples = gan_allocate(sink->context, size);
    return sink->samples != NULL ? GAN_OK : gan_fail_memory("the samples of a picture", size);
}

/* The other formats are written at once in the end; whether they can be is tried in either case. */
static gan_status open_file(gan_image_sink *sink)
{
    const struct png_format format = {sink->canvas.width, sink->canvas.height, sink->canvas.channels,
                                      sink->canvas.depth};
    gan_status status = gan_file_writer_open(&sink->file, sink->context, sink->path);
    if (status != GAN_OK)
        return status;
    sink->file_open = true;
    if (!is_png(sink)) {
        gan_file_writer_discard(&sink->file);
        sink->file_open = false;
        return GAN_OK;
    }
    sink->png_open = true;
    status = gan_png_writer_open(&sink->png, sink->context, &sink->file, &format);
    return status == GAN_OK ? gan_png_write_extras(&sink->png, &sink->extras) : status;
}

static gan_status begin(gan_image_sink *sink, const char *path, const gan_image_sink_options *options)
{
    sink->path = gan_copy_string(sink->context, path);
    if (sink->path == NULL)
        return gan_fail_memory("the name of a file", strlen(path));
    gan_status status = gan_image_format(sink->path, &sink->encoding.format);
    if (status == GAN_OK)
        status = take_options(sink, options);
    sink->encoding.extras = &sink->extras;
    if (status == GAN_OK && options->metadata != NULL)
        status =
            gan_image_extras_make(&sink->extras, options->metadata, sink->canvas.width, sink->canvas.height);
    if (status == GAN_OK)
        status = allocate_samples(sink);
    return status == GAN_OK ? open_file(sink) : status;
}

gan_status gan_image_sink_open(gan_image_sink **out, gan_context *context, const char *path, int64_t height,
                               int64_t width, const gan_image_sink_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_sink_open: out is NULL");
    *out = NULL;
    if (context == NULL || path == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_sink_open: %s is NULL",
                        context == NULL ? "context" : "path");
    gan_image_sink_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_image_sink_options");
    if (status != GAN_OK)
        return status;
    gan_image_sink *sink = gan_allocate_zeroed(context, sizeof *sink);
    if (sink == NULL)
        return gan_fail_memory("a picture being written", sizeof *sink);
    sink->context = gan_context_retain(context);
    sink->canvas.height = height;
    sink->canvas.width = width;
    status = begin(sink, path, &options);
    if (status != GAN_OK) {
        gan_image_sink_free(sink);
        return status;
    }
    *out = sink;
    return GAN_OK;
}

void gan_image_sink_free(gan_image_sink *sink)
{
    if (sink == NULL)
        return;
    gan_context *context = sink->context;
    if (sink->png_open)
        gan_png_writer_release(&sink->png);
    if (sink->file_open)
        gan_file_writer_discard(&sink->file);
    gan_image_extras_release(&sink->extras, context);
    gan_release(context, sink->samples);
    gan_release(context, sink->path);
    gan_release(context, sink);
    gan_context_free(context);
}

/* ---- Rows ---- */

static uint32_t level(float value, float largest)
{
    const float clamped = value < 0.0f ? 0.0f : value > 1.0f ? 1.0f : value;
    return (uint32_t)(clamped * largest + 0.5f);
}

/* Write one channel of a row; 16 bits have their high byte first. */
static void quantise(const gan_image_sink *sink, const float *from, int32_t from_step, uint8_t *to)
{
    const int64_t step = sink->canvas.channels * sink->canvas.depth / 8;
    for (int64_t x = 0; x < sink->canvas.width; x++, from += from_step, to += step) {
        const uint32_t value =
            level(from != NULL ? *from : 1.0f, sink->canvas.depth == 16 ? 65535.0f : 255.0f);
        to[0] = (uint8_t)(sink->canvas.depth == 16 ? value >> 8 : value);
        if (sink->canvas.depth == 16)
            to[1] = (uint8_t)value;
    }
}

static gan_status check_finite(const gan_image_sink *sink, const float *values, int64_t count,
                               int64_t channels)
{
    for (int64_t i = 0; values != NULL && i < count; i++)
        if (!isfinite(values[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE,
                            "%s: the pixel in row %" PRId64 ", column %" PRId64 " is NaN or infinite",
                            sink->path, sink->written, i / channels);
    return GAN_OK;
}

static void fill_row(const gan_image_sink *sink, const float *row, const float *alpha, uint8_t *samples)
{
    static const float opaque = 1.0f;
    const int32_t sample = sink->canvas.depth / 8;
    for (int32_t c = 0; c < 3; c++)
        quantise(sink, row + c, 3, samples + c * sample);
    if (sink->canvas.channels == 4)
        quantise(sink, alpha != NULL ? alpha : &opaque, alpha != NULL ? 1 : 0, samples + 3 * sample);
}

static gan_status write_row(gan_image_sink *sink, const float *row, const float *alpha)
{
    gan_status status = check_finite(sink, row, sink->canvas.width * 3, 3);
    if (status == GAN_OK)
        status = check_finite(sink, alpha, sink->canvas.width, 1);
    if (status != GAN_OK)
        return status;
    const size_t place = is_png(sink) ? 0 : (size_t)sink->written * row_bytes(sink);
    fill_row(sink, row, alpha, sink->samples + place);
    if (is_png(sink))
        status = gan_png_writer_row(&sink->png, sink->samples);
    sink->spoilt = status != GAN_OK;
    sink->written += status == GAN_OK;
    return status;
}

static gan_status check_state(const gan_image_sink *sink)
{
    return sink->spoilt ? gan_fail(GAN_ERROR_STATE, "%s: a row could not be written", sink->path) : GAN_OK;
}

gan_status gan_image_sink_write(gan_image_sink *sink, int64_t count, const float *rows, const float *alpha)
{
    if (sink == NULL || rows == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_sink_write: %s is NULL",
                        sink == NULL ? "sink" : "rows");
    if (sink->finished || count < 0 || count > sink->canvas.height - sink->written)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "%s: %" PRId64 " rows are given, %" PRId64 " of %" PRId64 " are left", sink->path,
                        count, sink->canvas.height - sink->written, sink->canvas.height);
    const int64_t width = sink->canvas.width;
    gan_status status = check_state(sink);
    for (int64_t y = 0; status == GAN_OK && y < count; y++)
        status = write_row(sink, rows + y * width * 3, alpha != NULL ? alpha + y * width : NULL);
    return status;
}

static gan_status finish_png(gan_image_sink *sink)
{
    const gan_status status = gan_png_writer_finish(&sink->png);
    if (status != GAN_OK)
        return status;
    sink->file_open = false;
    return gan_file_writer_commit(&sink->file);
}

gan_status gan_image_sink_finish(gan_image_sink *sink)
{
    if (sink == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_sink_finish: sink is NULL");
    const gan_status status = check_state(sink);
    if (status != GAN_OK)
        return status;
    if (sink->finished || sink->written < sink->canvas.height)
        return gan_fail(GAN_ERROR_STATE, "%s: %" PRId64 " of %" PRId64 " rows are written%s", sink->path,
                        sink->written, sink->canvas.height,
                        sink->finished ? ", and the file is finished" : "");
    sink->finished = true;
    sink->canvas.samples = sink->samples;
    return is_png(sink) ? finish_png(sink)
                        : gan_pixels_save(sink->context, &sink->canvas, sink->path, &sink->encoding);
}
