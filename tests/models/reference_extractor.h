/* Published feature extractors and the files of their references. */
#ifndef GAN_TESTS_REFERENCE_EXTRACTOR_H
#define GAN_TESTS_REFERENCE_EXTRACTOR_H

#include "gan/gan.h"

/* An extractor, how its references feed pictures, and float32's own error of what they hold. */
struct extractor {
    const char *weights, *folder;
    float mean[3], deviation[3]; /* of the references' pictures, which are normalised already */
};

extern const struct extractor squeezenet_extractor;
extern const struct extractor vgg19_extractor;

/* The picture in the extractor's own input range, 0..1. */
gan_tensor *take_picture(const struct extractor *extractor, const gan_tensors *golden, const char *name);

/* A file of its references. */
gan_tensors *load_of_extractor(gan_context *context, const struct extractor *extractor, const char *file);

/* Of the output of this name; fails the test where there is none. */
int32_t output_index(const gan_model *model, const char *name);

/* Room for all outputs of either. */
enum { MOST_OUTPUTS = 16 };

void free_outputs(const gan_model *model, gan_tensor **outputs);

#endif
