#include "streamed_photo.h"

#include <string.h>

gan_status streamed_photo_open(struct streamed_photo *photo, gan_context *context, const char *path,
                               int64_t size)
{
    *photo = (struct streamed_photo){0};
    if (size == 0) {
        const gan_status status =
            gan_image_source_open_with_metadata(&photo->source, &photo->metadata, context, path);
        photo->height = gan_image_source_height(photo->source);
        photo->width = gan_image_source_width(photo->source);
        return status;
    }
    const gan_status status = photo_read(&photo->scaled, context, path, size);
    if (status == GAN_OK) {
        photo->height = gan_tensor_size(photo->scaled.picture, 1);
        photo->width = gan_tensor_size(photo->scaled.picture, 2);
    }
    return status;
}

void streamed_photo_close(struct streamed_photo *photo)
{
    gan_image_source_free(photo->source);
    gan_image_metadata_free(photo->metadata);
    photo_free(&photo->scaled);
}

bool streamed_photo_has_alpha(const struct streamed_photo *photo)
{
    return photo->source != NULL ? gan_image_source_has_alpha(photo->source) != 0
                                 : photo->scaled.alpha != NULL;
}

gan_image_metadata *streamed_photo_metadata(const struct streamed_photo *photo)
{
    return photo->source != NULL ? photo->metadata : photo->scaled.metadata;
}

int64_t streamed_photo_memory(const struct streamed_photo *photo)
{
    const int64_t channels = streamed_photo_has_alpha(photo) ? 4 : 3;
    return photo->source != NULL ? gan_image_source_memory(photo->source)
                                 : photo->height * photo->width * channels * (int64_t)sizeof(float);
}

void copy_rows(const gan_tensor *tensor, int64_t first, int64_t count, float *to)
{
    const int64_t row = gan_tensor_size(tensor, 2) * gan_tensor_size(tensor, 3);
    memcpy(to, (const float *)gan_tensor_data_const(tensor) + first * row,
           (size_t)(count * row) * sizeof *to);
}

gan_status streamed_photo_read(const struct streamed_photo *photo, int64_t first, int64_t count, float *rows,
                               float *alpha)
{
    if (photo->source != NULL)
        return gan_image_source_read(photo->source, first, count, rows, alpha);
    if (rows != NULL)
        copy_rows(photo->scaled.picture, first, count, rows);
    if (alpha != NULL)
        copy_rows(photo->scaled.alpha, first, count, alpha);
    return GAN_OK;
}
