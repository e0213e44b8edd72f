/* A transfer of features to fixed styles as one network: with mean and deviation alone that is a
 * normalization whose scale and shift are constants, between an encoder and a decoder. */
#include "graph/graph.h"
#include "kernels/sizes.h"
#include "models/build.h"
#include "models/feature_transfer.h"

#include <math.h>
#include <stdio.h>

/* Lest rounding be taken for variance where a content says nothing. */
static const float least_variance = 1e-10f;

struct level_build {
    gan_graph *graph;
    const gan_feature_transfer *transfer;
    int32_t index; /* of the level */
    const float *weights;
};

static const struct transfer_level *level_of(const struct level_build *build)
{
    return &build->transfer->levels[build->index];
}

/* ---- What the features get of the styles ---- */

static double deviation_of(const struct feature_moments *style, int64_t channel, int64_t channels)
{
    return style->matrix[channel * channels + channel];
}

static double mean_of(const struct feature_moments *style, int64_t channel, int64_t channels)
{
    (void)channels;
    return style->mean[channel];
}

/* A constant [1, C]: the styles' numbers in their shares. */
static gan_layer *mix_styles(const struct level_build *build, const char *name,
                             double (*number)(const struct feature_moments *, int64_t, int64_t))
{
    const gan_feature_transfer *transfer = build->transfer;
    const int64_t channels = level_of(build)->transform.channels;
    gan_tensor *value;
    const gan_status status =
        gan_tensor_create(&value, transfer->context, GAN_FLOAT32, (const int64_t[]){1, channels}, 2);
    if (status != GAN_OK)
        return gan_graph_refuse(build->graph, "constant", name, status);
    for (int64_t c = 0; c < channels; c++) {
        double sum = 0;
        for (int32_t i = 0; i < transfer->style_count; i++)
            sum += (double)build->weights[i] * number(&transfer->styles[i].levels[build->index], c, channels);
        ((float *)value->data)[c] = (float)sum;
    }
    gan_layer *constant = gan_constant(build->graph, name, value);
    gan_tensor_free(value);
    return constant;
}

/* d / sqrt(d^2 + ridge mean(d^2)) of each channel, d the deviations of x: what a ridge that is a share of the
 * mean variance takes away. With u = d / |d| that is the first element of (u, sqrt(ridge / C)) at length 1.
 */
static gan_layer *damp(gan_layer *x, const struct feature_transform *transform)
{
    const int64_t channels = transform->channels;
    const float floor = (float)sqrt(transform->ridge / (double)channels);
    gan_layer *unit = gan_unit_length(gan_channel_deviation(x, least_variance, 1), least_variance);
    gan_layer *column = gan_reshape(unit, (const int64_t[]){-1, channels, 1}, 3);
    gan_layer *const pair[] = {column, gan_scale(column, 0, floor)};
    gan_layer *damped = gan_slice(gan_unit_length(gan_concat(pair, 2, -1), least_variance), -1, 0, 1);
    return gan_reshape(damped, (const int64_t[]){-1, channels}, 2);
}

static gan_layer *normalize(const struct level_build *build, gan_layer *features)
{
    const struct feature_transform *transform = &level_of(build)->transform;
    const float epsilon = fmaxf((float)transform->fixed_ridge, least_variance);
    gan_layer *scale = mix_styles(build, "style_deviation", deviation_of);
    gan_layer *shift = mix_styles(build, "style_mean", mean_of);
    if (transform->ridge > 0) { /* then each picture has a scale of its own, and takes as many shifts */
        scale = gan_multiply(damp(features, transform), scale);
        shift = gan_add(gan_scale(scale, 0, 0), shift);
    }
    return gan_adain_affine(features, scale, shift, epsilon, 1);
}

/* ---- The network ---- */

/* A picture whose sides are multiples keeps them so with its margin. */
static int32_t margin_after(int32_t margin)
{
    return (int32_t)rounded_up(2 * (int64_t)margin, TRANSFER_PICTURE_MULTIPLE) - margin;
}

static gan_layer *build_level(const struct level_build *build, gan_layer *x)
{
    const struct transfer_level *level = level_of(build);
    const int32_t before = level->margin, after = margin_after(before);
    if (before > 0)
        x = gan_pad(x, before, before, after, after, GAN_PADDING_SYMMETRIC);
    x = gan_apply(level->decoder, normalize(build, gan_apply(level->features, x)));
    if (before > 0)
        x = gan_crop(x, before, before, after, after);
    return gan_clamp(x, 0, 1);
}

static gan_status connect(gan_model **out, const gan_feature_transfer *transfer, const float *weights)
{
    gan_graph *graph;
    gan_layer *input;
    const gan_status status = gan_build_begin(&graph, &input, transfer->context, 3);
    if (status != GAN_OK)
        return status;
    gan_layer *y = input;
    for (int32_t i = 0; i < transfer->level_count; i++)
        y = build_level(&(struct level_build){graph, transfer, i, weights}, y);
    const struct build_words words = {"feature_transfer", "0..1", "0..1"};
    return gan_build_end(out, graph, "feature_transfer", &input, 1, &y, 1, &words);
}

static gan_status name_multiple(gan_model **model)
{
    char text[16];
    snprintf(text, sizeof text, "%d", (int)TRANSFER_PICTURE_MULTIPLE);
    const gan_status status = gan_model_set_metadata(*model, "size_multiple", text);
    if (status != GAN_OK) {
        gan_model_free(*model);
        *model = NULL;
    }
    return status;
}

/* ---- The call ---- */

static gan_status check(const gan_feature_transfer *transfer, const gan_style_mixture *mixture)
{
    if (transfer->levels[0].transform.kind != GAN_TRANSFORM_MEAN_DEVIATION)
        return gan_fail(GAN_ERROR_UNSUPPORTED,
                        "whitening and the linear map are matrices that follow from the covariance of each "
                        "content, which no network of fixed styles holds: expected mean and deviation "
                        "(GAN_TRANSFORM_MEAN_DEVIATION)");
    if (mixture->masks != NULL)
        return gan_fail(GAN_ERROR_UNSUPPORTED, "masks are of one content, a generator paints all: expected "
                                               "weights alone");
    if (transfer->style_count == 0)
        return gan_fail(GAN_ERROR_STATE, "there is no style yet (gan_feature_transfer_add_picture)");
    return gan_style_mixture_check(mixture, transfer->style_count);
}

static gan_status make_generator(gan_model **out, const gan_feature_transfer *transfer,
                                 const gan_style_mixture *given)
{
    gan_style_mixture mixture;
    float weights[GAN_FEATURE_TRANSFER_MOST_STYLES];
    gan_status status = gan_copy_options(&mixture, sizeof mixture, given, "gan_style_mixture");
    if (status == GAN_OK)
        status = check(transfer, &mixture);
    if (status != GAN_OK)
        return status;
    gan_style_weights_share(weights, mixture.weights, transfer->style_count);
    status = connect(out, transfer, weights);
    return status == GAN_OK ? name_multiple(out) : status;
}

gan_status gan_feature_transfer_generator(gan_model **out, const gan_feature_transfer *transfer,
                                          const gan_style_mixture *mixture)
{
    if (out != NULL)
        *out = NULL;
    if (out == NULL || transfer == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_feature_transfer_generator: %s is NULL",
                        out == NULL ? "out" : "transfer");
    const gan_status status = make_generator(out, transfer, mixture);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_feature_transfer_generator: ");
}
