/* The styles of a video: one mixture, or mixtures that come after one another. */
#ifndef CLI_STYLE_COURSE_H
#define CLI_STYLE_COURSE_H

#include "arguments.h"
#include "console.h"

#include "gan/gan.h"

struct style_course {
    struct texts words; /* NAME[:WEIGHT],...[@SECONDS], as given; times rise */
    int32_t styles;     /* of the model; 0: it has one */
    double *seconds;    /* of each of the words */
    float *weights;     /* of all styles, for each of the words */
    float *now;         /* room for one mixture */
};

/* Understand the words for this model. false: the mistake was named. style_course_close after any outcome. */
bool style_course_open(struct style_course *course, const struct console *console, const gan_model *model);
void style_course_close(struct style_course *course);

/* Whether the styles change, so that the time must be known. */
bool style_course_moves(const struct style_course *course);

/* The weights at a time: those of the words before and after it, mixed; NULL where the model has one style.
 */
const float *style_course_at(const struct style_course *course, double seconds);

#endif
