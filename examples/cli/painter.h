/* What paints pictures in given styles: a network that takes a style, or features that are transformed
 * between encoders and decoders. */
#ifndef CLI_PAINTER_H
#define CLI_PAINTER_H

#include "mixture.h"

#include "console.h"

#include "gan/gan.h"

/* Words of a command line. */
struct painter_choice {
    const char *network;             /* a network that takes a style, or a decoder */
    struct texts encoders, decoders; /* in its place; count 0: none */
    const char *features;            /* encoder of a decoder that is the network; NULL: libgan's own */
    const char *method;              /* NULL: as the networks are */
    struct texts styles;             /* pictures, or styles that were saved; at most MIXTURE_MOST_STYLES */
    const float *weights;            /* of the styles, sum 1 */
    bool masked;                     /* styles have places of their own */
    int64_t style_size;
    int32_t precision; /* GAN_PRECISION_* */
};

struct painter {
    gan_context *context;
    const struct painter_choice *choice;
    gan_model *network;                     /* that takes a style, or a decoder */
    gan_tensor *codes[MIXTURE_MOST_STYLES]; /* of each style where masked, or of the mixture alone */
    gan_transfer *transfers[MIXTURE_MOST_STYLES];
    int transfer_count;
    gan_model *encoder;             /* the deepest one */
    gan_feature_transfer *features; /* in the place of codes and transfers; NULL: none */
};

/* Whether the words go together. false: the mistake was named. */
bool painter_check(const struct painter_choice *choice);

/* Networks and styles. Returns an exit code; painter_close after any outcome. The choice is kept. */
int painter_open(struct painter *painter, gan_context *context, const struct console *console,
                 const struct painter_choice *choice);
void painter_close(struct painter *painter);

/* Whether there is a generator of the styles' mixture: not by every method. */
bool painter_has_generator(const struct painter *painter);

/* Save it. It remembers the digest where there is one (not ""). */
gan_status painter_save_generator(const struct painter *painter, const char *path, bool half,
                                  const char *style_digest);

/* A new picture of the size of `photo`; `strength` of the network or the features. */
gan_status painter_run(const struct painter *painter, const gan_tensor *photo, float strength,
                       const struct placement *placement, gan_tensor **result);

/* The precision that computed last. */
int32_t painter_precision(const struct painter *painter);

#endif
