/* Inside of image folders: files in a fixed order, decoded once into a bounded cache, ahead of their use. */
#ifndef GAN_TRAINING_IMAGE_FOLDER_H
#define GAN_TRAINING_IMAGE_FOLDER_H

#include "base/context.h"
#include "gan/image.h"
#include "gan/training.h"

#include <pthread.h>
#include <stdbool.h>

enum picture_state { PICTURE_ABSENT, PICTURE_BUSY, PICTURE_READY, PICTURE_UNREADABLE };

struct folder_picture {
    char *path;
    int64_t bytes; /* of the file when it was listed */
    enum picture_state state;
    int64_t height, width;           /* in memory */
    int64_t full_height, full_width; /* of the file */
    unsigned char *pixels;           /* [height, width, 3] while READY */
    char *reason;                    /* why it is UNREADABLE; NULL where there was no memory for it */
    uint64_t used;                   /* when it was last wanted, to drop the one that is not wanted longest */
};

enum { FOLDER_REASONS = 4, FOLDER_REASON_SIZE = 512 };

struct gan_image_folder {
    gan_context *context;
    gan_image_folder_options options; /* defaults filled in */
    int64_t keep;                     /* shorter side of a picture in memory, in pixels at most */
    bool halves;                      /* each file holds two pictures, side by side */
    bool centre;                      /* crops are as large as can be, from the middle */
    struct folder_picture *pictures;  /* sorted by path */
    int64_t count, capacity;

    pthread_mutex_t mutex; /* of all below, and of the pictures' states */
    pthread_cond_t changed;
    size_t cached, bound; /* bytes */
    uint64_t clock;
    atomic_int_least64_t unreadable;
    char reasons[FOLDER_REASONS][FOLDER_REASON_SIZE];
    int32_t reason_count, reasons_logged;

    pthread_t worker;
    bool worker_runs, stop;
    int64_t ahead, ahead_end; /* samples that the worker decodes next */
};

/* A folder with its files listed, without a worker, and none of them read. Errors: ARGUMENT, and as
 * gan_image_folder_list. */
gan_status gan_image_folder_make(gan_image_folder **out, gan_context *context, const char *path,
                                 const gan_image_folder_options *options);

/* Fill folder->pictures from a folder with its subfolders, or from one file. Errors: NOT_FOUND, IO, FORMAT
 * (no file with the ending of a picture), OUT_OF_MEMORY. */
gan_status gan_image_folder_list(gan_image_folder *folder, const char *path);

/* Have picture `index` in memory. Call with the mutex held, which is released while it decodes; the picture
 * stays READY until the mutex is released. Errors: what gan_image_load says; a picture whose content is the
 * reason is UNREADABLE from then on. */
gan_status gan_image_folder_fetch(gan_image_folder *folder, int64_t index);

/* Whether a picture is to be skipped for good: its content is the reason, and not the moment. */
bool gan_image_folder_is_unreadable(gan_status status);

/* The part of a path below the folder that was opened. */
const char *gan_image_folder_below(const char *path, const char *root);
/* What the files are called and how large they are, without the folder's own name: it may move. */
uint64_t gan_image_folder_hash(const gan_image_folder *folder, const char *root, uint64_t hash);

/* Log the first reasons why files were skipped, each once. */
void gan_image_folder_log(gan_image_folder *folder, gan_context *context);

/* Let a picture be UNREADABLE for the reason that gan_error_message gives. Call with the mutex held. */
void gan_image_folder_refuse(gan_image_folder *folder, int64_t index);

/* Which picture sample number `sample` is: each once an epoch, shuffled, unreadable ones replaced by the
 * next. -1 where none is readable. Call with the mutex held. */
int64_t gan_image_folder_choose(const gan_image_folder *folder, int64_t sample);

/* A piece of a picture: of its left half where the folder has halves. */
struct crop {
    int64_t top, left, height, width;
    bool flip;
};

/* The crop that a sample takes from a picture in memory. */
struct crop gan_image_folder_crop(const gan_image_folder *folder, const struct folder_picture *picture,
                                  int64_t sample);
/* Cut it out: [1, height, width, 3], 0..1. Call with the mutex held. */
gan_status gan_image_folder_cut(gan_image_folder *folder, const struct folder_picture *picture,
                                const struct crop *crop, gan_tensor **out);

/* Write crop number `sample`, [size, size, 3], to `to`. */
gan_status gan_image_folder_sample(gan_image_folder *folder, int64_t sample, float *to);

/* The worker that decodes ahead. Without it (no thread to be had) pictures are decoded when wanted. */
void gan_image_folder_start_worker(gan_image_folder *folder);
void gan_image_folder_stop_worker(gan_image_folder *folder);

/* A readable picture as it is in memory: [1, H, W, 3]. */
gan_status gan_image_folder_picture(gan_image_folder *folder, int64_t sample, gan_tensor **out);

#endif
