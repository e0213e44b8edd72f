/* ICC profiles of picture files (ISO 15076-1). */
#ifndef GAN_FORMATS_COLOR_PROFILE_H
#define GAN_FORMATS_COLOR_PROFILE_H

#include "base/context.h"

/* The profile of a JPEG or PNG, if there is one and it is for RGB; else *profile is NULL. What is broken, or
 * larger than 4 MiB, counts as none. Released with gan_release. Errors: OUT_OF_MEMORY. */
gan_status gan_color_profile_read(gan_context *context, const void *bytes, size_t size,
                                  unsigned char **profile, size_t *profile_size);

#endif
