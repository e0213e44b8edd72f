/* Inside of gan_stream. */
#ifndef GAN_STREAMING_STREAM_H
#define GAN_STREAMING_STREAM_H

#include "gan/streaming.h"
#include "models/picture_words.h"
#include "streaming/streaming.h"

struct gan_stream {
    gan_model *model;
    gan_stream_options options;
    char *folder;                          /* or NULL */
    int64_t height, width;                 /* of the pictures */
    int64_t network_height, network_width; /* with what a network of multiples adds */
    struct picture_words words;
    struct network network;
    struct pass *passes; /* [network.pass_count] */
    size_t file_size;
    size_t result_offset; /* of the result in the file, where options.keep */
    struct row_file file; /* while a stream runs, and after that where a result is kept */
    bool kept;            /* the file holds the result of the last run */
    int64_t least_memory, least_rows;
    gan_stream *thumbnail; /* the same network on a small picture, for approximate statistics; or NULL */
};

/* Choose how every pass is cut. Errors: ARGUMENT (too little memory, too few rows). */
gan_status gan_stream_cut(gan_stream *stream);

/* Rows of the whole height in band k of a pass. */
struct row_range gan_pass_cut(const struct pass *pass, int64_t band);

/* Rows of the network's picture, encoded, and of its result, decoded and given to the caller. `rows` are
 * within the network's picture. */
gan_status gan_stream_read_picture(const gan_stream *stream, const gan_stream_io *io, struct row_range rows,
                                   float *to);
gan_status gan_stream_write_picture(gan_stream *stream, const gan_stream_io *io, struct row_range rows,
                                    float *from);

/* The result that waits in the temporary file. */
int64_t gan_stream_result_bytes(const gan_stream *stream);
gan_status gan_stream_keep_rows(gan_stream *stream, int64_t first, int64_t count, const float *rows);
void gan_stream_drop_result(gan_stream *stream);

/* Run all passes but the last. */
gan_status gan_stream_measure(gan_stream *stream, const gan_stream_io *io);

/* Take over what was measured of a smaller picture. */
void gan_stream_take_measurements(gan_stream *stream, const gan_stream *from);

/* The thumbnail of the picture through its own stream, measured. */
gan_status gan_stream_measure_thumbnail(gan_stream *stream, const gan_stream_io *io);

#endif
