/* What a JSON document's strings, numbers and booleans say. Nothing here depends on the locale. */
#include "formats/json_read.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DIGITS = 400 };

static const char *const kind_names[] = {"an object", "an array",  "a string",
                                         "a number",  "a boolean", "null"};

static gan_status fail_kind(const struct json *json, int32_t value, const char *expected)
{
    if (value < 0)
        return gan_fail(GAN_ERROR_FORMAT, "%s: JSON: a value is missing, expected %s", json->name, expected);
    const struct json_raw raw = gan_json_raw(json, value);
    return gan_fail(GAN_ERROR_FORMAT, "%s: JSON, byte %zu: is %s, expected %s", json->name,
                    (size_t)(raw.bytes - json->text), kind_names[gan_json_kind(json, value)], expected);
}

gan_status gan_json_require(const struct json *json, int32_t object, const char *key, int32_t kind,
                            int32_t *value)
{
    *value = gan_json_find(json, object, key);
    if (*value < 0)
        return gan_fail(GAN_ERROR_FORMAT, "%s: JSON lacks the key \"%s\"", json->name, key);
    if (gan_json_kind(json, *value) == kind)
        return GAN_OK;
    const gan_status status = fail_kind(json, *value, kind_names[kind]);
    return gan_fail_within(status, "\"%s\": ", key);
}

bool gan_json_equals(const struct json *json, int32_t value, const char *text)
{
    if (gan_json_kind(json, value) != JSON_STRING)
        return false;
    struct json_raw raw = gan_json_raw(json, value);
    while (raw.size > 0) {
        char bytes[4];
        const size_t length = gan_json_piece(&raw, bytes);
        /* strncmp stops at the text's end; a NUL in the string must not end the comparison early. */
        if (bytes[0] == '\0' || strncmp(bytes, text, length) != 0)
            return false;
        text += length;
    }
    return *text == '\0';
}

gan_status gan_json_string(const struct json *json, int32_t value, char **text)
{
    *text = NULL;
    if (gan_json_kind(json, value) != JSON_STRING)
        return fail_kind(json, value, "a string");
    struct json_raw raw = gan_json_raw(json, value);
    /* No escape is shorter than what it stands for. */
    char *copy = gan_allocate(json->context, raw.size + 1);
    if (copy == NULL)
        return gan_fail_memory("a string of JSON", raw.size + 1);
    size_t used = 0;
    while (raw.size > 0) {
        char bytes[4];
        const size_t length = gan_json_piece(&raw, bytes);
        memcpy(copy + used, bytes, length);
        used += length;
    }
    copy[used] = '\0';
    if (strlen(copy) == used) {
        *text = copy;
        return GAN_OK;
    }
    gan_release(json->context, copy);
    return fail_kind(json, value, "a string without the character NUL");
}

/* Digits to a number with overflow noticed. */
static bool parse_integer(struct json_raw raw, int64_t *number)
{
    const bool negative = raw.bytes[0] == '-';
    int64_t sum = 0;
    for (size_t i = negative ? 1 : 0; i < raw.size; i++) {
        const int digit = raw.bytes[i] - '0';
        if (digit < 0 || digit > 9)
            return false;
        /* Counting downwards reaches INT64_MIN too. */
        if (__builtin_mul_overflow(sum, (int64_t)10, &sum) ||
            __builtin_sub_overflow(sum, (int64_t)digit, &sum))
            return false;
    }
    if (!negative && sum == INT64_MIN)
        return false;
    *number = negative ? sum : -sum;
    return true;
}

gan_status gan_json_integer(const struct json *json, int32_t value, int64_t least, int64_t most,
                            int64_t *number)
{
    if (gan_json_kind(json, value) != JSON_NUMBER)
        return fail_kind(json, value, "an integer");
    const struct json_raw raw = gan_json_raw(json, value);
    if (parse_integer(raw, number) && *number >= least && *number <= most)
        return GAN_OK;
    return gan_fail(GAN_ERROR_FORMAT,
                    "%s: JSON, byte %zu: is %.*s, expected an integer from %" PRId64 " to %" PRId64,
                    json->name, (size_t)(raw.bytes - json->text), (int)(raw.size < 40 ? raw.size : 40),
                    raw.bytes, least, most);
}

/* strtod reads the locale's decimal point, so the number is given to it without any: 1.25e3 as 125e1. */
static double parse_double(struct json_raw raw)
{
    char text[MOST_DIGITS + 32];
    size_t used = 0, at = 0;
    int64_t exponent = 0;
    bool fraction = false;
    for (; at < raw.size && (raw.bytes[at] | 0x20) != 'e'; at++) {
        if (raw.bytes[at] == '.') {
            fraction = true;
            continue;
        }
        text[used++] = raw.bytes[at];
        exponent -= fraction ? 1 : 0;
    }
    if (at < raw.size)
        exponent += strtoll(raw.bytes + at + 1, NULL, 10);
    snprintf(text + used, sizeof text - used, "e%" PRId64, exponent);
    return strtod(text, NULL);
}

gan_status gan_json_double(const struct json *json, int32_t value, double *number)
{
    if (gan_json_kind(json, value) != JSON_NUMBER)
        return fail_kind(json, value, "a number");
    const struct json_raw raw = gan_json_raw(json, value);
    *number = raw.size <= MOST_DIGITS ? parse_double(raw) : (double)INFINITY;
    if (isfinite(*number))
        return GAN_OK;
    return gan_fail(GAN_ERROR_FORMAT, "%s: JSON, byte %zu: the number %.*s is too large or too long",
                    json->name, (size_t)(raw.bytes - json->text), (int)(raw.size < 40 ? raw.size : 40),
                    raw.bytes);
}

gan_status gan_json_float(const struct json *json, int32_t value, float *number)
{
    double wide = 0;
    const gan_status status = gan_json_double(json, value, &wide);
    if (status != GAN_OK)
        return status;
    *number = (float)wide;
    if (isfinite(*number))
        return GAN_OK;
    return gan_fail(GAN_ERROR_FORMAT, "%s: JSON: the number %g does not fit float32", json->name, wide);
}

gan_status gan_json_boolean(const struct json *json, int32_t value, bool *truth)
{
    if (gan_json_kind(json, value) != JSON_BOOLEAN)
        return fail_kind(json, value, "true or false");
    *truth = gan_json_raw(json, value).bytes[0] == 't';
    return GAN_OK;
}
