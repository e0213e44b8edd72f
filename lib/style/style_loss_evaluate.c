/* The numbers of the content/style loss for one picture, without training. */
#include "gan/session.h"
#include "style/style.h"

enum { PARTS = 3 };

/* Inputs: the picture and the content's features at the loss's level. Outputs: content, style, variation. */
static gan_status make_network(gan_model **out, const gan_style_loss *loss, const gan_tensor *content)
{
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, loss->context);
    if (status != GAN_OK)
        return status;
    const int64_t open[4] = {-1, -1, -1, gan_tensor_size(content, 3)};
    gan_layer *inputs[2] = {gan_input(graph, "picture", (const int64_t[]){-1, -1, -1, 3}, 4),
                            gan_input(graph, "content", open, 4)};
    gan_layer *features[STYLE_MOST_LEVELS];
    gan_apply_many(loss->style->extractor, inputs, 1, features, loss->style->level_count, NULL);
    gan_layer *outputs[PARTS] = {gan_style_loss_content_part(loss, features, inputs[1]),
                                 gan_style_loss_style_part(loss, features),
                                 gan_mean(gan_total_variation(inputs[0], 1))};
    status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_model_create(out, "style_loss", inputs, 2, outputs, PARTS);
    gan_graph_free(graph);
    return status;
}

static gan_status run(gan_model *network, const gan_tensor *picture, const gan_tensor *content,
                      gan_tensor **values)
{
    int64_t shapes[8];
    for (int32_t i = 0; i < 4; i++) {
        shapes[i] = gan_tensor_size(picture, i);
        shapes[4 + i] = gan_tensor_size(content, i);
    }
    gan_session *session = NULL;
    gan_status status = gan_session_create(&session, network, shapes, NULL);
    const gan_tensor *inputs[2] = {picture, content};
    if (status == GAN_OK)
        status = gan_session_run(session, inputs, 2, values, PARTS);
    gan_session_free(session);
    return status;
}

static void give(float *to, const gan_tensor *value)
{
    if (to != NULL)
        *to = *(const float *)gan_tensor_data_const(value);
}

static gan_status check(const gan_style_loss *loss, const gan_tensor *picture, const gan_content *content)
{
    if (loss == NULL || content == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL", loss == NULL ? "loss" : "content");
    if (content->level_count != loss->style->level_count)
        return gan_fail(GAN_ERROR_SHAPE,
                        "the content has %d levels, the style has %d: they come from "
                        "different extractors",
                        content->level_count, loss->style->level_count);
    return gan_picture_check(picture, "the picture");
}

gan_status gan_style_loss_evaluate(gan_style_loss *loss, const gan_tensor *picture,
                                   const gan_content *content, float *content_value, float *style_value,
                                   float *variation_value)
{
    gan_status status = check(loss, picture, content);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_style_loss_evaluate: ");
    const gan_tensor *features = gan_content_features(content, loss->content_level);
    gan_tensor *values[PARTS] = {NULL};
    for (int32_t i = 0; status == GAN_OK && i < PARTS; i++)
        status = gan_tensor_create(&values[i], loss->context, GAN_FLOAT32, NULL, 0);
    gan_model *network = NULL;
    if (status == GAN_OK)
        status = make_network(&network, loss, features);
    if (status == GAN_OK)
        status = run(network, picture, features, values);
    if (status == GAN_OK) {
        give(content_value, values[0]);
        give(style_value, values[1]);
        give(variation_value, values[2]);
    }
    gan_model_free(network);
    for (int32_t i = 0; i < PARTS; i++)
        gan_tensor_free(values[i]);
    return status;
}
