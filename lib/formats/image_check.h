/* What stb_image 2.27 takes on trust and must not. */
#ifndef GAN_FORMATS_IMAGE_CHECK_H
#define GAN_FORMATS_IMAGE_CHECK_H

#include "base/status.h"

/* Refuse a JPEG with a Huffman table of more than 256 codes, for which stb_image writes past its table, and a
 * PNM with a number that overflows. All other contents pass. Errors: FORMAT. */
gan_status gan_image_check(const void *bytes, size_t size, const char *name);

#endif
