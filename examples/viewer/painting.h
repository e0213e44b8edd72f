/* A photograph and what generators make of it, adjusted as the viewer's sliders stand. */
#ifndef VIEWER_PAINTING_H
#define VIEWER_PAINTING_H

#include <gan/gan.h>

enum { MOST_GENERATORS = 9, COLORS = 4 };

struct look {
    float strength, detail; /* 0 to 1, 0 to 4 */
    int32_t color;          /* GAN_COLOR_* */
};

struct painting {
    gan_context *context;
    gan_model *generators[MOST_GENERATORS];
    int generator_count, shown; /* which result is shown */
    gan_tensor *photo, *results[MOST_GENERATORS];
    gan_adjuster *adjuster; /* of the result shown */
    gan_tensor *adjusted;
};

/* The longer side of the photograph is scaled down to `size` where it is larger. painting_close after any
 * outcome. */
gan_status painting_open(struct painting *painting, const char *photo, char *const *generators, int count,
                         int64_t size);
void painting_close(struct painting *painting);

/* Show the result of another generator, which runs where it has not yet. */
gan_status painting_show(struct painting *painting, int generator);

/* Fill painting->adjusted. */
gan_status painting_adjust(struct painting *painting, const struct look *look);

/* A small picture of how `look` would be, `side` pixels on its longer side. */
gan_status painting_thumbnail(struct painting *painting, const struct look *look, int64_t side,
                              gan_tensor **thumbnail);

#endif
