#include "formats/json_check.h"
#include "formats/json_read.h"
#include "formats/utf8.h"

#include <string.h>

struct cursor {
    const char *text, *name;
    size_t size, at;
    int32_t depth, count;
};

static gan_status fail(const struct cursor *cursor, const char *expected)
{
    return gan_fail(GAN_ERROR_FORMAT, "%s: JSON, byte %zu: expected %s", cursor->name, cursor->at, expected);
}

/* The byte at the cursor, 0 at the end: a NUL in the text is refused by every rule all the same. */
static char peek(const struct cursor *cursor)
{
    return cursor->at < cursor->size ? cursor->text[cursor->at] : '\0';
}

static bool accept(struct cursor *cursor, char byte)
{
    if (cursor->at >= cursor->size || cursor->text[cursor->at] != byte)
        return false;
    cursor->at++;
    return true;
}

static void skip_space(struct cursor *cursor)
{
    while (accept(cursor, ' ') || accept(cursor, '\t') || accept(cursor, '\n') || accept(cursor, '\r'))
        continue;
}

static bool skip_digits(struct cursor *cursor)
{
    const size_t start = cursor->at;
    while (peek(cursor) >= '0' && peek(cursor) <= '9')
        cursor->at++;
    return cursor->at > start;
}

static gan_status check_number(struct cursor *cursor)
{
    accept(cursor, '-');
    if (!accept(cursor, '0') && !skip_digits(cursor))
        return fail(cursor, "a value");
    if (accept(cursor, '.') && !skip_digits(cursor))
        return fail(cursor, "a digit");
    if (accept(cursor, 'e') || accept(cursor, 'E')) {
        if (!accept(cursor, '+'))
            accept(cursor, '-');
        if (!skip_digits(cursor))
            return fail(cursor, "a digit");
    }
    return GAN_OK;
}

static gan_status check_word(struct cursor *cursor, const char *word)
{
    const size_t length = strlen(word);
    if (cursor->size - cursor->at < length || memcmp(cursor->text + cursor->at, word, length) != 0)
        return fail(cursor, "a value");
    cursor->at += length;
    return GAN_OK;
}

/* Four hexadecimal digits, or -1. */
static int32_t take_unit(struct cursor *cursor)
{
    int32_t unit = 0;
    for (int i = 0; i < 4; i++, cursor->at++) {
        const char byte = peek(cursor);
        if (byte >= '0' && byte <= '9')
            unit = unit * 16 + (byte - '0');
        else if ((byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F'))
            unit = unit * 16 + ((byte | 0x20) - 'a' + 10);
        else
            return -1;
    }
    return unit;
}

/* A character past U+FFFF is a pair of units; half a pair is no character. */
static gan_status check_units(struct cursor *cursor)
{
    const int32_t unit = take_unit(cursor);
    if (unit < 0)
        return fail(cursor, "four hexadecimal digits");
    if (unit < 0xD800 || unit > 0xDFFF)
        return GAN_OK;
    if (unit > 0xDBFF || !accept(cursor, '\\') || !accept(cursor, 'u'))
        return fail(cursor, "a pair of surrogates");
    const int32_t second = take_unit(cursor);
    return second >= 0xDC00 && second <= 0xDFFF ? GAN_OK : fail(cursor, "a pair of surrogates");
}

static gan_status check_escape(struct cursor *cursor)
{
    if (accept(cursor, 'u'))
        return check_units(cursor);
    const char byte = peek(cursor);
    if (byte == '\0' || strchr("\"\\/bfnrt", byte) == NULL)
        return fail(cursor, "an escape of JSON");
    cursor->at++;
    return GAN_OK;
}

static gan_status check_string(struct cursor *cursor)
{
    if (!accept(cursor, '"'))
        return fail(cursor, "a string");
    while (!accept(cursor, '"')) {
        gan_status status = GAN_OK;
        const size_t length = gan_utf8_length(cursor->text + cursor->at, cursor->size - cursor->at);
        if (cursor->at == cursor->size)
            status = fail(cursor, "the end of a string");
        else if (length == 0)
            status = fail(cursor, "UTF-8");
        else if ((uint8_t)peek(cursor) < 0x20)
            status = fail(cursor, "no control character in a string");
        else if (accept(cursor, '\\'))
            status = check_escape(cursor);
        else
            cursor->at += length;
        if (status != GAN_OK)
            return status;
    }
    return GAN_OK;
}

static gan_status check_value(struct cursor *cursor);

static gan_status count_one(struct cursor *cursor)
{
    if (++cursor->count > JSON_MOST_VALUES)
        return gan_fail(GAN_ERROR_FORMAT, "%s: JSON has more than %d values", cursor->name, JSON_MOST_VALUES);
    return GAN_OK;
}

static gan_status check_key(struct cursor *cursor)
{
    skip_space(cursor);
    gan_status status = check_string(cursor);
    if (status == GAN_OK)
        status = count_one(cursor);
    skip_space(cursor);
    if (status == GAN_OK && !accept(cursor, ':'))
        status = fail(cursor, "':'");
    return status;
}

/* The members of an object or the elements of an array, after the opening bracket. */
static gan_status check_members(struct cursor *cursor, char closing)
{
    skip_space(cursor);
    if (accept(cursor, closing))
        return GAN_OK;
    for (;;) {
        gan_status status = closing == '}' ? check_key(cursor) : GAN_OK;
        if (status == GAN_OK)
            status = check_value(cursor);
        if (status != GAN_OK)
            return status;
        skip_space(cursor);
        if (accept(cursor, closing))
            return GAN_OK;
        if (!accept(cursor, ','))
            return fail(cursor, closing == '}' ? "',' or '}'" : "',' or ']'");
    }
}

static gan_status check_nested(struct cursor *cursor, char closing)
{
    cursor->at++;
    if (++cursor->depth > JSON_MOST_DEPTH)
        return gan_fail(GAN_ERROR_FORMAT, "%s: JSON, byte %zu: nested deeper than %d", cursor->name,
                        cursor->at, JSON_MOST_DEPTH);
    const gan_status status = check_members(cursor, closing);
    cursor->depth--;
    return status;
}

static gan_status check_value(struct cursor *cursor)
{
    skip_space(cursor);
    const gan_status status = count_one(cursor);
    if (status != GAN_OK)
        return status;
    switch (peek(cursor)) {
    case '{':
        return check_nested(cursor, '}');
    case '[':
        return check_nested(cursor, ']');
    case '"':
        return check_string(cursor);
    case 't':
        return check_word(cursor, "true");
    case 'f':
        return check_word(cursor, "false");
    case 'n':
        return check_word(cursor, "null");
    default:
        return check_number(cursor);
    }
}

gan_status gan_json_check(const char *text, size_t size, const char *name, int32_t *count)
{
    struct cursor cursor = {.text = text, .name = name, .size = size};
    if (size > JSON_MOST_BYTES)
        return gan_fail(GAN_ERROR_FORMAT, "%s: JSON has %zu bytes, expected at most %d", name, size,
                        JSON_MOST_BYTES);
    skip_space(&cursor);
    if (peek(&cursor) != '{' && peek(&cursor) != '[')
        return fail(&cursor, "'{' or '['");
    const gan_status status = check_value(&cursor);
    if (status != GAN_OK)
        return status;
    skip_space(&cursor);
    *count = cursor.count;
    return cursor.at == size ? GAN_OK : fail(&cursor, "the end");
}
