#include "formats/image_metadata.h"
#include "formats/color_profile.h"
#include "formats/exif.h"
#include "formats/file.h"
#include "formats/image_decode.h"
#include "formats/image_jpeg.h"
#include "formats/png_read.h"
#include "formats/utf8.h"

#include <string.h>

enum { MOST_EXIF = 65000 };
static const size_t most_bytes = (size_t)1 << 31;
static const char xmp_segment[] = "http://ns.adobe.com/xap/1.0/"; /* with its NUL */
static const char xmp_chunk[] = "XML:com.adobe.xmp\0\0\0\0";      /* with a NUL more; not compressed */

/* ---- The object ---- */

gan_status gan_image_metadata_create(gan_image_metadata **out, gan_context *context)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_metadata_create: out is NULL");
    *out = NULL;
    if (context == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_metadata_create: context is NULL");
    gan_image_metadata *metadata = gan_allocate_zeroed(context, sizeof *metadata);
    if (metadata == NULL)
        return gan_fail_memory("a picture's metadata", sizeof *metadata);
    metadata->context = gan_context_retain(context);
    *out = metadata;
    return GAN_OK;
}

void gan_image_metadata_free(gan_image_metadata *metadata)
{
    if (metadata == NULL)
        return;
    gan_context *context = metadata->context;
    gan_release(context, metadata->exif);
    gan_release(context, metadata->profile);
    gan_release(context, metadata);
    gan_context_free(context);
}

size_t gan_image_metadata_exif_size(const gan_image_metadata *metadata)
{
    return metadata != NULL ? metadata->exif_size : 0;
}

size_t gan_image_metadata_profile_size(const gan_image_metadata *metadata)
{
    return metadata != NULL ? metadata->profile_size : 0;
}

int32_t gan_image_metadata_depth(const gan_image_metadata *metadata)
{
    return metadata != NULL ? metadata->depth : 0;
}

/* ---- Properties ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name(const char *name)
{
    size_t length = 0;
    for (; name[length] != '\0'; length++)
        if (!is_letter(name[length]) &&
            (length == 0 || ((name[length] < '0' || name[length] > '9') && name[length] != '-')))
            return false;
    return length > 0 && length < MOST_NAME;
}

/* U+0000 to U+001F but for line ends and tab, U+007F, and U+0080 to U+009F. */
static bool is_control(const char *text)
{
    const unsigned char first = (unsigned char)text[0];
    const bool space = first == '\n' || first == '\t' || first == '\r';
    return (first < ' ' && !space) || first == 0x7F || (first == 0xC2 && (unsigned char)text[1] < 0xA0);
}

/* UTF-8 without control characters. */
static bool is_value(const char *value)
{
    const size_t size = strlen(value);
    size_t at = 0;
    while (at < size) {
        const size_t length = gan_utf8_length(value + at, size - at);
        if (length == 0 || is_control(value + at))
            return false;
        at += length;
    }
    return size < MOST_VALUE;
}

static int32_t find(const gan_image_metadata *metadata, const char *name)
{
    int32_t index = 0;
    while (index < metadata->count && strcmp(metadata->properties[index].name, name) != 0)
        index++;
    return index;
}

/* Whether all that is said still fits into a file where this property is said too, or anew. */
static bool fits(const gan_image_metadata *metadata, int32_t index, const char *name, const char *value)
{
    size_t size = gan_xmp_size(metadata) + gan_xmp_property_size(name, value);
    if (index < metadata->count)
        size -= gan_xmp_property_size(name, metadata->properties[index].value);
    return size <= MOST_XMP;
}

static void take_away(gan_image_metadata *metadata, int32_t index)
{
    if (index == metadata->count)
        return;
    metadata->count--;
    memmove(metadata->properties + index, metadata->properties + index + 1,
            (size_t)(metadata->count - index) * sizeof *metadata->properties);
}

gan_status gan_image_metadata_set(gan_image_metadata *metadata, const char *name, const char *value)
{
    if (metadata == NULL || name == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_metadata_set: %s is NULL",
                        metadata == NULL ? "the metadata" : "the name");
    if (!is_name(name))
        return gan_fail(
            GAN_ERROR_ARGUMENT,
            "gan_image_metadata_set: the name \"%.80s\" is none, expected a letter, then letters, "
            "digits and hyphens, less than %d",
            name, MOST_NAME);
    if (value != NULL && !is_value(value))
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "gan_image_metadata_set: the value of %s is no UTF-8 of less than %d bytes without "
                        "control characters",
                        name, MOST_VALUE);
    const int32_t index = find(metadata, name);
    if (value == NULL) {
        take_away(metadata, index);
        return GAN_OK;
    }
    if (index == MOST_PROPERTIES)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_metadata_set: there are %d names already",
                        MOST_PROPERTIES);
    if (!fits(metadata, index, name, value))
        return gan_fail(
            GAN_ERROR_ARGUMENT,
            "gan_image_metadata_set: with %s, more is said than the %d bytes of XMP that a JPEG holds", name,
            MOST_XMP);
    memcpy(metadata->properties[index].name, name, strlen(name) + 1);
    memcpy(metadata->properties[index].value, value, strlen(value) + 1);
    metadata->count += index == metadata->count;
    return GAN_OK;
}

const char *gan_image_metadata_get(const gan_image_metadata *metadata, const char *name)
{
    const int32_t index = metadata != NULL && name != NULL ? find(metadata, name) : 0;
    return metadata != NULL && name != NULL && index < metadata->count ? metadata->properties[index].value
                                                                       : NULL;
}

int32_t gan_image_metadata_count(const gan_image_metadata *metadata)
{
    return metadata != NULL ? metadata->count : 0;
}

const char *gan_image_metadata_name(const gan_image_metadata *metadata, int32_t index)
{
    return metadata != NULL && index >= 0 && index < metadata->count ? metadata->properties[index].name
                                                                     : NULL;
}

/* ---- Reading ---- */

static gan_status read_exif(gan_image_metadata *metadata, const void *bytes, size_t size)
{
    const unsigned char *found;
    size_t found_size;
    if (!gan_exif_find(bytes, size, &found, &found_size) || found_size > MOST_EXIF)
        return GAN_OK;
    unsigned char *exif = gan_allocate(metadata->context, found_size);
    if (exif == NULL)
        return gan_fail_memory("a camera's notes", found_size);
    memcpy(exif, found, found_size);
    if (gan_exif_settle(exif, &found_size)) {
        metadata->exif = exif;
        metadata->exif_size = found_size;
    } else {
        gan_release(metadata->context, exif);
    }
    return GAN_OK;
}

static bool find_jpeg_xmp(struct jpeg_cursor *cursor, const char **packet, size_t *size)
{
    struct jpeg_segment segment;
    while (gan_jpeg_next(cursor, &segment) && segment.kind != JPEG_SCAN)
        if (segment.kind == JPEG_APPLICATION_1 && segment.size > sizeof xmp_segment &&
            memcmp(segment.content, xmp_segment, sizeof xmp_segment) == 0) {
            *packet = (const char *)segment.content + sizeof xmp_segment;
            *size = segment.size - sizeof xmp_segment;
            return true;
        }
    return false;
}

static bool find_png_xmp(struct png_cursor *cursor, const char **packet, size_t *size)
{
    const size_t head = sizeof xmp_chunk - 1;
    struct png_chunk chunk;
    while (gan_png_next(cursor, &chunk))
        if (strcmp(chunk.type, "iTXt") == 0 && chunk.size > head &&
            memcmp(chunk.content, xmp_chunk, head) == 0) {
            *packet = (const char *)chunk.content + head;
            *size = chunk.size - head;
            return true;
        }
    return false;
}

/* A file has one packet; what calls itself a further one does not count. */
static void read_xmp(gan_image_metadata *metadata, const void *bytes, size_t size)
{
    struct jpeg_cursor jpeg;
    struct png_cursor png;
    const char *packet;
    size_t packet_size;
    const bool found = gan_jpeg_open(&jpeg, bytes, size) ? find_jpeg_xmp(&jpeg, &packet, &packet_size)
                       : gan_png_open(&png, bytes, size) ? find_png_xmp(&png, &packet, &packet_size)
                                                         : false;
    if (found)
        gan_xmp_read(metadata, packet, packet_size);
}

static gan_status read_all(gan_image_metadata *metadata, const void *bytes, size_t size)
{
    gan_status status = gan_pixels_depth(metadata->context, bytes, size, &metadata->depth);
    if (status == GAN_OK)
        status = read_exif(metadata, bytes, size);
    if (status == GAN_OK)
        status = gan_color_profile_read(metadata->context, bytes, size, &metadata->profile,
                                        &metadata->profile_size);
    if (status == GAN_OK)
        read_xmp(metadata, bytes, size);
    return status;
}

gan_status gan_image_metadata_decode(gan_image_metadata **out, gan_context *context, const void *bytes,
                                     size_t size)
{
    gan_status status = gan_image_metadata_create(out, context);
    if (status != GAN_OK)
        return status;
    if (bytes == NULL && size > 0)
        status = gan_fail(GAN_ERROR_ARGUMENT, "gan_image_metadata_decode: bytes is NULL");
    if (status == GAN_OK)
        status = read_all(*out, bytes, size);
    if (status != GAN_OK) {
        gan_image_metadata_free(*out);
        *out = NULL;
    }
    return status;
}

gan_status gan_image_metadata_load(gan_image_metadata **out, gan_context *context, const char *path)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_metadata_load: out is NULL");
    *out = NULL;
    if (context == NULL || path == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_metadata_load: %s is NULL",
                        context == NULL ? "context" : "path");
    unsigned char *bytes = NULL;
    size_t size = 0;
    gan_status status = gan_file_read(context, path, most_bytes, &bytes, &size);
    if (status != GAN_OK)
        return status;
    status = gan_image_metadata_decode(out, context, bytes, size);
    gan_release(context, bytes);
    return status;
}
