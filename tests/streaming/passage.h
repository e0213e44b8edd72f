/* A picture in memory through a stream, and through a session whole. */
#ifndef GAN_TESTS_PASSAGE_H
#define GAN_TESTS_PASSAGE_H

#include "gan/gan.h"

/* Random values in 0..1, always the same ones. */
gan_tensor *make_photo(gan_context *context, int64_t height, int64_t width);

struct passage {
    const gan_tensor *from;
    gan_tensor *to;
    int64_t written;     /* rows, from the top */
    int64_t reads, told; /* calls */
    int64_t stop_after;  /* bands; 0: none */
    gan_status refuse;   /* what read and write return */
};

/* What a stream with these options makes of `picture`. *out is a new tensor, NULL where it fails. */
gan_status stream_picture(gan_tensor **out, gan_model *model, const gan_tensor *picture,
                          const gan_stream_options *options);

/* The callbacks of a passage. */
gan_stream_io passage_io(struct passage *passage);

/* The network's values for the whole picture. */
gan_tensor *run_whole(gan_model *model, const gan_tensor *picture, int32_t precision);

#endif
