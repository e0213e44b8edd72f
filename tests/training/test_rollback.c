/* Going back to a good state, and going on from checkpoints: that neither loses steps, nor keeps what is bad.
 */
#include "base/suite.h"
#include "formats/folder.h"
#include "gan/gan.h"
#include "graph/model.h"
#include "graph/parameter.h"
#include "models/reference.h"
#include "training/training.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NEVER = -1 };

static const char *const loss_names[] = {"loss", "judge"};

/* A training whose one network has running statistics, and a weight that moves with each step by what a pool
 * gives back; its average is kept. */
struct play {
    int64_t fails_at, spoils_at, dies_at, stops_at; /* steps that were done before; the first two once */
    gan_context *context;
    gan_model *network;
    gan_image_pool *pool;
    bool plain; /* no average: it would see at once that a statistic is spoilt */
    gan_average *average;
    gan_tensor *picture; /* one number, for the pool */
    char said[4000];     /* warnings */
    struct folder folder;
    const char *checkpoint;
};

static void listen(void *user, int32_t severity, const char *message)
{
    struct play *play = user;
    if (severity == GAN_LOG_WARNING)
        snprintf(play->said + strlen(play->said), sizeof play->said - strlen(play->said), "%s\n", message);
}

static void make_network(struct play *play)
{
    gan_graph *graph;
    must(gan_graph_create(&graph, play->context));
    gan_layer *x = gan_input(graph, "x", (const int64_t[]){-1, 4, 4, 1}, 4);
    gan_layer *y = gan_batch_norm(x, NULL);
    must(gan_model_create(&play->network, "net", &x, 1, &y, 1));
    must(gan_model_initialize(play->network, 1));
    gan_graph_free(graph);
}

static void open_play(struct play *play)
{
    *play = (struct play){.fails_at = NEVER, .spoils_at = NEVER, .dies_at = NEVER, .stops_at = NEVER};
    const gan_context_options options = {.struct_size = sizeof options, .log = listen, .log_user = play};
    must(gan_context_create(&play->context, &options));
    make_network(play);
    folder_open(&play->folder);
    play->checkpoint = folder_file(&play->folder, "checkpoint");
}

static void close_play(struct play *play, int files)
{
    gan_model_free(play->network);
    gan_context_free(play->context);
    folder_close(&play->folder, files);
}

static float *values_of(const struct play *play, bool statistics)
{
    for (int32_t i = 0; i < play->network->parameter_count; i++) {
        struct parameter *parameter = play->network->parameters[i].parameter;
        if (parameter->specification.running_statistic == statistics)
            return gan_parameter_values(parameter);
    }
    return NULL;
}

static gan_status step(struct training *training)
{
    struct play *play = training->recipe;
    const int64_t now = training->step;
    if (now == play->dies_at)
        return gan_fail(GAN_ERROR_IO, "the end");
    if (now == play->fails_at) {
        play->fails_at = NEVER;
        return gan_fail(GAN_ERROR_NOT_FINITE, "it broke");
    }
    float *weight = values_of(play, false), *picture = gan_tensor_data(play->picture);
    *picture = *weight;
    must(gan_image_pool_exchange(play->pool, play->picture, play->picture));
    *weight = *weight * 0.9f + *picture * 0.09f + (float)(training->rate_part * cos((double)now));
    if (play->average != NULL)
        must(gan_average_update(play->average));
    if (now == play->spoils_at) {
        play->spoils_at = NEVER;
        *values_of(play, true) = INFINITY;
    }
    training->losses[0] = *weight;
    training->losses[1] = 0.001f;
    return GAN_OK;
}

static const struct training_method method = {
    .name = "play", .loss_names = loss_names, .loss_count = 2, .step = step};

static int32_t report(void *user, const gan_progress *progress)
{
    const struct play *play = user;
    return progress->step == play->stops_at;
}

struct outcome {
    gan_status status;
    int64_t step;
    float weight, loss, average;
};

/* The average has the model's parameters in place of its own only here, at the end. */
static float averaged_weight(const struct play *play)
{
    float *weight = values_of(play, false), own = *weight;
    if (play->average == NULL)
        return own;
    must(gan_average_apply(play->average, play->network));
    const float averaged = *weight;
    *weight = own;
    return averaged;
}

static struct outcome run(struct play *play, const gan_training_options *given)
{
    struct training training = {.context = play->context};
    gan_training_options options = *given;
    options.struct_size = sizeof options;
    options.progress = report;
    options.progress_user = play;
    play->said[0] = '\0';
    must(gan_training_open(&training, play->context, &method, play, &options));
    gan_training_add_network(&training, "net", play->network);
    must(gan_image_pool_create(&play->pool, play->context, 3, 9));
    play->average = NULL;
    if (!play->plain)
        must(gan_average_create(&play->average, play->network, NULL));
    must(gan_tensor_create(&play->picture, play->context, GAN_FLOAT32, (const int64_t[]){1, 1}, 2));
    gan_training_add_pool(&training, "pool", play->pool);
    if (play->average != NULL)
        gan_training_add_average(&training, "average", play->average, play->network);
    gan_training_add_judge(&training, 1);
    const gan_status status = gan_training_run(&training, "a play");
    const struct outcome outcome = {status, training.step, *values_of(play, false), training.losses[0],
                                    averaged_weight(play)};
    gan_training_close(&training);
    gan_image_pool_free(play->pool);
    gan_average_free(play->average);
    gan_tensor_free(play->picture);
    return outcome;
}

static void expect_said(const struct play *play, const char *words)
{
    ck_assert_msg(strstr(play->said, words) != NULL, "said: %s", play->said);
}

START_TEST(more_steps_than_the_checkpoint_had_survive_going_back)
{
    struct play play;
    open_play(&play);
    run(&play, &(gan_training_options){.steps = 4, .checkpoint = play.checkpoint});
    play.fails_at = 6;
    const struct outcome outcome =
        run(&play, &(gan_training_options){.steps = 120, .resume = play.checkpoint});
    must(outcome.status);
    expect_said(&play, "going back to step 0 ");
    ck_assert_int_eq(outcome.step, 120);
    close_play(&play, 1);
}
END_TEST

/* Stopped at some step, kept or not, before and after it breaks, and twice: all as without. */
START_TEST(a_stop_changes_nothing_that_comes_later)
{
    static const int64_t stops[][2] = {{7, 9},   {50, 51}, {60, 72},  {61, NEVER},
                                       {72, 73}, {74, 75}, {100, 120}};
    struct play whole;
    open_play(&whole);
    whole.fails_at = 73;
    const gan_training_options options = {.steps = 130, .checkpoint_every = 60};
    const struct outcome expected = run(&whole, &options);
    expect_said(&whole, "going back to step 60 ");
    for (int i = 0; i < 7; i++) {
        struct play play;
        gan_training_options here = options;
        struct outcome outcome = {.step = 0};
        open_play(&play);
        here.checkpoint = play.checkpoint;
        play.fails_at = 73;
        for (int k = 0; k < 3; k++) {
            play.stops_at = k < 2 ? stops[i][k] : NEVER;
            outcome = run(&play, &here);
            must(outcome.status);
            here.resume = play.checkpoint;
        }
        ck_assert_msg(outcome.weight == expected.weight && outcome.average == expected.average &&
                          outcome.step == expected.step,
                      "stopped at %d", (int)stops[i][0]);
        close_play(&play, 1);
    }
    close_play(&whole, 0);
}
END_TEST

/* The first step from 50 fails: 50 may be what broke it. */
START_TEST(a_state_is_good_once_a_step_from_it_has_succeeded)
{
    struct play play;
    open_play(&play);
    play.fails_at = 50;
    ck_assert_int_eq(run(&play, &(gan_training_options){.steps = 60}).step, 60);
    expect_said(&play, "going back to step 0 ");
    play.fails_at = 51;
    ck_assert_int_eq(run(&play, &(gan_training_options){.steps = 60}).step, 60);
    expect_said(&play, "going back to step 50 ");
    close_play(&play, 0);
}
END_TEST

/* Losses stay finite: only looking at the parameters shows it. */
START_TEST(a_statistic_that_is_not_finite_is_gone_back_from)
{
    static const int64_t when[] = {20, 70, 129};
    for (int i = 0; i < 3; i++) {
        struct play play;
        open_play(&play);
        play.plain = true;
        play.spoils_at = when[i];
        const struct outcome outcome =
            run(&play, &(gan_training_options){.steps = 130, .checkpoint = play.checkpoint});
        must(outcome.status);
        ck_assert_int_eq(outcome.step, 130);
        expect_said(&play, "is not finite");
        must(gan_check_parameters(play.network));
        gan_tensors *saved;
        must(gan_tensors_load(&saved, play.context, play.checkpoint));
        ck_assert_str_eq(gan_tensors_metadata(saved, "step"), "130");
        gan_tensors_free(saved);
        close_play(&play, 1);
    }
}
END_TEST

/* What is handed over is the last good state, and the checkpoint is of that too. */
START_TEST(a_training_stopped_where_it_is_spoilt_gives_what_was_good)
{
    struct play play;
    open_play(&play);
    play.plain = true;
    play.spoils_at = 70;
    play.stops_at = 75;
    const struct outcome outcome =
        run(&play, &(gan_training_options){.steps = 130, .checkpoint = play.checkpoint});
    must(outcome.status);
    ck_assert_int_eq(outcome.step, 50);
    ck_assert(outcome.loss == outcome.weight);
    must(gan_check_parameters(play.network));
    play.stops_at = NEVER;
    const struct outcome resumed =
        run(&play, &(gan_training_options){.steps = 50, .resume = play.checkpoint});
    ck_assert(resumed.step == 50 && resumed.weight == outcome.weight);
    close_play(&play, 1);
}
END_TEST

/* Killed at some step after the checkpoint of 60, and again; it breaks at 73, whether at once or resumed. */
START_TEST(what_is_gone_back_to_does_not_depend_on_a_break)
{
    static const int64_t deaths[] = {62, 69, 74, 100, 119};
    struct play whole;
    open_play(&whole);
    whole.fails_at = 73;
    const gan_training_options options = {.steps = 130, .checkpoint_every = 60};
    const struct outcome expected = run(&whole, &options);
    expect_said(&whole, "going back to step 60 ");
    for (int i = 0; i < 5; i++) {
        struct play play;
        gan_training_options first = options;
        open_play(&play);
        play.fails_at = 73;
        play.dies_at = deaths[i];
        first.checkpoint = play.checkpoint;
        ck_assert_int_eq(run(&play, &first).status, GAN_ERROR_IO);
        play.dies_at = NEVER;
        play.fails_at = 73;
        first.resume = play.checkpoint;
        const struct outcome outcome = run(&play, &first);
        expect_said(&play, "going back to step 60 ");
        ck_assert_msg(outcome.weight == expected.weight && outcome.average == expected.average &&
                          outcome.step == expected.step,
                      "killed at %d", (int)deaths[i]);
        close_play(&play, 1);
    }
    close_play(&whole, 0);
}
END_TEST

/* A checkpoint is not written before a step from its state has succeeded. */
START_TEST(a_checkpoint_is_never_of_a_state_that_leads_nowhere)
{
    struct play play;
    open_play(&play);
    play.dies_at = 60;
    ck_assert_int_eq(
        run(&play,
            &(gan_training_options){.steps = 130, .checkpoint = play.checkpoint, .checkpoint_every = 20})
            .status,
        GAN_ERROR_IO);
    gan_tensors *saved;
    must(gan_tensors_load(&saved, play.context, play.checkpoint));
    ck_assert_str_eq(gan_tensors_metadata(saved, "step"), "40");
    gan_tensors_free(saved);
    close_play(&play, 1);
}
END_TEST

START_TEST(a_finished_training_has_its_last_losses_when_it_is_resumed)
{
    struct play play;
    open_play(&play);
    const struct outcome first =
        run(&play, &(gan_training_options){.steps = 30, .checkpoint = play.checkpoint});
    const struct outcome again = run(&play, &(gan_training_options){.steps = 30, .resume = play.checkpoint});
    must(again.status);
    ck_assert(again.step == 30 && again.loss == first.loss && again.loss != 0);
    close_play(&play, 1);
}
END_TEST

/* The discriminator has won at step 200 since step 1, told once, also over a break. */
START_TEST(what_the_monitor_has_seen_is_not_forgotten)
{
    struct play play;
    open_play(&play);
    run(&play, &(gan_training_options){.steps = 150, .checkpoint = play.checkpoint});
    run(&play,
        &(gan_training_options){.steps = 210, .checkpoint = play.checkpoint, .resume = play.checkpoint});
    expect_said(&play, "step 200: the discriminator has won since step 1 ");
    run(&play, &(gan_training_options){.steps = 230, .resume = play.checkpoint});
    ck_assert_str_eq(play.said, "");
    close_play(&play, 1);
}
END_TEST

static void expect_refused(struct play *play, const char *words)
{
    const struct outcome outcome = run(play, &(gan_training_options){.steps = 9, .resume = play->checkpoint});
    ck_assert_int_ne(outcome.status, GAN_OK);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "%s", gan_error_message());
    ck_assert_msg(strstr(gan_error_message(), play->checkpoint) != NULL, "%s", gan_error_message());
}

/* A network whose parameters have the names, but not the shapes. */
static void widen(struct play *play)
{
    gan_graph *graph;
    gan_model_free(play->network);
    must(gan_graph_create(&graph, play->context));
    gan_layer *x = gan_input(graph, "x", (const int64_t[]){-1, 4, 4, 7}, 4);
    gan_layer *y = gan_batch_norm(x, NULL);
    must(gan_model_create(&play->network, "net", &x, 1, &y, 1));
    must(gan_model_initialize(play->network, 1));
    gan_graph_free(graph);
}

START_TEST(checkpoints_that_do_not_fit_are_refused_by_name)
{
    struct play play;
    gan_tensors *saved;
    gan_tensor *weight = NULL;
    open_play(&play);
    run(&play, &(gan_training_options){.steps = 3, .checkpoint = play.checkpoint});
    must(gan_tensors_load(&saved, play.context, play.checkpoint));
    char name[100];
    snprintf(name, sizeof name, "net.%s", gan_model_parameter_name(play.network, 0));
    must(gan_tensors_get(&weight, saved, name));
    *(float *)gan_tensor_data(weight) = NAN;
    must(gan_tensors_save(saved, play.checkpoint));
    expect_refused(&play, "is not finite");
    gan_tensor_free(weight);
    gan_tensors_free(saved);
    widen(&play);
    expect_refused(&play, "net: ");
    close_play(&play, 1);
}
END_TEST

START_TEST(more_steps_than_a_checkpoint_can_say_are_refused)
{
    struct play play;
    open_play(&play);
    struct training training = {.context = play.context};
    const gan_training_options options = {.struct_size = sizeof options, .steps = TRAINING_MOST_STEPS + 1};
    ck_assert_int_eq(gan_training_open(&training, play.context, &method, &play, &options),
                     GAN_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "2^50"));
    gan_training_close(&training);
    close_play(&play, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        more_steps_than_the_checkpoint_had_survive_going_back,
        a_stop_changes_nothing_that_comes_later,
        a_state_is_good_once_a_step_from_it_has_succeeded,
        a_statistic_that_is_not_finite_is_gone_back_from,
        a_training_stopped_where_it_is_spoilt_gives_what_was_good,
        what_is_gone_back_to_does_not_depend_on_a_break,
        a_checkpoint_is_never_of_a_state_that_leads_nowhere,
        a_finished_training_has_its_last_losses_when_it_is_resumed,
        what_the_monitor_has_seen_is_not_forgotten,
        checkpoints_that_do_not_fit_are_refused_by_name,
        more_steps_than_a_checkpoint_can_say_are_refused,
    };
    return run_suite("rollback", tests, sizeof tests / sizeof tests[0]);
}
