/* What gan train style and gan train styles have in common: how a generator is trained to paint. */
#ifndef CLI_STYLE_TRAINING_H
#define CLI_STYLE_TRAINING_H

#include "training.h"
#include "weight.h"

struct style_training {
    const char *content, *preset;
    int64_t size, batch, style_size, channels, blocks;
    struct weight content_weight, style_weight, variation_weight;
};

/* Nothing given yet; the lines of an options table for it. */
enum { STYLE_TRAINING_OPTIONS = 10 };
void style_training_fill_options(struct style_training *style, struct option options[STYLE_TRAINING_OPTIONS]);

/* Whether there are photographs; says what is missing. */
bool style_training_is_complete(const struct style_training *style);

/* What the library is told; the caller adds what is its own. */
gan_style_trainer_options style_training_options(const struct style_training *style,
                                                 struct training_job *training, gan_model *extractor);

#endif
