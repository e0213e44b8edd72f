#include "formats/json_write.h"
#include "formats/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256 };

void gan_json_writer_open(struct json_writer *writer, gan_context *context)
{
    *writer = (struct json_writer){.context = context};
}

static void grow(struct json_writer *writer, size_t least)
{
    size_t capacity = writer->capacity > 0 ? writer->capacity : FIRST_CAPACITY;
    while (capacity < least)
        capacity *= 2;
    char *larger = gan_allocate(writer->context, capacity);
    if (larger == NULL) {
        writer->status = gan_fail_memory("JSON", capacity);
        return;
    }
    if (writer->size > 0)
        memcpy(larger, writer->text, writer->size);
    gan_release(writer->context, writer->text);
    writer->text = larger;
    writer->capacity = capacity;
}

void gan_json_write_raw(struct json_writer *writer, const char *bytes, size_t size)
{
    if (writer->status == GAN_OK && writer->capacity - writer->size <= size)
        grow(writer, writer->size + size + 1);
    if (writer->status != GAN_OK || size == 0)
        return;
    memcpy(writer->text + writer->size, bytes, size);
    writer->size += size;
}

static void write_text(struct json_writer *writer, const char *text)
{
    gan_json_write_raw(writer, text, strlen(text));
}

static void write_escape(struct json_writer *writer, char byte)
{
    static const char meanings[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    char text[8];
    const char *found = strchr(meanings, byte);
    if (found != NULL)
        snprintf(text, sizeof text, "\\%c", letters[found - meanings]);
    else
        snprintf(text, sizeof text, "\\u%04x", (unsigned)(uint8_t)byte);
    write_text(writer, text);
}

static void write_quoted(struct json_writer *writer, const char *text)
{
    gan_json_write_raw(writer, "\"", 1);
    for (size_t left = strlen(text); left > 0;) {
        const size_t length = gan_utf8_length(text, left);
        if (length == 0)
            write_text(writer, "\xEF\xBF\xBD");
        else if ((uint8_t)*text < 0x20 || *text == '"' || *text == '\\')
            write_escape(writer, *text);
        else
            gan_json_write_raw(writer, text, length);
        text += length > 0 ? length : 1;
        left -= length > 0 ? length : 1;
    }
    gan_json_write_raw(writer, "\"", 1);
}

/* What comes before a value. */
static void begin_value(struct json_writer *writer, const char *key)
{
    if (writer->comma)
        gan_json_write_raw(writer, ",", 1);
    writer->comma = true;
    if (key == NULL)
        return;
    write_quoted(writer, key);
    gan_json_write_raw(writer, ":", 1);
}

static void begin_nested(struct json_writer *writer, const char *key, const char *bracket)
{
    begin_value(writer, key);
    gan_json_write_raw(writer, bracket, 1);
    writer->comma = false;
}

static void end_nested(struct json_writer *writer, const char *bracket)
{
    gan_json_write_raw(writer, bracket, 1);
    writer->comma = true;
}

void gan_json_begin_object(struct json_writer *writer, const char *key)
{
    begin_nested(writer, key, "{");
}

void gan_json_end_object(struct json_writer *writer)
{
    end_nested(writer, "}");
}

void gan_json_begin_array(struct json_writer *writer, const char *key)
{
    begin_nested(writer, key, "[");
}

void gan_json_end_array(struct json_writer *writer)
{
    end_nested(writer, "]");
}

void gan_json_write_string(struct json_writer *writer, const char *key, const char *text)
{
    begin_value(writer, key);
    write_quoted(writer, text);
}

void gan_json_write_integer(struct json_writer *writer, const char *key, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    begin_value(writer, key);
    write_text(writer, text);
}

/* The locale's decimal point, of whatever bytes, becomes a full stop. */
static void plain_point(char *text)
{
    char *from = text, *to = text;
    while (*from != '\0')
        if (strchr("0123456789+-e", *from) != NULL) {
            *to++ = *from++;
        } else {
            *to++ = '.';
            while (*from != '\0' && strchr("0123456789+-e", *from) == NULL)
                from++;
        }
    *to = '\0';
}

const char *gan_number_text(double number, bool single, char text[NUMBER_TEXT_SIZE])
{
    if (!isfinite(number))
        return isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
    const int most = single ? 9 : 17;
    for (int digits = single ? 6 : 15; digits <= most; digits++) {
        snprintf(text, NUMBER_TEXT_SIZE, "%.*g", digits, number);
        const double back = strtod(text, NULL);
        if (single ? (float)back == (float)number : back == number)
            break;
    }
    plain_point(text);
    return text;
}

static void write_number(struct json_writer *writer, const char *key, double number, bool single)
{
    char text[NUMBER_TEXT_SIZE];
    if (!isfinite(number) && writer->status == GAN_OK)
        writer->status = gan_fail(GAN_ERROR_NOT_FINITE, "JSON cannot hold the number %g%s%s", number,
                                  key != NULL ? " of " : "", key != NULL ? key : "");
    begin_value(writer, key);
    write_text(writer, gan_number_text(number, single, text));
}

void gan_json_write_float(struct json_writer *writer, const char *key, float number)
{
    write_number(writer, key, (double)number, true);
}

void gan_json_write_double(struct json_writer *writer, const char *key, double number)
{
    write_number(writer, key, number, false);
}

void gan_json_write_boolean(struct json_writer *writer, const char *key, bool truth)
{
    begin_value(writer, key);
    write_text(writer, truth ? "true" : "false");
}

gan_status gan_json_writer_take(struct json_writer *writer, char **text, size_t *size)
{
    *text = NULL;
    gan_json_write_raw(writer, "", 0);
    if (writer->status != GAN_OK) {
        gan_release(writer->context, writer->text);
        writer->text = NULL;
        return writer->status;
    }
    writer->text[writer->size] = '\0';
    *text = writer->text;
    if (size != NULL)
        *size = writer->size;
    writer->text = NULL;
    return GAN_OK;
}
