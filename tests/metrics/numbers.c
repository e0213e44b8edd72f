#include "metrics/numbers.h"
#include "models/reference.h"

#include <check.h>
#include <math.h>
#include <string.h>

gan_tensor *make_numbers(gan_context *context, const int64_t *shape, int32_t rank)
{
    gan_tensor *made;
    must(gan_tensor_create(&made, context, GAN_FLOAT32, shape, rank));
    return made;
}

void fill_numbers(gan_tensor *to, int64_t seed, float factor)
{
    float *values = gan_tensor_data(to);
    for (int64_t i = 0; i < gan_tensor_count(to); i++)
        values[i] = factor * ((float)((i * 37 + i * i * 11 + seed * 101) % 251) / 250);
}

void is_near(double got, double expected, double tolerance)
{
    ck_assert_msg(fabs(got - expected) <= tolerance, "%.17g, expected %.17g", got, expected);
}

void metric_says(gan_status status, gan_status expected, const char *words)
{
    ck_assert_int_eq(status, expected);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
}
