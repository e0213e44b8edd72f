/* A photo through a trained generator.
 *
 *     cc stylize.c $(pkg-config --cflags --libs gan) -o stylize
 *     ./stylize MODEL.safetensors PHOTO.jpg RESULT.png
 */
#include "check.h"

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

    check(gan_model_stylize(model, photo, &result));
    check(gan_image_save(result, NULL, argv[3], 0));

    gan_tensor_free(result);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
    return EXIT_SUCCESS;
}
