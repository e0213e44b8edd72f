/* The one place that contains stb_image_write, for all but PNG. */
#include "formats/image_encode.h"
#include "formats/foreign.h"
#include "formats/image_extras.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(truth) ((truth) ? (void)0 : gan_foreign_give_up())
#define STBIW_MALLOC(size) gan_foreign_allocate((size_t)(size))
#define STBIW_REALLOC_SIZED(memory, old, size) gan_foreign_resize(memory, (size_t)(size))
#define STBIW_FREE(memory) gan_foreign_release(memory)

/* Not all of it is called; the compiler says so at the end of the file. */
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image_write.h>

/* A JPEG begins with 2 bytes for its start and 18 of the JFIF segment, which has to be the first. */
enum { MOST_PIXELS = 1 << 28, MOST_SIDE = 65535, JPEG_HEAD = 20 };

struct encoding {
    const struct canvas *canvas;
    const struct encoding_options *options;
    struct file_writer *file;
    size_t written;
    gan_status status; /* of the first write that failed */
};

static void pass_bytes(struct encoding *encoding, const uint8_t *bytes, size_t size)
{
    if (encoding->status == GAN_OK && size > 0)
        encoding->status = gan_file_write(encoding->file, bytes, size);
    encoding->written += size;
}

static void write_bytes(void *user, void *bytes, int size)
{
    struct encoding *encoding = user;
    pass_bytes(encoding, bytes, size > 0 ? (size_t)size : 0);
}

/* The extras come right behind the head. */
static void write_jpeg_bytes(void *user, void *bytes, int size)
{
    struct encoding *encoding = user;
    const size_t count = size > 0 ? (size_t)size : 0;
    const size_t head = encoding->written < JPEG_HEAD ? JPEG_HEAD - encoding->written : 0;
    const size_t first = count < head ? count : head;
    pass_bytes(encoding, bytes, first);
    if (head > 0 && encoding->written == JPEG_HEAD && encoding->status == GAN_OK &&
        encoding->options->extras != NULL)
        encoding->status = gan_jpeg_write_extras(encoding->file, encoding->options->extras);
    pass_bytes(encoding, (const uint8_t *)bytes + first, count - first);
}

static void encode(void *argument)
{
    struct encoding *encoding = argument;
    const struct canvas *canvas = encoding->canvas;
    const int width = (int)canvas->width, height = (int)canvas->height;
    const uint8_t *samples = canvas->samples;
    int done = 0;
    switch (encoding->options->format) {
    case FORMAT_JPEG:
        done = stbi_write_jpg_to_func(write_jpeg_bytes, encoding, width, height, canvas->channels, samples,
                                      encoding->options->quality);
        break;
    case FORMAT_BMP:
        done = stbi_write_bmp_to_func(write_bytes, encoding, width, height, canvas->channels, samples);
        break;
    default:
        done = stbi_write_tga_to_func(write_bytes, encoding, width, height, canvas->channels, samples);
    }
    if (done == 0)
        gan_foreign_give_up();
}

static gan_status write_by_stb(gan_context *context, struct file_writer *file, const struct canvas *canvas,
                               const struct encoding_options *options)
{
    struct encoding encoding = {canvas, options, file, 0, GAN_OK};
    const gan_status status = gan_foreign_run(context, SIZE_MAX, encode, &encoding);
    return status == GAN_OK ? encoding.status : status;
}

static gan_status write_png_rows(struct png_writer *writer, const struct canvas *canvas, uint8_t *row)
{
    gan_status status = GAN_OK;
    for (int64_t y = 0; status == GAN_OK && y < canvas->height; y++) {
        memcpy(row, canvas->samples + (size_t)y * writer->row_bytes, writer->row_bytes);
        status = gan_png_writer_row(writer, row);
    }
    return status;
}

static gan_status write_png(gan_context *context, struct file_writer *file, const struct canvas *canvas,
                            const struct encoding_options *options)
{
    struct png_writer writer;
    const struct png_format format = {canvas->width, canvas->height, canvas->channels,
                                      canvas->depth > 0 ? canvas->depth : 8};
    uint8_t *row = NULL;
    gan_status status = gan_png_writer_open(&writer, context, file, &format);
    if (status == GAN_OK) {
        row = gan_allocate(context, writer.row_bytes);
        status = row != NULL ? GAN_OK : gan_fail_memory("a row of a PNG", writer.row_bytes);
    }
    if (status == GAN_OK && options->extras != NULL)
        status = gan_png_write_extras(&writer, options->extras);
    if (status == GAN_OK)
        status = write_png_rows(&writer, canvas, row);
    if (status == GAN_OK)
        status = gan_png_writer_finish(&writer);
    gan_release(context, row);
    gan_png_writer_release(&writer);
    return status;
}

gan_status gan_image_format(const char *path, int32_t *format)
{
    static const struct {
        const char *ending;
        int32_t format;
    } endings[] = {{".png", FORMAT_PNG},
                   {".jpg", FORMAT_JPEG},
                   {".jpeg", FORMAT_JPEG},
                   {".bmp", FORMAT_BMP},
                   {".tga", FORMAT_TGA}};
    const char *ending = strrchr(path, '.');
    for (size_t i = 0; ending != NULL && i < sizeof endings / sizeof endings[0]; i++)
        if (strcasecmp(ending, endings[i].ending) == 0) {
            *format = endings[i].format;
            return GAN_OK;
        }
    return gan_fail(GAN_ERROR_ARGUMENT,
                    "%s: no picture format has this ending, expected .png, .jpg, .jpeg, .bmp or .tga", path);
}

bool gan_format_has_alpha(int32_t format)
{
    return format == FORMAT_PNG || format == FORMAT_TGA;
}

gan_status gan_canvas_check(const struct canvas *canvas, const char *path, int32_t format)
{
    const int64_t width = canvas->width, height = canvas->height;
    if (width < 1 || height < 1)
        return gan_fail(GAN_ERROR_SHAPE, "%s: the picture has no pixels", path);
    if (width > MOST_PIXELS || height > MOST_PIXELS || width * height > MOST_PIXELS)
        return gan_fail(GAN_ERROR_SHAPE,
                        "%s: the picture has %" PRId64 " x %" PRId64 " pixels, at most %d can be saved", path,
                        width, height, MOST_PIXELS);
    if ((format == FORMAT_JPEG || format == FORMAT_TGA) && (width > MOST_SIDE || height > MOST_SIDE))
        return gan_fail(GAN_ERROR_SHAPE,
                        "%s: the picture has %" PRId64 " x %" PRId64
                        " pixels, the format holds sides up to %d",
                        path, width, height, MOST_SIDE);
    return GAN_OK;
}

gan_status gan_pixels_save(gan_context *context, const struct canvas *canvas, const char *path,
                           const struct encoding_options *options)
{
    gan_status status = gan_canvas_check(canvas, path, options->format);
    struct file_writer file;
    if (status == GAN_OK)
        status = gan_file_writer_open(&file, context, path);
    if (status != GAN_OK)
        return status;
    status = options->format == FORMAT_PNG ? write_png(context, &file, canvas, options)
                                           : write_by_stb(context, &file, canvas, options);
    if (status == GAN_OK)
        return gan_file_writer_commit(&file);
    gan_file_writer_discard(&file);
    return status;
}
