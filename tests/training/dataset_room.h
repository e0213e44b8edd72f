/* A folder of small pictures whose pixels tell which they are, and batches of them. */
#ifndef GAN_TESTS_DATASET_ROOM_H
#define GAN_TESTS_DATASET_ROOM_H

#include "gan/gan.h"

struct room {
    char path[64];
    gan_context *context;
};

struct room open_room(void);
void close_room(struct room *room);

/* A path in the room; folders on the way are made. Valid until the next call but seven. */
const char *path_in(const struct room *room, const char *format, ...);

/* Red rises to the right, green downwards, blue tells the picture's number. */
void paint_picture(const struct room *room, const char *path, int64_t height, int64_t width, int number);

/* A file that is no picture. */
void write_words(const char *path);

/* Of 16 pixels, in 0..1. */
extern const gan_dataset_options unit_options;

/* Fail the test unless the call failed so, with these words. */
void message_says(gan_status status, gan_status expected, const char *words);

struct batch {
    gan_tensor *first, *second, *labels;
};

struct batch make_batch(gan_context *context, const gan_dataset *dataset, int64_t count);

void free_batch(struct batch *batch);

void next_batch(gan_dataset *dataset, struct batch *batch);

const float *picture_pixel(const gan_tensor *batch, int64_t n, int64_t y, int64_t x);

/* Of the picture that element n of the batch shows. */
int number_of(const gan_tensor *batch, int64_t n);

/* Reports of a check so far. */
extern int reported_pictures;
void count_reports(void *user, const char *path, const char *reason);

#endif
