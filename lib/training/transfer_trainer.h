/* Inside of the trainer of decoders for any style. */
#ifndef GAN_TRAINING_TRANSFER_TRAINER_H
#define GAN_TRAINING_TRANSFER_TRAINER_H

#include "base/random.h"
#include "gan/session.h"
#include "gan/transfer_decoder.h"
#include "training/training.h"

#include <stdbool.h>

enum transfer_loss {
    TRANSFER_TOTAL,
    TRANSFER_CONTENT,
    TRANSFER_STYLE,
    TRANSFER_IDENTITY,
    TRANSFER_VARIATION,
    TRANSFER_LOSSES
};

/* Style is judged on the picture and its half: strokes may be wider than what the extractor takes in. */
enum { TRANSFER_LEVELS = 8, TRANSFER_SCALES = 2, TRANSFER_GRAMS = TRANSFER_LEVELS * TRANSFER_SCALES };

/* What is seen of a batch of pictures: the features of the level that is decoded, [N, h, w, C], and the Gram
 * matrices of all levels at all scales. */
struct transfer_sight {
    gan_tensor *features;
    gan_tensor *grams[TRANSFER_GRAMS];
};

/* Crops of photographs, and of paintings in all directions and colours (transfer_pictures.c). */
struct transfer_pictures {
    gan_context *context;
    gan_image_folder *photographs, *paintings;
    gan_tensor *photograph_batch, *painting_batch;
    int64_t batch, size;
    uint64_t seed;
    uint64_t hash; /* of what the folders hold */
};
/* On failure *pictures can be closed too. */
gan_status gan_transfer_pictures_open(struct transfer_pictures *pictures, gan_context *context,
                                      const char *photographs, const char *paintings, int64_t batch,
                                      int64_t size, uint64_t seed);
void gan_transfer_pictures_close(struct transfer_pictures *pictures);
/* Batch number `index` of both into their tensors. */
gan_status gan_transfer_pictures_load(struct transfer_pictures *pictures, int64_t index);

/* What is asked of the decoder for one photograph. */
struct transfer_wish {
    enum { STYLE_OF_PAINTING, STYLE_OF_PHOTOGRAPH, STYLE_OF_ITSELF } style;
    int32_t transform; /* GAN_TRANSFORM_* */
    double strength;   /* 0: the content's own features, 1: all the way */
};
/* `reconstruct`: the picture itself, in any case. */
struct transfer_wish gan_transfer_wish(uint64_t seed, int64_t sample, bool reconstruct);

/* Features [pixels, channels] of one photograph given the statistics of a style's (transfer_features.c).
 * Errors: NOT_FINITE, OUT_OF_MEMORY. */
gan_status gan_transfer_features(gan_context *context, const struct transfer_wish *wish, const float *content,
                                 const float *style, int64_t pixels, int64_t channels, float *to);

struct transfer_trainer {
    struct training training;
    gan_context *context;
    gan_transfer_trainer_options options; /* complete; weights of 0: none */
    struct transfer_pictures pictures;

    gan_model *extractor;
    int32_t level;  /* output of the extractor that is decoded */
    gan_model *eye; /* pictures to what struct transfer_sight holds, in its order */
    int32_t gram_count;
    gan_session *session; /* of the eye */
    struct transfer_sight content, style;

    gan_tensor *changed;               /* features for the decoder to paint */
    gan_tensor *grams[TRANSFER_GRAMS]; /* that its pictures should have */
    gan_tensor *kept;                  /* [N, 1, 1, 1]: 1 where the picture should be given back */
    gan_model *decoder;
    gan_average *average;
    gan_optimizer *optimizer;
    gan_objective *objective;
};

/* The eye, its session and what it sees of the batches (transfer_eye.c). Errors: ARGUMENT and SHAPE (not such
 * an extractor). */
gan_status gan_transfer_eye_open(struct transfer_trainer *trainer);
void gan_transfer_eye_close(struct transfer_trainer *trainer);
gan_status gan_transfer_look(struct transfer_trainer *trainer, const gan_tensor *pictures,
                             const struct transfer_sight *sight);

/* What the decoder minimises (transfer_objective.c); it takes changed features, photographs, what is kept,
 * and Gram matrices, and watches the losses from TRANSFER_CONTENT on. */
enum { TRANSFER_MOST_INPUTS = 3 + TRANSFER_GRAMS };
gan_status gan_transfer_make_objective(struct transfer_trainer *trainer);

#endif
