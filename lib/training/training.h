/* What every training shares: the loop over steps, its state as a checkpoint, its clock, its history, and
 * going back where numbers cease to be finite. What a step does is the method's affair. */
#ifndef GAN_TRAINING_TRAINING_H
#define GAN_TRAINING_TRAINING_H

#include "gan/average.h"
#include "gan/health.h"
#include "gan/image_pool.h"
#include "gan/loss_log.h"
#include "gan/recipes.h"
#include "training/checkpoint.h"

#include <stdbool.h>

enum {
    TRAINING_MOST_NETWORKS = 8,
    TRAINING_MOST_AVERAGES = 2,
    TRAINING_MOST_POOLS = 2,
    TRAINING_MOST_LOSSES = 12,
    TRAINING_MOST_JUDGES = 2
};

/* Columns of the log before the losses: seconds, learning rate. */
enum { COLUMNS_BEFORE_LOSSES = 2 };

struct training;

struct training_method {
    const char *name; /* "dcgan" */
    const char *const *loss_names;
    int32_t loss_count;
    /* Once before the first step, not where a checkpoint goes on; NULL: nothing. */
    gan_status (*begin)(struct training *training);
    /* One step: fill training->losses. NOT_FINITE makes the loop go back to the last good state. */
    gan_status (*step)(struct training *training);
    /* A picture of what is learned so far, by models that have their averages in them; NULL: none. */
    gan_status (*preview)(const struct training *training, const char *path);
    /* The last step's pictures, each of an input of its own, which should differ; NULL: none such. */
    gan_status (*generated)(const struct training *training, gan_tensor **pictures);
};

/* Part of the learning rate as the training goes on: a linear warm-up over the first steps, full until
 * `decay` (a share of all steps), then down to `end` in a line or half a cosine; decay 1: it stays full. */
enum schedule_shape { SCHEDULE_LINEAR, SCHEDULE_COSINE };
struct training_schedule {
    enum schedule_shape shape;
    int64_t warm_up;
    double decay, end;
};

struct training {
    gan_context *context;
    const struct training_method *method;
    void *recipe;
    gan_training_options options;
    struct training_schedule schedule;
    bool logarithmic;  /* axis of the curves */
    char *fingerprint; /* what a checkpoint must have been made with */

    struct {
        const char *name;
        gan_model *model;
    } networks[TRAINING_MOST_NETWORKS];
    struct {
        const char *name;
        gan_optimizer *optimizer;
        float rate;
    } optimizers[TRAINING_MOST_OPTIMIZERS];
    struct {
        const char *name;
        gan_average *average;
        gan_model *model;
    } averages[TRAINING_MOST_AVERAGES];
    struct {
        const char *name;
        gan_image_pool *pool;
    } pools[TRAINING_MOST_POOLS];
    int32_t network_count, optimizer_count, average_count, pool_count;

    int64_t step, total;            /* total 0: not known yet */
    double elapsed_before, started; /* seconds of former runs; clock at the start of this one */
    double measured_at;             /* elapsed when the typical steps began */
    int64_t measured_step;          /* -1: not yet */
    double rate_part;               /* of the learning rate in the last step */
    int32_t failures;               /* each halves the learning rate */
    float losses[TRAINING_MOST_LOSSES];
    gan_loss_log *log;                    /* seconds, learning rate, losses by step */
    int64_t next_preview;                 /* step */
    int32_t judges[TRAINING_MOST_JUDGES]; /* losses of the discriminator */
    int32_t judge_count;
    gan_health *health;
    struct training_state *good; /* to go back to where numbers cease to be finite */
    struct training_state *next; /* takes its place, where it is kept, once a step from it has succeeded */
    int64_t saved;               /* step of the good state that was written last; -1: none */
};

/* Fill a zeroed training. `options` may be NULL; neither steps nor minutes: five minutes. Errors: ARGUMENT.
 */
gan_status gan_training_open(struct training *training, gan_context *context,
                             const struct training_method *method, void *recipe,
                             const gan_training_options *options);
/* The same where one network learns from smooth losses: curves of a logarithmic axis, and a rate that rises
 * over the first 30 steps, then falls along half a cosine to the part `end` of itself. */
gan_status gan_training_open_cosine(struct training *training, gan_context *context,
                                    const struct training_method *method, void *recipe,
                                    const gan_training_options *options, double end);
/* What trainings on crops of photographs take: sides from 32 to 512 pixels that are multiples of `multiple`,
 * 1 to 256 of them in a batch, a learning rate above 0. Errors: ARGUMENT. */
gan_status gan_training_check_crops(int32_t size, int32_t multiple, int32_t batch, float learning_rate);
/* Frees what the training made; networks, optimizers, averages and pools stay their owners'. */
void gan_training_close(struct training *training);

/* What belongs to the state, under a name of its own. The optimizer's rate follows the schedule. Borrowed. */
void gan_training_add_network(struct training *training, const char *name, gan_model *model);
void gan_training_add_optimizer(struct training *training, const char *name, gan_optimizer *optimizer,
                                float rate);
void gan_training_add_average(struct training *training, const char *name, gan_average *average,
                              gan_model *model);
void gan_training_add_pool(struct training *training, const char *name, gan_image_pool *pool);

/* Number `loss` is the discriminator's, or a part of it, and 0 where all pictures are told apart. */
void gan_training_add_judge(struct training *training, int32_t loss);

/* All steps, from the checkpoint on where the options name one. `fingerprint` says in words all that decides
 * what a step does; a checkpoint made with other words is refused. */
gan_status gan_training_run(struct training *training, const char *fingerprint);

/* Words of how it was made, the average where there is one, and the hand over (training_result.c): *out takes
 * the hold on the model. */
gan_status gan_training_finish(gan_model **out, const struct training *training, gan_model **model,
                               const gan_average *average);

/* State (training_capture.c): take it all (NOT_FINITE: a parameter is not finite; names it); write it as the
 * checkpoint, with what is gone back to from it (`back`, NULL: itself); go back to training->good; go on from
 * a checkpoint, which may know what to go back to. */
gan_status gan_training_capture(const struct training *training, struct training_state **out);
gan_status gan_training_save(const struct training *training, struct training_state *state,
                             const struct training_state *back);
gan_status gan_training_go_back(struct training *training);
gan_status gan_training_go_on(struct training *training, const struct training_state *state);

/* Time (training_clock.c): seconds so far; the number of steps that the minutes allow, settled once after the
 * first steps and kept in checkpoints; the part of the learning rate for the next step; the caller's
 * callback. */
void gan_training_start_clock(struct training *training);
double gan_training_elapsed(const struct training *training);
void gan_training_plan_steps(struct training *training);
bool gan_training_finished(const struct training *training);
double gan_training_rate(const struct training *training);
bool gan_training_report(const struct training *training);

/* What is to be watched (training_watch.c): losses by step as a table and curves, a picture now and then.
 * Opened and written once before the first step, so that a file that cannot be written is known at once. */
gan_status gan_training_open_log(struct training *training);
gan_status gan_training_write_watched(const struct training *training);
gan_status gan_training_record(struct training *training);
gan_status gan_training_watch(struct training *training);
/* Files that could be written at the start and cannot now do not end the work: the model matters more. */
gan_status gan_training_tolerate(const struct training *training, gan_status status);

/* What goes wrong without an error is a warning in the log (training_health.c): a discriminator that has won
 * and pictures that have become alike, after a step; normalizations of a model that get flat inputs. */
gan_status gan_training_look(struct training *training);
gan_status gan_training_check_normalization(const struct training *training, gan_model *model,
                                            const gan_tensor *input);

#endif
