/* Checkpoints of trainings that go back: what they hold, and what is refused. */
#include "base/suite.h"
#include "graph/model.h"
#include "models/reference.h"
#include "training/play.h"
#include "training/training.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A checkpoint is not written before a step from its state has succeeded. */
START_TEST(a_checkpoint_is_never_of_a_state_that_leads_nowhere)
{
    struct play play;
    open_play(&play);
    play.dies_at = 60;
    ck_assert_int_eq(
        run_play(&play,
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
        run_play(&play, &(gan_training_options){.steps = 30, .checkpoint = play.checkpoint});
    const struct outcome again =
        run_play(&play, &(gan_training_options){.steps = 30, .resume = play.checkpoint});
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
    run_play(&play, &(gan_training_options){.steps = 150, .checkpoint = play.checkpoint});
    run_play(&play,
             &(gan_training_options){.steps = 210, .checkpoint = play.checkpoint, .resume = play.checkpoint});
    expect_said(&play, "step 200: the discriminator has won since step 1 ");
    run_play(&play, &(gan_training_options){.steps = 230, .resume = play.checkpoint});
    ck_assert_str_eq(play.said, "");
    close_play(&play, 1);
}
END_TEST

static void expect_refused(struct play *play, const char *words)
{
    const struct outcome outcome =
        run_play(play, &(gan_training_options){.steps = 9, .resume = play->checkpoint});
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
    run_play(&play, &(gan_training_options){.steps = 3, .checkpoint = play.checkpoint});
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
    ck_assert_int_eq(gan_training_open(&training, play.context, &play_method, &play, &options),
                     GAN_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "2^50"));
    gan_training_close(&training);
    close_play(&play, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_checkpoint_is_never_of_a_state_that_leads_nowhere,
                                  a_finished_training_has_its_last_losses_when_it_is_resumed,
                                  what_the_monitor_has_seen_is_not_forgotten,
                                  checkpoints_that_do_not_fit_are_refused_by_name,
                                  more_steps_than_a_checkpoint_can_say_are_refused};
    return run_suite("rollback checkpoints", tests, sizeof tests / sizeof tests[0]);
}
