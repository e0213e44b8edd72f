/* Reading JSON (RFC 8259) strictly: the grammar to the letter, valid UTF-8, no key twice in an object, and
 * bounds on depth and size. The outermost value is an object or an array. A value is a number into the
 * document; 0 is the outermost one. */
#ifndef GAN_FORMATS_JSON_READ_H
#define GAN_FORMATS_JSON_READ_H

#include "base/context.h"

#include <stdbool.h>

enum { JSON_MOST_DEPTH = 64, JSON_MOST_BYTES = 100 << 20, JSON_MOST_VALUES = 1 << 22 };

enum { JSON_NONE = -1, JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_NUMBER, JSON_BOOLEAN, JSON_NULL };

struct json {
    gan_context *context;
    const char *name; /* the caller's; begins every message */
    const char *text; /* the caller's, kept until close */
    void *tokens;
    int32_t count;
};

/* The bytes of a value: a string without its quotes, all else as written. */
struct json_raw {
    const char *bytes;
    size_t size;
};

/* Errors: FORMAT (with the byte where), OUT_OF_MEMORY; there is nothing to close then. */
gan_status gan_json_open(struct json *json, gan_context *context, const char *text, size_t size,
                         const char *name);
void gan_json_close(struct json *json);

/* JSON_OBJECT ...; JSON_NONE where the value is negative, that is, missing. */
int32_t gan_json_kind(const struct json *json, int32_t value);
struct json_raw gan_json_raw(const struct json *json, int32_t value);
/* One step through a string that has bytes left: 1 to 4 bytes of its text; returns how many. */
size_t gan_json_piece(struct json_raw *string, char bytes[4]);
/* Number of members or elements. */
int32_t gan_json_count(const struct json *json, int32_t value);

/* Walking: the first element of an array, or key of an object, and the next one; -1 at the end. */
int32_t gan_json_first(const struct json *json, int32_t value);
int32_t gan_json_next(const struct json *json, int32_t value);
/* The value that belongs to a key. */
int32_t gan_json_member(const struct json *json, int32_t key);

/* The value of an object's key, or -1. */
int32_t gan_json_find(const struct json *json, int32_t object, const char *key);
/* The same, but it must be there and of a kind. */
gan_status gan_json_require(const struct json *json, int32_t object, const char *key, int32_t kind,
                            int32_t *value);

/* A string's or key's text; false also for what is no string. */
bool gan_json_equals(const struct json *json, int32_t value, const char *text);

/* Values of the expected kind; all else is GAN_ERROR_FORMAT. A string is released with gan_release, and must
 * not hold the character NUL. An integer may not be written with a fraction or an exponent. */
gan_status gan_json_string(const struct json *json, int32_t value, char **text);
gan_status gan_json_integer(const struct json *json, int32_t value, int64_t least, int64_t most,
                            int64_t *number);
gan_status gan_json_double(const struct json *json, int32_t value, double *number);
gan_status gan_json_float(const struct json *json, int32_t value, float *number);
gan_status gan_json_boolean(const struct json *json, int32_t value, bool *truth);

#endif
