/* A picture's metadata as a file takes them. */
#include "formats/exif.h"
#include "formats/image_metadata.h"

#include <string.h>

static gan_status copy_exif(struct image_extras *extras, const gan_image_metadata *metadata, int64_t width,
                            int64_t height)
{
    unsigned char *exif = gan_allocate(metadata->context, metadata->exif_size);
    if (exif == NULL)
        return gan_fail_memory("a camera's notes", metadata->exif_size);
    memcpy(exif, metadata->exif, metadata->exif_size);
    gan_exif_set_size(exif, metadata->exif_size, width, height);
    extras->exif = exif;
    extras->exif_size = metadata->exif_size;
    return GAN_OK;
}

gan_status gan_image_extras_make(struct image_extras *extras, const gan_image_metadata *metadata,
                                 int64_t width, int64_t height)
{
    *extras = (struct image_extras){.profile = metadata->profile, .profile_size = metadata->profile_size};
    gan_status status = GAN_OK;
    if (metadata->exif != NULL)
        status = copy_exif(extras, metadata, width, height);
    if (status == GAN_OK && metadata->count > 0) {
        char *packet = NULL;
        status = gan_xmp_write(metadata, &packet, &extras->xmp_size);
        extras->xmp = packet;
    }
    return status;
}

/* The profile is the metadata's own. */
void gan_image_extras_release(struct image_extras *extras, gan_context *context)
{
    gan_release(context, (void *)(uintptr_t)extras->exif);
    gan_release(context, (void *)(uintptr_t)extras->xmp);
}
