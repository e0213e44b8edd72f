/* Pictures whose colours have a mean and a covariance that can be told, and models that only scale them. */
#ifndef TESTS_MODELS_PLAIN_COLORS_H
#define TESTS_MODELS_PLAIN_COLORS_H

#include "gan/gan.h"

/* y = factor x, one output "scale". */
gan_model *make_scaling(gan_context *context, float factor);

/* [1, 48, 64, 3]: colours about a mean (red, 0.5, 0.5), green like red by the share `together`. */
gan_tensor *make_colors(gan_context *context, uint64_t seed, float red, float spread, float together);

struct colors {
    double mean[3], covariance[9];
};
struct colors measure_colors(const gan_tensor *picture);

/* Two pictures, and a level whose features are colours. */
struct color_bench {
    gan_context *context;
    gan_model *encoder, *decoder;
    gan_tensor *content, *styles[2];
};
struct color_bench color_bench_open(int32_t threads);
void color_bench_close(struct color_bench *bench);

/* Without ridge and margin: what the formulas say. */
gan_feature_transfer *make_exact_transfer(const struct color_bench *bench, int32_t transform);

#endif
