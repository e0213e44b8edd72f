/* Inside of gan_train_anime. */
#ifndef GAN_TRAINING_ANIME_H
#define GAN_TRAINING_ANIME_H

#include "training/edge_smoother.h"
#include "training/player.h"

enum anime_loss {
    ANIME_CONTENT,
    ANIME_GRAM,
    ANIME_COLOR,
    ANIME_VARIATION,
    ANIME_ADVERSARIAL,
    ANIME_REAL,
    ANIME_FAKE,
    ANIME_GREY,
    ANIME_SMOOTH,
    ANIME_LOSSES
};

struct anime {
    struct recipe recipe;
    gan_anime_options options; /* complete */
    char words[512];           /* of the options, for the fingerprint */
    struct player generator, discriminator;
    struct player beginner; /* the generator once more, with an optimizer and an objective of its own */
    gan_average *average;
    gan_model *features; /* the one output that is compared */
    float content_unit, gram_unit;
    struct edge_smoother *smoother;
    gan_tensor *source, *target, *grey, *smooth;
};

/* Networks, objectives and room (anime_setup.c); `features` is the caller's network. Undone by release, also
 * where they failed. */
gan_status gan_anime_prepare(struct anime *anime, gan_model *features);
void gan_anime_release(struct anime *anime);

/* The photographs and drawings of batch `number`, and the drawings made worse. */
gan_status gan_anime_load(struct anime *anime, int64_t number);

/* What the players minimise (anime_objectives.c). */
gan_status gan_anime_make_goals(struct anime *anime);
/* What the network of features sees of a picture in -1..1. */
gan_layer *gan_anime_look(const struct anime *anime, gan_layer *picture);

#endif
