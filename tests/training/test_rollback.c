/* Going back to a good state where numbers cease to be finite. */
#include "base/suite.h"
#include "models/reference.h"
#include "training/play.h"
#include "training/training.h"

START_TEST(more_steps_than_the_checkpoint_had_survive_going_back)
{
    struct play play;
    open_play(&play);
    run_play(&play, &(gan_training_options){.steps = 4, .checkpoint = play.checkpoint});
    play.fails_at = 6;
    const struct outcome outcome =
        run_play(&play, &(gan_training_options){.steps = 120, .resume = play.checkpoint});
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
    const struct outcome expected = run_play(&whole, &options);
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
            outcome = run_play(&play, &here);
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
    ck_assert_int_eq(run_play(&play, &(gan_training_options){.steps = 60}).step, 60);
    expect_said(&play, "going back to step 0 ");
    play.fails_at = 51;
    ck_assert_int_eq(run_play(&play, &(gan_training_options){.steps = 60}).step, 60);
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
            run_play(&play, &(gan_training_options){.steps = 130, .checkpoint = play.checkpoint});
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
        run_play(&play, &(gan_training_options){.steps = 130, .checkpoint = play.checkpoint});
    must(outcome.status);
    ck_assert_int_eq(outcome.step, 50);
    ck_assert(outcome.loss == outcome.weight);
    must(gan_check_parameters(play.network));
    play.stops_at = NEVER;
    const struct outcome resumed =
        run_play(&play, &(gan_training_options){.steps = 50, .resume = play.checkpoint});
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
    const struct outcome expected = run_play(&whole, &options);
    expect_said(&whole, "going back to step 60 ");
    for (int i = 0; i < 5; i++) {
        struct play play;
        gan_training_options first = options;
        open_play(&play);
        play.fails_at = 73;
        play.dies_at = deaths[i];
        first.checkpoint = play.checkpoint;
        ck_assert_int_eq(run_play(&play, &first).status, GAN_ERROR_IO);
        play.dies_at = NEVER;
        play.fails_at = 73;
        first.resume = play.checkpoint;
        const struct outcome outcome = run_play(&play, &first);
        expect_said(&play, "going back to step 60 ");
        ck_assert_msg(outcome.weight == expected.weight && outcome.average == expected.average &&
                          outcome.step == expected.step,
                      "killed at %d", (int)deaths[i]);
        close_play(&play, 1);
    }
    close_play(&whole, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {more_steps_than_the_checkpoint_had_survive_going_back,
                                  a_stop_changes_nothing_that_comes_later,
                                  a_state_is_good_once_a_step_from_it_has_succeeded,
                                  a_statistic_that_is_not_finite_is_gone_back_from,
                                  a_training_stopped_where_it_is_spoilt_gives_what_was_good,
                                  what_is_gone_back_to_does_not_depend_on_a_break};
    return run_suite("rollback", tests, sizeof tests / sizeof tests[0]);
}
