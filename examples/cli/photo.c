#include "photo.h"

static int64_t scaled_side(int64_t side, int64_t longer, int64_t target)
{
    const int64_t scaled = (side * target + longer / 2) / longer;
    return scaled > 0 ? scaled : 1;
}

int64_t photo_longer_side(const gan_tensor *picture)
{
    const int64_t height = gan_tensor_size(picture, 1), width = gan_tensor_size(picture, 2);
    return height > width ? height : width;
}

gan_status photo_scale(gan_tensor **picture, int64_t target)
{
    const int64_t longer = photo_longer_side(*picture);
    gan_tensor *scaled = NULL;
    const gan_status status =
        gan_image_resize(&scaled, *picture, scaled_side(gan_tensor_size(*picture, 1), longer, target),
                         scaled_side(gan_tensor_size(*picture, 2), longer, target));
    if (status != GAN_OK)
        return status;
    gan_tensor_free(*picture);
    *picture = scaled;
    return GAN_OK;
}

gan_status photo_read(struct photo *photo, gan_context *context, const char *path, int64_t size)
{
    *photo = (struct photo){.path = path};
    gan_status status =
        gan_image_load_with_metadata(&photo->picture, &photo->alpha, &photo->metadata, context, path);
    photo->file_height = gan_tensor_size(photo->picture, 1);
    photo->file_width = gan_tensor_size(photo->picture, 2);
    if (status != GAN_OK || size == 0)
        return status;
    status = photo_scale(&photo->picture, size);
    if (status == GAN_OK && photo->alpha != NULL)
        status = photo_scale(&photo->alpha, size);
    return status;
}

void photo_free(struct photo *photo)
{
    gan_tensor_free(photo->picture);
    gan_tensor_free(photo->alpha);
    gan_image_metadata_free(photo->metadata);
}
