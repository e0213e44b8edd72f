/* Writing JSON into memory. The first error sticks and comes back at the end. */
#ifndef GAN_FORMATS_JSON_WRITE_H
#define GAN_FORMATS_JSON_WRITE_H

#include "base/context.h"

#include <stdbool.h>

struct json_writer {
    gan_context *context;
    char *text;
    size_t size, capacity;
    gan_status status;
    bool comma; /* before the next value */
};

void gan_json_writer_open(struct json_writer *writer, gan_context *context);

/* `key` is NULL inside an array and for the outermost value. Text that is not UTF-8 gets U+FFFD for each
 * wrong byte. Numbers have as few digits as read back to the same bits; NaN and infinities are
 * GAN_ERROR_NOT_FINITE. */
void gan_json_begin_object(struct json_writer *writer, const char *key);
void gan_json_end_object(struct json_writer *writer);
void gan_json_begin_array(struct json_writer *writer, const char *key);
void gan_json_end_array(struct json_writer *writer);
void gan_json_write_string(struct json_writer *writer, const char *key, const char *text);
void gan_json_write_integer(struct json_writer *writer, const char *key, int64_t number);
void gan_json_write_float(struct json_writer *writer, const char *key, float number);
void gan_json_write_double(struct json_writer *writer, const char *key, double number);
void gan_json_write_boolean(struct json_writer *writer, const char *key, bool truth);

/* Bytes put as they are, such as padding. */
void gan_json_write_raw(struct json_writer *writer, const char *bytes, size_t size);

/* The text, ended by NUL, to be released with gan_release; or the first error. Ends the writer. `size` may be
 * NULL. */
gan_status gan_json_writer_take(struct json_writer *writer, char **text, size_t *size);

enum { NUMBER_TEXT_SIZE = 48 };

/* The number as JSON and CSV want it, whatever the locale: text, or a constant for NaN and infinities. */
const char *gan_number_text(double number, bool single, char text[NUMBER_TEXT_SIZE]);

#endif
