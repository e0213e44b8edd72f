/* What the two articles' examples share: layers in Keras' words, objectives, and pictures to train on. */
#ifndef EXAMPLE_ARTICLE_LAYERS_H
#define EXAMPLE_ARTICLE_LAYERS_H

#include "check.h"

#include <math.h>

enum { BATCH = 2 };

/* Conv2D(filters, kernel, padding="same"). */
static inline gan_layer *conv2d(gan_layer *x, int filters, int kernel, int stride)
{
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .filters = filters,
                                        .kernel = {kernel},
                                        .stride = {stride},
                                        .padding = GAN_PAD_SAME};
    return gan_conv2d(x, &options);
}

static inline gan_layer *dense(gan_layer *x, int units)
{
    const gan_dense_options options = {.struct_size = sizeof options, .units = units};
    return gan_dense(x, &options);
}

/* Input(shape=(size, size, 3)); size -1: any. */
static inline gan_layer *picture_input(gan_graph *graph, const char *name, int64_t size)
{
    const int64_t shape[] = {-1, size, size, 3};
    return gan_input(graph, name, shape, 4);
}

static inline gan_graph *new_graph(gan_context *context)
{
    gan_graph *graph;
    check(gan_graph_create(&graph, context));
    return graph;
}

/* Model(inputs, output). An error of any layer since the first comes back here. */
static inline gan_model *end_model(const char *name, gan_graph *graph, gan_layer **inputs, int32_t count,
                                   gan_layer *output)
{
    gan_model *model;
    check(gan_model_create(&model, name, inputs, count, &output, 1));
    gan_graph_free(graph);
    return model;
}

/* What a list of layers that does not fit says. */
static inline void print_error(const char *what, gan_graph *graph)
{
    if (gan_graph_status(graph) != GAN_OK)
        printf("%s: %s\n", what, gan_error_message());
    gan_graph_free(graph);
}

/* compile(optimizer=Adam(0.0002, 0.5)): a loss, and the one model that it may change. */
static inline gan_objective *make_objective(gan_context *context, gan_model *model, gan_layer *loss,
                                            gan_layer **inputs, int32_t count)
{
    const gan_adam_options adam = {
        .struct_size = sizeof adam, .learning_rate = 0.0002f, .beta1 = 0.5f, .epsilon = 1e-7f};
    gan_optimizer *optimizer;
    gan_objective *objective;
    check(gan_adam_create(&optimizer, context, &adam));
    check(gan_objective_create(&objective, loss, inputs, count, &model, 1, optimizer, NULL));
    gan_optimizer_free(optimizer);
    return objective;
}

/* Waves of light and dark in -1..1: enough of a picture for a few steps. */
static inline gan_tensor *draw_pictures(gan_context *context, int64_t size, float frequency)
{
    const int64_t shape[] = {BATCH, size, size, 3};
    gan_tensor *pictures;
    check(gan_tensor_create(&pictures, context, GAN_FLOAT32, shape, 4));
    float *values = gan_tensor_data(pictures);
    for (int64_t i = 0; i < gan_tensor_count(pictures); i++) {
        const int64_t x = i / 3 % size, y = i / 3 / size % size;
        values[i] = 0.8f * sinf(frequency * (float)(x + y * (i % 3 + 1)));
    }
    return pictures;
}

#endif
