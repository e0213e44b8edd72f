/* Small networks for the tests of graphs, plans, sessions and objectives. */
#ifndef GAN_TESTS_NETWORKS_H
#define GAN_TESTS_NETWORKS_H

#include "gan/gan.h"
#include <stdbool.h>

/* Fail the test with gan_error_message where a call has failed. */
void succeed(gan_status status);
/* Fail the test unless the call failed so, with this word in its message. */
void fails_with(gan_status status, gan_status expected, const char *word);

gan_context *make_context(int32_t threads);
gan_graph *make_graph(gan_context *context);

/* Tensors of float32: zeros, normal numbers, or every element the same. `shape` ends with `rank`. */
gan_tensor *make_zeros(gan_context *context, const int64_t *shape, int32_t rank);
gan_tensor *make_normal(gan_context *context, const int64_t *shape, int32_t rank, uint64_t seed);
gan_tensor *make_filled(gan_context *context, const int64_t *shape, int32_t rank, float value);
/* Normal numbers as pictures [batch, height, width, 3]. */
gan_tensor *make_pictures(gan_context *context, int64_t batch, int64_t height, int64_t width, uint64_t seed);

bool same_bits(const gan_tensor *a, const gan_tensor *b);
/* Largest difference of two elements. */
double largest_difference(const gan_tensor *a, const gan_tensor *b);

/* An input [-1, -1, -1, channels]. */
gan_layer *open_pictures(gan_graph *graph, const char *name, int32_t channels);
/* A square convolution padded by half its kernel. */
gan_layer *convolve(gan_layer *x, const char *name, int32_t filters, int32_t kernel, int32_t stride);
gan_layer *densely(gan_layer *x, const char *name, int32_t units);

/* A model with one input and one output. */
gan_model *make_model(const char *name, gan_layer *input, gan_layer *output);

/* Pictures to pictures of the same (even) size: stride 2, batch norm, ReLU, upsampling, tanh. */
gan_model *make_generator(gan_context *context);
/* Pictures to patch logits: stride 2, leaky ReLU, batch norm. */
gan_model *make_discriminator(gan_context *context);

/* A copy of all parameters, and whether they still have the same bits. */
struct snapshot {
    gan_model *model;
    gan_tensor **values;
};
struct snapshot *take_snapshot(gan_model *model);
/* `trainable` 1: only parameters that gradients change, 0: only running statistics, -1: all. */
bool unchanged(const struct snapshot *snapshot, int32_t trainable);
void free_snapshot(struct snapshot *snapshot);

#endif
