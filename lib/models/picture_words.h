/* The words by which a model says how pictures go in and come out. */
#ifndef GAN_MODELS_PICTURE_WORDS_H
#define GAN_MODELS_PICTURE_WORDS_H

#include "gan/model.h"

#include <stdbool.h>

/* Numbers for 0..1: value * scale + shift. */
struct value_range {
    float scale, shift;
};

struct picture_words {
    struct value_range input, output;
    float mean[3], scale[3]; /* after the input's range: (value - mean) * scale, by the network's channel */
    bool blue_first;
    int64_t multiple; /* of which height and width must be; 1: any */
};

/* Errors: ARGUMENT (words that are not understood), OUT_OF_MEMORY. */
gan_status gan_picture_words_read(struct picture_words *words, const gan_model *model);

/* One row of `columns` pixels: RGB in 0..1 to what the network takes. */
void gan_picture_encode_row(const struct picture_words *words, const float *from, float *to, int64_t columns);
/* And back, in place, clamped. */
void gan_picture_decode_row(const struct picture_words *words, float *row, int64_t columns);

#endif
