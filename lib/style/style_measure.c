/* Measuring a picture: the extractor's features, their Gram matrices, means and deviations. */
#include "gan/session.h"
#include "style/style.h"

#include <math.h>

/* The extractor followed by Gram matrices: outputs are all features, then all matrices. */
static gan_status make_network(gan_model **out, const gan_style *style)
{
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, style->context);
    if (status != GAN_OK)
        return status;
    gan_layer *picture = gan_input(graph, "picture", (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *outputs[2 * STYLE_MOST_LEVELS];
    const int32_t count = style->level_count;
    gan_apply_many(style->extractor, &picture, 1, outputs, count, NULL);
    for (int32_t i = 0; i < count; i++)
        outputs[count + i] = gan_gram_matrix(outputs[i], style->normalization);
    status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_model_create(out, "style", &picture, 1, outputs, 2 * count);
    gan_graph_free(graph);
    return status;
}

/* Tensors for all outputs of a session; those of failed attempts are the caller's to free too. */
static gan_status make_outputs(gan_tensor **outputs, int32_t count, const gan_session *session,
                               gan_context *context)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < count; i++) {
        int64_t size[GAN_MAX_RANK];
        const int32_t rank = gan_session_output_shape(session, i, size);
        status = gan_tensor_create(&outputs[i], context, GAN_FLOAT32, size, rank);
    }
    return status;
}

/* Mean and deviation of one channel, in two passes so that large means cancel nothing. */
static void channel_moments(const gan_tensor *features, int64_t channel, double *mean, double *deviation)
{
    const float *values = gan_tensor_data_const(features);
    const int64_t channels = gan_tensor_size(features, 3);
    const int64_t pixels = gan_tensor_count(features) / channels;
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < pixels; i++)
        sum += (double)values[i * channels + channel];
    *mean = sum / (double)pixels;
    for (int64_t i = 0; i < pixels; i++) {
        const double difference = (double)values[i * channels + channel] - *mean;
        squares += difference * difference;
    }
    *deviation = sqrt(squares / (double)pixels);
}

static void add_level(struct style_level *level, const gan_tensor *features, const gan_tensor *gram,
                      double share)
{
    float *sum = gan_tensor_data(level->gram);
    const float *values = gan_tensor_data_const(gram);
    for (int64_t i = 0; i < gan_tensor_count(gram); i++)
        sum[i] += (float)(share * (double)values[i]);
    float *means = gan_tensor_data(level->mean), *deviations = gan_tensor_data(level->deviation);
    for (int64_t c = 0; c < gan_tensor_size(features, 3); c++) {
        double mean, deviation;
        channel_moments(features, c, &mean, &deviation);
        means[c] += (float)(share * mean);
        deviations[c] += (float)(share * deviation);
    }
}

gan_status gan_style_check_finite(const gan_style *style)
{
    for (int32_t i = 0; i < style->level_count; i++) {
        const float *gram = gan_tensor_data_const(style->levels[i].gram);
        for (int64_t k = 0; k < gan_tensor_count(style->levels[i].gram); k++)
            if (!isfinite(gram[k]))
                return gan_fail(GAN_ERROR_NOT_FINITE, "level \"%s\": the Gram matrix is not finite",
                                gan_style_level_name(style, i));
    }
    return GAN_OK;
}

static gan_status measure(gan_style *style, gan_session *session, const gan_tensor *picture, double share)
{
    const int32_t count = style->level_count;
    gan_tensor *outputs[2 * STYLE_MOST_LEVELS] = {NULL};
    gan_status status = make_outputs(outputs, 2 * count, session, style->context);
    if (status == GAN_OK)
        status = gan_session_run(session, &picture, 1, outputs, 2 * count);
    for (int32_t i = 0; status == GAN_OK && i < count; i++)
        add_level(&style->levels[i], outputs[i], outputs[count + i], share);
    for (int32_t i = 0; i < 2 * count; i++)
        gan_tensor_free(outputs[i]);
    return status == GAN_OK ? gan_style_check_finite(style) : status;
}

gan_status gan_style_measure(gan_style *style, const gan_tensor *picture, double share)
{
    gan_model *network;
    gan_status status = make_network(&network, style);
    if (status != GAN_OK)
        return status;
    gan_session *session = NULL;
    status = gan_session_create_2d(&session, network, 1, gan_tensor_size(picture, 1),
                                   gan_tensor_size(picture, 2), NULL);
    if (status == GAN_OK)
        status = measure(style, session, picture, share);
    gan_session_free(session);
    gan_model_free(network);
    return status;
}
