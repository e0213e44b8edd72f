#include "json.h"
#include "characters.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* File names may hold any bytes, JSON may not. */
static int write_character(const char *text)
{
    const int length = character_length(text);
    if (length == 0)
        fputs("\\ufffd", stdout);
    else if (text[0] == '"' || text[0] == '\\')
        printf("\\%c", text[0]);
    else if (character_printable(text) == 0) /* none of those is beyond U+FFFF */
        printf("\\u%04x", character_number(text));
    else
        fwrite(text, 1, (size_t)length, stdout);
    return length > 0 ? length : 1;
}

static void write_string(const char *text)
{
    putchar('"');
    for (const char *next = text; *next != '\0';)
        next += write_character(next);
    putchar('"');
}

static void begin_value(struct json *json, const char *key)
{
    if (json->separate)
        fputs(", ", stdout);
    json->separate = true;
    if (key == NULL)
        return;
    write_string(key);
    fputs(": ", stdout);
}

struct json json_event(const char *name)
{
    struct json json = {0};
    json_open(&json, NULL, '{');
    json_text(&json, "event", name);
    return json;
}

void json_finish(struct json *json)
{
    json_close(json, '}');
    putchar('\n');
    fflush(stdout);
}

void json_text(struct json *json, const char *key, const char *text)
{
    begin_value(json, key);
    if (text != NULL)
        write_string(text);
    else
        fputs("null", stdout);
}

void json_integer(struct json *json, const char *key, int64_t number)
{
    begin_value(json, key);
    printf("%" PRId64, number);
}

void json_real(struct json *json, const char *key, double number)
{
    begin_value(json, key);
    if (isfinite(number))
        printf("%.9g", number);
    else
        fputs("null", stdout);
}

void json_boolean(struct json *json, const char *key, bool truth)
{
    begin_value(json, key);
    fputs(truth ? "true" : "false", stdout);
}

void json_open(struct json *json, const char *key, char bracket)
{
    begin_value(json, key);
    putchar(bracket);
    json->separate = false;
}

void json_close(struct json *json, char bracket)
{
    putchar(bracket);
    json->separate = true;
}
