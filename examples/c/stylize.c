/* A photo through a trained generator.
 *
 *     cc stylize.c $(pkg-config --cflags --libs gan) -o stylize
 *     ./stylize MODEL.safetensors PHOTO.jpg RESULT.png
 */
#include "check.h"

#include <string.h>

/* Networks differ in the numbers that they take for dark and bright; their metadata says which. */
struct range {
    float scale, offset;
};

static struct range range_of(const gan_model *model, const char *key)
{
    const char *words = gan_model_metadata(model, key);
    if (words != NULL && strcmp(words, "0..255") == 0)
        return (struct range){255, 0};
    if (words != NULL && strcmp(words, "-1..1") == 0)
        return (struct range){2, -1};
    return (struct range){1, 0};
}

/* Pictures in memory are 0 to 1. */
static void from_unit(gan_tensor *picture, struct range range)
{
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        values[i] = values[i] * range.scale + range.offset;
}

static void to_unit(gan_tensor *picture, struct range range)
{
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        values[i] = (values[i] - range.offset) / range.scale;
}

/* Networks with strides give a few pixels too many where the size is odd: the photo's size is kept. */
static gan_tensor *crop_to(gan_tensor *picture, int64_t height, int64_t width)
{
    gan_tensor *cropped;
    check(gan_image_crop(&cropped, picture, 0, 0, height, width));
    gan_tensor_free(picture);
    return cropped;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s MODEL PHOTO RESULT\n", argv[0]);
        return EXIT_FAILURE;
    }
    gan_context *context;
    gan_model *model;
    gan_tensor *photo, *result;
    check(gan_context_create(&context, NULL));
    check(gan_model_load(&model, context, argv[1]));
    check(gan_image_load(&photo, NULL, context, argv[2]));

    from_unit(photo, range_of(model, "input_range"));
    check(gan_model_run(model, photo, &result));
    to_unit(result, range_of(model, "output_range"));
    result = crop_to(result, gan_tensor_size(photo, 1), gan_tensor_size(photo, 2));
    check(gan_image_save(result, NULL, argv[3], 0));

    gan_tensor_free(result);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
    return EXIT_SUCCESS;
}
