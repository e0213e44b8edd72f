#include "style/painting.h"
#include "style/guide.h"

#include "gan/image.h"

#include <string.h>

/* A table of one row is a picture that can be trained. */
static gan_status make_canvas(struct painting *painting)
{
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, painting->context);
    if (status != GAN_OK)
        return status;
    const int64_t shape[4] = {1, painting->height, painting->width, 3};
    const gan_embedding_options options = {.struct_size = sizeof options,
                                           .name = "pixels",
                                           .classes = 1,
                                           .width = (int32_t)(painting->height * painting->width * 3),
                                           .initializer = GAN_INITIALIZER_CONSTANT};
    gan_layer *row = gan_input(graph, "row", (const int64_t[]){1}, 1);
    gan_layer *picture = gan_reshape(gan_embedding(row, &options), shape, 4);
    status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_model_create(&painting->canvas, "canvas", &row, 1, &picture, 1);
    gan_graph_free(graph);
    return status == GAN_OK ? gan_model_get_parameter(painting->canvas, 0, &painting->pixels) : status;
}

static gan_status guide(gan_layer **guided, gan_layer *const *features, const gan_content *content,
                        const gan_tensor *mask)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < content->level_count; i++) {
        gan_tensor *values = NULL;
        status = gan_style_guide(&values, mask, content->levels[i]);
        if (status == GAN_OK)
            guided[i] = gan_multiply(features[i], gan_constant(gan_layer_graph(features[i]), NULL, values));
        gan_tensor_free(values);
    }
    return status;
}

/* What the loss is the sum of; a term without weight is none. */
struct terms {
    gan_layer *terms[PAINTING_MOST_STYLES + 2];
    float weights[PAINTING_MOST_STYLES + 2];
    int32_t count;
};

static void add_term(struct terms *terms, gan_layer *term, float weight)
{
    terms->terms[terms->count] = term;
    terms->weights[terms->count++] = weight;
}

static gan_status add_style(struct terms *terms, gan_layer *const *features, const gan_content *content,
                            const gan_painted_style *style)
{
    gan_layer *guided[STYLE_MOST_LEVELS];
    if (!(style->loss->style_weight > 0))
        return GAN_OK;
    memcpy(guided, features, sizeof guided);
    const gan_status status = style->mask != NULL ? guide(guided, features, content, style->mask) : GAN_OK;
    if (status == GAN_OK)
        add_term(terms, gan_style_loss_style_part(style->loss, guided),
                 style->loss->style_weight * style->weight);
    return status;
}

static gan_status build_loss(gan_layer **loss, gan_layer *picture, const gan_content *content,
                             const gan_painted_style *styles, int32_t count)
{
    const gan_style_loss *first = styles[0].loss;
    gan_layer *features[STYLE_MOST_LEVELS] = {NULL};
    gan_graph *graph = gan_layer_graph(picture);
    struct terms terms = {.count = 0};
    gan_status status =
        gan_apply_many(first->style->extractor, &picture, 1, features, first->style->level_count, NULL);
    for (int32_t i = 0; status == GAN_OK && i < count; i++)
        status = add_style(&terms, features, content, &styles[i]);
    if (status != GAN_OK)
        return status;
    if (first->content_weight > 0) {
        gan_layer *target = gan_constant(graph, NULL, content->levels[first->content_level]);
        add_term(&terms, gan_style_loss_content_part(first, features, target), first->content_weight);
    }
    if (first->variation_weight > 0)
        add_term(&terms, gan_mean(gan_total_variation(picture, 1)), first->variation_weight);
    *loss = gan_weighted_sum(terms.terms, terms.weights, terms.count);
    return gan_graph_status(graph);
}

static gan_status make_objective(struct painting *painting, const gan_content *content,
                                 const gan_painted_style *styles, int32_t count)
{
    gan_graph *graph;
    gan_layer *loss = NULL;
    gan_status status = gan_graph_create(&graph, painting->context);
    if (status != GAN_OK)
        return status;
    gan_layer *row = gan_input(graph, "row", (const int64_t[]){1}, 1);
    gan_layer *picture = gan_apply(painting->canvas, row);
    status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = build_loss(&loss, picture, content, styles, count);
    if (status == GAN_OK)
        status = gan_objective_create(&painting->objective, loss, &row, 1, &painting->canvas, 1,
                                      painting->optimizer, NULL);
    gan_graph_free(graph);
    return status;
}

gan_status gan_painting_open(struct painting *painting, const gan_tensor *content,
                             const gan_painted_style *styles, int32_t count, float learning_rate)
{
    gan_style *style = styles[0].loss->style;
    *painting = (struct painting){.context = style->context,
                                  .height = gan_tensor_size(content, 1),
                                  .width = gan_tensor_size(content, 2)};
    gan_content *features = NULL;
    const gan_adam_options adam = {.struct_size = sizeof adam, .learning_rate = learning_rate};
    gan_status status = gan_content_create(&features, style->extractor, content);
    if (status == GAN_OK)
        status = make_canvas(painting);
    if (status == GAN_OK)
        status = gan_tensor_create(&painting->row, painting->context, GAN_FLOAT32, (const int64_t[]){1}, 1);
    if (status == GAN_OK)
        status = gan_adam_create(&painting->optimizer, painting->context, &adam);
    if (status == GAN_OK)
        status = make_objective(painting, features, styles, count);
    gan_content_free(features);
    return status;
}

void gan_painting_close(struct painting *painting)
{
    gan_objective_free(painting->objective);
    gan_optimizer_free(painting->optimizer);
    gan_tensor_free(painting->row);
    gan_tensor_free(painting->pixels);
    gan_model_free(painting->canvas);
    *painting = (struct painting){0};
}

static size_t bytes_of(const struct painting *painting)
{
    return (size_t)(painting->height * painting->width * 3) * sizeof(float);
}

gan_status gan_painting_set(struct painting *painting, const float *pixels)
{
    memcpy(gan_tensor_data(painting->pixels), pixels, bytes_of(painting));
    return gan_model_set_parameter(painting->canvas, 0, painting->pixels);
}

gan_status gan_painting_get(const struct painting *painting, float *pixels)
{
    gan_tensor *value;
    const gan_status status = gan_model_get_parameter(painting->canvas, 0, &value);
    if (status == GAN_OK)
        memcpy(pixels, gan_tensor_data(value), bytes_of(painting));
    gan_tensor_free(value);
    return status;
}

gan_status gan_painting_gradient(struct painting *painting, const float *pixels, float *gradient,
                                 double *loss)
{
    const gan_tensor *row = painting->row;
    gan_tensor *value = NULL;
    float rounded;
    gan_status status = gan_painting_set(painting, pixels);
    if (status == GAN_OK)
        status = gan_objective_gradients(painting->objective, &row, 1, &rounded);
    if (status == GAN_OK)
        status = gan_objective_gradient(painting->objective, painting->canvas, 0, &value);
    if (status == GAN_OK) {
        memcpy(gradient, gan_tensor_data(value), bytes_of(painting));
        *loss = (double)rounded;
    }
    gan_tensor_free(value);
    return status;
}

gan_status gan_painting_step(struct painting *painting, float *loss)
{
    const gan_tensor *row = painting->row;
    return gan_objective_step(painting->objective, &row, 1, loss);
}
