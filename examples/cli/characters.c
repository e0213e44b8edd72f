#include "characters.h"

#include <stdbool.h>
#include <stddef.h>

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

unsigned character_number(const char *text)
{
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    const int length = character_length(text);
    unsigned number = (unsigned char)text[0] & first_bits[length];
    for (int i = 1; i < length; i++)
        number = number << 6 | ((unsigned char)text[i] & 0x3f);
    return number;
}

/* Control characters, ends of lines and paragraphs, and what turns the direction of the text around it. */
static bool drives_terminal(unsigned number)
{
    static const struct {
        unsigned first, last;
    } ranges[] = {{0, 0x1f},        {0x7f, 0x9f},     {0x61c, 0x61c},
                  {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (number >= ranges[i].first && number <= ranges[i].last)
            return true;
    return false;
}

int character_printable(const char *text)
{
    const int length = character_length(text);
    return length > 0 && drives_terminal(character_number(text)) ? 0 : length;
}
