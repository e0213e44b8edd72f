/* EXIF (CIPA DC-008): notes of a camera, a TIFF file without a picture. */
#ifndef GAN_FORMATS_EXIF_H
#define GAN_FORMATS_EXIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The TIFF inside of a JPEG's segment or a PNG's chunk; false: there is none. */
bool gan_exif_find(const void *bytes, size_t size, const unsigned char **exif, size_t *exif_size);

/* Make what a camera noted fit a picture that is upright and was changed: orientation 1, no thumbnail, whose
 * bytes become 0. Makers' notes keep their places. *size becomes less where the thumbnail was at the end.
 * false: the notes are not understood, and may be changed in part. */
bool gan_exif_settle(unsigned char *exif, size_t *size);

/* Note the size of the picture where a size is noted. `exif` is settled. */
void gan_exif_set_size(unsigned char *exif, size_t size, int64_t width, int64_t height);

#endif
