/* How result pictures are written: the options that commands have in common, what is kept of a photograph's
 * metadata, and what is said about where a result comes from. */
#ifndef CLI_SAVING_H
#define CLI_SAVING_H

#include "arguments.h"
#include "photo.h"

enum { SAVING_OPTIONS = 4, DIGEST_SIZE = 65 };

struct saving {
    int64_t quality, depth;
    bool bare;             /* no metadata */
    const char *watermark; /* NULL: none */
    struct option options[SAVING_OPTIONS];
};

struct option_group saving_options(struct saving *saving);

/* Check numbers and words. false: the mistake was named. */
bool saving_read(const struct saving *saving);

/* Whether results of this depth can be written under this name. false: the mistake was named. */
bool saving_fits(const struct saving *saving, const char *path);

/* The digest by which provenance names a file; "" where none is told, or the file can be read only once. */
gan_status saving_digest(const struct saving *saving, gan_context *context, const char *path,
                         char digest[DIGEST_SIZE]);

/* Where a result comes from; NULL and "" are not told. */
struct provenance {
    const char *method;    /* the command */
    const char *generator; /* digest of the model's file */
    const char *style;     /* digest of the style picture's file */
    bool generated;        /* out of noise, and not of a photograph */
};

/* What is said beside the pixels of a result; *metadata stays NULL where nothing is. `photo` may be NULL. */
gan_status saving_metadata(const struct saving *saving, gan_context *context, const char *photo,
                           const struct provenance *provenance, gan_image_metadata **metadata);

/* Write a result with the photograph's alpha and metadata; `photo` may be NULL. */
gan_status saving_write(const struct saving *saving, gan_context *context, const struct photo *photo,
                        const gan_tensor *result, const char *path, const struct provenance *provenance);

#endif
