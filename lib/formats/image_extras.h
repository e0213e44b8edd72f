/* What picture files say beside their pixels, on its way into a file. */
#ifndef GAN_FORMATS_IMAGE_EXTRAS_H
#define GAN_FORMATS_IMAGE_EXTRAS_H

#include "formats/image_encode.h"
#include "formats/png_write.h"

/* Segments of a JPEG: EXIF and XMP in APP1, the colour profile in pieces in APP2. Errors: IO. */
gan_status gan_jpeg_write_extras(struct file_writer *file, const struct image_extras *extras);

/* Chunks of a PNG, between its header and the first row: iCCP, eXIf, iTXt. Errors: IO, OUT_OF_MEMORY. */
gan_status gan_png_write_extras(struct png_writer *writer, const struct image_extras *extras);

#endif
