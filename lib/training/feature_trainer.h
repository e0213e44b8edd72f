/* Inside of the feature trainer. */
#ifndef GAN_TRAINING_FEATURE_TRAINER_H
#define GAN_TRAINING_FEATURE_TRAINER_H

#include "gan/feature_network.h"
#include "gan/session.h"
#include "training/training.h"

enum { TAUGHT_LEVELS = 4 };

/* A level of the network, and whose eyes it is to see with. */
struct taught_level {
    const char *name, *architecture, *output;
    int32_t
        crop; /* rows and columns at the top and left for which the teacher's features have no counterpart */
};
extern const struct taught_level gan_taught_levels[TAUGHT_LEVELS];

/* Crops of photographs and paintings, disturbed (feature_pictures.c). */
struct feature_pictures {
    gan_context *context;
    gan_image_folder *photographs, *paintings; /* the second NULL: none */
    gan_tensor *photograph_batch, *painting_batch;
    int64_t batch, size;
    uint64_t seed;
    uint64_t hash; /* of what the folders hold */
};
/* On failure *pictures can be closed too. */
gan_status gan_feature_pictures_open(struct feature_pictures *pictures, gan_context *context,
                                     const char *photographs, const char *paintings, int64_t batch,
                                     int64_t size, uint64_t seed);
void gan_feature_pictures_close(struct feature_pictures *pictures);
/* Batch number `index` into [batch, size, size, 3], as it is in the files; or disturbed. */
gan_status gan_feature_pictures_plain(struct feature_pictures *pictures, int64_t index, gan_tensor *batch);
gan_status gan_feature_pictures_disturbed(struct feature_pictures *pictures, int64_t index,
                                          gan_tensor *batch);

/* One teacher's level, looked at along its principal axes (feature_teacher.c). What the network learns of
 * feature i is stretch (feature - mean): numbers of one size for all, so that all are learned at one rate,
 * but those of larger deviation count for more: their squares are as large as the deviation. */
enum { MOST_FEATURES = 256 };
struct feature_lesson {
    gan_model *model; /* pictures to [N, H, W, features], of mean square 1 over all features and pictures */
    gan_session *session;
    gan_tensor *target;
    int32_t features;
    double mean[MOST_FEATURES], stretch[MOST_FEATURES];
};
/* `batches` batches say where the principal axes lie. On failure *lesson can be freed
 * too. */
gan_status gan_feature_lesson_make(struct feature_lesson *lesson, gan_model *teacher,
                                   const struct taught_level *level, int32_t features,
                                   struct feature_pictures *pictures, gan_tensor *batch, int32_t batches);
/* Let the network's convolution of this name, which has learned the lesson, give the features themselves,
 * scaled to a mean square of 1. */
gan_status gan_feature_lesson_finish(const struct feature_lesson *lesson, gan_model *network,
                                     const char *name);
void gan_feature_lesson_free(struct feature_lesson *lesson);

#endif
