/* The worker that bench/compare drives: one process, one libgan, one case. */
#ifndef GAN_BENCH_WORKER_H
#define GAN_BENCH_WORKER_H

#include "gan/gan.h"

#include <stdio.h>

/* The words "--name VALUE" of the command line. */
struct arguments {
    int count;
    char **words;
};

/* Value of "--name", or `otherwise`; arguments_require ends the program where it is missing. */
const char *arguments_text(const struct arguments *arguments, const char *name, const char *otherwise);
const char *arguments_require(const struct arguments *arguments, const char *name);
int arguments_number(const struct arguments *arguments, const char *name, int otherwise);
/* GAN_PRECISION_* of "--precision"; says "skip" and ends the program where this libgan has no such. */
int32_t arguments_precision(const struct arguments *arguments);

/* End the program where a call failed: with the words "skip ..." for the table where the library does not
 * offer what the case needs, else with an error. */
void check(gan_status status);
_Noreturn void skip(const char *why);

/* The tensor of raw float32 in the file of "--name", in the shape "N,H,W,C" of "--name-shape". */
gan_tensor *arguments_tensor(const struct arguments *arguments, gan_context *context, const char *name);
gan_model *arguments_model(const struct arguments *arguments, gan_context *context, const char *name);

void write_tensor(FILE *file, const gan_tensor *tensor);

/* What is measured. `write` puts the result of the first run into a file, as raw float32. */
struct job {
    void *state;
    void (*run)(void *state);
    void (*write)(void *state, FILE *file);
    void (*release)(void *state);
};

struct job network_job(gan_context *context, const struct arguments *arguments);
struct job gradients_job(gan_context *context, const struct arguments *arguments);
struct job style_job(gan_context *context, const struct arguments *arguments);
struct job adversarial_job(gan_context *context, const struct arguments *arguments);

/* "make KIND FILE [--name VALUE]...": a model with seeded or published weights, saved for all peers. */
void make_model(gan_context *context, const char *kind, const char *path, const struct arguments *arguments);

#endif
