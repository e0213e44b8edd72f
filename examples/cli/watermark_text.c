#include "watermark_text.h"
#include "characters.h"
#include "console.h"

#include <stdio.h>
#include <string.h>

enum { BYTES = GAN_WATERMARK_BYTES };

static bool is_number(const char *text)
{
    return strlen(text) == 2 + 2 * BYTES && strncmp(text, "0x", 2) == 0 &&
           strspn(text + 2, "0123456789abcdefABCDEF") == 2 * BYTES;
}

bool watermark_read(const char *text, uint8_t bytes[BYTES])
{
    const size_t length = strlen(text);
    memset(bytes, 0, BYTES);
    if (is_number(text)) {
        for (int i = 0; i < BYTES; i++) {
            unsigned value = 0;
            sscanf(text + 2 + 2 * i, "%2x", &value);
            bytes[i] = (uint8_t)value;
        }
        return true;
    }
    if (length == 0 || length > BYTES) {
        complain("--watermark %s: expected a text of 1 to %d bytes, or 0x and %d hexadecimal digits", text,
                 BYTES, 2 * BYTES);
        return false;
    }
    memcpy(bytes, text, length);
    return true;
}

/* Printable characters, then zeros. */
static bool is_text(const uint8_t bytes[BYTES])
{
    char text[BYTES + 1] = {0};
    int length = 0, next;
    memcpy(text, bytes, BYTES);
    while ((next = character_printable(text + length)) > 0)
        length += next;
    for (int i = length; i < BYTES; i++)
        if (bytes[i] != 0)
            return false;
    return length > 0;
}

void watermark_write(const uint8_t bytes[BYTES], char text[WATERMARK_TEXT_SIZE])
{
    if (is_text(bytes)) {
        memcpy(text, bytes, BYTES);
        text[BYTES] = '\0';
        return;
    }
    memcpy(text, "0x", 3);
    for (int i = 0; i < BYTES; i++)
        snprintf(text + 2 + 2 * i, 3, "%02x", bytes[i]);
}
