/* A training of a network of one number, which can be spoilt at a step. */
#ifndef GAN_TESTS_PLAY_H
#define GAN_TESTS_PLAY_H

#include "formats/folder.h"
#include "gan/gan.h"
#include "training/training.h"

/* For a step at which nothing happens. */
enum { NEVER = -1 };

/* A training whose one network has running statistics, and a weight that moves with each step by what a pool
 * gives back; its average is kept. */
struct play {
    int64_t fails_at, spoils_at, dies_at, stops_at; /* steps that were done before; the first two once */
    gan_context *context;
    gan_model *network;
    gan_image_pool *pool;
    bool plain; /* no average: it would see at once that a statistic is spoilt */
    gan_average *average;
    gan_tensor *picture; /* one number, for the pool */
    char said[4000];     /* warnings */
    struct folder folder;
    const char *checkpoint;
};

void open_play(struct play *play);
/* `files` are left in its folder. */
void close_play(struct play *play, int files);

/* What its trainings run. */
extern const struct training_method play_method;

/* What a training ends with. */
struct outcome {
    gan_status status;
    int64_t step;
    float weight, loss, average;
};

struct outcome run_play(struct play *play, const gan_training_options *given);

/* Fail the test where no warning had these words. */
void expect_said(const struct play *play, const char *words);

#endif
