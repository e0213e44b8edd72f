#include "characters.h"

#include <stdbool.h>

int character_length(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (bytes[0] < 0x80)
        return 1;
    const int length = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
    if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
        return 0;
    for (int i = 1; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    const bool overlong = (bytes[0] == 0xe0 && bytes[1] < 0xa0) || (bytes[0] == 0xf0 && bytes[1] < 0x90);
    const bool surrogate = bytes[0] == 0xed && bytes[1] > 0x9f;
    const bool too_large = bytes[0] == 0xf4 && bytes[1] > 0x8f;
    return overlong || surrogate || too_large ? 0 : length;
}

/* U+0000 to U+001F, U+007F, and U+0080 to U+009F. */
static bool is_control(const unsigned char *bytes)
{
    return bytes[0] < ' ' || bytes[0] == 0x7f || (bytes[0] == 0xc2 && bytes[1] < 0xa0);
}

int character_printable(const char *text)
{
    return is_control((const unsigned char *)text) ? 0 : character_length(text);
}
