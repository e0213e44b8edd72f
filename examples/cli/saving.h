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

/* Say in a photograph's metadata where a result comes from; *said is what goes into its file, NULL: nothing.
 */
gan_status saving_metadata(const struct saving *saving, gan_image_metadata *metadata,
                           const struct provenance *provenance, const gan_image_metadata **said);

/* Write a result with the photograph's alpha and metadata; `photo` may be NULL. */
gan_status saving_write(const struct saving *saving, gan_context *context, const struct photo *photo,
                        const gan_tensor *result, const char *path, const struct provenance *provenance);

#endif
