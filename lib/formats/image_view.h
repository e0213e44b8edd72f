/* How the pixels of an upright picture lie in one that is stored turned or mirrored. */
#ifndef GAN_FORMATS_IMAGE_VIEW_H
#define GAN_FORMATS_IMAGE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

/* Where the pixel at (0, 0) of the upright picture lies in the stored one, and how far its right and lower
 * neighbours are, in pixels. */
struct view {
    int64_t height, width;
    int64_t origin, right, down;
};

/* EXIF orientations: 2 mirrored, 3 half turn, 4 upside down, 5 transposed, 6 and 8 quarter turns, 7
 * transposed along the other diagonal. */
struct view gan_image_upright(int64_t height, int64_t width, int32_t orientation);

#endif
