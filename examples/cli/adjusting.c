#include "adjusting.h"
#include "console.h"

#include <string.h>

struct option_group adjusting_options(struct adjusting *adjusting, bool masks)
{
    const struct option options[ADJUSTING_OPTIONS + MASKING_OPTIONS] = {
        {"strength", 0, OPTION_REAL, "0..1", "0: the photograph, 1: the style (default)",
         &adjusting->strength, 0, 1},
        {"preserve-color", 0, OPTION_CHOICE, "WAY",
         "keep the photograph's colours: luma (default), covariance or histogram", &adjusting->color_word, 0,
         0},
        {"detail", 0, OPTION_REAL, "0..4", "add so much of the photograph's fine detail", &adjusting->detail,
         0, 4},
        {"mask", 0, OPTION_TEXT, "PICTURE", "paint where this is white and keep the photograph where black",
         &adjusting->mask_path, 0, 0},
        {"feather", 0, OPTION_INTEGER, "PX", "spread the mask's edges over so many pixels",
         &adjusting->feather, 0, 65535},
    };
    memcpy(adjusting->options, options, sizeof options);
    return (struct option_group){adjusting->options, ADJUSTING_OPTIONS + (masks ? MASKING_OPTIONS : 0)};
}

static bool read_color(struct adjusting *adjusting)
{
    static const char *const words[] = {"luma", "covariance", "histogram"};
    const char *word = adjusting->color_word;
    if (word == NULL)
        return true;
    for (int32_t i = 0; i < 3; i++)
        if (strcmp(word, words[i]) == 0 || (*word == '\0' && i == 0)) {
            adjusting->adjustment.color = GAN_COLOR_LUMA + i;
            return true;
        }
    complain("--preserve-color=%s: expected luma, covariance or histogram", word);
    return false;
}

bool adjusting_read(struct adjusting *adjusting)
{
    adjusting->adjustment = (gan_adjustment){.struct_size = sizeof adjusting->adjustment,
                                             .detail = (float)adjusting->detail,
                                             .feather = (int32_t)adjusting->feather};
    if (adjusting->feather > 0 && adjusting->mask_path == NULL) {
        complain("--feather softens a mask: expected --mask PICTURE too");
        return false;
    }
    return read_color(adjusting);
}

gan_status adjusting_open(struct adjusting *adjusting, gan_context *context)
{
    if (adjusting->mask_path == NULL)
        return GAN_OK;
    gan_tensor *picture = NULL;
    gan_status status = gan_image_load(&picture, NULL, context, adjusting->mask_path);
    if (status == GAN_OK)
        status = gan_mask_of_picture(&adjusting->mask, picture);
    gan_tensor_free(picture);
    return status;
}

void adjusting_free(struct adjusting *adjusting)
{
    gan_tensor_free(adjusting->mask);
}

gan_status adjusting_fit_mask(const struct adjusting *adjusting, const struct photo *photo, gan_tensor **mask)
{
    const int64_t height = gan_tensor_size(adjusting->mask, 1), width = gan_tensor_size(adjusting->mask, 2);
    const bool of_file = height == photo->file_height && width == photo->file_width;
    if (!of_file) {
        *mask = gan_tensor_retain(adjusting->mask);
        return GAN_OK;
    }
    const gan_status status = gan_image_resize(mask, adjusting->mask, gan_tensor_size(photo->picture, 1),
                                               gan_tensor_size(photo->picture, 2));
    if (status != GAN_OK)
        return status;
    float *values = gan_tensor_data(*mask);
    for (int64_t i = 0; i < gan_tensor_count(*mask); i++)
        values[i] = values[i] < 0.0f ? 0.0f : values[i] > 1.0f ? 1.0f : values[i];
    return GAN_OK;
}

static gan_status set_mask(const struct adjusting *adjusting, const struct photo *photo,
                           gan_adjuster *adjuster)
{
    gan_tensor *mask = NULL;
    if (adjusting->mask == NULL)
        return GAN_OK;
    gan_status status = adjusting_fit_mask(adjusting, photo, &mask);
    if (status == GAN_OK)
        status = gan_adjuster_set_mask(adjuster, mask);
    gan_tensor_free(mask);
    return status;
}

bool adjusting_needed(const struct adjusting *adjusting)
{
    return adjusting->strength < 1 || adjusting->mask_path != NULL || adjusting->adjustment.detail > 0 ||
           adjusting->adjustment.color != GAN_COLOR_RESULT;
}

gan_status adjusting_apply(const struct adjusting *adjusting, gan_context *context, const struct photo *photo,
                           gan_tensor **result)
{
    if (!adjusting_needed(adjusting))
        return GAN_OK;
    const int64_t shape[4] = {1, gan_tensor_size(*result, 1), gan_tensor_size(*result, 2), 3};
    gan_adjuster *adjuster = NULL;
    gan_tensor *adjusted = NULL;
    gan_status status = gan_adjuster_create(&adjuster, photo->picture, *result);
    if (status == GAN_OK)
        status = set_mask(adjusting, photo, adjuster);
    if (status == GAN_OK)
        status = gan_tensor_create(&adjusted, context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        status = gan_adjuster_render(adjuster, (float)adjusting->strength, &adjusting->adjustment, adjusted);
    gan_adjuster_free(adjuster);
    if (status != GAN_OK) {
        gan_tensor_free(adjusted);
        return status;
    }
    gan_tensor_free(*result);
    *result = adjusted;
    return GAN_OK;
}
