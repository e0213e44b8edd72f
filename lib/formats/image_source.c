/* A picture in memory as its file holds it, of which rows are taken as floats. */
#include "base/threads.h"
#include "formats/file.h"
#include "formats/image_decode.h"
#include "formats/image_view.h"
#include "gan/image_rows.h"

#include <inttypes.h>
#include <string.h>

/* A picture file may be this large. */
static const size_t most_bytes = (size_t)1 << 31;

struct gan_image_source {
    gan_context *context;
    int64_t height, width;
    int32_t channels, sample_bytes;
    int32_t orientation; /* while it is read */
    unsigned char *samples;
};

static size_t pixel_bytes(const gan_image_source *source)
{
    return (size_t)source->channels * (size_t)source->sample_bytes;
}

struct turning {
    const gan_image_source *source;
    const struct pixels *pixels;
    struct view view;
};

static void turn_row(void *argument, int64_t row, int32_t worker)
{
    (void)worker;
    const struct turning *turning = argument;
    const size_t size = pixel_bytes(turning->source);
    const int64_t width = turning->view.width, right = turning->view.right;
    const unsigned char *from = turning->pixels->samples;
    unsigned char *to = turning->source->samples + (size_t)(row * width) * size;
    const int64_t first = turning->view.origin + row * turning->view.down;
    if (right == 1) {
        memcpy(to, from + (size_t)first * size, (size_t)width * size);
        return;
    }
    for (int64_t x = 0; x < width; x++)
        memcpy(to + (size_t)x * size, from + (size_t)(first + x * right) * size, size);
}

static gan_status take(void *user, const struct pixels *pixels)
{
    gan_image_source *source = user;
    const struct view view = gan_image_upright(pixels->height, pixels->width, source->orientation);
    source->height = view.height;
    source->width = view.width;
    source->channels = pixels->channels;
    source->sample_bytes = pixels->wide ? 2 : 1;
    const size_t size = (size_t)(view.height * view.width) * pixel_bytes(source);
    source->samples = gan_allocate(source->context, size);
    if (source->samples == NULL)
        return gan_fail_memory("the samples of a picture", size);
    struct turning turning = {source, pixels, view};
    gan_parallel(source->context, view.height, turn_row, &turning);
    return GAN_OK;
}

static gan_status read_file(gan_image_source *source, gan_image_metadata **metadata, const char *path)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    gan_status status = gan_file_read(source->context, path, most_bytes, &bytes, &size);
    if (status != GAN_OK)
        return status;
    status = gan_exif_orientation(source->context, bytes, size, &source->orientation);
    if (status == GAN_OK)
        status = gan_pixels_decode(source->context, bytes, size, path, take, source);
    if (status == GAN_OK && metadata != NULL)
        status = gan_image_metadata_decode(metadata, source->context, bytes, size);
    gan_release(source->context, bytes);
    return status;
}

gan_status gan_image_source_open_with_metadata(gan_image_source **out, gan_image_metadata **metadata,
                                               gan_context *context, const char *path)
{
    if (metadata != NULL)
        *metadata = NULL;
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_source_open: out is NULL");
    *out = NULL;
    if (context == NULL || path == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_source_open: %s is NULL",
                        context == NULL ? "context" : "path");
    gan_image_source *source = gan_allocate_zeroed(context, sizeof *source);
    if (source == NULL)
        return gan_fail_memory("a picture", sizeof *source);
    source->context = gan_context_retain(context);
    const gan_status status = read_file(source, metadata, path);
    if (status != GAN_OK) {
        gan_image_source_free(source);
        return status;
    }
    *out = source;
    return GAN_OK;
}

gan_status gan_image_source_open(gan_image_source **out, gan_context *context, const char *path)
{
    return gan_image_source_open_with_metadata(out, NULL, context, path);
}

void gan_image_source_free(gan_image_source *source)
{
    if (source == NULL)
        return;
    gan_context *context = source->context;
    gan_release(context, source->samples);
    gan_release(context, source);
    gan_context_free(context);
}

int64_t gan_image_source_height(const gan_image_source *source)
{
    return source != NULL ? source->height : 0;
}

int64_t gan_image_source_width(const gan_image_source *source)
{
    return source != NULL ? source->width : 0;
}

int32_t gan_image_source_has_alpha(const gan_image_source *source)
{
    return source != NULL && source->channels % 2 == 0;
}

int64_t gan_image_source_memory(const gan_image_source *source)
{
    return source != NULL
               ? (int64_t)sizeof *source + source->height * source->width * (int64_t)pixel_bytes(source)
               : 0;
}

struct unpacking {
    const gan_image_source *source;
    int64_t first;
    float *rows, *alpha;
};

static float sample(const gan_image_source *source, int64_t index)
{
    return source->sample_bytes == 2
               ? (float)((const uint16_t *)(const void *)source->samples)[index] / 65535.0f
               : (float)source->samples[index] / 255.0f;
}

static void unpack_row(void *argument, int64_t row, int32_t worker)
{
    (void)worker;
    const struct unpacking *job = argument;
    const gan_image_source *source = job->source;
    const int64_t width = source->width, channels = source->channels;
    const int64_t green = channels > 2 ? 1 : 0, blue = channels > 2 ? 2 : 0;
    int64_t from = (job->first + row) * width * channels;
    float *rows = job->rows != NULL ? job->rows + row * width * 3 : NULL;
    for (int64_t x = 0; x < width; x++, from += channels) {
        if (rows != NULL) {
            rows[3 * x] = sample(source, from);
            rows[3 * x + 1] = sample(source, from + green);
            rows[3 * x + 2] = sample(source, from + blue);
        }
        if (job->alpha != NULL)
            job->alpha[row * width + x] = channels % 2 == 0 ? sample(source, from + channels - 1) : 1.0f;
    }
}

gan_status gan_image_source_read(const gan_image_source *source, int64_t first, int64_t count, float *rows,
                                 float *alpha)
{
    if (source == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_source_read: source is NULL");
    if (first < 0 || count < 0 || first > source->height || count > source->height - first)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "gan_image_source_read: %" PRId64 " rows from %" PRId64
                        " are asked for, the picture has %" PRId64,
                        count, first, source->height);
    struct unpacking job = {source, first, rows, alpha};
    gan_parallel(source->context, count, unpack_row, &job);
    return GAN_OK;
}
