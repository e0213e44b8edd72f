/* Reference results: files of tensors in PyTorch's layouts, and comparison with them. */
#ifndef TESTS_MODELS_REFERENCE_H
#define TESTS_MODELS_REFERENCE_H

#include "gan/gan.h"
#include "gan/tensors.h"

#include <stdbool.h>

/* The folder of reference data; NULL, with a line printed, where the environment names none. */
const char *reference_folder(void);

/* Stop the test where a call fails. */
void must(gan_status status);

/* Context with the default threads; freed by the caller. */
gan_context *reference_context(void);

/* "<folder>/<path>", valid until the next call but three. */
const char *reference_path(const char *path);

gan_tensors *reference_load(gan_context *context, const char *path);

/* A tensor of a file as it is, or [N, C, H, W] as [N, H, W, C]; new. */
gan_tensor *reference_take(const gan_tensors *tensors, const char *name);
gan_tensor *reference_picture(const gan_tensors *tensors, const char *name);

gan_model *reference_import(gan_context *context, const char *path);

/* Run at a precision; outputs are new tensors, gan_model_output_count of them. */
void reference_run(gan_model *model, const gan_tensor *input, int32_t precision, gan_tensor **outputs);
void reference_run_many(gan_model *model, const gan_tensor *const *inputs, int32_t precision,
                        gan_tensor **outputs);

/* Largest absolute difference, printed with the bound; the test fails above it. `label` begins the line. */
void reference_compare(const char *label, const gan_tensor *given, const gan_tensor *expected, double bound);
/* The same of the mean, sample standard deviation, smallest and largest value, which `expected` holds. */
void reference_compare_statistics(const char *label, const gan_tensor *given, const gan_tensor *expected,
                                  double bound);
void reference_compare_number(const char *label, double given, double expected, double bound);

/* Largest magnitude. */
double reference_largest(const gan_tensor *tensor);

#endif
