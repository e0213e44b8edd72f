/* A small extractor, another one, and pictures of noise. */
#ifndef TESTS_STYLE_PICTURES_H
#define TESTS_STYLE_PICTURES_H

#include "gan/gan.h"

struct style_bench {
    gan_context *context;
    gan_model *extractor, *other; /* two levels each, of the same shapes; other weights */
    gan_tensor *pictures[2];      /* [1, 24, 32, 3] */
};

struct style_bench style_bench_open(void);
void style_bench_close(struct style_bench *bench);

/* Two convolutions of stride 1 and 2, each followed by ReLU, an output each. */
gan_model *small_extractor(gan_context *context);

/* Noise of the mean 0.5. */
gan_tensor *noise_picture(gan_context *context, int64_t height, int64_t width, uint64_t seed);

#endif
