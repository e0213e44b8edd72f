/* A small generator with random weights, for examples that want a model: make_model RESULT.safetensors */
#include <gan/gan.h>
#include <stdio.h>

static gan_status make_model(gan_context *context, const char *path)
{
    const gan_johnson_options small = {.struct_size = sizeof small, .channels = 4, .blocks = 1};
    gan_model *model = NULL;
    gan_status status = gan_johnson_create(&model, context, &small);
    if (status == GAN_OK)
        status = gan_model_save(model, path, GAN_STORE_FLOAT32);
    gan_model_free(model);
    return status;
}

int main(int argc, char **argv)
{
    gan_context *context = NULL;
    gan_status status = gan_context_create(&context, NULL);
    if (status == GAN_OK)
        status = make_model(context, argc > 1 ? argv[1] : "model.safetensors");
    if (status != GAN_OK)
        fprintf(stderr, "%s\n", gan_error_message());
    gan_context_free(context);
    return status != GAN_OK;
}
