#include "formats/image_check.h"
#include "formats/image_jpeg.h"

enum { CODE_LENGTHS = 16, MOST_CODES = 256, LARGEST_NUMBER = 100000000 };

/* One table: its class, how many codes have each length, and the codes' values. Returns its size, with codes
 * counted; bytes that are not there count as zeros. */
static size_t table_size(const unsigned char *table, const unsigned char *end, size_t *codes)
{
    *codes = 0;
    for (size_t i = 1; i <= CODE_LENGTHS && i < (size_t)(end - table); i++)
        *codes += table[i];
    return 1 + CODE_LENGTHS + *codes;
}

/* Like stb_image, go by what the tables say, which may be more than the segment's size. */
static bool tables_fit(const struct jpeg_segment *segment, const unsigned char *end)
{
    const unsigned char *table = segment->content;
    size_t left = segment->size;
    while (left > 0 && table < end) {
        size_t codes;
        const size_t size = table_size(table, end, &codes);
        if (codes > MOST_CODES)
            return false;
        left -= size < left ? size : left;
        table += size < (size_t)(end - table) ? size : (size_t)(end - table);
    }
    return true;
}

static gan_status check_jpeg(struct jpeg_cursor cursor, const char *name)
{
    struct jpeg_segment segment;
    while (gan_jpeg_next(&cursor, &segment))
        if (segment.kind == JPEG_HUFFMAN && !tables_fit(&segment, cursor.end))
            return gan_fail(GAN_ERROR_FORMAT, "%s: the JPEG has a Huffman table of more than %d codes", name,
                            MOST_CODES);
    return GAN_OK;
}

static bool is_space(unsigned char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Past white space and comments, which reach to the end of their line. */
static size_t skip_space(const unsigned char *bytes, size_t size, size_t at)
{
    bool comment = false;
    for (; at < size && (comment || is_space(bytes[at]) || bytes[at] == '#'); at++)
        comment = bytes[at] == '#' || (comment && bytes[at] != '\n' && bytes[at] != '\r');
    return at;
}

/* Width, height and largest sample, in decimal. */
static gan_status check_pnm(const unsigned char *bytes, size_t size, const char *name)
{
    size_t at = 2;
    for (int i = 0; i < 3; i++) {
        int64_t number = 0;
        for (at = skip_space(bytes, size, at); at < size && bytes[at] >= '0' && bytes[at] <= '9'; at++) {
            number = number * 10 + (bytes[at] - '0');
            if (number > LARGEST_NUMBER)
                return gan_fail(GAN_ERROR_FORMAT, "%s: a number in the PNM header is too large", name);
        }
    }
    return GAN_OK;
}

gan_status gan_image_check(const void *bytes, size_t size, const char *name)
{
    const unsigned char *text = bytes;
    struct jpeg_cursor cursor;
    if (gan_jpeg_open(&cursor, bytes, size))
        return check_jpeg(cursor, name);
    if (size > 2 && text[0] == 'P' && (text[1] == '5' || text[1] == '6'))
        return check_pnm(bytes, size, name);
    return GAN_OK;
}
