#include "formats/foreign.h"
#include "formats/image_decode.h"

#include <libexif/exif-data.h>
#include <string.h>

/* EXIF lies in a segment of a JPEG, which has at most 64 KiB; thumbnails and notes are copied out of it. */
static const size_t most_memory = (size_t)4 << 20;

enum { MARK = 0xFF, START_OF_IMAGE = 0xD8, START_OF_SCAN = 0xDA, APPLICATION_1 = 0xE1 };

static const char signature[6] = {'E', 'x', 'i', 'f', '\0', '\0'};

struct segment {
    const unsigned char *bytes; /* NULL: none */
    size_t size;
    int32_t orientation;
};

/* Walk the segments before the picture proper: 0xFF, kind, length of the rest in two bytes. */
static struct segment find_exif(const unsigned char *bytes, size_t size)
{
    struct segment none = {0};
    if (size < 4 || bytes[0] != MARK || bytes[1] != START_OF_IMAGE)
        return none;
    for (size_t at = 2; size - at >= 4 && bytes[at] == MARK;) {
        const unsigned char kind = bytes[at + 1];
        if (kind == MARK) { /* padding */
            at++;
            continue;
        }
        const size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        if (kind == START_OF_SCAN || length < 2 || length > size - at - 2)
            return none;
        const unsigned char *content = bytes + at + 4;
        if (kind == APPLICATION_1 && length > 2 + sizeof signature &&
            memcmp(content, signature, sizeof signature) == 0)
            return (struct segment){content, length - 2, 1};
        at += 2 + length;
    }
    return none;
}

static void *allocate(ExifLong size)
{
    return gan_foreign_allocate(size);
}

static void *resize(void *memory, ExifLong size)
{
    return gan_foreign_resize(memory, size);
}

static int32_t read_orientation(ExifData *data)
{
    ExifEntry *entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
    if (entry == NULL || entry->format != EXIF_FORMAT_SHORT || entry->components != 1 || entry->size < 2)
        return 1;
    const ExifShort value = exif_get_short(entry->data, exif_data_get_byte_order(data));
    return value >= 1 && value <= 8 ? value : 1;
}

static void parse(void *argument)
{
    struct segment *segment = argument;
    ExifMem *memory = exif_mem_new(allocate, resize, gan_foreign_release);
    ExifData *data = exif_data_new_mem(memory);
    exif_data_load_data(data, segment->bytes, (unsigned)segment->size);
    segment->orientation = read_orientation(data);
    exif_data_unref(data);
    exif_mem_unref(memory);
}

gan_status gan_exif_orientation(gan_context *context, const void *bytes, size_t size, int32_t *orientation)
{
    *orientation = 1;
    struct segment segment = find_exif(bytes, size);
    if (segment.bytes == NULL)
        return GAN_OK;
    const gan_status status = gan_foreign_run(context, most_memory, parse, &segment);
    if (status == GAN_OK)
        *orientation = segment.orientation;
    /* Notes that are nonsense say nothing about the picture. */
    return status == GAN_ERROR_OUT_OF_MEMORY ? status : GAN_OK;
}
