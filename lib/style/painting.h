/* One scale of an iterative optimisation: a picture whose pixels are parameters, and its loss. */
#ifndef GAN_STYLE_PAINTING_H
#define GAN_STYLE_PAINTING_H

#include "gan/objective.h"
#include "gan/picture_optimization.h"
#include "style/style.h"

enum { PAINTING_MOST_STYLES = 16 };

struct painting {
    gan_context *context;
    int64_t height, width;
    gan_model *canvas;  /* one parameter: the pixels */
    gan_tensor *row;    /* which row of the table the picture is: 0 */
    gan_tensor *pixels; /* on their way to the canvas */
    gan_optimizer *optimizer;
    gan_objective *objective;
};

/* Content and masks are of this scale already, no weight of a style is 0. On failure *painting can be closed
 * too. */
gan_status gan_painting_open(struct painting *painting, const gan_tensor *content,
                             const gan_painted_style *styles, int32_t count, float learning_rate);
void gan_painting_close(struct painting *painting);

/* The pixels, height * width * 3 values. */
gan_status gan_painting_set(struct painting *painting, const float *pixels);
gan_status gan_painting_get(const struct painting *painting, float *pixels);

/* Loss and gradient at `pixels`; sets them. */
gan_status gan_painting_gradient(struct painting *painting, const float *pixels, float *gradient,
                                 double *loss);

/* One step of Adam. */
gan_status gan_painting_step(struct painting *painting, float *loss);

#endif
