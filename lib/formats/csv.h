/* A table of numbers as comma-separated values (RFC 4180). */
#ifndef GAN_FORMATS_CSV_H
#define GAN_FORMATS_CSV_H

#include "base/context.h"

/* `rows` rows: a whole number, then columns - 1 others each. */
struct csv_table {
    const char *const *names; /* [columns] */
    int32_t columns;
    int64_t rows;
    const int64_t *first; /* [rows] */
    const float *others;  /* [rows][columns - 1] */
};

/* Write names, then the rows, whole or not at all. Numbers have as few digits as read back to the same bits,
 * and a point whatever the locale is; NaN and infinities are empty fields. Errors: IO, NOT_FOUND (no such
 * folder), OUT_OF_MEMORY. */
gan_status gan_csv_save(gan_context *context, const char *path, const struct csv_table *table);

#endif
