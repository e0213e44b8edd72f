#include "models/expect_network.h"
#include "base/suite.h"
#include "models/reference.h"

#include <stdio.h>
#include <string.h>

void expect_argument_error(gan_status given, const char *words)
{
    printf("%s: %s\n", gan_status_name(given), gan_error_message());
    ck_assert_int_eq(given, GAN_ERROR_ARGUMENT);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
}

void expect_output(gan_model *model, int64_t height, int64_t width, int32_t index, const int64_t *expected,
                   int32_t expected_rank)
{
    gan_session *session;
    int64_t sizes[GAN_MAX_RANK];
    must(gan_session_create_2d(&session, model, 1, height, width, NULL));
    ck_assert_int_eq(gan_session_output_shape(session, index, sizes), expected_rank);
    for (int32_t i = 0; i < expected_rank; i++)
        ck_assert_int_eq(sizes[i], expected[i]);
    gan_session_free(session);
}

void expect_words(const gan_model *model, const char *architecture, const char *input_range,
                  const char *output_range)
{
    ck_assert_str_eq(gan_model_metadata(model, "architecture"), architecture);
    ck_assert_str_eq(gan_model_metadata(model, "input_range"), input_range);
    ck_assert_str_eq(gan_model_metadata(model, "output_range"), output_range);
    ck_assert_str_eq(gan_model_metadata(model, "input_channels"), "RGB");
}
