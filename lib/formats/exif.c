#include "formats/exif.h"
#include "formats/image_jpeg.h"
#include "formats/png_read.h"

#include <string.h>

enum {
    TAG_WIDTH = 0x0100,
    TAG_HEIGHT = 0x0101,
    TAG_STRIP = 0x0111,
    TAG_ORIENTATION = 0x0112,
    TAG_STRIP_SIZE = 0x0117,
    TAG_TILES = 0x0144,
    TAG_SUBDIRECTORIES = 0x014A,
    TAG_THUMBNAIL = 0x0201,
    TAG_THUMBNAIL_SIZE = 0x0202,
    TAG_EXIF = 0x8769,
    TAG_EXIF_WIDTH = 0xA002,
    TAG_EXIF_HEIGHT = 0xA003,
    TYPE_SHORT = 3,
    TYPE_LONG = 4,
    HEAD = 8,
    ENTRY = 12
};

/* ---- Finding ---- */

static const char jpeg_signature[6] = {'E', 'x', 'i', 'f', '\0', '\0'};

static bool find_in_jpeg(struct jpeg_cursor cursor, const unsigned char **exif, size_t *exif_size)
{
    struct jpeg_segment segment;
    while (gan_jpeg_next(&cursor, &segment) && segment.kind != JPEG_SCAN)
        if (segment.kind == JPEG_APPLICATION_1 && segment.size > sizeof jpeg_signature &&
            memcmp(segment.content, jpeg_signature, sizeof jpeg_signature) == 0) {
            *exif = segment.content + sizeof jpeg_signature;
            *exif_size = segment.size - sizeof jpeg_signature;
            return true;
        }
    return false;
}

static bool find_in_png(struct png_cursor cursor, const unsigned char **exif, size_t *exif_size)
{
    struct png_chunk chunk;
    while (gan_png_next(&cursor, &chunk))
        if (strcmp(chunk.type, "eXIf") == 0) {
            *exif = chunk.content;
            *exif_size = chunk.size;
            return true;
        }
    return false;
}

bool gan_exif_find(const void *bytes, size_t size, const unsigned char **exif, size_t *exif_size)
{
    struct jpeg_cursor jpeg;
    struct png_cursor png;
    if (gan_jpeg_open(&jpeg, bytes, size))
        return find_in_jpeg(jpeg, exif, exif_size);
    return gan_png_open(&png, bytes, size) && find_in_png(png, exif, exif_size);
}

/* ---- Numbers ---- */

struct tiff {
    unsigned char *bytes;
    size_t size;
    bool big_endian;
};

/* A list of entries; count 0 where it does not fit into the file. */
struct directory {
    size_t first; /* entry */
    size_t count;
};

static uint32_t get(const struct tiff *tiff, size_t at, int bytes)
{
    uint32_t number = 0;
    for (int i = 0; i < bytes; i++)
        number |= (uint32_t)tiff->bytes[at + (size_t)i] << 8 * (tiff->big_endian ? bytes - 1 - i : i);
    return number;
}

static void put(const struct tiff *tiff, size_t at, int bytes, uint32_t number)
{
    for (int i = 0; i < bytes; i++)
        tiff->bytes[at + (size_t)i] = (unsigned char)(number >> 8 * (tiff->big_endian ? bytes - 1 - i : i));
}

static bool open_tiff(struct tiff *tiff, unsigned char *bytes, size_t size)
{
    *tiff = (struct tiff){bytes, size, false};
    if (size < HEAD)
        return false;
    tiff->big_endian = memcmp(bytes, "MM\0*", 4) == 0;
    return tiff->big_endian || memcmp(bytes, "II*\0", 4) == 0;
}

static struct directory directory_at(const struct tiff *tiff, size_t at)
{
    struct directory directory = {0};
    if (at < HEAD || at > tiff->size || tiff->size - at < 6)
        return directory;
    const size_t count = get(tiff, at, 2);
    if (count <= (tiff->size - at - 6) / ENTRY)
        directory = (struct directory){at + 2, count};
    return directory;
}

static size_t end_of(const struct directory *directory)
{
    return directory->first + directory->count * ENTRY;
}

/* Where an entry lies; 0: nowhere. */
static size_t find_entry(const struct tiff *tiff, const struct directory *directory, uint32_t tag)
{
    for (size_t i = 0; i < directory->count; i++)
        if (get(tiff, directory->first + i * ENTRY, 2) == tag)
            return directory->first + i * ENTRY;
    return 0;
}

static bool is_number(const struct tiff *tiff, size_t entry)
{
    const uint32_t type = get(tiff, entry + 2, 2);
    return (type == TYPE_SHORT || type == TYPE_LONG) && get(tiff, entry + 4, 4) == 1;
}

/* A single whole number; 0 where there is none. */
static uint32_t number_of(const struct tiff *tiff, const struct directory *directory, uint32_t tag)
{
    const size_t entry = find_entry(tiff, directory, tag);
    if (entry == 0 || !is_number(tiff, entry))
        return 0;
    return get(tiff, entry + 8, get(tiff, entry + 2, 2) == TYPE_SHORT ? 2 : 4);
}

static void set_number(const struct tiff *tiff, const struct directory *directory, uint32_t tag,
                       uint32_t number)
{
    const size_t entry = find_entry(tiff, directory, tag);
    if (entry == 0 || !is_number(tiff, entry) ||
        (number > UINT16_MAX && get(tiff, entry + 2, 2) == TYPE_SHORT))
        return;
    put(tiff, entry + 8, get(tiff, entry + 2, 2) == TYPE_SHORT ? 2 : 4, number);
}

/* ---- Settling ---- */

/* Clear bytes that lie behind the main directory. false: they do not. */
static bool clear(struct tiff *tiff, const struct directory *main, size_t start, size_t size)
{
    if (size == 0)
        return true;
    if (start < end_of(main) || start > tiff->size || size > tiff->size - start)
        return false;
    memset(tiff->bytes + start, 0, size);
    if (start + size == tiff->size)
        tiff->size = start;
    return true;
}

/* Clear what two entries of a directory tell the place and size of, if anything. false: they tell it
 * otherwise than by one number each. */
static bool clear_told(struct tiff *tiff, const struct directory *main, const struct directory *directory,
                       uint32_t place_tag, uint32_t size_tag)
{
    const bool told = find_entry(tiff, directory, place_tag) != 0;
    const uint32_t place = number_of(tiff, directory, place_tag), size = number_of(tiff, directory, size_tag);
    return !told || (place != 0 && size != 0 && clear(tiff, main, place, size));
}

/* The thumbnail shows the photograph as it was. false: some of it may be left, in places that are not
 * understood. */
static bool drop_thumbnail(struct tiff *tiff, const struct directory *main)
{
    const size_t link = end_of(main), place = get(tiff, link, 4);
    const struct directory second = directory_at(tiff, place);
    put(tiff, link, 4, 0);
    if (place == 0)
        return true;
    if (second.count == 0 || get(tiff, end_of(&second), 4) != 0 ||
        find_entry(tiff, &second, TAG_TILES) != 0 || find_entry(tiff, &second, TAG_SUBDIRECTORIES) != 0)
        return false;
    return clear_told(tiff, main, &second, TAG_THUMBNAIL, TAG_THUMBNAIL_SIZE) &&
           clear_told(tiff, main, &second, TAG_STRIP, TAG_STRIP_SIZE) && second.first >= end_of(main) &&
           end_of(&second) <= tiff->size && clear(tiff, main, second.first, second.count * ENTRY);
}

bool gan_exif_settle(unsigned char *exif, size_t *size)
{
    struct tiff tiff;
    if (!open_tiff(&tiff, exif, *size))
        return false;
    const struct directory main = directory_at(&tiff, get(&tiff, 4, 4));
    if (main.count == 0 || !drop_thumbnail(&tiff, &main))
        return false;
    const size_t orientation = find_entry(&tiff, &main, TAG_ORIENTATION);
    if (orientation != 0 && !is_number(&tiff, orientation))
        return false;
    set_number(&tiff, &main, TAG_ORIENTATION, 1);
    *size = tiff.size;
    return true;
}

void gan_exif_set_size(unsigned char *exif, size_t size, int64_t width, int64_t height)
{
    struct tiff tiff;
    if (!open_tiff(&tiff, exif, size))
        return;
    const struct directory main = directory_at(&tiff, get(&tiff, 4, 4));
    const struct directory more = directory_at(&tiff, number_of(&tiff, &main, TAG_EXIF));
    set_number(&tiff, &main, TAG_WIDTH, (uint32_t)width);
    set_number(&tiff, &main, TAG_HEIGHT, (uint32_t)height);
    set_number(&tiff, &more, TAG_EXIF_WIDTH, (uint32_t)width);
    set_number(&tiff, &more, TAG_EXIF_HEIGHT, (uint32_t)height);
}
