/* Whitening and colouring: of plain colours, where the result can be told, and with published networks. */
#include "base/suite.h"
#include "faults/scenario.h"
#include "gan/image.h"
#include "graph/networks.h"
#include "models/reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* y = factor x: with numbers of thousands the 1 on the diagonal of the content's covariance counts for
 * nothing. */
static gan_model *make_scaling(gan_context *context, float factor)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3);
    gan_model *model = make_model("scaling", x, convolve(x, "scale", 3, 1, 1));
    gan_tensor *weights = make_zeros(context, (const int64_t[]){3, 1, 1, 3}, 4);
    for (int i = 0; i < 3; i++)
        ((float *)gan_tensor_data(weights))[4 * i] = factor;
    succeed(gan_model_set_parameter(model, 0, weights));
    gan_tensor_free(weights);
    gan_graph_free(graph);
    return model;
}

/* Colours about a mean, whose channels hang together. */
static gan_tensor *make_colors(gan_context *context, uint64_t seed, float red, float spread, float together)
{
    gan_tensor *picture = make_normal(context, (const int64_t[]){1, 48, 64, 3}, 4, seed);
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < 48 * 64; i++) {
        float *pixel = values + 3 * i;
        pixel[1] = together * pixel[0] + (1 - together) * pixel[1];
        for (int c = 0; c < 3; c++)
            pixel[c] = (c == 0 ? red : 0.5f) + spread * pixel[c];
    }
    return picture;
}

struct colors {
    double mean[3], covariance[9];
};

static struct colors measure(const gan_tensor *picture)
{
    const float *values = gan_tensor_data_const(picture);
    const int64_t pixels = gan_tensor_count(picture) / 3;
    struct colors colors = {{0}, {0}};
    for (int64_t i = 0; i < 3 * pixels; i++)
        colors.mean[i % 3] += (double)values[i] / (double)pixels;
    for (int64_t i = 0; i < pixels; i++)
        for (int k = 0; k < 9; k++)
            colors.covariance[k] += ((double)values[3 * i + k / 3] - colors.mean[k / 3]) *
                                    ((double)values[3 * i + k % 3] - colors.mean[k % 3]) / (double)pixels;
    return colors;
}

static void expect_between(const struct colors *found, const struct colors *a, const struct colors *b,
                           double share)
{
    for (int c = 0; c < 3; c++)
        ck_assert(fabs(found->mean[c] - (1 - share) * a->mean[c] - share * b->mean[c]) < 1e-3);
    if (share == 1 || share == 0)
        for (int k = 0; k < 9; k++)
            ck_assert_msg(fabs(found->covariance[k] - (share > 0 ? b : a)->covariance[k]) < 2e-5,
                          "%g, expected %g", found->covariance[k], (share > 0 ? b : a)->covariance[k]);
}

struct bench {
    gan_context *context;
    gan_model *encoder, *decoder;
    gan_whitening *whitening;
    gan_tensor *content, *style;
};

static struct bench open_bench(int32_t threads)
{
    struct bench bench = {.context = make_context(threads)};
    bench.encoder = make_scaling(bench.context, 10000);
    bench.decoder = make_scaling(bench.context, 0.0001f);
    bench.content = make_colors(bench.context, 1, 0.4f, 0.05f, 0.8f);
    bench.style = make_colors(bench.context, 2, 0.6f, 0.08f, 0.1f);
    succeed(gan_whitening_create(&bench.whitening, &bench.encoder, &bench.decoder, 1));
    return bench;
}

static void close_bench(struct bench *bench)
{
    gan_whitening_free(bench->whitening);
    gan_tensor_free(bench->content);
    gan_tensor_free(bench->style);
    gan_model_free(bench->encoder);
    gan_model_free(bench->decoder);
    gan_context_free(bench->context);
}

START_TEST(colors_get_the_mean_and_covariance_of_the_style)
{
    static const float strengths[] = {1, 0.5f, 0};
    struct bench bench = open_bench(2);
    const struct colors content = measure(bench.content), style = measure(bench.style);
    succeed(gan_whitening_set_style(bench.whitening, bench.content));
    succeed(gan_whitening_set_style(bench.whitening, bench.style)); /* the last one counts */
    for (size_t i = 0; i < 3; i++) {
        gan_tensor *result;
        succeed(gan_whitening_run(bench.whitening, bench.content, strengths[i], &result));
        const struct colors found = measure(result);
        expect_between(&found, &content, &style, (double)strengths[i]);
        gan_tensor_free(result);
    }
    close_bench(&bench);
}
END_TEST

START_TEST(threads_and_odd_sizes)
{
    gan_tensor *expected = NULL;
    for (int32_t threads = 1; threads <= 3; threads++) {
        struct bench bench = open_bench(threads);
        gan_tensor *odd, *result;
        succeed(gan_image_crop(&odd, bench.content, 0, 0, 19, 21));
        succeed(gan_whitening_set_style(bench.whitening, bench.style));
        succeed(gan_whitening_run(bench.whitening, odd, 1, &result));
        ck_assert_int_eq(gan_tensor_size(result, 1), 19);
        ck_assert_int_eq(gan_tensor_size(result, 2), 21);
        ck_assert(expected == NULL || same_bits(expected, result));
        gan_tensor_free(odd);
        gan_tensor_free(expected);
        expected = result;
        close_bench(&bench);
    }
    gan_tensor_free(expected);
}
END_TEST

START_TEST(bad_input_is_refused)
{
    struct bench bench = open_bench(1);
    gan_model *generator = make_generator(bench.context);
    gan_whitening *other;
    gan_tensor *result, *flat = make_zeros(bench.context, (const int64_t[]){1, 16, 16, 3}, 4);
    fails_with(gan_whitening_run(bench.whitening, bench.content, 1, &result), GAN_ERROR_STATE, "no style");
    succeed(gan_whitening_set_style(bench.whitening, flat)); /* one colour: all becomes it */
    succeed(gan_whitening_run(bench.whitening, bench.content, 1, &result));
    const struct colors colors = measure(result);
    ck_assert(colors.covariance[0] < 1e-6 && fabs(colors.mean[0]) < 1e-5);
    gan_tensor_free(result);
    fails_with(gan_whitening_run(bench.whitening, bench.content, 1.5f, &result), GAN_ERROR_ARGUMENT, "1.5");
    ((float *)gan_tensor_data(flat))[5] = NAN;
    fails_with(gan_whitening_set_style(bench.whitening, flat), GAN_ERROR_NOT_FINITE, "finite");
    succeed(gan_whitening_run(bench.whitening, bench.content, 1, &result)); /* with the former style */
    gan_tensor_free(result);
    fails_with(gan_whitening_create(&other, &bench.encoder, &bench.decoder, 6), GAN_ERROR_ARGUMENT, "1 to 5");
    fails_with(gan_whitening_create(&other, &bench.encoder, (gan_model *[]){NULL}, 1), GAN_ERROR_ARGUMENT,
               "NULL");
    ck_assert_ptr_null(other);
    gan_tensor_free(flat);
    gan_model_free(generator);
    close_bench(&bench);
}
END_TEST

static gan_status prepare_models(gan_context *context, void **state)
{
    gan_model **models = calloc(2, sizeof(gan_model *));
    *state = models;
    models[0] = make_scaling(context, 100);
    models[1] = make_scaling(context, 0.01f);
    return GAN_OK;
}

static void clean_models(void *state)
{
    gan_model **models = state;
    gan_model_free(models[0]);
    gan_model_free(models[1]);
    free(models);
}

static gan_status paint(gan_context *context, void *state)
{
    gan_model **models = state;
    gan_whitening *whitening = NULL;
    gan_tensor *picture = NULL, *result = NULL;
    gan_status status = gan_tensor_create(&picture, context, GAN_FLOAT32, (const int64_t[]){1, 9, 8, 3}, 4);
    if (status == GAN_OK)
        status = gan_tensor_fill_uniform(picture, 1, 0, 1);
    if (status == GAN_OK)
        status = gan_whitening_create(&whitening, &models[0], &models[1], 1);
    for (int i = 0; status == GAN_OK && i < 2; i++)
        status = gan_whitening_set_style(whitening, picture);
    if (status == GAN_OK)
        status = gan_whitening_run(whitening, picture, 1, &result);
    gan_tensor_free(picture);
    gan_tensor_free(result);
    gan_whitening_free(whitening);
    return status;
}

START_TEST(without_memory_it_says_so)
{
    exhaust_memory(&(struct scenario){prepare_models, paint, clean_models, 3});
}
END_TEST

/* ---- Published networks ---- */

START_TEST(published_decoders_undo_their_encoders)
{
    gan_context *context = reference_context();
    gan_model *decoder = reference_import(context, "weights/wct_feature_invertor_conv3_1.safetensors"),
              *relu3_1;
    gan_model *encoder = reference_import(context, "weights/wct_vgg_normalised_conv3_1.safetensors");
    succeed(gan_model_select_outputs(&relu3_1, encoder, (const char *const[]){"relu3_1"}, 1));
    gan_tensors *golden = reference_load(context, "golden/wct_vgg19/adain_0.8_128.safetensors");
    gan_tensor *features = reference_picture(golden, "adain_feat"),
               *expected = reference_picture(golden, "decoded");
    gan_tensor *picture = reference_picture(golden, "content"), *recon = reference_picture(golden, "recon");
    for (int32_t precision = 0; precision < 2; precision++) {
        gan_tensor *result, *seen, *again;
        reference_run(decoder, features, precision, &result);
        reference_compare("adain, decoded", result, expected, 5.9e-6);
        reference_run(relu3_1, picture, precision, &seen);
        reference_run(decoder, seen, precision, &again);
        reference_compare("decoded again", again, recon, 4.2e-6);
        gan_tensor_free(result);
        gan_tensor_free(seen);
        gan_tensor_free(again);
    }
    gan_tensor *const all[] = {features, expected, picture, recon};
    for (int i = 0; i < 4; i++)
        gan_tensor_free(all[i]);
    gan_tensors_free(golden);
    gan_model_free(relu3_1);
    gan_model_free(encoder);
    gan_model_free(decoder);
    gan_context_free(context);
}
END_TEST

/* Each level's round trip at strength 0 gives the picture back, about. */
START_TEST(every_level_gives_the_picture_back)
{
    static const double least[] = {28, 35, 30}; /* decibels of PSNR */
    gan_context *context = reference_context();
    gan_tensor *picture = NULL;
    char path[4096];
    snprintf(path, sizeof path, "%s/examples/images/chelsea.jpg", getenv("GAN_SOURCE_DIR"));
    succeed(gan_image_load(&picture, NULL, context, path));
    for (int level = 1; level <= 3; level++) {
        char encoder_name[80], decoder_name[80];
        snprintf(encoder_name, sizeof encoder_name, "weights/wct_vgg_normalised_conv%d_1.safetensors", level);
        snprintf(decoder_name, sizeof decoder_name, "weights/wct_feature_invertor_conv%d_1.safetensors",
                 level);
        gan_model *encoder = reference_import(context, encoder_name);
        gan_model *decoder = reference_import(context, decoder_name);
        gan_whitening *whitening;
        gan_tensor *result;
        double decibels = 0;
        succeed(gan_whitening_create(&whitening, &encoder, &decoder, 1));
        succeed(gan_whitening_set_style(whitening, picture));
        succeed(gan_whitening_run(whitening, picture, 0, &result));
        succeed(gan_psnr(result, picture, &decibels));
        ck_assert_msg(decibels > least[level - 1], "level %d: %g dB", level, decibels);
        gan_tensor_free(result);
        gan_whitening_free(whitening);
        gan_model_free(encoder);
        gan_model_free(decoder);
    }
    gan_tensor_free(picture);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        colors_get_the_mean_and_covariance_of_the_style,
        threads_and_odd_sizes,
        bad_input_is_refused,
        without_memory_it_says_so,
        published_decoders_undo_their_encoders,
        every_level_gives_the_picture_back,
    };
    const size_t count = sizeof tests / sizeof tests[0];
    return run_suite("whitening", tests, reference_folder() != NULL ? count : count - 2);
}
