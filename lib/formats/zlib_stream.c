#include "formats/zlib_stream.h"

static void *allocate_items(void *context, uInt count, uInt size)
{
    return gan_allocate_array(context, count, size);
}

static void release_items(void *context, void *memory)
{
    gan_release(context, memory);
}

z_stream gan_zlib_stream(gan_context *context)
{
    return (z_stream){.zalloc = allocate_items, .zfree = release_items, .opaque = context};
}
