/* Photographs and drawings for tests of gan_train_anime, and trainings on them that take no time. */
#ifndef TESTS_TRAINING_ANIME_ROOM_H
#define TESTS_TRAINING_ANIME_ROOM_H

#include "formats/folder.h"
#include "training/anime.h"

enum { ANIME_SIDE = 32, ANIME_PICTURES = 3, ANIME_STEPS = 10 };

struct anime_room {
    gan_context *context;
    struct folder photographs, drawings, files;
    gan_model *features;
    int64_t stop_at;
    float losses[ANIME_STEPS + 1][ANIME_LOSSES]; /* by step, from 1 */
};

void anime_room_open(struct anime_room *room, int32_t threads);
/* Fails the test unless `files` files were written. */
void anime_room_close(struct anime_room *room, int files);

/* A context and a feature network of the same weights in the place of those that the room has, which stay the
 * caller's. */
void anime_room_renew(struct anime_room *room, int32_t threads);

gan_dataset *anime_sides(const struct anime_room *room, int32_t size);
gan_recipe_options anime_recipe(const gan_training_options *training);

/* Train with what is given of the options; the second fails the test where it fails. */
gan_status anime_try(gan_model **model, struct anime_room *room, const gan_anime_options *given,
                     const gan_training_options *training);
gan_model *anime_train(struct anime_room *room, const gan_anime_options *given,
                       const gan_training_options *training);

#endif
