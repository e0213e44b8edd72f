/* What tests expect of named architectures. */
#ifndef TESTS_MODELS_EXPECT_NETWORK_H
#define TESTS_MODELS_EXPECT_NETWORK_H

#include "gan/gan.h"

/* `given` is GAN_ERROR_ARGUMENT, with these words in the message. */
void expect_argument_error(gan_status given, const char *words);

/* Sizes of output `index` for an input of one picture. */
void expect_output(gan_model *model, int64_t height, int64_t width, int32_t index, const int64_t *expected,
                   int32_t expected_rank);

void expect_words(const gan_model *model, const char *architecture, const char *input_range,
                  const char *output_range);

#endif
