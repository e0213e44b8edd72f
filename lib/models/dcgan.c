/* DCGAN (Radford, Metz and Chintala 2016), with the layers of its widely used 64x64 form. */
#include "base/context.h"
#include "gan/networks.h"
#include "models/build.h"

#include <stdbool.h>
#include <stdio.h>

enum { NAME_SIZE = 64, MOST_DOUBLINGS = 3 };

/* Start size and how often it doubles. */
struct pyramid {
    int32_t start, stages;
};

static gan_status find_pyramid(int32_t size, struct pyramid *pyramid)
{
    switch (size) {
    case 28:
    case 32:
        *pyramid = (struct pyramid){size / 4, 2};
        return GAN_OK;
    case 64:
        *pyramid = (struct pyramid){4, 4};
        return GAN_OK;
    case 128:
        *pyramid = (struct pyramid){4, 5};
        return GAN_OK;
    case 256:
        *pyramid = (struct pyramid){4, 6};
        return GAN_OK;
    default:
        return gan_fail(GAN_ERROR_ARGUMENT, "size is %d, expected 28, 32, 64, 128 or 256", size);
    }
}

static gan_status take_options(gan_dcgan_options *options, const gan_dcgan_options *given,
                               struct pyramid *pyramid)
{
    gan_status status = gan_copy_options(options, sizeof *options, given, "gan_dcgan_options");
    if (status != GAN_OK)
        return status;
    if (options->size == 0)
        options->size = 64;
    if (options->channels == 0)
        options->channels = 3;
    if (options->width == 0)
        options->width = options->size == 28 ? 32 : 64;
    if (options->noise == 0)
        options->noise = 100;
    status = find_pyramid(options->size, pyramid);
    if (status == GAN_OK)
        status = gan_build_check("channels", options->channels, 1);
    if (status == GAN_OK)
        status = gan_build_check("width", options->width, 1);
    if (status == GAN_OK)
        status = gan_build_check("noise", options->noise, 1);
    if (status == GAN_OK)
        status = gan_build_check("classes", options->classes, 0);
    return status == GAN_OK ? gan_build_take_norm(&options->norm, GAN_NORM_BATCH) : status;
}

/* Channels at a level whose side is the picture's halved `halvings` times: twice as many at each, up to 8. */
static int32_t channels_at(const gan_dcgan_options *options, int32_t halvings)
{
    const int32_t doublings = halvings - 1 < MOST_DOUBLINGS ? halvings - 1 : MOST_DOUBLINGS;
    return options->width << doublings;
}

/* ---- Inputs ---- */

enum { MOST_INPUTS = 2 };

/* The second input of networks that know classes. */
static int32_t add_labels(gan_graph *graph, const gan_dcgan_options *options, gan_layer *inputs[MOST_INPUTS])
{
    const int64_t shape[1] = {-1};
    if (options->classes == 0)
        return 1;
    inputs[1] = gan_input(graph, "labels", shape, 1);
    return 2;
}

/* ---- Generator ---- */

/* At first: so that classes look different from the beginning. Adam moves a row by 0.0002 a step. */
static const float CLASS_SPREAD = 0.5f;

/* One number for each channel, learned for each class: [N, 1, 1, channels]. */
static gan_layer *class_row(gan_layer *labels, const gan_dcgan_options *options, const char *name,
                            int32_t channels)
{
    const int64_t shape[4] = {-1, 1, 1, channels};
    const gan_embedding_options embedding = {.struct_size = sizeof embedding,
                                             .name = name,
                                             .classes = options->classes,
                                             .width = channels,
                                             .initializer = GAN_INITIALIZER_NORMAL,
                                             .initializer_value = CLASS_SPREAD};
    return gan_reshape(gan_embedding(labels, &embedding), shape, 4);
}

/* Batch norm and ReLU. With classes the norm's scale, 1 + row, and shift are the label's. The label comes in
 * behind the norms, never beside the noise: there it could outgrow the noise under the norm, and each class
 * would have one picture. */
static gan_layer *normalize(gan_layer *x, const char *name, gan_layer *labels,
                            const gan_dcgan_options *options, int32_t channels)
{
    char scale[NAME_SIZE], shift[NAME_SIZE];
    const gan_norm_options norm = {
        .struct_size = sizeof norm, .name = name, .no_affine = options->classes > 0};
    gan_layer *y = gan_batch_norm(x, &norm);
    if (options->classes == 0)
        return gan_relu(y);
    snprintf(scale, sizeof scale, "%s_scale", name);
    snprintf(shift, sizeof shift, "%s_shift", name);
    y = gan_multiply(y, gan_scale(class_row(labels, options, scale, channels), 1, 1));
    return gan_relu(gan_add(y, class_row(labels, options, shift, channels)));
}

static gan_layer *start(gan_layer *const *inputs, const gan_dcgan_options *options,
                        const struct pyramid *pyramid)
{
    const int32_t channels = channels_at(options, pyramid->stages);
    const gan_dense_options dense = {.struct_size = sizeof dense,
                                     .name = "start",
                                     .units = pyramid->start * pyramid->start * channels,
                                     .no_bias = 1,
                                     .initializer = GAN_INITIALIZER_NORMAL};
    const int64_t shape[4] = {-1, pyramid->start, pyramid->start, channels};
    gan_layer *x = gan_reshape(gan_dense(inputs[0], &dense), shape, 4);
    return normalize(x, "start_norm", inputs[1], options, channels);
}

static gan_layer *enlarge(gan_layer *x, const char *name, int32_t filters, int32_t no_bias)
{
    const gan_conv2d_transpose_options conv = {.struct_size = sizeof conv,
                                               .name = name,
                                               .filters = filters,
                                               .kernel = {4, 4},
                                               .stride = {2, 2},
                                               .pad = {1, 1, 1, 1},
                                               .no_bias = no_bias,
                                               .initializer = GAN_INITIALIZER_NORMAL};
    return gan_conv2d_transpose(x, &conv);
}

static gan_layer *generate(gan_layer *const *inputs, const gan_dcgan_options *options,
                           const struct pyramid *pyramid)
{
    gan_layer *x = start(inputs, options, pyramid);
    for (int32_t halvings = pyramid->stages - 1; halvings > 0; halvings--) {
        char name[NAME_SIZE], norm_name[NAME_SIZE];
        snprintf(name, sizeof name, "up%d", pyramid->stages - halvings);
        snprintf(norm_name, sizeof norm_name, "up%d_norm", pyramid->stages - halvings);
        const int32_t channels = channels_at(options, halvings);
        x = normalize(enlarge(x, name, channels, 1), norm_name, inputs[1], options, channels);
    }
    return gan_build_name(gan_tanh(enlarge(x, "picture", options->channels, 0)), "output");
}

gan_status gan_dcgan_generator_create(gan_model **out, gan_context *context, const gan_dcgan_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_dcgan_generator_create: out is NULL");
    *out = NULL;
    gan_dcgan_options options;
    struct pyramid pyramid = {0};
    gan_graph *graph;
    gan_status status = take_options(&options, given, &pyramid);
    if (status == GAN_OK)
        status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    const int64_t shape[2] = {-1, options.noise};
    gan_layer *inputs[MOST_INPUTS] = {gan_input(graph, "z", shape, 2), NULL};
    const int32_t count = add_labels(graph, &options, inputs);
    gan_layer *output = generate(inputs, &options, &pyramid);
    const struct build_words words = {"dcgan_generator", "none", "-1..1"};
    return gan_build_end(out, graph, "generator", inputs, count, &output, 1, &words);
}

/* ---- Discriminator ---- */

static gan_layer *shrink(gan_layer *x, const gan_dcgan_options *options, int32_t number)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "conv%d", number);
    const bool normalized = number > 1 && options->norm != GAN_NORM_NONE;
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = name,
                                     .filters = channels_at(options, number),
                                     .kernel = {4, 4},
                                     .stride = {2, 2},
                                     .pad = {1, 1, 1, 1},
                                     .no_bias = normalized,
                                     .initializer = GAN_INITIALIZER_NORMAL,
                                     .spectral_norm = options->spectral_norm};
    gan_layer *y = gan_conv2d(x, &conv);
    return gan_leaky_relu(normalized ? gan_build_norm(y, name, options->norm) : y, 0.2f);
}

/* <row for the label, all of x>: [N, 1]. The row has a number for each position too: after a few convolutions
 * what a picture shows is still in where its features are. A mean over a picture of one channel is how the
 * sum is had from layers through which gradients of gradients go. */
static gan_layer *project(gan_layer *x, gan_layer *labels, const gan_dcgan_options *options,
                          const struct pyramid *pyramid)
{
    const int32_t side = pyramid->start, channels = channels_at(options, pyramid->stages);
    const int32_t terms = side * side * channels;
    const int64_t places[4] = {-1, side, side, channels}, column[4] = {-1, terms, 1, 1}, numbers[2] = {-1, 1};
    const gan_embedding_options embedding = {.struct_size = sizeof embedding,
                                             .name = "label",
                                             .classes = options->classes,
                                             .width = terms,
                                             .initializer = GAN_INITIALIZER_NORMAL,
                                             .spectral_norm = options->spectral_norm};
    gan_layer *row = gan_reshape(gan_embedding(labels, &embedding), places, 4);
    gan_layer *mean = gan_global_average_pool(gan_reshape(gan_multiply(x, row), column, 4));
    return gan_scale(gan_reshape(mean, numbers, 2), (float)terms, 0);
}

static gan_layer *discriminate(gan_layer *const *inputs, const gan_dcgan_options *options,
                               const struct pyramid *pyramid)
{
    gan_layer *x = inputs[0];
    for (int32_t number = 1; number <= pyramid->stages; number++)
        x = shrink(x, options, number);
    const gan_dense_options dense = {.struct_size = sizeof dense,
                                     .name = "logit",
                                     .units = 1,
                                     .initializer = GAN_INITIALIZER_NORMAL,
                                     .spectral_norm = options->spectral_norm};
    gan_layer *logit = gan_dense(gan_flatten(x), &dense);
    return options->classes == 0 ? logit : gan_add(logit, project(x, inputs[1], options, pyramid));
}

gan_status gan_dcgan_discriminator_create(gan_model **out, gan_context *context,
                                          const gan_dcgan_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_dcgan_discriminator_create: out is NULL");
    *out = NULL;
    gan_dcgan_options options;
    struct pyramid pyramid = {0};
    gan_graph *graph;
    gan_status status = take_options(&options, given, &pyramid);
    if (status == GAN_OK)
        status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    const int64_t shape[4] = {-1, options.size, options.size, options.channels};
    gan_layer *inputs[MOST_INPUTS] = {gan_input(graph, "input", shape, 4)};
    const int32_t count = add_labels(graph, &options, inputs);
    gan_layer *logit = discriminate(inputs, &options, &pyramid);
    const struct build_words words = {"dcgan_discriminator", "-1..1", "none"};
    return gan_build_end(out, graph, "discriminator", inputs, count, &logit, 1, &words);
}
