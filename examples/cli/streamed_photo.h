/* A photograph whose rows are read as they are needed: as its file holds it, or scaled. */
#ifndef CLI_STREAMED_PHOTO_H
#define CLI_STREAMED_PHOTO_H

#include "photo.h"

#include <stdbool.h>

struct streamed_photo {
    gan_image_source *source;     /* or else */
    gan_image_metadata *metadata; /* the source's */
    struct photo scaled;
    int64_t height, width;
};

/* `size` pixels on the longer side, 0: as it is. streamed_photo_close after any outcome. */
gan_status streamed_photo_open(struct streamed_photo *photo, gan_context *context, const char *path,
                               int64_t size);
void streamed_photo_close(struct streamed_photo *photo);

bool streamed_photo_has_alpha(const struct streamed_photo *photo);
gan_image_metadata *streamed_photo_metadata(const struct streamed_photo *photo);

/* Bytes that it holds. */
int64_t streamed_photo_memory(const struct streamed_photo *photo);

/* Rows [first, first + count); `rows` and `alpha` may be NULL. */
gan_status streamed_photo_read(const struct streamed_photo *photo, int64_t first, int64_t count, float *rows,
                               float *alpha);

/* Rows of a tensor [1, H, W, C]. */
void copy_rows(const gan_tensor *tensor, int64_t first, int64_t count, float *to);

#endif
