/* Convolutions, dense layers, normalizations and style layers against the values and gradients of PyTorch. */
#include "golden.h"

#include <check.h>
#include <stdlib.h>

static gan_layer *conv(gan_layer *const *inputs, const void *argument)
{
    return gan_conv2d(inputs[0], argument);
}

static gan_layer *upsampled_conv(gan_layer *const *inputs, const void *argument)
{
    return gan_conv2d(gan_upsample_nearest(inputs[0], 2), argument);
}

static gan_layer *transpose(gan_layer *const *inputs, const void *argument)
{
    return gan_conv2d_transpose(inputs[0], argument);
}

static gan_layer *dense(gan_layer *const *inputs, const void *argument)
{
    return gan_dense(inputs[0], argument);
}

static gan_layer *batch_norm(gan_layer *const *inputs, const void *argument)
{
    return gan_batch_norm(inputs[0], argument);
}

static gan_layer *running_batch_norm(gan_layer *const *inputs, const void *argument)
{
    const gan_apply_options options = {sizeof options, GAN_STATISTICS_RUNNING};
    gan_layer *norm = gan_batch_norm(inputs[0], argument), *output = NULL;
    gan_model *model = NULL;
    expect_ok("norm", gan_model_create(&model, "norm", inputs, 1, &norm, 1));
    expect_ok("norm", gan_apply_many(model, inputs, 1, &output, 1, &options));
    gan_model_free(model);
    return output;
}

static gan_layer *instance_norm(gan_layer *const *inputs, const void *argument)
{
    return gan_instance_norm(inputs[0], argument);
}

static gan_layer *group_norm(gan_layer *const *inputs, const void *argument)
{
    return gan_group_norm(inputs[0], argument);
}

/* PyTorch's scale and shift have a value per element, ours one per channel: here they are inputs. */
static gan_layer *layer_norm(gan_layer *const *inputs, const void *argument)
{
    return gan_add(gan_multiply(gan_layer_norm(inputs[0], argument), inputs[1]), inputs[2]);
}

static gan_layer *gram(gan_layer *const *inputs, const void *argument)
{
    return gan_gram_matrix(inputs[0], *(const int32_t *)argument);
}

static gan_layer *total_variation(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_total_variation(inputs[0], 0);
}

static gan_layer *adain(gan_layer *const *inputs, const void *argument)
{
    return gan_adain(inputs[0], inputs[1], 1e-5f, *(const int32_t *)argument);
}

#define CONV(...) (&(const gan_conv2d_options){.struct_size = sizeof(gan_conv2d_options), __VA_ARGS__})
#define TRANSPOSE(...)                                                                                       \
    (&(const gan_conv2d_transpose_options){.struct_size = sizeof(gan_conv2d_transpose_options), __VA_ARGS__})
#define NORM(...) (&(const gan_norm_options){.struct_size = sizeof(gan_norm_options), __VA_ARGS__})
#define DENSE(...) (&(const gan_dense_options){.struct_size = sizeof(gan_dense_options), __VA_ARGS__})
#define NUMBER(value) (&(const int32_t){value})
#define PAD(p) .pad = {p, p, p, p}
#define REFLECT .padding_mode = GAN_PADDING_REFLECT

static const struct golden_case cases[] = {
    {"conv3x3", conv, CONV(.filters = 7, .kernel = {3}, PAD(1)), {NULL}, 0},
    {"conv3x3_s2", conv, CONV(.filters = 33, .kernel = {3}, .stride = {2}, PAD(1)), {NULL}, 0},
    {"conv1x1", conv, CONV(.filters = 18, .kernel = {1}), {NULL}, 0},
    {"conv9x9_reflect", conv, CONV(.filters = 8, .kernel = {9}, PAD(4), REFLECT), {NULL}, 0},
    {"conv9x9_to3", conv, CONV(.filters = 3, .kernel = {9}, PAD(4), REFLECT, .no_bias = 1), {NULL}, 0},
    {"conv4x4_s2", conv, CONV(.filters = 13, .kernel = {4}, .stride = {2}, PAD(1)), {NULL}, 0},
    {"conv5x5_dil2", conv, CONV(.filters = 6, .kernel = {5}, .dilation = {2}, PAD(4)), {NULL}, 0},
    {"conv3x3_grouped", conv, CONV(.filters = 20, .kernel = {3}, .groups = 4, PAD(1)), {NULL}, 0},
    {"conv3x3_depthwise", conv, CONV(.filters = 19, .kernel = {3}, .groups = 19, PAD(1)), {NULL}, 0},
    {"conv3x3_replicate",
     conv,
     CONV(.filters = 32, .kernel = {3}, PAD(1), .padding_mode = GAN_PADDING_REPLICATE),
     {NULL},
     0},
    {"conv7x7_s1_wide", conv, CONV(.filters = 64, .kernel = {7}, PAD(3)), {NULL}, 0},
    {"conv3x3_big", conv, CONV(.filters = 96, .kernel = {3}, PAD(1), REFLECT), {NULL}, 0},
    {"conv3x3_s2_tf_same_even",
     conv,
     CONV(.filters = 6, .kernel = {3}, .stride = {2}, .padding = GAN_PAD_SAME),
     {NULL},
     0},
    {"conv4x4_s1_tf_same", conv, CONV(.filters = 6, .kernel = {4}, .padding = GAN_PAD_SAME), {NULL}, 0},
    {"conv5x5_tf_same", conv, CONV(.filters = 4, .kernel = {5}, .padding = GAN_PAD_SAME), {NULL}, 0},
    {"upsample_nearest2_conv3x3_reflect",
     upsampled_conv,
     CONV(.filters = 8, .kernel = {3}, PAD(1), REFLECT),
     {NULL},
     0},
    {"deconv4x4_s2", transpose, TRANSPOSE(.filters = 9, .kernel = {4}, .stride = {2}, PAD(1)), {NULL}, 0},
    {"deconv3x3_s2_op1",
     transpose,
     TRANSPOSE(.filters = 33, .kernel = {3}, .stride = {2}, PAD(1), .output_padding = {1, 1}),
     {NULL},
     0},
    {"deconv4x4_s1_z", transpose, TRANSPOSE(.filters = 16, .kernel = {4}), {NULL}, 0},
    {"conv_transpose3x3_s2_tf_same",
     transpose,
     TRANSPOSE(.filters = 6, .kernel = {3}, .stride = {2}, .padding = GAN_PAD_SAME, .no_bias = 1),
     {NULL},
     0},
    {"dense", dense, DENSE(.units = 5), {NULL}, 0},
    {"batch_norm_train", batch_norm, NORM(.epsilon = 1e-5f), {NULL}, 0},
    {"batch_norm_inference", running_batch_norm, NORM(.epsilon = 1e-3f), {NULL}, 0},
    {"instance_norm", instance_norm, NORM(.epsilon = 1e-5f), {NULL}, 0},
    {"instance_norm_flat_image", instance_norm, NORM(.epsilon = 1e-5f), {NULL}, 0},
    {"instance_norm_large_mean", instance_norm, NORM(.epsilon = 1e-5f), {NULL}, 1e-3},
    {"group_norm", group_norm, NORM(.groups = 4), {NULL}, 0},
    {"layer_norm_chw", layer_norm, NORM(.no_affine = 1), {"weight", "bias"}, 0},
    {"gram", gram, NUMBER(GAN_GRAM_PER_ELEMENT), {NULL}, 0},
    {"covariance", gram, NUMBER(GAN_GRAM_COVARIANCE), {NULL}, 0},
    {"total_variation", total_variation, NULL, {NULL}, 0},
    {"adain", adain, NUMBER(0), {"style"}, 0},
    {"adain_unbiased", adain, NUMBER(1), {"style"}, 0},
};

START_TEST(golden)
{
    check_golden(&cases[_i]);
}
END_TEST

int main(void)
{
    if (!golden_available())
        return 77;
    Suite *suite = suite_create("golden layers");
    TCase *tests = tcase_create("golden layers");
    tcase_set_timeout(tests, 250);
    tcase_add_loop_test(tests, golden, 0, (int)(sizeof cases / sizeof cases[0]));
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
