/* Inside of data sets: where samples come from, and the thread that makes them ahead. */
#ifndef GAN_TRAINING_DATASET_H
#define GAN_TRAINING_DATASET_H

#include "base/context.h"
#include "gan/dataset.h"
#include "training/image_folder.h"

enum { DATASET_DOMAINS = 2, DATASET_MESSAGE = 512 };

/* What one sample is before it has the batch's channels and range: pieces [1, h, w, 1 or 3] in 0..1, the
 * dataset's domains of them. */
struct dataset_pieces {
    gan_tensor *piece[DATASET_DOMAINS];
    int32_t label;
};

struct dataset_kind {
    const char *name;
    /* A pure function of the number. Called by one thread at a time. */
    gan_status (*sample)(gan_dataset *dataset, int64_t number, struct dataset_pieces *pieces);
    /* Read all and mark what cannot be used; NULL: all was read when it was opened. Errors: IO, NOT_FOUND,
     * OUT_OF_MEMORY.
     */
    gan_status (*check)(gan_dataset *dataset, gan_dataset_report report, void *user);
};

/* A sample that was made ahead. */
struct dataset_slot {
    int64_t number; /* -1: empty */
    gan_status status;
    char message[DATASET_MESSAGE];
    int32_t label;
    float *values; /* of all domains, one after the other */
};

struct dataset_ring {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_t thread;
    bool runs, stop, busy;
    int64_t next; /* sample that the thread makes next */
    int64_t capacity;
    struct dataset_slot *slots; /* sample k lies in slot k % capacity */
};

struct gan_dataset {
    gan_context *context;
    gan_context *alone; /* one thread, the same memory: reading ahead leaves the workers to the training */
    gan_dataset_options options; /* defaults filled in */
    const struct dataset_kind *kind;
    int32_t domains, height, width;
    int32_t classes; /* 0: no labels */
    char **class_names;
    int32_t *labels; /* per picture of the first folder */
    uint64_t identity;
    int64_t position;
    struct dataset_ring ring;

    gan_image_folder *folders[DATASET_DOMAINS];
    bool paired;          /* picture i of both folders belong together */
    gan_tensor *pictures; /* of IDX files: bytes [N, H, W] or [N, H, W, 3] */
    gan_tensor *marks;    /* bytes [N], or NULL */
};

/* A data set without source. Errors: ARGUMENT, OUT_OF_MEMORY. */
gan_status gan_dataset_make(gan_dataset **out, gan_context *context, const struct dataset_kind *kind,
                            const gan_dataset_options *options);
/* The last step of opening: settle the identity, start the thread, hand out; or free where `status` is an
 * error. */
gan_status gan_dataset_finish(gan_dataset **out, gan_dataset *dataset, gan_status status);

/* Mix bytes into the identity. */
void gan_dataset_identify(gan_dataset *dataset, const void *bytes, size_t size);

/* Floats of a sample, all domains together. */
int64_t gan_dataset_sample_size(const gan_dataset *dataset);
/* Make sample `number`: values as in a batch. */
gan_status gan_dataset_make_sample(gan_dataset *dataset, int64_t number, float *values, int32_t *label);

/* The ring (dataset_ring.c). Where no thread runs, samples are made when they are taken. */
void gan_dataset_start(gan_dataset *dataset);
void gan_dataset_stop(gan_dataset *dataset);
/* Have room for `count` samples ahead. Errors: OUT_OF_MEMORY. */
gan_status gan_dataset_reserve(gan_dataset *dataset, int64_t count);
/* Forget what was made, and go on at `number`; afterwards no thread works until gan_dataset_resume. */
void gan_dataset_pause(gan_dataset *dataset);
void gan_dataset_resume(gan_dataset *dataset, int64_t number);
/* Sample `number`, the next in order. */
gan_status gan_dataset_take(gan_dataset *dataset, int64_t number, float *values, int32_t *label);

/* Pictures (dataset_pictures.c, dataset_pairs.c): have one for a sample in memory (call with the folder's
 * mutex held); read all files of all folders. */
gan_status gan_dataset_fetch(gan_image_folder *folder, int64_t sample, int64_t *index);
gan_status gan_dataset_check_folders(gan_dataset *dataset, gan_dataset_report report, void *user);
extern const struct dataset_kind gan_dataset_pairs, gan_dataset_halves;

/* Names (dataset_names.c). Labels of folders[0] from the subfolders of `root`. Errors: FORMAT, OUT_OF_MEMORY.
 */
gan_status gan_dataset_find_classes(gan_dataset *dataset, const char *root);
/* Each file of one folder has a partner in the other. Errors: FORMAT. */
gan_status gan_dataset_match_names(const gan_dataset *dataset, const char *root_a, const char *root_b);

#endif
