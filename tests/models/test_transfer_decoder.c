/* The decoder for any style: sizes, parameters, range, bad options. */
#include "base/suite.h"

#include "gan/gan.h"

#include <string.h>

static gan_context *context;

static gan_model *make(gan_transfer_decoder_options options)
{
    gan_model *decoder;
    options.struct_size = sizeof options;
    const gan_status status = gan_transfer_decoder_create(&decoder, context, &options);
    ck_assert_msg(status == GAN_OK, "%s", gan_error_message());
    return decoder;
}

/* Sides are doubled so often, also those of the smallest feature maps; values are those of a picture. */
START_TEST(pictures_have_the_sizes_of_their_features)
{
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    for (int32_t doublings = 1; doublings <= 4; doublings++) {
        const int64_t side = doublings == 1 ? 8 : doublings == 2 ? 4 : 2;
        gan_model *decoder =
            make((gan_transfer_decoder_options){.features = 5, .channels = 3, .doublings = doublings});
        gan_tensor *features, *picture;
        ck_assert_int_eq(
            gan_tensor_create(&features, context, GAN_FLOAT32, (const int64_t[]){2, side, 3 * side, 5}, 4),
            GAN_OK);
        ck_assert_int_eq(gan_tensor_fill_normal(features, 4, 0, 1), GAN_OK);
        ck_assert_int_eq(gan_model_run(decoder, features, &picture), GAN_OK);
        ck_assert_int_eq(gan_tensor_size(picture, 0), 2);
        ck_assert_int_eq(gan_tensor_size(picture, 1), side << doublings);
        ck_assert_int_eq(gan_tensor_size(picture, 2), (3 * side) << doublings);
        ck_assert_int_eq(gan_tensor_size(picture, 3), 3);
        const float *values = gan_tensor_data_const(picture);
        for (int64_t i = 0; i < gan_tensor_count(picture); i++)
            ck_assert(values[i] >= 0 && values[i] <= 1);
        gan_tensor_free(features);
        gan_tensor_free(picture);
        gan_model_free(decoder);
    }
    gan_context_free(context);
}
END_TEST

START_TEST(defaults_are_small)
{
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    gan_model *decoder = make((gan_transfer_decoder_options){0});
    const int64_t down = 96 * (9 * 48 + 1) + 96 * (9 * 96 + 1), around = 2 * 96 * (9 * 96 + 1);
    const int64_t up = 96 * (9 * 96 + 1) + 48 * (9 * 96 + 1);
    const int64_t of_half = 2 * 48 * (9 * 48 + 1) + 24 * (9 * 48 + 1);
    const int64_t of_all = 24 * (9 * 24 + 1) + 3 * (9 * 24 + 1);
    ck_assert_int_eq(gan_model_element_count(decoder), down + around + up + of_half + of_all);
    ck_assert_str_eq(gan_model_metadata(decoder, "architecture"), "transfer_decoder");
    ck_assert_str_eq(gan_model_metadata(decoder, "output_range"), "0..1");
    gan_model_free(decoder);
    gan_context_free(context);
}
END_TEST

static void expect_refused(gan_transfer_decoder_options options, const char *words)
{
    gan_model *decoder;
    options.struct_size = sizeof options;
    ck_assert_int_eq(gan_transfer_decoder_create(&decoder, context, &options), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(decoder);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), words));
}

START_TEST(bad_options_are_refused)
{
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    expect_refused((gan_transfer_decoder_options){.features = -1}, "features is -1");
    expect_refused((gan_transfer_decoder_options){.features = 1025}, "1024");
    expect_refused((gan_transfer_decoder_options){.channels = 257}, "channels is 257");
    expect_refused((gan_transfer_decoder_options){.doublings = 5}, "doublings is 5, expected 1 to 4");
    ck_assert_int_eq(gan_transfer_decoder_create(NULL, context, NULL), GAN_ERROR_ARGUMENT);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {pictures_have_the_sizes_of_their_features, defaults_are_small,
                                  bad_options_are_refused};
    return run_suite("transfer decoder", tests, sizeof tests / sizeof tests[0]);
}
