/* Named architectures: shapes, words, options, choice of outputs. */
#include "base/suite.h"
#include "models/expect_network.h"
#include "models/reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

START_TEST(johnson)
{
    gan_context *context = reference_context();
    gan_johnson_options options = {.struct_size = sizeof options};
    gan_model *model;
    must(gan_johnson_create(&model, context, NULL));
    expect_words(model, "johnson", "0..1", "0..1");
    ck_assert_int_eq(gan_model_element_count(model), 1679235);
    expect_output(model, 49, 66, 0, (const int64_t[]){1, 52, 68, 3}, 4);
    gan_model_free(model);
    options = (gan_johnson_options){.struct_size = sizeof options,
                                    .channels = 4,
                                    .blocks = 2,
                                    .kernel = 5,
                                    .upsampling = GAN_UPSAMPLE_TRANSPOSED,
                                    .output = GAN_OUTPUT_TANH,
                                    .normalize_output = 1,
                                    .no_bias = 1};
    must(gan_johnson_create(&model, context, &options));
    expect_words(model, "johnson", "0..1", "-1..1");
    ck_assert_int_eq(gan_model_parameter_count(model), 3 * 10);
    gan_model_free(model);
    options.kernel = 4;
    expect_argument_error(gan_johnson_create(&model, context, &options), "kernel is 4");
    ck_assert_ptr_null(model);
    options.kernel = 3;
    options.channels = -1;
    expect_argument_error(gan_johnson_create(&model, context, &options), "channels is -1");
    options.channels = 3;
    options.output = 7;
    expect_argument_error(gan_johnson_create(&model, context, &options), "output is 7");
    options.output = 0;
    options.upsampling = 2;
    expect_argument_error(gan_johnson_create(&model, context, &options), "upsampling is 2");
    options.upsampling = 0;
    options.blocks = -2;
    expect_argument_error(gan_johnson_create(&model, context, &options), "blocks is -2");
    expect_argument_error(gan_johnson_create(NULL, context, NULL), "out");
    expect_argument_error(gan_johnson_create(&model, NULL, NULL), "context");
    gan_context_free(context);
}
END_TEST

START_TEST(dcgan)
{
    static const int32_t all_sizes[] = {28, 32, 64, 128, 256};
    gan_context *context = reference_context();
    gan_dcgan_options options = {.struct_size = sizeof options, .width = 4, .noise = 6};
    gan_model *generator, *discriminator;
    int64_t sizes[GAN_MAX_RANK];
    for (size_t i = 0; i < sizeof all_sizes / sizeof all_sizes[0]; i++) {
        const int64_t shape[2] = {3, 6}, logits[2] = {1, 1};
        gan_session *session;
        options.size = all_sizes[i];
        must(gan_dcgan_generator_create(&generator, context, &options));
        must(gan_dcgan_discriminator_create(&discriminator, context, &options));
        must(gan_session_create(&session, generator, shape, NULL));
        ck_assert_int_eq(gan_session_output_shape(session, 0, sizes), 4);
        ck_assert(sizes[0] == 3 && sizes[1] == options.size && sizes[2] == options.size && sizes[3] == 3);
        expect_output(discriminator, options.size, options.size, 0, logits, 2);
        gan_session_free(session);
        gan_model_free(discriminator);
        gan_model_free(generator);
    }
    options.size = 48;
    expect_argument_error(gan_dcgan_generator_create(&generator, context, &options), "size is 48");
    options.size = 64;
    options.noise = -1;
    expect_argument_error(gan_dcgan_discriminator_create(&discriminator, context, &options), "noise is -1");
    expect_argument_error(gan_dcgan_generator_create(NULL, context, &options), "out");
    gan_context_free(context);
}
END_TEST

START_TEST(dcgan_starts_small)
{
    gan_context *context = reference_context();
    gan_model *generator;
    gan_tensor *weights;
    double squares = 0;
    must(gan_dcgan_generator_create(&generator, context, NULL));
    must(gan_model_get_parameter(generator, gan_model_parameter_find(generator, "up2.weight"), &weights));
    const float *values = gan_tensor_data_const(weights);
    for (int64_t i = 0; i < gan_tensor_count(weights); i++)
        squares += (double)values[i] * (double)values[i];
    const double deviation = sqrt(squares / (double)gan_tensor_count(weights));
    ck_assert_msg(fabs(deviation - 0.02) < 2e-4, "standard deviation %g", deviation);
    gan_tensor_free(weights);
    gan_model_free(generator);
    gan_context_free(context);
}
END_TEST

/* Three layers see 70 pixels: 256 give 30 x 30 logits. */
START_TEST(patchgan)
{
    gan_context *context = reference_context();
    gan_patchgan_options options = {.struct_size = sizeof options, .channels = 4};
    gan_model *model;
    for (int32_t norm = GAN_NORM_INSTANCE; norm <= GAN_NORM_NONE; norm++) {
        options.norm = norm;
        must(gan_patchgan_create(&model, context, &options));
        expect_output(model, 256, 256, 0, (const int64_t[]){1, 30, 30, 1}, 4);
        gan_model_free(model);
    }
    options.norm = 4;
    expect_argument_error(gan_patchgan_create(&model, context, &options), "norm is 4");
    options.norm = 0;
    options.layers = 9;
    expect_argument_error(gan_patchgan_create(&model, context, &options), "layers is 9");
    options.layers = 1;
    options.input_channels = 6;
    must(gan_patchgan_create(&model, context, &options));
    expect_output(model, 32, 32, 0, (const int64_t[]){1, 14, 14, 1}, 4);
    gan_model_free(model);
    expect_argument_error(gan_patchgan_create(NULL, context, NULL), "out");
    gan_context_free(context);
}
END_TEST

static gan_tensor *noise(gan_context *context, int64_t height, int64_t width)
{
    gan_tensor *picture;
    must(gan_tensor_create(&picture, context, GAN_FLOAT32, (const int64_t[]){1, height, width, 3}, 4));
    must(gan_tensor_fill_normal(picture, 9, 0, 1));
    return picture;
}

/* A pixel's logit is its own affair. */
START_TEST(pixel_discriminator)
{
    enum { CHANGED = 3 * 8 + 5 };
    gan_context *context = reference_context();
    gan_patchgan_options options = {.struct_size = sizeof options, .channels = 6, .norm = GAN_NORM_NONE};
    gan_model *model;
    gan_tensor *before, *after, *picture = noise(context, 7, 8);
    must(gan_pixel_discriminator_create(&model, context, &options));
    expect_words(model, "pixel_discriminator", "-1..1", "none");
    ck_assert_int_eq(gan_model_element_count(model), 3 * 6 + 6 + 6 * 12 + 12 + 12 + 1);
    expect_output(model, 7, 8, 0, (const int64_t[]){1, 7, 8, 1}, 4);
    must(gan_model_run(model, picture, &before));
    ((float *)gan_tensor_data(picture))[CHANGED * 3] += 1;
    must(gan_model_run(model, picture, &after));
    const float *a = gan_tensor_data_const(before), *b = gan_tensor_data_const(after);
    for (int i = 0; i < 7 * 8; i++)
        ck_assert_int_eq(a[i] != b[i], i == CHANGED);
    gan_tensor_free(before);
    gan_tensor_free(after);
    gan_tensor_free(picture);
    gan_model_free(model);
    options.norm = GAN_NORM_BATCH;
    options.spectral_norm = 1;
    must(gan_pixel_discriminator_create(&model, context, &options));
    ck_assert_int_ge(gan_model_parameter_find(model, "conv2_norm.running_mean"), 0);
    ck_assert_int_ge(gan_model_parameter_find(model, "logits_spectral_norm.u"), 0);
    gan_model_free(model);
    options.layers = 3;
    expect_argument_error(gan_pixel_discriminator_create(&model, context, &options), "layers is 3");
    expect_argument_error(gan_pixel_discriminator_create(NULL, context, NULL), "out");
    gan_context_free(context);
}
END_TEST

/* Values of the single PatchGAN become those of one scale. */
static void copy_scale(gan_model *to, const gan_model *from, int scale)
{
    for (int32_t i = 0; i < gan_model_parameter_count(to); i++) {
        char name[64];
        gan_tensor *value;
        snprintf(name, sizeof name, "scale%d_%s", scale, gan_model_parameter_name(to, i));
        must(gan_model_get_parameter(from, gan_model_parameter_find(from, name), &value));
        must(gan_model_set_parameter(to, i, value));
        gan_tensor_free(value);
    }
}

/* The mean of the valid of 3x3 pixels, at every second one. */
static gan_tensor *halved(gan_context *context, const gan_tensor *picture)
{
    const int64_t height = gan_tensor_size(picture, 1), width = gan_tensor_size(picture, 2);
    gan_tensor *half = noise(context, (height + 1) / 2, (width + 1) / 2);
    const float *from = gan_tensor_data_const(picture);
    float *to = gan_tensor_data(half);
    for (int64_t y = 0; y < height; y += 2)
        for (int64_t x = 0; x < width; x += 2)
            for (int64_t c = 0; c < 3; c++) {
                double sum = 0;
                int count = 0;
                for (int64_t v = y - 1; v <= y + 1; v++)
                    for (int64_t u = x - 1; u <= x + 1; u++)
                        if (v >= 0 && v < height && u >= 0 && u < width) {
                            sum += (double)from[(v * width + u) * 3 + c];
                            count++;
                        }
                *to++ = (float)(sum / count);
            }
    return half;
}

/* Each scale is a PatchGAN of the halved picture. */
START_TEST(multiscale_patchgan)
{
    enum { SCALES = 3 };
    static const int64_t sides[SCALES][2] = {{15, 11}, {6, 5}, {2, 1}};
    gan_context *context = reference_context();
    gan_patchgan_options options = {.struct_size = sizeof options, .channels = 3, .layers = 1};
    gan_model *model, *single;
    gan_session *session;
    gan_tensor *outputs[SCALES], *picture = noise(context, 34, 27);
    must(gan_multiscale_patchgan_create(&model, context, 0, &options));
    must(gan_patchgan_create(&single, context, &options));
    ck_assert_int_eq(gan_model_output_count(model), SCALES);
    ck_assert_str_eq(gan_model_output_name(model, 1), "scale2_logits");
    must(gan_session_create_2d(&session, model, 1, 34, 27, NULL));
    for (int i = 0; i < SCALES; i++) {
        const int64_t shape[4] = {1, sides[i][0], sides[i][1], 1};
        must(gan_tensor_create(&outputs[i], context, GAN_FLOAT32, shape, 4));
    }
    must(gan_session_run(session, (const gan_tensor *const *)&picture, 1, outputs, SCALES));
    for (int i = 0; i < SCALES; i++) {
        gan_tensor *expected, *half = halved(context, picture);
        copy_scale(single, model, i + 1);
        must(gan_model_run(single, picture, &expected));
        reference_compare("logits of a scale", outputs[i], expected, 1e-5);
        gan_tensor_free(expected);
        gan_tensor_free(picture);
        picture = half;
        gan_tensor_free(outputs[i]);
    }
    gan_tensor_free(picture);
    gan_session_free(session);
    gan_model_free(single);
    gan_model_free(model);
    expect_argument_error(gan_multiscale_patchgan_create(&model, context, 9, &options), "scales is 9");
    expect_argument_error(gan_multiscale_patchgan_create(&model, context, -1, &options), "scales is -1");
    expect_argument_error(gan_multiscale_patchgan_create(NULL, context, 1, NULL), "out");
    gan_context_free(context);
}
END_TEST

START_TEST(extractors)
{
    static const char *const vgg_names[] = {"relu1_1", "relu1_2", "relu2_1", "relu2_2", "relu3_1"};
    gan_context *context = reference_context();
    gan_model *model;
    must(gan_vgg19_create(&model, context));
    ck_assert_int_eq(gan_model_output_count(model), 5);
    for (int32_t i = 0; i < 5; i++)
        ck_assert_str_eq(gan_model_output_name(model, i), vgg_names[i]);
    expect_output(model, 94, 125, 4, (const int64_t[]){1, 23, 31, 256}, 4);
    gan_model_free(model);
    must(gan_squeezenet_create(&model, context));
    ck_assert_int_eq(gan_model_output_count(model), 10);
    ck_assert_str_eq(gan_model_output_name(model, 0), "relu1");
    ck_assert_str_eq(gan_model_output_name(model, 8), "fire9");
    ck_assert_str_eq(gan_model_output_name(model, 9), "logits");
    expect_output(model, 187, 250, 1, (const int64_t[]){1, 46, 62, 128}, 4);
    expect_output(model, 187, 250, 9, (const int64_t[]){1, 1000}, 2);
    gan_model_free(model);
    expect_argument_error(gan_vgg19_create(NULL, context), "out");
    expect_argument_error(gan_squeezenet_create(NULL, context), "out");
    gan_context_free(context);
}
END_TEST

START_TEST(selected_outputs)
{
    gan_context *context = reference_context();
    gan_model *whole, *part = NULL;
    must(gan_vgg19_create(&whole, context));
    must(gan_model_select_outputs(&part, whole, (const char *const[]){"relu2_1", "relu1_1"}, 2));
    ck_assert_int_eq(gan_model_output_count(part), 2);
    ck_assert_str_eq(gan_model_output_name(part, 0), "relu2_1");
    ck_assert_str_eq(gan_model_output_name(part, 1), "relu1_1");
    ck_assert_int_eq(gan_model_parameter_count(part), 8);
    ck_assert_str_eq(gan_model_metadata(part, "architecture"), "vgg19");
    gan_model_free(whole);
    expect_output(part, 16, 16, 0, (const int64_t[]){1, 8, 8, 128}, 4);
    whole = part;
    ck_assert_int_eq(gan_model_select_outputs(&part, whole, (const char *const[]){"relu9"}, 1),
                     GAN_ERROR_NOT_FOUND);
    ck_assert_str_eq(gan_error_message(),
                     "model \"vgg19\" has no output \"relu9\"; its outputs are \"relu2_1\", \"relu1_1\"");
    ck_assert_ptr_null(part);
    expect_argument_error(gan_model_select_outputs(&part, whole, NULL, 1), "name");
    expect_argument_error(gan_model_select_outputs(&part, NULL, (const char *const[]){"x"}, 1), "model");
    expect_argument_error(gan_model_select_outputs(NULL, whole, (const char *const[]){"x"}, 1), "out");
    gan_model_free(whole);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        johnson,    dcgan,           dcgan_starts_small, patchgan, pixel_discriminator, multiscale_patchgan,
        extractors, selected_outputs};
    return run_suite("networks", tests, sizeof tests / sizeof tests[0]);
}
