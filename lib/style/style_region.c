/* The style of a part of a picture: of what a mask shows. */
#include "gan/session.h"
#include "style/guide.h"
#include "style/style.h"

#include <math.h>

gan_status gan_style_mask_check(const gan_tensor *mask, const gan_tensor *picture)
{
    if (gan_tensor_type(mask) != GAN_FLOAT32 || gan_tensor_rank(mask) != 4 || gan_tensor_size(mask, 0) != 1 ||
        gan_tensor_size(mask, 3) != 1)
        return gan_fail(GAN_ERROR_SHAPE, "the mask is no float32 [1,H,W,1]");
    for (int32_t axis = 1; axis < 3; axis++)
        if (gan_tensor_size(mask, axis) != gan_tensor_size(picture, axis))
            return gan_fail(GAN_ERROR_SHAPE, "the mask is %lldx%lld, its picture %lldx%lld",
                            (long long)gan_tensor_size(mask, 2), (long long)gan_tensor_size(mask, 1),
                            (long long)gan_tensor_size(picture, 2), (long long)gan_tensor_size(picture, 1));
    const float *values = gan_tensor_data_const(mask);
    float most = 0;
    for (int64_t i = 0; i < gan_tensor_count(mask); i++) {
        if (!(values[i] >= 0 && values[i] <= 1))
            return gan_fail(GAN_ERROR_ARGUMENT, "the mask holds %g, expected 0 to 1", (double)values[i]);
        most = fmaxf(most, values[i]);
    }
    return most > 0 ? GAN_OK
                    : gan_fail(GAN_ERROR_ARGUMENT, "the mask is black: nothing of the picture is left");
}

/* Mean and deviation of each channel, positions weighted by the guide's squares: their mean is 1. */
static void add_moments(struct style_level *level, const gan_tensor *features, const gan_tensor *guide,
                        double share)
{
    const float *values = gan_tensor_data_const(features), *weights = gan_tensor_data_const(guide);
    const int64_t channels = gan_tensor_size(features, 3), positions = gan_tensor_count(guide);
    float *means = gan_tensor_data(level->mean), *deviations = gan_tensor_data(level->deviation);
    for (int64_t c = 0; c < channels; c++) {
        double mean = 0, variance = 0;
        for (int64_t i = 0; i < positions; i++)
            mean += (double)weights[i] * (double)weights[i] * (double)values[i * channels + c];
        mean /= (double)positions;
        for (int64_t i = 0; i < positions; i++) {
            const double difference = (double)values[i * channels + c] - mean;
            variance += (double)weights[i] * (double)weights[i] * difference * difference;
        }
        means[c] += (float)(share * mean);
        deviations[c] += (float)(share * sqrt(variance / (double)positions));
    }
}

/* The guide's values take part in each channel. */
static void apply_guide(gan_tensor *features, const gan_tensor *guide)
{
    float *values = gan_tensor_data(features);
    const float *weights = gan_tensor_data_const(guide);
    const int64_t channels = gan_tensor_size(features, 3);
    for (int64_t i = 0; i < gan_tensor_count(guide); i++)
        for (int64_t c = 0; c < channels; c++)
            values[i * channels + c] *= weights[i];
}

static gan_status build_gram(gan_model **out, gan_context *context, int64_t channels, int32_t normalization)
{
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    gan_layer *input = gan_input(graph, "features", (const int64_t[]){-1, -1, -1, channels}, 4);
    gan_layer *output = gan_gram_matrix(input, normalization);
    status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_model_create(out, "gram", &input, 1, &output, 1);
    gan_graph_free(graph);
    return status;
}

static gan_status add_gram(const gan_style *style, struct style_level *level, const gan_tensor *features,
                           double share)
{
    gan_model *model = NULL;
    gan_tensor *gram = NULL;
    gan_status status =
        build_gram(&model, style->context, gan_tensor_size(features, 3), style->normalization);
    if (status == GAN_OK)
        status = gan_model_run(model, features, &gram);
    float *sum = gan_tensor_data(level->gram);
    const float *values = gan_tensor_data_const(gram);
    for (int64_t i = 0; status == GAN_OK && i < gan_tensor_count(gram); i++)
        sum[i] += (float)(share * (double)values[i]);
    gan_tensor_free(gram);
    gan_model_free(model);
    return status;
}

gan_status gan_style_measure_region(gan_style *style, const gan_tensor *picture, const gan_tensor *mask,
                                    double share)
{
    gan_content *content;
    gan_status status = gan_content_create(&content, style->extractor, picture);
    if (status != GAN_OK)
        return status;
    for (int32_t i = 0; status == GAN_OK && i < style->level_count; i++) {
        gan_tensor *guide = NULL;
        status = gan_style_guide(&guide, mask, content->levels[i]);
        if (status == GAN_OK) {
            add_moments(&style->levels[i], content->levels[i], guide, share);
            apply_guide(content->levels[i], guide);
            status = add_gram(style, &style->levels[i], content->levels[i], share);
        }
        gan_tensor_free(guide);
    }
    gan_content_free(content);
    return status == GAN_OK ? gan_style_check_finite(style) : status;
}
