/* How results are adjusted after the network: the options that commands have in common, and what they do. */
#ifndef CLI_ADJUSTING_H
#define CLI_ADJUSTING_H

#include "arguments.h"
#include "photo.h"

enum { ADJUSTING_OPTIONS = 3, MASKING_OPTIONS = 2 };

struct adjusting {
    const char *color_word, *mask_path;
    double strength; /* of what a command has no strength of its own for; 1 from the start */
    double detail;
    int64_t feather;
    struct option options[ADJUSTING_OPTIONS + MASKING_OPTIONS];
    gan_adjustment adjustment; /* as read */
    gan_tensor *mask;          /* NULL: none */
};

/* The options of all of them; where `masks`, of a mask too. */
struct option_group adjusting_options(struct adjusting *adjusting, bool masks);

/* Check the words. false: the mistake was named. */
bool adjusting_read(struct adjusting *adjusting);

/* Load the mask, if there is one. adjusting_free after any outcome. */
gan_status adjusting_open(struct adjusting *adjusting, gan_context *context);
void adjusting_free(struct adjusting *adjusting);

/* Whether anything is to be done. */
bool adjusting_needed(const struct adjusting *adjusting);

/* The mask for this photograph: one drawn for it as it lies in its file follows where --size scales it. */
gan_status adjusting_fit_mask(const struct adjusting *adjusting, const struct photo *photo,
                              gan_tensor **mask);

/* *result becomes the adjusted result of this photograph. */
gan_status adjusting_apply(const struct adjusting *adjusting, gan_context *context, const struct photo *photo,
                           gan_tensor **result);

#endif
