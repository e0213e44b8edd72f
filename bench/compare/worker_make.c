/* Models for all peers: libgan makes them, from seeded random numbers or published weights, and saves them.
 */
#include "worker.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_OUTPUTS = 16, LIST_SIZE = 512 };

static gan_model *make_johnson(gan_context *context, const struct arguments *arguments)
{
    const gan_johnson_options options = {.struct_size = sizeof options,
                                         .channels = arguments_number(arguments, "--channels", 0),
                                         .blocks = arguments_number(arguments, "--blocks", 0)};
    gan_model *model;
    check(gan_johnson_create(&model, context, &options));
    return model;
}

static gan_model *make_squeezenet(gan_context *context, const struct arguments *arguments)
{
    (void)arguments;
    gan_model *model;
    check(gan_squeezenet_create(&model, context));
    return model;
}

static gan_model *make_microast(gan_context *context, const struct arguments *arguments)
{
    (void)arguments;
    gan_model *model;
    check(gan_microast_create(&model, context, NULL));
    return model;
}

static gan_model *make_vgg19(gan_context *context, const struct arguments *arguments)
{
    (void)arguments;
    gan_model *model;
    check(gan_vgg19_create(&model, context));
    return model;
}

static gan_dcgan_options dcgan_options(const struct arguments *arguments)
{
    return (gan_dcgan_options){.struct_size = sizeof(gan_dcgan_options),
                               .size = arguments_number(arguments, "--size", 0),
                               .channels = arguments_number(arguments, "--channels", 0)};
}

static gan_model *make_dcgan_generator(gan_context *context, const struct arguments *arguments)
{
    const gan_dcgan_options options = dcgan_options(arguments);
    gan_model *model;
    check(gan_dcgan_generator_create(&model, context, &options));
    return model;
}

static gan_model *make_dcgan_discriminator(gan_context *context, const struct arguments *arguments)
{
    const gan_dcgan_options options = dcgan_options(arguments);
    gan_model *model;
    check(gan_dcgan_discriminator_create(&model, context, &options));
    return model;
}

static gan_model *make_patchgan(gan_context *context, const struct arguments *arguments)
{
    const gan_patchgan_options options = {.struct_size = sizeof options,
                                          .input_channels = arguments_number(arguments, "--channels", 0),
                                          .norm = arguments_number(arguments, "--norm", 0)};
    gan_model *model;
    check(gan_patchgan_create(&model, context, &options));
    return model;
}

static gan_model *make_unet(gan_context *context, const struct arguments *arguments)
{
    const gan_unet_options options = {.struct_size = sizeof options,
                                      .downs = arguments_number(arguments, "--downs", 0),
                                      .dropout = (float)arguments_number(arguments, "--dropout", 0)};
    gan_model *model;
    check(gan_unet_create(&model, context, &options));
    return model;
}

/* In the form of its authors, with transposed convolutions. */
static gan_model *make_resnet(gan_context *context, const struct arguments *arguments)
{
    const gan_resnet_generator_options options = {.struct_size = sizeof options,
                                                  .blocks = arguments_number(arguments, "--blocks", 0),
                                                  .upsampling = GAN_UPSAMPLE_TRANSPOSED};
    gan_model *model;
    check(gan_resnet_generator_create(&model, context, &options));
    return model;
}

/* One convolution with zero padding, maybe behind a nearest-neighbour upsampling by two. */
static gan_model *make_convolution(gan_context *context, const struct arguments *arguments)
{
    const int kernel = arguments_number(arguments, "--kernel", 3);
    const int stride = arguments_number(arguments, "--stride", 1);
    const int64_t shape[4] = {-1, -1, -1, arguments_number(arguments, "--in", 3)};
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .filters = arguments_number(arguments, "--out", 3),
                                        .kernel = {kernel, kernel},
                                        .stride = {stride, stride},
                                        .padding = GAN_PAD_HALF,
                                        .initializer = GAN_INITIALIZER_HE_NORMAL};
    gan_graph *graph;
    gan_model *model;
    check(gan_graph_create(&graph, context));
    gan_layer *input = gan_input(graph, "input", shape, 4);
    gan_layer *x = arguments_number(arguments, "--upsample", 1) == 2 ? gan_upsample_nearest(input, 2) : input;
    gan_layer *output = gan_conv2d(x, &options);
    check(gan_model_create(&model, "convolution", &input, 1, &output, 1));
    gan_graph_free(graph);
    return model;
}

static const struct {
    const char *name;
    gan_model *(*make)(gan_context *context, const struct arguments *arguments);
} makers[] = {
    {"johnson", make_johnson},
    {"squeezenet", make_squeezenet},
    {"vgg19", make_vgg19},
    {"microast", make_microast},
    {"dcgan_generator", make_dcgan_generator},
    {"dcgan_discriminator", make_dcgan_discriminator},
    {"patchgan", make_patchgan},
    {"unet", make_unet},
    {"resnet", make_resnet},
    {"convolution", make_convolution},
};

static gan_model *make(gan_context *context, const char *kind, const struct arguments *arguments)
{
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++)
        if (strcmp(makers[i].name, kind) == 0)
            return makers[i].make(context, arguments);
    skip("this libgan does not build that network");
}

/* The outputs "a,b,c" of "--select" alone. */
static gan_model *select_outputs(gan_model *model, const char *list)
{
    char text[LIST_SIZE];
    const char *names[MOST_OUTPUTS];
    int32_t count = 0;
    snprintf(text, sizeof text, "%s", list);
    for (char *name = strtok(text, ","); name != NULL && count < MOST_OUTPUTS; name = strtok(NULL, ","))
        names[count++] = name;
    gan_model *selected;
    check(gan_model_select_outputs(&selected, model, names, count));
    gan_model_free(model);
    return selected;
}

void make_model(gan_context *context, const char *kind, const char *path, const struct arguments *arguments)
{
    const char *weights = arguments_text(arguments, "--weights", NULL);
    const char *outputs = arguments_text(arguments, "--select", NULL);
    gan_model *model;
    if (weights != NULL)
        check(gan_import(&model, context, weights, NULL));
    else
        model = make(context, kind, arguments);
    if (outputs != NULL)
        model = select_outputs(model, outputs);
    check(gan_model_save(model, path, GAN_STORE_FLOAT32));
    gan_model_free(model);
    puts("made");
}
