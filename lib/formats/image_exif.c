#include "formats/exif.h"
#include "formats/foreign.h"
#include "formats/image_decode.h"

#include <libexif/exif-data.h>
#include <string.h>

/* A camera's notes have at most 64 KiB; thumbnails and makers' notes are copied out of them. */
static const size_t most_memory = (size_t)4 << 20;
enum { MOST_SIZE = 1 << 16 };

static const char signature[6] = {'E', 'x', 'i', 'f', '\0', '\0'};

struct exif {
    const unsigned char *tiff;
    size_t size;
    int32_t orientation;
};

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
    /* libexif wants the head that these notes have in a JPEG. */
    unsigned char *headed = gan_foreign_allocate(sizeof signature + exif->size);
    memcpy(headed, signature, sizeof signature);
    memcpy(headed + sizeof signature, exif->tiff, exif->size);
    exif_data_load_data(data, headed, (unsigned)(sizeof signature + exif->size));
    exif->orientation = read_orientation(data);
    exif_data_unref(data);
    exif_mem_unref(memory);
}

gan_status gan_exif_orientation(gan_context *context, const void *bytes, size_t size, int32_t *orientation)
{
    *orientation = 1;
    struct exif exif;
    if (!gan_exif_find(bytes, size, &exif.tiff, &exif.size) || exif.size > MOST_SIZE)
        return GAN_OK;
    const gan_status status = gan_foreign_run(context, most_memory, parse, &exif);
    if (status == GAN_OK)
        *orientation = exif.orientation;
    /* Notes that are nonsense say nothing about the picture. */
    return status == GAN_ERROR_OUT_OF_MEMORY ? status : GAN_OK;
}
