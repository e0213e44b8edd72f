#include "style/adjusting.h"
#include "base/random.h"

#include <check.h>
#include <math.h>

gan_context *adjusting_context(int32_t threads)
{
    gan_context *context;
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads};
    ck_assert_int_eq(gan_context_create(&context, &options), GAN_OK);
    return context;
}

gan_tensor *adjusting_picture(gan_context *context, int64_t height, int64_t width, int number)
{
    gan_tensor *picture;
    struct random_stream random = {.seed = (uint64_t)number};
    const int64_t shape[4] = {1, height, width, 3};
    ck_assert_int_eq(gan_tensor_create(&picture, context, GAN_FLOAT32, shape, 4), GAN_OK);
    float *value = gan_tensor_data(picture);
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++)
            for (int c = 0; c < 3; c++) {
                const double wave = sin(0.05 * (double)((number + 1) * x + c * y) + 0.9 * c * number);
                *value++ = (float)(0.5 + 0.08 * (number % 2 == 0 ? c - 1 : 1 - c) + 0.2 * wave) +
                           0.05f * (gan_random_uniform(&random) - 0.5f);
            }
    return picture;
}
