/* Results adjusted a few rows at a time, from the top down, as adjusting_apply does it to whole ones. */
#ifndef CLI_STREAMED_ROWS_H
#define CLI_STREAMED_ROWS_H

#include "streamed_mask.h"

/* So many rows at a time keep what they take small. */
enum { STREAMED_ROWS = 16 };

struct streamed_rows {
    gan_context *context;
    const struct adjusting *adjusting;
    const struct streamed_photo *photo;
    struct streamed_mask mask;
    gan_recoloring *recoloring; /* NULL: the result's own colours */
    float *result, *original;   /* rows, and those beside them that fine detail looks at; NULL: not wanted */
};

/* Open what adjusting needs. false: what went wrong was named. streamed_rows_close after any outcome. */
bool streamed_rows_open(struct streamed_rows *rows, const struct console *console, gan_context *context,
                        const struct adjusting *adjusting, const struct streamed_photo *photo);
void streamed_rows_close(struct streamed_rows *rows);

/* Make room before anything is painted. false: that is not there. */
bool streamed_rows_make_room(struct streamed_rows *rows);

/* Bytes that it takes. */
int64_t streamed_rows_memory(const struct streamed_rows *rows);

/* How often all rows of a result must be measured, from the top down, before the first can be adjusted. */
int32_t streamed_rows_rounds(const struct streamed_rows *rows);

/* Measure rows [first, first + count), at most STREAMED_ROWS. */
gan_status streamed_rows_measure(struct streamed_rows *rows, int64_t first, int64_t count,
                                 const float *result);

/* Rows [first, first + count) of a result, at most STREAMED_ROWS: *adjusted are those to be written, until
 * the next call. */
gan_status streamed_rows_adjust(struct streamed_rows *rows, int64_t first, int64_t count, const float *given,
                                const float **adjusted);

#endif
