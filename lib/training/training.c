/* The loop over steps, and what happens where one fails. */
#include "training/training.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { GOOD_EVERY = 50, CHECKPOINT_EVERY = 100 };

gan_status gan_training_open(struct training *training, gan_context *context,
                             const struct training_method *method, void *recipe,
                             const gan_training_options *options)
{
    training->context = context;
    training->method = method;
    training->recipe = recipe;
    training->measured_step = -1;
    training->saved = -1;
    training->schedule.decay = 1;
    gan_training_start_clock(training);
    gan_status status =
        gan_copy_options(&training->options, sizeof training->options, options, "gan_training_options");
    if (status != GAN_OK)
        return status;
    if (training->options.steps < 0 || training->options.steps > TRAINING_MOST_STEPS ||
        !(training->options.minutes >= 0))
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "steps is %lld and minutes %g, expected none below 0, and at most 2^50 steps",
                        (long long)training->options.steps, training->options.minutes);
    if (training->options.steps == 0 && training->options.minutes == 0)
        training->options.minutes = 5;
    return gan_health_create(&training->health, context, NULL);
}

gan_status gan_training_open_cosine(struct training *training, gan_context *context,
                                    const struct training_method *method, void *recipe,
                                    const gan_training_options *options, double end)
{
    const gan_status status = gan_training_open(training, context, method, recipe, options);
    training->logarithmic = true;
    training->schedule = (struct training_schedule){.shape = SCHEDULE_COSINE, .warm_up = 30, .end = end};
    return status;
}

gan_status gan_training_check_crops(int32_t size, int32_t multiple, int32_t batch, float learning_rate)
{
    if (size < 32 || size > 512 || size % multiple != 0)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "size is %" PRId32 ", expected a multiple of %" PRId32 " from 32 to 512", size,
                        multiple);
    if (batch < 1 || batch > 256)
        return gan_fail(GAN_ERROR_ARGUMENT, "batch is %" PRId32 ", expected 1 to 256", batch);
    if (!(learning_rate > 0) || !isfinite(learning_rate))
        return gan_fail(GAN_ERROR_ARGUMENT, "learning_rate is %g, expected a finite number above 0",
                        (double)learning_rate);
    return GAN_OK;
}

void gan_training_close(struct training *training)
{
    gan_training_state_free(training->good);
    gan_training_state_free(training->next);
    gan_loss_log_free(training->log);
    gan_health_free(training->health);
    gan_release(training->context, training->fingerprint);
}

void gan_training_add_network(struct training *training, const char *name, gan_model *model)
{
    training->networks[training->network_count].name = name;
    training->networks[training->network_count++].model = model;
}

void gan_training_add_optimizer(struct training *training, const char *name, gan_optimizer *optimizer,
                                float rate)
{
    training->optimizers[training->optimizer_count].name = name;
    training->optimizers[training->optimizer_count].rate = rate;
    training->optimizers[training->optimizer_count++].optimizer = optimizer;
}

void gan_training_add_average(struct training *training, const char *name, gan_average *average,
                              gan_model *model)
{
    training->averages[training->average_count].name = name;
    training->averages[training->average_count].model = model;
    training->averages[training->average_count++].average = average;
}

void gan_training_add_pool(struct training *training, const char *name, gan_image_pool *pool)
{
    training->pools[training->pool_count].name = name;
    training->pools[training->pool_count++].pool = pool;
}

/* The optimizers' rates follow the training's schedule; their own stay constant. */
static gan_status set_rates(struct training *training)
{
    gan_status status = GAN_OK;
    training->rate_part = gan_training_rate(training);
    for (int32_t i = 0; status == GAN_OK && i < training->optimizer_count; i++) {
        const float rate = (float)(training->rate_part * (double)training->optimizers[i].rate);
        status = gan_optimizer_set_learning_rate(training->optimizers[i].optimizer, rate);
    }
    return status;
}

static gan_status step(struct training *training)
{
    gan_status status = set_rates(training);
    if (status == GAN_OK)
        status = training->method->step(training);
    if (status != GAN_OK)
        return status;
    training->step++;
    status = gan_training_look(training);
    return status == GAN_OK ? gan_training_record(training) : status;
}

static int64_t checkpoint_every(const struct training *training)
{
    const int64_t asked = training->options.checkpoint_every;
    return asked > 0 ? asked : CHECKPOINT_EVERY;
}

static gan_status save_good(struct training *training)
{
    if (training->options.checkpoint == NULL || training->saved == training->good->counts.step)
        return GAN_OK;
    const gan_status status = gan_training_save(training, training->good, NULL);
    if (status == GAN_OK)
        training->saved = training->good->counts.step;
    return status;
}

/* The state at hand, and in the same file the good one as long as no step from here has succeeded. */
static gan_status save_last(struct training *training)
{
    if (training->options.checkpoint == NULL || training->next == NULL)
        return save_good(training);
    return gan_training_save(training, training->next, training->good);
}

/* What is kept does not depend on whether checkpoints are written, but for how often. */
static bool is_kept(const struct training *training, int64_t step)
{
    return step % GOOD_EVERY == 0 || step % checkpoint_every(training) == 0;
}

static void replace(struct training_state **state, struct training_state *by)
{
    gan_training_state_free(*state);
    *state = by;
}

/* A step from the state that was kept last has succeeded: it is good, and a checkpoint where one is due. So
 * no checkpoint is of a state that leads nowhere, and a training that goes on from one goes back to where the
 * unbroken one would. A state where a training stopped, and then went on, is forgotten. */
static gan_status confirm(struct training *training)
{
    if (training->next == NULL)
        return GAN_OK;
    const int64_t step = training->next->counts.step;
    if (is_kept(training, step))
        replace(&training->good, training->next);
    else
        gan_training_state_free(training->next);
    training->next = NULL;
    const bool due = training->good->counts.step == step && step % checkpoint_every(training) == 0;
    return due ? gan_training_tolerate(training, save_good(training)) : GAN_OK;
}

/* Numbers ceased to be finite: back to the last good state, with half the learning rate. */
static gan_status go_back(struct training *training)
{
    if (training->failures >= TRAINING_MOST_FAILURES)
        return gan_fail_within(GAN_ERROR_NOT_FINITE,
                               "training failed at step %lld, also after the learning rate was halved %d "
                               "times: ",
                               (long long)training->step, (int)TRAINING_MOST_FAILURES);
    training->failures++;
    gan_log(training->context, GAN_LOG_WARNING,
            "step %lld: %s; going back to step %lld with half the learning rate", (long long)training->step,
            gan_error_message(), (long long)training->good->counts.step);
    replace(&training->next, NULL);
    return gan_training_go_back(training);
}

static gan_status load(struct training *training, const char *path)
{
    struct training_state *state;
    gan_status status = gan_checkpoint_load(&state, training->context, path);
    if (status != GAN_OK)
        return status;
    if (strcmp(state->fingerprint, training->fingerprint) != 0)
        status = gan_fail(GAN_ERROR_ARGUMENT, "it was made with other options: %s; now: %s",
                          state->fingerprint, training->fingerprint);
    else
        status = gan_training_go_on(training, state);
    gan_training_state_free(state);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "\"%s\": ", path);
}

/* Where it starts is what is gone back to at first, but for a checkpoint that knows better. */
static gan_status start(struct training *training)
{
    const char *path = training->options.resume;
    gan_status status = path != NULL ? load(training, path) : GAN_OK;
    if (status != GAN_OK)
        return status;
    status = gan_training_capture(training, training->good == NULL ? &training->good : &training->next);
    return status == GAN_OK || path == NULL ? status : gan_fail_within(status, "\"%s\": ", path);
}

static gan_status take_fingerprint(struct training *training, const char *fingerprint)
{
    training->fingerprint = gan_copy_string(training->context, fingerprint);
    if (training->fingerprint == NULL)
        return gan_fail_memory("a fingerprint", strlen(fingerprint));
    for (char *c = training->fingerprint; *c != '\0'; c++)
        if (*c == ',')
            *c = '.'; /* of a locale */
    return GAN_OK;
}

/* Everything is tried once before the first step, so that a file that cannot be written is known at once. */
static gan_status begin(struct training *training, const char *fingerprint)
{
    gan_status status = take_fingerprint(training, fingerprint);
    if (status == GAN_OK)
        status = gan_training_open_log(training);
    if (status == GAN_OK)
        status = start(training);
    if (status == GAN_OK)
        status = save_last(training);
    if (status == GAN_OK)
        status = gan_training_write_watched(training);
    if (status == GAN_OK && training->step == 0 && training->method->begin != NULL)
        status = training->method->begin(training);
    return status;
}

/* One step and what follows from it. */
static gan_status advance(struct training *training, bool *stop)
{
    gan_status status = step(training);
    if (status == GAN_OK)
        status = confirm(training);
    if (status != GAN_OK)
        return status;
    gan_training_plan_steps(training);
    *stop = gan_training_report(training);
    if (*stop || gan_training_finished(training) || is_kept(training, training->step))
        status = gan_training_capture(training, &training->next);
    return status == GAN_OK ? gan_training_watch(training) : status;
}

/* The last state has no step behind it that could say more of it. */
static gan_status end(struct training *training)
{
    const gan_status status = gan_training_tolerate(training, save_last(training));
    return status == GAN_OK ? gan_training_tolerate(training, gan_training_write_watched(training)) : status;
}

gan_status gan_training_run(struct training *training, const char *fingerprint)
{
    gan_status status = begin(training, fingerprint);
    gan_training_plan_steps(training);
    for (bool stop = false; status == GAN_OK && !stop && !gan_training_finished(training);) {
        status = advance(training, &stop);
        if (status == GAN_ERROR_NOT_FINITE)
            status = go_back(training);
    }
    return status == GAN_OK ? end(training) : status;
}
