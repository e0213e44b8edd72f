/* What every training of the program shares: its options, its progress, saving what came out. */
#ifndef CLI_TRAINING_H
#define CLI_TRAINING_H

#include "arguments.h"
#include "console.h"

#include "gan/gan.h"

struct training_job {
    const char *output, *checkpoint, *resume, *log, *plot, *preview;
    double minutes;
    int64_t steps, seed, threads, checkpoint_every;
    bool half;
    struct console console;
    struct progress_line progress;
    gan_context *context;
    int64_t step; /* the last one told of */
    double seconds;
};

/* A training as a command: its own options, and what it does besides what all do. `job` is what it was given
 * to training_command_run. */
struct training_command {
    const char *name, *usage, *summary; /* as of struct arguments */
    const struct option *options;       /* besides those of every training */
    int option_count;
    bool (*is_complete)(const void *job); /* says what is missing */
    int (*prepare)(void *job);            /* opens what is to be learned from; returns an exit code */
    gan_status (*train)(void *job, gan_model **model);
    void (*release)(void *job); /* what prepare has made, also where it failed */
};

/* All of it, from the words of the command line to the model's file. Returns an exit code. */
int training_command_run(const struct training_command *command, struct training_job *training, void *job,
                         int argc, char **argv);

/* The lines of an options table for such a job. */
enum { TRAINING_OPTIONS = 14 };
void training_fill_options(struct training_job *job, struct option options[TRAINING_OPTIONS]);

/* Whether the options make sense together; says what is missing. */
bool training_is_complete(const struct training_job *job);

/* A mistake in a file's name should be told now, not after the training; then the context is made. */
int training_prepare(struct training_job *job);

/* What the library is told of it. */
gan_training_options training_options(struct training_job *job);

/* The progress callback; `user` is the job. Returns whether to stop. */
int32_t training_progress(void *user, const gan_progress *progress);

/* Catch Ctrl-C and show progress until training_end. */
void training_begin(struct training_job *job);

/* After the training: save the model and say so, or say what failed. Returns the exit code. */
int training_end(struct training_job *job, gan_status status, gan_model *model);

#endif
