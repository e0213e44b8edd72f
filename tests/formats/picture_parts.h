/* Pieces of picture files, put together by hand. */
#ifndef GAN_TESTS_PICTURE_PARTS_H
#define GAN_TESTS_PICTURE_PARTS_H

#include "formats/folder.h"
#include "gan/gan.h"

enum { PROFILE = 150000, THUMBNAIL = 40, WIDTH = 33, HEIGHT = 21 };

/* Of the running test. */
extern gan_context *picture_context;
extern struct folder picture_folder;

void begin_pictures(void);
/* `files` are left in the folder. */
void end_pictures(int files);

void must_succeed(gan_status status);

/* Random values in 0..1, always the same ones. */
gan_tensor *picture_of(int64_t height, int64_t width, int64_t channels);

/* A segment of a JPEG, or a chunk of a PNG; return their lengths. */
size_t put_segment(unsigned char *to, int kind, const void *head, size_t head_size, const void *body,
                   size_t size);
size_t put_chunk(unsigned char *to, const char *type, const void *content, size_t size);

#endif
