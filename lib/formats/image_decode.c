/* The one place that contains stb_image. */
#include "formats/image_decode.h"
#include "formats/foreign.h"
#include "formats/image_check.h"

#include <string.h>

#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_NO_PIC
#define STBI_MAX_DIMENSIONS MOST_SIDE
#define STBI_ASSERT(truth) ((truth) ? (void)0 : gan_foreign_give_up())
#define STBI_MALLOC(size) gan_foreign_allocate(size)
#define STBI_REALLOC_SIZED(memory, old, size) gan_foreign_resize(memory, size)
#define STBI_FREE(memory) gan_foreign_release(memory)

enum { MOST_SIDE = 65535, MOST_PIXELS = 1 << 28 };

/* Not all of it is called; the compiler says so at the end of the file. */
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image.h>

/* stb_image refills a buffer of this size, and asks for other numbers of bytes where it needs them all. */
enum { REFILL = 128 };

/* No format packs more into a byte: deflate 1032 bytes, of 8 pixels each. */
enum { MOST_PIXELS_PER_BYTE = 8256 };

/* Bytes in memory behind stb_image's callbacks, because they alone show that it went past the end, where it
 * goes on with zeros. */
struct source {
    const unsigned char *bytes;
    size_t size, position;
    bool exhausted;
};

struct decoding {
    struct source source;
    gan_context *context;
    const char *name;
    gan_status (*take)(void *user, const struct pixels *pixels);
    void *user;
    gan_status status;
};

static int read_source(void *user, char *to, int wanted)
{
    struct source *source = user;
    const size_t left = source->size - source->position;
    const size_t count = wanted < 0 ? 0 : (size_t)wanted < left ? (size_t)wanted : left;
    if (count == 0 || (count < (size_t)wanted && wanted != REFILL))
        source->exhausted = true;
    memcpy(to, source->bytes + source->position, count);
    source->position += count;
    return (int)count;
}

static void skip_source(void *user, int wanted)
{
    struct source *source = user;
    const size_t left = source->size - source->position;
    if (wanted > 0 && (size_t)wanted > left)
        source->exhausted = true;
    if (wanted > 0)
        source->position += (size_t)wanted < left ? (size_t)wanted : left;
}

static int at_end(void *user)
{
    const struct source *source = user;
    return source->position >= source->size;
}

static const stbi_io_callbacks callbacks = {read_source, skip_source, at_end};

static void rewind_source(struct source *source)
{
    source->position = 0;
    source->exhausted = false;
}

static gan_status fail_side(const struct decoding *decoding)
{
    return gan_fail(GAN_ERROR_SHAPE, "%s: the picture is too large, expected sides of at most %d",
                    decoding->name, MOST_SIDE);
}

static gan_status fail_decoding(const struct decoding *decoding)
{
    const char *reason = stbi_failure_reason();
    if (decoding->source.exhausted)
        return gan_fail(GAN_ERROR_FORMAT, "%s: the picture ends too early", decoding->name);
    if (reason != NULL && strcmp(reason, "too large") == 0)
        return fail_side(decoding);
    return gan_fail(GAN_ERROR_FORMAT, "%s: is no picture that can be read (%s)", decoding->name,
                    reason != NULL ? reason : "unknown reason");
}

static gan_status check_size(const struct decoding *decoding, int width, int height)
{
    const int64_t pixels = (int64_t)width * height;
    if (width < 1 || height < 1)
        return gan_fail(GAN_ERROR_FORMAT, "%s: the picture has %d x %d pixels", decoding->name, width,
                        height);
    if (width > MOST_SIDE || height > MOST_SIDE)
        return fail_side(decoding);
    if (pixels > MOST_PIXELS)
        return gan_fail(GAN_ERROR_UNSUPPORTED, "%s: the picture has %d x %d pixels, expected at most %d",
                        decoding->name, width, height, MOST_PIXELS);
    if ((size_t)pixels / MOST_PIXELS_PER_BYTE > decoding->source.size)
        return gan_fail(GAN_ERROR_FORMAT,
                        "%s: the picture ends too early: %zu bytes cannot hold %d x %d pixels",
                        decoding->name, decoding->source.size, width, height);
    return GAN_OK;
}

/* PNM has the high byte of a sample first. stb_image 2.27 leaves it there; other versions may not. */
static bool leaves_bytes_swapped(void)
{
    static const unsigned char probe[] = "P5 1 1 65535\n\1\2";
    struct source source = {.bytes = probe, .size = sizeof probe - 1};
    int width, height, channels;
    uint16_t *sample = stbi_load_16_from_callbacks(&callbacks, &source, &width, &height, &channels, 0);
    const bool swapped = sample != NULL && *sample == 0x0201;
    stbi_image_free(sample);
    return swapped;
}

static void swap_bytes(uint16_t *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        samples[i] = (uint16_t)(samples[i] << 8 | samples[i] >> 8);
}

static void *load(struct source *source, struct pixels *pixels)
{
    int width, height, channels;
    rewind_source(source);
    pixels->wide = stbi_is_16_bit_from_callbacks(&callbacks, source) != 0;
    rewind_source(source);
    void *samples =
        pixels->wide ? (void *)stbi_load_16_from_callbacks(&callbacks, source, &width, &height, &channels, 0)
                     : (void *)stbi_load_from_callbacks(&callbacks, source, &width, &height, &channels, 0);
    if (samples == NULL)
        return NULL;
    if (pixels->wide && source->bytes[0] == 'P' && leaves_bytes_swapped())
        swap_bytes(samples, (size_t)width * (size_t)height * (size_t)channels);
    pixels->width = width;
    pixels->height = height;
    pixels->channels = channels;
    pixels->samples = samples;
    return samples;
}

static void decode(void *argument)
{
    struct decoding *decoding = argument;
    struct pixels pixels = {0};
    if (load(&decoding->source, &pixels) == NULL || decoding->source.exhausted)
        decoding->status = fail_decoding(decoding);
    else
        decoding->status = decoding->take(decoding->user, &pixels);
}

struct inspection {
    struct decoding *decoding;
    int width, height;
};

static void inspect(void *argument)
{
    struct inspection *inspection = argument;
    struct decoding *decoding = inspection->decoding;
    int channels;
    if (stbi_info_from_callbacks(&callbacks, &decoding->source, &inspection->width, &inspection->height,
                                 &channels) == 0)
        decoding->status = fail_decoding(decoding);
    else
        decoding->status = check_size(decoding, inspection->width, inspection->height);
}

/* What decoding can need: planes, coefficients and rows of all formats, padded, and the file's bytes. */
static size_t memory_bound(const struct inspection *inspection, size_t file_size)
{
    const size_t width = (size_t)inspection->width + 64, height = (size_t)inspection->height + 64;
    return width * height * 40 + file_size * 4 + ((size_t)4 << 20);
}

gan_status gan_pixels_decode(gan_context *context, const void *bytes, size_t size, const char *name,
                             gan_status (*take)(void *user, const struct pixels *pixels), void *user)
{
    struct decoding decoding = {
        .source = {.bytes = bytes, .size = size},
        .context = context,
        .name = name,
        .take = take,
        .user = user,
    };
    if (size == 0)
        return gan_fail(GAN_ERROR_FORMAT, "%s: is empty, expected a picture", name);
    struct inspection inspection = {.decoding = &decoding};
    gan_status status = gan_image_check(bytes, size, name);
    if (status != GAN_OK)
        return status;
    status = gan_foreign_run(context, (size_t)4 << 20, inspect, &inspection);
    if (status == GAN_OK && decoding.status == GAN_OK)
        status = gan_foreign_run(context, memory_bound(&inspection, size), decode, &decoding);
    return status == GAN_OK ? decoding.status : gan_fail_within(status, "%s: ", name);
}

struct sounding {
    struct source source;
    int32_t depth;
};

static void sound(void *argument)
{
    struct sounding *sounding = argument;
    if (stbi_is_16_bit_from_callbacks(&callbacks, &sounding->source) != 0)
        sounding->depth = 16;
}

gan_status gan_pixels_depth(gan_context *context, const void *bytes, size_t size, int32_t *depth)
{
    struct sounding sounding = {.source = {.bytes = bytes, .size = size}, .depth = 8};
    const gan_status status = size > 0 ? gan_foreign_run(context, (size_t)4 << 20, sound, &sounding) : GAN_OK;
    *depth = sounding.depth;
    return status == GAN_ERROR_OUT_OF_MEMORY ? status : GAN_OK;
}
