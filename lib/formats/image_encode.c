/* The one place that contains stb_image_write. */
#include "formats/image_encode.h"
#include "formats/file.h"
#include "formats/foreign.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

static unsigned char *deflate_bytes(unsigned char *bytes, int size, int *deflated, int level);

#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(truth) ((truth) ? (void)0 : gan_foreign_give_up())
#define STBIW_MALLOC(size) gan_foreign_allocate((size_t)(size))
#define STBIW_REALLOC_SIZED(memory, old, size) gan_foreign_resize(memory, (size_t)(size))
#define STBIW_FREE(memory) gan_foreign_release(memory)
#define STBIW_ZLIB_COMPRESS deflate_bytes

/* Not all of it is called; the compiler says so at the end of the file. */
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image_write.h>

enum { MOST_PIXELS = 1 << 28, MOST_SIDE = 65535, DEFLATE_LEVEL = 6 };

static void *allocate_items(void *user, unsigned count, unsigned size)
{
    (void)user;
    return gan_foreign_allocate((size_t)count * size);
}

static void release_items(void *user, void *memory)
{
    (void)user;
    gan_foreign_release(memory);
}

/* zlib instead of stb's own compressor, which is slower and makes larger files. */
static unsigned char *deflate_bytes(unsigned char *bytes, int size, int *deflated, int level)
{
    (void)level;
    z_stream stream = {.zalloc = allocate_items, .zfree = release_items};
    if (deflateInit(&stream, DEFLATE_LEVEL) != Z_OK)
        gan_foreign_give_up();
    const uLong bound = deflateBound(&stream, (uLong)size);
    unsigned char *out = gan_foreign_allocate(bound);
    stream.next_in = bytes;
    stream.avail_in = (uInt)size;
    stream.next_out = out;
    stream.avail_out = (uInt)bound;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        gan_foreign_give_up();
    *deflated = (int)stream.total_out;
    deflateEnd(&stream);
    return out;
}

struct encoding {
    const struct canvas *canvas;
    struct file_writer *file;
    int32_t format, quality;
    gan_status status; /* of the first write that failed */
};

static void write_bytes(void *user, void *bytes, int size)
{
    struct encoding *encoding = user;
    if (encoding->status == GAN_OK && size > 0)
        encoding->status = gan_file_write(encoding->file, bytes, (size_t)size);
}

static void encode(void *argument)
{
    struct encoding *encoding = argument;
    const struct canvas *canvas = encoding->canvas;
    const int width = (int)canvas->width, height = (int)canvas->height;
    const uint8_t *samples = canvas->samples;
    int done = 0;
    switch (encoding->format) {
    case FORMAT_PNG:
        done = stbi_write_png_to_func(write_bytes, encoding, width, height, canvas->channels, samples, 0);
        break;
    case FORMAT_JPEG:
        done = stbi_write_jpg_to_func(write_bytes, encoding, width, height, canvas->channels, samples,
                                      encoding->quality);
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

static gan_status check_canvas(const struct canvas *canvas, const char *path, int32_t format)
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
                           int32_t format, int32_t quality)
{
    gan_status status = check_canvas(canvas, path, format);
    struct file_writer file;
    if (status == GAN_OK)
        status = gan_file_writer_open(&file, context, path);
    if (status != GAN_OK)
        return status;
    struct encoding encoding = {canvas, &file, format, quality, GAN_OK};
    status = gan_foreign_run(context, SIZE_MAX, encode, &encoding);
    if (status == GAN_OK)
        status = encoding.status;
    if (status == GAN_OK)
        return gan_file_writer_commit(&file);
    gan_file_writer_discard(&file);
    return status;
}
