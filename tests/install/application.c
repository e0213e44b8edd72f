/* A user of the installed library: builds a network and runs it. Valid as C and as C++. */
#include <gan/gan.h>

#include <stdio.h>
#include <string.h>

static int run(gan_context *context)
{
    gan_model *model = NULL;
    gan_tensor *input = NULL, *output = NULL;
    const int64_t shape[] = {1, 20, 30, 3};
    gan_johnson_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.channels = 4;
    options.blocks = 1;
    gan_status status = gan_johnson_create(&model, context, &options);
    if (status == GAN_OK)
        status = gan_tensor_create(&input, context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        status = gan_model_run(model, input, &output);
    if (status == GAN_OK)
        printf("libgan %s: %d values\n", gan_version(), (int)gan_tensor_count(output));
    if (status != GAN_OK)
        fprintf(stderr, "%s\n", gan_error_message());
    gan_tensor_free(output);
    gan_tensor_free(input);
    gan_model_free(model);
    return status == GAN_OK ? 0 : 1;
}

int main(void)
{
    gan_context *context = NULL;
    if (gan_context_create(&context, NULL) != GAN_OK)
        return 1;
    const int code = run(context);
    gan_context_free(context);
    return code;
}
