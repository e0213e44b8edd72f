/* Generators from picture to picture: U-Net and ResNet. */
#include "base/suite.h"
#include "models/expect_network.h"
#include "models/reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* As published: 54.414 M weights. Ours has a bias in the two downward convolutions without a norm too; 4928
 * channels have running statistics. */
START_TEST(unet)
{
    gan_context *context = reference_context();
    gan_model *model;
    must(gan_unet_create(&model, context, NULL));
    expect_words(model, "unet", "-1..1", "-1..1");
    ck_assert_int_eq(gan_model_element_count(model), 54413955 + 64 + 512 + 2 * 4928);
    gan_model_free(model);
    gan_unet_options options = {
        .struct_size = sizeof options, .input_channels = 1, .output_channels = 2, .channels = 2, .downs = 7};
    for (options.norm = GAN_NORM_DEFAULT; options.norm <= GAN_NORM_NONE; options.norm++) {
        must(gan_unet_create(&model, context, &options));
        expect_output(model, 128, 256, 0, (const int64_t[]){1, 128, 256, 2}, 4);
        gan_model_free(model);
    }
    gan_context_free(context);
}
END_TEST

static int32_t count_dropouts(gan_context *context, int32_t downs, float rate)
{
    gan_unet_options options = {
        .struct_size = sizeof options, .channels = 1, .downs = downs, .dropout = rate};
    gan_model *model, *part;
    int32_t count = 0;
    must(gan_unet_create(&model, context, &options));
    for (int32_t i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof name, i > 0 ? "dropout_%d" : "dropout", i);
        const char *const names[] = {name};
        count += gan_model_select_outputs(&part, model, names, 1) == GAN_OK;
        gan_model_free(part);
    }
    gan_model_free(model);
    return count;
}

START_TEST(unet_drops_near_the_middle)
{
    gan_context *context = reference_context();
    ck_assert_int_eq(count_dropouts(context, 8, 0), 3);
    ck_assert_int_eq(count_dropouts(context, 7, 0), 2);
    ck_assert_int_eq(count_dropouts(context, 8, -1), 0);
    ck_assert_int_eq(count_dropouts(context, 5, 0), 0);
    gan_context_free(context);
}
END_TEST

/* How much what is made of a flat picture differs from pixel to pixel, away from the border. */
static double roughness_of_flat(gan_context *context, int32_t resize_convolution)
{
    enum { SIZE = 32, QUARTER = SIZE / 4 };
    const gan_unet_options options = {.struct_size = sizeof options,
                                      .channels = 2,
                                      .downs = 2,
                                      .norm = GAN_NORM_NONE,
                                      .resize_convolution = resize_convolution};
    const int64_t shape[4] = {1, SIZE, SIZE, 3};
    gan_model *model;
    gan_tensor *picture, *result;
    must(gan_unet_create(&model, context, &options));
    must(gan_model_initialize(model, 7));
    must(gan_tensor_create(&picture, context, GAN_FLOAT32, shape, 4));
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        ((float *)gan_tensor_data(picture))[i] = 0.5f;
    must(gan_model_run(model, picture, &result));
    const float *values = gan_tensor_data_const(result);
    double largest = 0;
    for (int64_t row = QUARTER; row < SIZE - QUARTER; row++)
        for (int64_t i = 3 * QUARTER; i < 3 * (SIZE - QUARTER); i++)
            largest = fmax(largest, fabs((double)values[row * SIZE * 3 + i] -
                                         (double)values[QUARTER * SIZE * 3 + 3 * QUARTER + i % 3]));
    gan_tensor_free(picture);
    gan_tensor_free(result);
    gan_model_free(model);
    return largest;
}

START_TEST(unet_of_resized_convolutions_leaves_no_raster)
{
    gan_context *context = reference_context();
    gan_model *model;
    ck_assert_double_gt(roughness_of_flat(context, 0), 1e-5);
    ck_assert_double_lt(roughness_of_flat(context, 1), 1e-7);
    const gan_unet_options options = {.struct_size = sizeof options,
                                      .input_channels = 1,
                                      .output_channels = 2,
                                      .channels = 2,
                                      .downs = 7,
                                      .resize_convolution = 1};
    must(gan_unet_create(&model, context, &options));
    expect_output(model, 128, 256, 0, (const int64_t[]){1, 128, 256, 2}, 4);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(unet_refuses)
{
    gan_context *context = reference_context();
    gan_unet_options options = {.struct_size = sizeof options, .downs = 13};
    gan_model *model;
    expect_argument_error(gan_unet_create(&model, context, &options), "downs is 13, expected 2 to 12");
    options.downs = 3;
    options.norm = 4;
    expect_argument_error(gan_unet_create(&model, context, &options), "norm is 4");
    options.norm = 0;
    options.channels = -1;
    expect_argument_error(gan_unet_create(&model, context, &options), "channels is -1");
    options.channels = 2;
    options.dropout = 1;
    options.downs = 6;
    expect_argument_error(gan_unet_create(&model, context, &options), "rate is 1");
    options.dropout = 0;
    options.downs = 3;
    expect_argument_error(gan_unet_create(NULL, context, &options), "out");
    gan_session *session;
    must(gan_unet_create(&model, context, &options));
    ck_assert_int_eq(gan_session_create_2d(&session, model, 1, 20, 16, NULL), GAN_ERROR_SHAPE);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* As published: 11.378 M weights, 5248 of them biases before norms. */
START_TEST(resnet)
{
    gan_context *context = reference_context();
    gan_model *model;
    must(gan_resnet_generator_create(&model, context, NULL));
    expect_words(model, "resnet_generator", "-1..1", "-1..1");
    ck_assert_int_eq(gan_model_element_count(model), 11378179 - 5248);
    gan_model_free(model);
    gan_resnet_generator_options options = {
        .struct_size = sizeof options, .channels = 2, .blocks = 2, .dropout = 0.5f};
    for (int32_t i = 0; i < 16; i++) {
        options.norm = i % 4;
        options.separable = i / 4 % 2;
        options.upsampling = i / 8;
        must(gan_resnet_generator_create(&model, context, &options));
        expect_output(model, 20, 32, 0, (const int64_t[]){1, 20, 32, 3}, 4);
        gan_model_free(model);
    }
    gan_context_free(context);
}
END_TEST

/* A block of width w has 2 (9 w + w w) weights, not 18 w w. */
START_TEST(separable_resnet_is_light)
{
    gan_context *context = reference_context();
    gan_resnet_generator_options options = {.struct_size = sizeof options, .separable = 1};
    gan_model *model;
    must(gan_resnet_generator_create(&model, context, &options));
    ck_assert_int_eq(gan_model_element_count(model),
                     11372931 - 9 * (18 * 256 * 256 - 2 * (9 * 256 + 256 * 256)));
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(resnet_refuses)
{
    gan_context *context = reference_context();
    gan_resnet_generator_options options = {.struct_size = sizeof options, .upsampling = 2};
    gan_model *model;
    expect_argument_error(gan_resnet_generator_create(&model, context, &options), "upsampling is 2");
    options.upsampling = 0;
    options.blocks = -1;
    expect_argument_error(gan_resnet_generator_create(&model, context, &options), "blocks is -1");
    options.blocks = 0;
    options.norm = -1;
    expect_argument_error(gan_resnet_generator_create(&model, context, &options), "norm is -1");
    expect_argument_error(gan_resnet_generator_create(NULL, context, &options), "out");
    gan_context_free(context);
}
END_TEST

/* The encoder of PatchNCE: inner layers by name, with the generator's parameters. */
START_TEST(features_of_a_resnet)
{
    gan_context *context = reference_context();
    gan_resnet_generator_options options = {.struct_size = sizeof options, .channels = 2, .blocks = 3};
    gan_model *model, *encoder;
    must(gan_resnet_generator_create(&model, context, &options));
    must(gan_model_select_outputs(&encoder, model, (const char *const[]){"down1", "down2", "block2"}, 3));
    expect_output(encoder, 16, 16, 0, (const int64_t[]){1, 8, 8, 4}, 4);
    expect_output(encoder, 16, 16, 1, (const int64_t[]){1, 4, 4, 8}, 4);
    expect_output(encoder, 16, 16, 2, (const int64_t[]){1, 4, 4, 8}, 4);
    ck_assert_int_eq(gan_model_parameter_find(encoder, "block3_conv1.weight"), -1);
    gan_model_free(encoder);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {unet,
                                  unet_drops_near_the_middle,
                                  unet_of_resized_convolutions_leaves_no_raster,
                                  unet_refuses,
                                  resnet,
                                  separable_resnet_is_light,
                                  resnet_refuses,
                                  features_of_a_resnet};
    return run_suite("translators", tests, sizeof tests / sizeof tests[0]);
}
