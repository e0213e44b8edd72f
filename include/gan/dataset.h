/** Data sets: pictures, with labels or partners, as batches for training.
 *
 *  What a batch holds is a function of the files, the options and the position alone: each picture once an
 * epoch, in an order shuffled anew for each, cropped and flipped at random. So the position is all of a data
 * set that a checkpoint must keep. A thread of the data set's own decodes and crops ahead; with it or
 * without, the bits are the same. Files that are no pictures are skipped, counted and named (see
 * gan_dataset_check); pictures in memory take up to 512 MB, beyond that they are decoded again. Threads: one
 * at a time per data set. */
#ifndef GAN_DATASET_H
#define GAN_DATASET_H

#include "gan/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_dataset gan_dataset;

/** Where a crop lies. */
enum { GAN_CROP_RANDOM = 0, GAN_CROP_CENTRE = 1 };
/** Numbers for black and white. */
enum { GAN_RANGE_SYMMETRIC = 0, GAN_RANGE_UNIT = 1 }; /**< -1..1 (generators that end in tanh); 0..1 */

typedef struct gan_dataset_options {
    size_t struct_size;
    int32_t size; /**< side of the pictures of a batch in pixels; 0: 64, of IDX files as they are */
    int32_t
        channels; /**< 1 or 3; 0: 3, of IDX files 1. Colour becomes grey by its luma, grey becomes colour */
    float
        largest_scale; /**< each picture is scaled so that its shorter side is at most this factor times size;
                        *   crops are squares from size to there. 1 to 16; 0: 1 (286 to 256: 1.1171875) */
    int32_t crop;      /**< GAN_CROP_* */
    int32_t no_flip;   /**< 1: no picture is mirrored; IDX files never are */
    int32_t range;     /**< GAN_RANGE_* */
    int32_t classes;   /**< > 0: labels must be below it; 0: as many as there are */
    uint64_t seed;     /**< of order, crops and flips */
    int32_t no_worker; /**< 1: no thread works ahead */
} gan_dataset_options;

/** Errors of all: ARGUMENT (NULL, an option out of range), NOT_FOUND, IO, OUT_OF_MEMORY; FORMAT as said (the
 *  message names what was found); *out is then NULL. `options` may be NULL. Since 0.1.
 *
 *  Pictures of a folder and its subfolders, of any sizes and formats that gan_image_load knows; or of one
 * file. FORMAT: no picture that can be read. */
GAN_API gan_status gan_dataset_open_folder(gan_dataset **out, gan_context *context, const char *path,
                                           const gan_dataset_options *options);

/** One subfolder for each class; labels count the subfolders' names, sorted by bytes. FORMAT: no subfolder
 * holds pictures, pictures beside the subfolders, more classes than options.classes. */
GAN_API gan_status gan_dataset_open_classes(gan_dataset **out, gan_context *context, const char *path,
                                            const gan_dataset_options *options);

/** Two folders without correspondence: each has its own order, crops and flips. */
GAN_API gan_status gan_dataset_open_unpaired(gan_dataset **out, gan_context *context, const char *path_a,
                                             const char *path_b, const gan_dataset_options *options);

/** Pairs with one crop and flip for both: files of two folders that have equal names but for the ending
 * (FORMAT: names one without partner), or with path_b NULL the left (first) and right (second) half of each
 * picture. Pairs whose sizes differ, and pictures that cannot be halved, are skipped. */
GAN_API gan_status gan_dataset_open_pairs(gan_dataset **out, gan_context *context, const char *path_a,
                                          const char *path_b, const gan_dataset_options *options);

/** IDX files (MNIST's format, gzip or plain): bytes [N, H, W] or [N, H, W, 3], and labels, bytes [N] (NULL:
 * none). FORMAT: not that; counts that differ; a label that is not below options.classes. Neither scaled (but
 * to options.size) nor cropped nor flipped. */
GAN_API gan_status gan_dataset_open_idx(gan_dataset **out, gan_context *context, const char *pictures,
                                        const char *labels, const gan_dataset_options *options);

GAN_API void gan_dataset_free(gan_dataset *dataset);

/** Pictures (pairs; of unpaired folders the larger folder's) not known to be unreadable; those known. */
GAN_API int64_t gan_dataset_count(const gan_dataset *dataset);
GAN_API int64_t gan_dataset_skipped(const gan_dataset *dataset);
/** 1, or 2 where batches have partners. */
GAN_API int32_t gan_dataset_domains(const gan_dataset *dataset);
/** Classes; 0 without labels. Name of one: the subfolder's; NULL for those of IDX files. Borrowed. */
GAN_API int32_t gan_dataset_classes(const gan_dataset *dataset);
GAN_API const char *gan_dataset_class_name(const gan_dataset *dataset, int32_t label);
/** Side and channels of the pictures of a batch: [N, height, width, channels]. */
GAN_API int32_t gan_dataset_height(const gan_dataset *dataset);
GAN_API int32_t gan_dataset_width(const gan_dataset *dataset);
GAN_API int32_t gan_dataset_channels(const gan_dataset *dataset);

/** Called for each file that will be skipped. Strings are valid during the call. */
typedef void (*gan_dataset_report)(void *user, const char *path, const char *reason);
/** Read every file once, before training: what cannot be used is reported (`report` may be NULL) and skipped
 * from now on. Errors: FORMAT (fewer than `least` pictures are left in a domain); IO, NOT_FOUND (a file that
 * may be a picture, but cannot be read now); OUT_OF_MEMORY. */
GAN_API gan_status gan_dataset_check(gan_dataset *dataset, int64_t least, gan_dataset_report report,
                                     void *user);

/** The next batch: N follows from `first` [N, height, width, channels]. `second` takes the partners ([the
 * same]; NULL where there is one domain), `labels` (may be NULL) is GAN_INT32 [N]. The position moves by N.
 * Errors: ARGUMENT, SHAPE, TYPE, FORMAT (no picture is left that can be read), IO, NOT_FOUND, OUT_OF_MEMORY;
 * the position then stays. */
GAN_API gan_status gan_dataset_next(gan_dataset *dataset, gan_tensor *first, gan_tensor *second,
                                    gan_tensor *labels);

/** Samples given so far: all that a checkpoint needs. Setting it goes on from there with the same bits. */
GAN_API int64_t gan_dataset_position(const gan_dataset *dataset);
GAN_API gan_status gan_dataset_set_position(gan_dataset *dataset, int64_t position);
/** A number that differs where other options, other names or sizes of files, or other bytes of an IDX file
 * would make other batches; for checkpoints. The folder's own name has no part in it. */
GAN_API uint64_t gan_dataset_identity(const gan_dataset *dataset);

/** An IDX file as a tensor: GAN_UINT8, GAN_INT32 or GAN_FLOAT32 of rank 1 to 6, gzip or plain. The file is
 * checked before memory is taken on its word. Errors: NOT_FOUND, IO, FORMAT (not what the format demands,
 * bytes missing or too many), TYPE (another element type), OUT_OF_MEMORY. */
GAN_API gan_status gan_idx_load(gan_tensor **out, gan_context *context, const char *path);
/** The same from a file's bytes in memory; `name` is used in messages. */
GAN_API gan_status gan_idx_decode(gan_tensor **out, gan_context *context, const void *bytes, size_t size,
                                  const char *name);

#ifdef __cplusplus
}
#endif
#endif
