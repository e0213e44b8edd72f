/* Strings of JSON without their escapes. */
#include "formats/json_read.h"
#include "formats/utf8.h"

#include <string.h>

static uint32_t parse_unit(const char *digits)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        const char digit = digits[i];
        unit = unit * 16 + (uint32_t)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
    }
    return unit;
}

/* The character at text[0], which is a backslash; returns how many bytes were read. The grammar has been
 * checked, so that surrogates come in pairs. */
static size_t unescape(const char *text, char bytes[4], size_t *length)
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    *length = 1;
    if (text[1] != 'u') {
        const char *letter = strchr(letters, text[1]);
        bytes[0] = letter != NULL ? meanings[letter - letters] : text[1];
        return 2;
    }
    const uint32_t unit = parse_unit(text + 2);
    const bool pair = unit >= 0xD800 && unit <= 0xDFFF;
    const uint32_t character =
        pair ? 0x10000 + ((unit - 0xD800) << 10) + (parse_unit(text + 8) - 0xDC00) : unit;
    *length = gan_utf8_encode(character, bytes);
    return pair ? 12 : 6;
}

size_t gan_json_piece(struct json_raw *raw, char bytes[4])
{
    size_t length = 1, used = 1;
    if (raw->bytes[0] == '\\')
        used = unescape(raw->bytes, bytes, &length);
    else
        bytes[0] = raw->bytes[0];
    raw->bytes += used;
    raw->size -= used;
    return length;
}
