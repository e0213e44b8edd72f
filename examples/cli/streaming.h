/* Photographs in bands of rows, for what does not fit into memory whole. */
#ifndef CLI_STREAMING_H
#define CLI_STREAMING_H

#include "adjusting.h"
#include "arguments.h"
#include "console.h"
#include "saving.h"

#include "gan/gan.h"

enum { STREAMING_OPTIONS = 3 };

struct streaming {
    int64_t tile;   /* rows of a band; 0: as memory allows */
    int64_t memory; /* bytes for the whole program; 0: no bound was given */
    const char *memory_words;
    bool approximate;
    struct option options[STREAMING_OPTIONS];
};

struct option_group streaming_options(struct streaming *streaming);

/* Check the words, and that nothing was asked for that needs whole pictures; `whole`: something was. false:
 * the mistake was named. */
bool streaming_read(struct streaming *streaming, bool whole);
bool streaming_wanted(const struct streaming *streaming);

/* Bytes that the program takes beside a stream. */
int64_t streaming_base(const gan_model *model);

/* One photograph through one model, to its file. */
struct streamed {
    const struct streaming *streaming;
    const struct adjusting *adjusting;
    const struct console *console;
    struct progress_line *progress;
    gan_context *context;
    gan_model *model;
    const char *photo, *model_path, *output;
    int64_t size;
    const struct saving *saving;
    const struct provenance *provenance;
    int32_t precision;
    int64_t height, width;        /* result: of the picture */
    gan_stream_information about; /* result */
};

/* Paint, and say so. false: what went wrong was named, or the user has interrupted. */
bool streamed_paint(struct streamed *job);

#endif
