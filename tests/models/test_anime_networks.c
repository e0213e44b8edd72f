/* Generator and discriminator of AnimeGANv2. */
#include "base/suite.h"
#include "models/expect_network.h"
#include "models/reference.h"

#include <math.h>

/* As published: 2.14 M weights, 8.6 MB. Odd sides come out larger, to be cut. */
START_TEST(generator)
{
    gan_context *context = reference_context();
    gan_anime_network_options options = {.struct_size = sizeof options, .channels = 2, .depth = 1};
    gan_model *model;
    must(gan_anime_generator_create(&model, context, NULL));
    expect_words(model, "anime_generator", "-1..1", "-1..1");
    ck_assert_int_eq(gan_model_element_count(model), 2130368 + 2 * 5696);
    gan_model_free(model);
    for (options.depth = 1; options.depth <= 3; options.depth++) {
        must(gan_anime_generator_create(&model, context, &options));
        expect_output(model, 16, 24, 0, (const int64_t[]){1, 16, 24, 3}, 4);
        expect_output(model, 17, 15, 0, (const int64_t[]){1, 20, 16, 3}, 4);
        gan_model_free(model);
    }
    gan_context_free(context);
}
END_TEST

START_TEST(discriminator)
{
    gan_context *context = reference_context();
    gan_anime_network_options options = {.struct_size = sizeof options, .channels = 2};
    gan_model *model;
    must(gan_anime_discriminator_create(&model, context, &options));
    expect_words(model, "anime_discriminator", "-1..1", "none");
    expect_output(model, 32, 40, 0, (const int64_t[]){1, 8, 10, 1}, 4);
    gan_model_free(model);
    options.depth = 1;
    must(gan_anime_discriminator_create(&model, context, &options));
    expect_output(model, 32, 40, 0, (const int64_t[]){1, 16, 20, 1}, 4);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* A model that has learned nothing gives finite pictures, of flat ones too. */
START_TEST(flat_pictures_stay_finite)
{
    gan_context *context = reference_context();
    const gan_anime_network_options options = {.struct_size = sizeof options, .channels = 3, .depth = 2};
    const int64_t shape[4] = {1, 16, 16, 3};
    gan_model *model;
    gan_tensor *picture, *result;
    must(gan_anime_generator_create(&model, context, &options));
    must(gan_model_initialize(model, 4));
    must(gan_tensor_create(&picture, context, GAN_FLOAT32, shape, 4));
    must(gan_model_run(model, picture, &result));
    for (int64_t i = 0; i < gan_tensor_count(result); i++)
        ck_assert(fabsf(((const float *)gan_tensor_data_const(result))[i]) <= 1);
    gan_tensor_free(picture);
    gan_tensor_free(result);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    gan_context *context = reference_context();
    gan_anime_network_options options = {.struct_size = sizeof options, .depth = 65};
    gan_model *model;
    expect_argument_error(gan_anime_generator_create(&model, context, &options),
                          "depth is 65, expected 1 to 64");
    ck_assert_ptr_null(model);
    options.depth = 7;
    expect_argument_error(gan_anime_discriminator_create(&model, context, &options), "expected 1 to 6");
    options = (gan_anime_network_options){.struct_size = sizeof options, .channels = -1};
    expect_argument_error(gan_anime_generator_create(&model, context, &options), "channels is -1");
    expect_argument_error(gan_anime_generator_create(NULL, context, NULL), "out is NULL");
    expect_argument_error(gan_anime_discriminator_create(NULL, context, NULL), "out is NULL");
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {generator, discriminator, flat_pictures_stay_finite,
                                  what_cannot_be_is_refused};
    return run_suite("anime networks", tests, sizeof tests / sizeof tests[0]);
}
