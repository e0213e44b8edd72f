/* Inside of a picture's metadata. */
#ifndef GAN_FORMATS_IMAGE_METADATA_H
#define GAN_FORMATS_IMAGE_METADATA_H

#include "base/context.h"
#include "formats/image_encode.h"
#include "gan/image_metadata.h"

enum {
    MOST_PROPERTIES = 32,
    MOST_NAME = 64,
    MOST_VALUE = 1024,
    MOST_XMP = 65000 /* bytes of a packet: less than a segment of a JPEG holds */
};

struct property {
    char name[MOST_NAME], value[MOST_VALUE];
};

struct gan_image_metadata {
    gan_context *context;
    unsigned char *exif, *profile; /* NULL: none */
    size_t exif_size, profile_size;
    int32_t depth, count;
    struct property properties[MOST_PROPERTIES];
};

/* Extras for a file of a picture of this size; released by the other. Errors: OUT_OF_MEMORY. */
gan_status gan_image_extras_make(struct image_extras *extras, const gan_image_metadata *metadata,
                                 int64_t width, int64_t height);
void gan_image_extras_release(struct image_extras *extras, gan_context *context);

/* Bytes of the properties as an XMP packet, and of one more property in it. */
size_t gan_xmp_size(const gan_image_metadata *metadata);
size_t gan_xmp_property_size(const char *name, const char *value);

/* The properties as an XMP packet. Errors: OUT_OF_MEMORY. */
gan_status gan_xmp_write(const gan_image_metadata *metadata, char **packet, size_t *size);

/* Take the properties that gan_xmp_write knows out of the first MiB of a packet; others, and what is broken,
 * are passed over. */
void gan_xmp_read(gan_image_metadata *metadata, const char *packet, size_t size);

#endif
