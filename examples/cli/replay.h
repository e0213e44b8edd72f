/* A pair of inputs and outputs that came with published weights, replayed. */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include "arguments.h"
#include "console.h"

#include "gan/gan.h"

enum { REPLAY_OPTIONS = 3 };

struct replay {
    struct texts inputs, expected; /* FILE[:TENSOR], or pictures */
    double tolerance;              /* share of the largest value; less than 0: by default */
    struct option options[REPLAY_OPTIONS];
    gan_replay found; /* result */
};

struct option_group replay_options(struct replay *replay);

bool replay_wanted(const struct replay *replay);

/* Check the words. false: the mistake was named. */
bool replay_read(struct replay *replay);

/* Run the model on the inputs and compare. false: what went wrong was named, or how far it is off. */
bool replay_run(struct replay *replay, const struct console *console, gan_context *context, gan_model *model);

#endif
