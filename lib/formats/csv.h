/* A table of numbers as comma-separated values (RFC 4180). */
#ifndef GAN_FORMATS_CSV_H
#define GAN_FORMATS_CSV_H

#include "base/context.h"

/* Write names, then rows of `columns` numbers each, whole or not at all. Numbers have as few digits as read
 * back to the same bits, and a point whatever the locale is; NaN and infinities are empty fields. Errors: IO,
 * NOT_FOUND (no such folder), OUT_OF_MEMORY. */
gan_status gan_csv_save(gan_context *context, const char *path, const char *const *names, int32_t columns,
                        const float *values, int64_t rows);

#endif
