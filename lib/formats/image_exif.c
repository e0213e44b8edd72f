#include "formats/foreign.h"
#include "formats/image_decode.h"
#include "formats/image_jpeg.h"

#include <libexif/exif-data.h>
#include <string.h>

/* EXIF lies in a segment of a JPEG, which has at most 64 KiB; thumbnails and notes are copied out of it. */
static const size_t most_memory = (size_t)4 << 20;

static const char signature[6] = {'E', 'x', 'i', 'f', '\0', '\0'};

struct exif {
    struct jpeg_segment segment;
    int32_t orientation;
};

static bool find_exif(struct jpeg_segment *segment, const void *bytes, size_t size)
{
    struct jpeg_cursor cursor;
    if (!gan_jpeg_open(&cursor, bytes, size))
        return false;
    while (gan_jpeg_next(&cursor, segment) && segment->kind != JPEG_SCAN)
        if (segment->kind == JPEG_APPLICATION_1 && segment->size > sizeof signature &&
            memcmp(segment->content, signature, sizeof signature) == 0)
            return true;
    return false;
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
    struct exif *exif = argument;
    ExifMem *memory = exif_mem_new(allocate, resize, gan_foreign_release);
    ExifData *data = exif_data_new_mem(memory);
    /* Adding what the standard wants would take memory from malloc, and the orientation is none of it. */
    exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
    exif_data_load_data(data, exif->segment.content, (unsigned)exif->segment.size);
    exif->orientation = read_orientation(data);
    exif_data_unref(data);
    exif_mem_unref(memory);
}

gan_status gan_exif_orientation(gan_context *context, const void *bytes, size_t size, int32_t *orientation)
{
    *orientation = 1;
    struct exif exif;
    if (!find_exif(&exif.segment, bytes, size))
        return GAN_OK;
    const gan_status status = gan_foreign_run(context, most_memory, parse, &exif);
    if (status == GAN_OK)
        *orientation = exif.orientation;
    /* Notes that are nonsense say nothing about the picture. */
    return status == GAN_ERROR_OUT_OF_MEMORY ? status : GAN_OK;
}
