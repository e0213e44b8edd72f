/* Pieces of the style picture, for the discriminator to know how real strokes look. */
#include "base/random.h"
#include "gan/image.h"
#include "training/style_trainer.h"

#include <string.h>

static const uint64_t CROPS = UINT64_C(3) << 61; /* streams apart from those of the content folder */

static gan_status write_crop(const struct style_trainer *trainer, uint64_t sample, float *to)
{
    const gan_tensor *picture = trainer->style_picture;
    struct random_stream random = {.seed = trainer->recipe.seed, .stream = CROPS | sample};
    const int64_t height = gan_tensor_size(picture, 1), width = gan_tensor_size(picture, 2);
    const int64_t size = trainer->recipe.size, shorter = height < width ? height : width;
    const int64_t side = size < shorter ? size : shorter;
    gan_tensor *crop = NULL, *scaled = NULL, *flipped = NULL;
    const int64_t top = gan_random_below(&random, height - side + 1);
    const int64_t left = gan_random_below(&random, width - side + 1);
    gan_status status = gan_image_crop(&crop, picture, top, left, side, side);
    if (status == GAN_OK)
        status = gan_image_resize(&scaled, crop, size, size);
    if (status == GAN_OK && (gan_random_bits(&random) & 1) != 0)
        status = gan_image_flip(&flipped, scaled);
    if (status == GAN_OK)
        memcpy(to, gan_tensor_data_const(flipped != NULL ? flipped : scaled),
               (size_t)(size * size * 3) * sizeof(float));
    gan_tensor_free(crop);
    gan_tensor_free(scaled);
    gan_tensor_free(flipped);
    return status;
}

gan_status gan_trainer_style_crops(const struct style_trainer *trainer, gan_tensor *batch)
{
    const int64_t count = trainer->recipe.batch, size = trainer->recipe.size;
    float *to = gan_tensor_data(batch);
    gan_status status = GAN_OK;
    for (int64_t i = 0; status == GAN_OK && i < count; i++)
        status =
            write_crop(trainer, (uint64_t)(trainer->training.step * count + i), to + i * size * size * 3);
    return status;
}
