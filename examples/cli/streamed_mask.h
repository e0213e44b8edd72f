/* A mask with soft edges of which a few rows are known at a time, from the top down. */
#ifndef CLI_STREAMED_MASK_H
#define CLI_STREAMED_MASK_H

#include "adjusting.h"
#include "console.h"
#include "streamed_photo.h"

struct streamed_mask {
    gan_context *context;
    gan_image_source *source; /* or, beside a photograph that was scaled, */
    gan_tensor *scaled;       /* [1, H, W, 1]; neither: there is no mask */
    int64_t height, width, feather;
    gan_tensor *window; /* rows with soft edges, and as many before and after as softening reads */
    int64_t first, count, before;
};

/* A mask of another size than the photograph's is refused. false: what went wrong was named.
 * streamed_mask_close after any outcome. */
bool streamed_mask_open(struct streamed_mask *mask, const struct console *console, gan_context *context,
                        const struct adjusting *adjusting, const struct streamed_photo *photo);
void streamed_mask_close(struct streamed_mask *mask);

/* Bytes that it takes. */
int64_t streamed_mask_memory(const struct streamed_mask *mask);

/* *rows: [first, first + count), until the next call; NULL where there is no mask. */
gan_status streamed_mask_read(struct streamed_mask *mask, int64_t first, int64_t count, const float **rows);

#endif
