/* Small models: a network with random weights, and networks that give back what they get, so that what the
 * program does around a network can be seen. */
#include "helper.h"

#include <stdio.h>

static void save(const gan_model *model, const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.safetensors", folder, name);
    check(gan_model_save(model, path, GAN_STORE_FLOAT32), path);
}

/* A 1x1 convolution that copies its channels. */
static void set_identity(gan_context *context, gan_model *model)
{
    const int64_t shape[] = {3, 1, 1, 3};
    const float identity[] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    gan_tensor *weights = NULL;
    check(gan_tensor_create(&weights, context, GAN_FLOAT32, shape, 4), "weights");
    for (int i = 0; i < 9; i++)
        ((float *)gan_tensor_data(weights))[i] = identity[i];
    check(gan_model_set_parameter(model, 0, weights), "identity");
    gan_tensor_free(weights);
}

/* `side` -1: any size. With a stride of 2 every second pixel is kept and then doubled. */
static gan_model *make_identity(gan_context *context, int64_t side, int32_t stride)
{
    gan_graph *graph = NULL;
    gan_model *model = NULL;
    const int64_t shape[] = {-1, side, side, 3};
    const gan_conv2d_options options = {
        .struct_size = sizeof options, .filters = 3, .kernel = {1, 1}, .stride = {stride, stride}};
    check(gan_graph_create(&graph, context), "graph");
    gan_layer *input = gan_input(graph, NULL, shape, 4);
    gan_layer *output = gan_conv2d(input, &options);
    if (stride > 1)
        output = gan_upsample_nearest(output, stride);
    check(gan_model_create(&model, "identity", &input, 1, &output, 1), "identity");
    gan_graph_free(graph);
    set_identity(context, model);
    return model;
}

static void make_range(gan_context *context, const char *folder, const char *name, const char *range)
{
    gan_model *model = make_identity(context, -1, 1);
    check(gan_model_set_metadata(model, "input_range", range), name);
    check(gan_model_set_metadata(model, "output_range", range), name);
    save(model, folder, name);
    gan_model_free(model);
}

static void make_two_inputs(gan_context *context, const char *folder)
{
    gan_graph *graph = NULL;
    gan_model *model = NULL;
    const int64_t shape[] = {-1, -1, -1, 3};
    check(gan_graph_create(&graph, context), "graph");
    gan_layer *inputs[] = {gan_input(graph, NULL, shape, 4), gan_input(graph, NULL, shape, 4)};
    gan_layer *output = gan_add(inputs[0], inputs[1]);
    check(gan_model_create(&model, "two", inputs, 2, &output, 1), "two inputs");
    gan_graph_free(graph);
    save(model, folder, "two_inputs");
    gan_model_free(model);
}

static void make_johnson(gan_context *context, const char *folder)
{
    gan_model *model = NULL;
    const gan_johnson_options options = {.struct_size = sizeof options, .channels = 4, .blocks = 1};
    check(gan_johnson_create(&model, context, &options), "johnson");
    save(model, folder, "johnson");
    gan_model_free(model);
}

static void make_microast(gan_context *context, const char *folder)
{
    gan_model *model = NULL;
    check(gan_microast_create(&model, context, NULL), "microast");
    save(model, folder, "microast");
    gan_model_free(model);
}

/* Two styles that differ in the colours that they give: black, and white. */
static void make_two_styles(gan_context *context, const char *folder)
{
    gan_graph *graph = NULL;
    gan_model *model = NULL;
    const int64_t picture[] = {-1, -1, -1, 3}, styles[] = {1, 2};
    check(gan_graph_create(&graph, context), "graph");
    gan_layer *inputs[] = {gan_input(graph, "input", picture, 4), gan_input(graph, "style", styles, 2)};
    gan_layer *shade = gan_slice(inputs[1], 1, 1, 1);
    gan_layer *shades[] = {shade, shade, shade};
    gan_layer *scale = gan_scale(gan_concat(shades, 3, 1), 0, 0.05f);
    gan_layer *output = gan_adain_affine(inputs[0], scale, gan_concat(shades, 3, 1), 0, 0);
    check(gan_model_create(&model, "styles", inputs, 2, &output, 1), "two styles");
    check(gan_model_set_metadata(model, "styles", "black/white"), "two styles");
    gan_graph_free(graph);
    save(model, folder, "two_styles");
    gan_model_free(model);
}

/* A feature network of libgan's kind with few channels, and decoders of its third level: one that says so,
 * one that says too that it is of another network. */
static void make_decoders(gan_context *context, const char *folder)
{
    gan_graph *graph = NULL;
    gan_model *features = NULL, *decoder = NULL;
    const int64_t shape[] = {-1, -1, -1, 8};
    const gan_feature_network_options network = {.struct_size = sizeof network, .channels = 2};
    const gan_conv2d_options options = {
        .struct_size = sizeof options, .filters = 3, .kernel = {3, 3}, .padding = GAN_PAD_HALF};
    check(gan_feature_network_create(&features, context, &network), "features");
    save(features, folder, "features");
    gan_model_free(features);
    check(gan_graph_create(&graph, context), "graph");
    gan_layer *input = gan_input(graph, NULL, shape, 4);
    gan_layer *output = gan_sigmoid(gan_scale(gan_upsample_nearest(gan_conv2d(input, &options), 4), 40, 0));
    check(gan_model_create(&decoder, "decoder", &input, 1, &output, 1), "decoder");
    gan_graph_free(graph);
    check(gan_model_set_metadata(decoder, "encoder_level", "level3"), "decoder");
    save(decoder, folder, "decoder");
    check(gan_model_set_metadata(decoder, "encoder", "0123456789abcdef"), "decoder");
    save(decoder, folder, "foreign_decoder");
    gan_model_free(decoder);
}

void make_models(gan_context *context, const char *folder)
{
    make_johnson(context, folder);
    make_microast(context, folder);
    make_decoders(context, folder);
    make_range(context, folder, "unit", "0..1");
    make_range(context, folder, "bytes", "0..255");
    make_range(context, folder, "signed", "-1..1");
    make_range(context, folder, "odd_range", "0..7");
    make_two_inputs(context, folder);
    make_two_styles(context, folder);
    gan_model *model = make_identity(context, 32, 1);
    save(model, folder, "fixed");
    gan_model_free(model);
    model = make_identity(context, -1, 2);
    save(model, folder, "strided");
    gan_model_free(model);
}

/* Networks of the architectures that feature networks learn from, with random weights. */
void make_teachers(gan_context *context, const char *folder)
{
    gan_model *model = NULL;
    check(gan_vgg19_create(&model, context), "vgg19");
    save(model, folder, "vgg19");
    gan_model_free(model);
    check(gan_squeezenet_create(&model, context), "squeezenet");
    save(model, folder, "squeezenet");
    gan_model_free(model);
}
