#include "base/threads.h"
#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/gemm.h"
#include "kernels/moments.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <inttypes.h>

struct gram_attributes {
    int32_t normalization;
};

static const struct attribute_field fields[] = {
    GAN_FIELD(gram_attributes, normalization, ATTRIBUTE_INT32, 1)};

/* Elements that are centred at a time: a copy of the whole layer without its mean is never made. */
enum { BLOCK = 1 << 18 };

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    if (input_count != 1)
        return gan_expect_inputs(input_count, 1);
    const int32_t normalization = ((const struct gram_attributes *)attributes)->normalization;
    const int64_t channels = inputs[0].size[3];
    *output = (struct shape){3, {inputs[0].size[0], channels, channels}};
    if (normalization < GAN_GRAM_PER_ELEMENT || normalization > GAN_GRAM_COVARIANCE)
        return gan_fail(GAN_ERROR_ARGUMENT, "normalization is %" PRId32 ", expected a GAN_GRAM_* number",
                        normalization);
    const gan_status status = gan_expect_picture(&inputs[0], "input");
    return status == GAN_OK ? gan_expect_sizes(output) : status;
}

/* Features F of one picture: [pixels, channels]. */
struct gram {
    int64_t batch, pixels, channels, block; /* block: pixels that are centred at a time */
    bool centred;
    float factor;
};

static float factor_of(int32_t normalization, int64_t pixels, int64_t channels)
{
    switch (normalization) {
    case GAN_GRAM_PER_ELEMENT:
        return (float)(1 / ((double)pixels * (double)channels));
    case GAN_GRAM_PER_POSITION:
        return (float)(1 / (double)pixels);
    default:
        return (float)(1 / (double)(pixels > 1 ? pixels - 1 : 1));
    }
}

static struct gram gram_of(const struct op_call *call)
{
    const int32_t normalization = ((const struct gram_attributes *)call->attributes)->normalization;
    const int64_t *size = call->inputs[0].shape.size;
    struct gram gram = {.batch = size[0], .pixels = size[1] * size[2], .channels = size[3]};
    gram.centred = normalization == GAN_GRAM_COVARIANCE;
    gram.factor = factor_of(normalization, gram.pixels, gram.channels);
    const int64_t most = BLOCK / gram.channels > 0 ? BLOCK / gram.channels : 1;
    gram.block = gram.centred && most < gram.pixels ? most : gram.pixels;
    return gram;
}

/* ---- Memory ---- */

/* Offsets in the workspace. */
struct layout {
    size_t moments; /* mean and sum of squares, [2, channels] of double */
    size_t center;  /* [channels] */
    size_t matrix;  /* [channels, channels]: the gradient made symmetric */
    size_t block;   /* [block, channels] */
    size_t rest;    /* of a product, or of the moments */
    size_t total;
};

/* Products ask for multiples of 64 bytes. */
static size_t take(size_t *at, size_t size)
{
    const size_t offset = *at;
    *at += (size + 63) & ~(size_t)63;
    return offset;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t product_size(const gan_context *context, const struct gram *gram, int64_t pixels)
{
    const int64_t c = gram->channels;
    return larger(gan_gemm_workspace_size(context, c, c, pixels),
                  gan_gemm_workspace_size(context, pixels, c, c));
}

static size_t rest_size(const gan_context *context, const struct gram *gram)
{
    const struct pixel_field field = {1, gram->pixels, gram->channels};
    const size_t block = product_size(context, gram, gram->block);
    const size_t last = product_size(context, gram, gram->pixels % gram->block);
    return larger(larger(block, last), gan_moments_workspace_size(&field));
}

static struct layout layout_of(const gan_context *context, const struct gram *gram)
{
    const size_t channels = (size_t)gram->channels, block = gram->centred ? (size_t)gram->block : 0;
    struct layout layout;
    size_t at = 0;
    layout.moments = take(&at, 2 * channels * sizeof(double));
    layout.center = take(&at, channels * sizeof(float));
    layout.matrix = take(&at, channels * channels * sizeof(float));
    layout.block = take(&at, block * channels * sizeof(float));
    layout.rest = take(&at, rest_size(context, gram));
    layout.total = at;
    return layout;
}

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    (void)pass;
    const struct gram gram = gram_of(call);
    return layout_of(call->context, &gram).total;
}

/* ---- Centring ---- */

/* One picture at work. */
struct picture {
    gan_context *context;
    const struct gram *gram;
    const float *features;
    float *center, *matrix, *block;
    double *moments;
    void *rest;
};

static struct picture picture_of(const struct op_call *call, const struct gram *gram, int64_t index)
{
    const struct layout layout = layout_of(call->context, gram);
    unsigned char *workspace = call->workspace;
    return (struct picture){.context = call->context,
                            .gram = gram,
                            .features = call->inputs[0].data + index * gram->pixels * gram->channels,
                            .moments = (void *)(workspace + layout.moments),
                            .center = (void *)(workspace + layout.center),
                            .matrix = (void *)(workspace + layout.matrix),
                            .block = (void *)(workspace + layout.block),
                            .rest = workspace + layout.rest};
}

static void measure_center(const struct picture *picture)
{
    const int64_t channels = picture->gram->channels;
    const struct pixel_field field = {1, picture->gram->pixels, channels};
    gan_moments(picture->context, &field, picture->features, picture->moments, picture->moments + channels,
                picture->rest);
    for (int64_t c = 0; c < channels; c++)
        picture->center[c] = (float)picture->moments[c];
}

struct centring {
    const float *from;
    const float *center;
    float *to;
    int64_t pixels, channels;
};

enum { CENTRING_PIXELS = 64 };

static void centre_pixels(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct centring *centring = argument;
    const int64_t start = index * CENTRING_PIXELS, channels = centring->channels;
    for (int64_t p = start; p < centring->pixels && p < start + CENTRING_PIXELS; p++) {
        const float *restrict from = centring->from + p * channels, *restrict center = centring->center;
        float *restrict to = centring->to + p * channels;
        for (int64_t c = 0; c < channels; c++)
            to[c] = from[c] - center[c];
    }
}

/* The pixels from `first` on, without their mean where the matrix is centred. */
static const float *features_from(const struct picture *picture, int64_t first, int64_t pixels)
{
    const int64_t channels = picture->gram->channels;
    const float *from = picture->features + first * channels;
    if (!picture->gram->centred)
        return from;
    struct centring centring = {from, picture->center, picture->block, pixels, channels};
    const int64_t tasks = (pixels + CENTRING_PIXELS - 1) / CENTRING_PIXELS;
    gan_parallel(picture->context, tasks, centre_pixels, &centring);
    return picture->block;
}

static int64_t block_at(const struct gram *gram, int64_t first)
{
    const int64_t left = gram->pixels - first;
    return left < gram->block ? left : gram->block;
}

/* ---- Forward and backward ---- */

static void multiply_features(const struct picture *picture, float *out)
{
    const struct gram *gram = picture->gram;
    const int64_t c = gram->channels;
    for (int64_t first = 0; first < gram->pixels; first += gram->block) {
        const int64_t pixels = block_at(gram, first);
        const float *features = features_from(picture, first, pixels);
        const struct gemm gemm = {.m = c,
                                  .n = c,
                                  .k = pixels,
                                  .a = features,
                                  .a_row = 1,
                                  .a_column = c,
                                  .b = features,
                                  .b_row = c,
                                  .b_column = 1,
                                  .c = out,
                                  .c_row = c,
                                  .alpha = gram->factor,
                                  .beta = first > 0 ? 1 : 0,
                                  .symmetric = true};
        gan_gemm(picture->context, &gemm, picture->rest);
    }
}

static void forward(const struct op_call *call)
{
    const struct gram gram = gram_of(call);
    for (int64_t n = 0; n < gram.batch; n++) {
        const struct picture picture = picture_of(call, &gram, n);
        if (gram.centred)
            measure_center(&picture);
        multiply_features(&picture, call->output.data + n * gram.channels * gram.channels);
    }
}

static void symmetrize(const float *restrict gradient, int64_t channels, float *restrict sum)
{
    for (int64_t i = 0; i < channels; i++)
        for (int64_t j = 0; j < channels; j++)
            sum[i * channels + j] = gradient[i * channels + j] + gradient[j * channels + i];
}

/* dF = factor F (dG + dG^T). Centred features have mean zero, so this has too: the mean that was taken away
 * adds nothing to the gradient. */
static void multiply_gradient(const struct picture *picture, float beta, float *dx)
{
    const struct gram *gram = picture->gram;
    const int64_t c = gram->channels;
    for (int64_t first = 0; first < gram->pixels; first += gram->block) {
        const int64_t pixels = block_at(gram, first);
        const struct gemm gemm = {.m = pixels,
                                  .n = c,
                                  .k = c,
                                  .a = features_from(picture, first, pixels),
                                  .a_row = c,
                                  .a_column = 1,
                                  .b = picture->matrix,
                                  .b_row = c,
                                  .b_column = 1,
                                  .c = dx + first * c,
                                  .c_row = c,
                                  .alpha = gram->factor,
                                  .beta = beta};
        gan_gemm(picture->context, &gemm, picture->rest);
    }
}

static void backward(const struct op_call *call)
{
    if (call->input_gradients[0] == NULL)
        return;
    const struct gram gram = gram_of(call);
    const int64_t c = gram.channels;
    for (int64_t n = 0; n < gram.batch; n++) {
        const struct picture picture = picture_of(call, &gram, n);
        if (gram.centred)
            measure_center(&picture);
        symmetrize(call->output_gradient + n * c * c, c, picture.matrix);
        multiply_gradient(&picture, call->adds_gradient ? 1 : 0,
                          call->input_gradients[0] + n * gram.pixels * c);
    }
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_0;
}

const struct gan_op gan_op_gram_matrix = {
    .name = "gram_matrix",
    .attributes_size = sizeof(struct gram_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .saves = saves,
    .workspace_size = workspace_size,
    .forward = forward,
    .backward = backward,
    .adds_gradient = true,
};

gan_layer *gan_gram_matrix(gan_layer *x, int32_t normalization)
{
    const struct gram_attributes attributes = {normalization};
    return gan_add_simple(x, &gan_op_gram_matrix, &attributes);
}
