/* A photograph as read, at the size at which it is painted. */
#ifndef CLI_PHOTO_H
#define CLI_PHOTO_H

#include "gan/gan.h"

struct photo {
    const char *path;
    gan_tensor *picture, *alpha;     /* alpha NULL: none */
    gan_image_metadata *metadata;    /* what its file says; results add where they come from */
    int64_t file_height, file_width; /* upright, before scaling */
};

/* Read `path`; `size` pixels on the longer side, 0: as it is. photo_free after any outcome. */
gan_status photo_read(struct photo *photo, gan_context *context, const char *path, int64_t size);
void photo_free(struct photo *photo);

/* Scale a picture to `target` pixels on its longer side. */
gan_status photo_scale(gan_tensor **picture, int64_t target);
int64_t photo_longer_side(const gan_tensor *picture);

#endif
