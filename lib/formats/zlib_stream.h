/* zlib on a context's memory. */
#ifndef GAN_FORMATS_ZLIB_STREAM_H
#define GAN_FORMATS_ZLIB_STREAM_H

#include "base/context.h"

#include <zlib.h>

/* A stream, before inflateInit or deflateInit, that takes its memory from the context. */
z_stream gan_zlib_stream(gan_context *context);

#endif
