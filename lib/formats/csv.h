/* A table of numbers by step that grows by the line, and goes on where a run was resumed. */
#ifndef GAN_FORMATS_CSV_H
#define GAN_FORMATS_CSV_H

#include "base/context.h"

enum { CSV_MOST_COLUMNS = 64, CSV_MOST_LINE = 4096 };

struct csv {
    const char *path; /* the caller's, kept until close */
    int descriptor;
    int32_t columns;
};

/* Open the table: first column "step", then `columns` names. `first_step` is the first step that will be
 * written: 0 begins anew; above that, lines of earlier steps are kept, those of later ones and half a line
 * at the end dropped. Errors: IO, NOT_FOUND (no such folder), FORMAT (kept lines under other columns),
 * ARGUMENT (too many columns), OUT_OF_MEMORY; there is nothing to close then. */
gan_status gan_csv_open(struct csv *csv, gan_context *context, const char *path, const char *const *names,
                        int32_t columns, int64_t first_step);

/* One line, written at once: a step and `columns` numbers; NaN is an empty field. Error: IO. */
gan_status gan_csv_append(struct csv *csv, int64_t step, const double *values);

/* Error: IO, where the system reports only now that it could not write. */
gan_status gan_csv_close(struct csv *csv);

#endif
