/* What all trainings share: the schedule, going back, the log, and warnings of what goes wrong unnoticed. */
#include "base/suite.h"
#include "formats/folder.h"
#include "gan/gan.h"
#include "models/reference.h"
#include "training/training.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LOSS_GENERATOR, LOSS_JUDGE, LOSSES, BREAKS_AT = 63, MOST_STEPS = 300 };

static const char *const loss_names[LOSSES] = {"generator", "discriminator"};

/* A training that computes nothing but what the test wants. */
struct play {
    float judged; /* loss of the discriminator */
    bool breaks;  /* once */
    bool alike;   /* pictures from step 100 on */
    bool flat;    /* pictures of the start */
    double rates[MOST_STEPS];
    gan_context *context;
    char said[2000]; /* warnings */
};

static void listen(void *user, int32_t severity, const char *message)
{
    struct play *play = user;
    if (severity == GAN_LOG_WARNING)
        snprintf(play->said + strlen(play->said), sizeof play->said - strlen(play->said), "%s\n", message);
}

static void open_play(struct play *play)
{
    const gan_context_options options = {.struct_size = sizeof options, .log = listen, .log_user = play};
    must(gan_context_create(&play->context, &options));
}

static gan_status begin(struct training *training)
{
    const struct play *play = training->recipe;
    const gan_patchgan_options options = {.struct_size = sizeof options, .channels = 4};
    gan_model *judge;
    gan_tensor *picture;
    must(gan_patchgan_create(&judge, training->context, &options));
    must(gan_model_initialize(judge, 7));
    must(gan_tensor_create(&picture, training->context, GAN_FLOAT32, (const int64_t[]){1, 64, 64, 3}, 4));
    must(gan_tensor_fill_normal(picture, 1, 0, play->flat ? 0 : 1));
    const gan_status status = gan_training_check_normalization(training, judge, picture);
    gan_tensor_free(picture);
    gan_model_free(judge);
    return status;
}

static gan_status step(struct training *training)
{
    struct play *play = training->recipe;
    play->rates[training->step] = training->rate_part;
    training->losses[LOSS_GENERATOR] = (float)training->step;
    training->losses[LOSS_JUDGE] = play->judged;
    if (!play->breaks || training->step != BREAKS_AT)
        return GAN_OK;
    play->breaks = false;
    return gan_fail(GAN_ERROR_NOT_FINITE, "layer \"deep\" broke");
}

static gan_status generated(const struct training *training, gan_tensor **pictures)
{
    const struct play *play = training->recipe;
    const float spread = play->alike && training->step >= 100 ? 0.01f : 1;
    must(gan_tensor_create(pictures, training->context, GAN_FLOAT32, (const int64_t[]){4, 2, 2, 3}, 4));
    return gan_tensor_fill_normal(*pictures, (uint64_t)training->step, 0, spread);
}

static const struct training_method method = {.name = "play",
                                              .loss_names = loss_names,
                                              .loss_count = LOSSES,
                                              .begin = begin,
                                              .step = step,
                                              .generated = generated};

static void run(struct play *play, const struct training_schedule *schedule, int64_t steps, const char *csv)
{
    struct training training = {.context = play->context};
    const gan_training_options options = {.struct_size = sizeof options, .steps = steps, .log_csv = csv};
    must(gan_training_open(&training, play->context, &method, play, &options));
    if (schedule != NULL)
        training.schedule = *schedule;
    gan_training_add_judge(&training, LOSS_JUDGE);
    must(gan_training_run(&training, "a play"));
    ck_assert_int_eq(training.step, steps);
    gan_training_close(&training);
}

START_TEST(schedules_warm_up_stay_and_fall)
{
    struct play play = {.judged = 1};
    open_play(&play);
    run(&play, &(struct training_schedule){.warm_up = 10, .decay = 0.5}, 100, NULL);
    const double linear[] = {0.1, 0.2, 1, 1, 0.98, 0.02};
    static const int at[] = {0, 1, 9, 50, 51, 99};
    for (int i = 0; i < 6; i++)
        ck_assert_double_eq_tol(play.rates[at[i]], linear[i], 1e-12);
    run(&play, &(struct training_schedule){.shape = SCHEDULE_COSINE, .end = 0.02}, 100, NULL);
    for (int i = 0; i < 100; i++) {
        const double expected = 0.02 + 0.98 * 0.5 * (1 + cos(3.14159265358979323846 * i / 100.0));
        ck_assert_double_eq_tol(play.rates[i], expected, 1e-12);
    }
    run(&play, NULL, 20, NULL);
    ck_assert(play.rates[0] == 1 && play.rates[19] == 1);
    ck_assert_str_eq(play.said, "");
    gan_context_free(play.context);
}
END_TEST

/* Step 64 fails, and the steps since 50 are done again at half the rate; each is in the log once. */
START_TEST(what_is_not_finite_is_done_again_with_half_the_rate)
{
    struct folder folder;
    struct play play = {.judged = 1, .breaks = true};
    char text[MOST_STEPS * 24] = "", expected[32];
    folder_open(&folder);
    open_play(&play);
    const char *csv = folder_file(&folder, "losses.csv");
    run(&play, NULL, 70, csv);
    ck_assert(play.rates[49] == 1 && play.rates[50] == 0.5 && play.rates[69] == 0.5);
    ck_assert_ptr_nonnull(strstr(play.said, "layer \"deep\" broke; going back to step 50 with half"));
    ck_assert_int_gt(read_bytes(csv, text, sizeof text - 1), 0);
    const char *line = strchr(text, '\n');
    for (int i = 1; i <= 70; i++, line = strchr(line + 1, '\n')) {
        ck_assert_ptr_nonnull(line);
        snprintf(expected, sizeof expected, "\n%d,", i);
        ck_assert_msg(strncmp(line, expected, strlen(expected)) == 0, "line %d: %.40s", i, line);
    }
    ck_assert_str_eq(line, "\n");
    gan_context_free(play.context);
    folder_close(&folder, 1);
}
END_TEST

START_TEST(a_discriminator_that_has_won_is_a_warning)
{
    struct play play = {.judged = 0.001f};
    open_play(&play);
    run(&play, NULL, 199, NULL);
    ck_assert_str_eq(play.said, "");
    run(&play, NULL, 210, NULL);
    ck_assert_ptr_nonnull(strstr(play.said, "step 200: the discriminator has won since step 1"));
    gan_context_free(play.context);
}
END_TEST

START_TEST(pictures_that_have_become_alike_are_a_warning)
{
    struct play play = {.judged = 1, .alike = true};
    open_play(&play);
    run(&play, NULL, 99, NULL);
    ck_assert_str_eq(play.said, "");
    run(&play, NULL, 100, NULL);
    ck_assert_ptr_nonnull(strstr(play.said, "step 100: the generator's pictures have become alike"));
    gan_context_free(play.context);
}
END_TEST

START_TEST(flat_inputs_of_normalizations_are_a_warning)
{
    struct play play = {.judged = 1, .flat = true};
    open_play(&play);
    run(&play, NULL, 1, NULL);
    ck_assert_ptr_nonnull(strstr(play.said, "before the first step: "));
    ck_assert_ptr_nonnull(strstr(play.said, "gets flat inputs"));
    gan_context_free(play.context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        schedules_warm_up_stay_and_fall,
        what_is_not_finite_is_done_again_with_half_the_rate,
        a_discriminator_that_has_won_is_a_warning,
        pictures_that_have_become_alike_are_a_warning,
        flat_inputs_of_normalizations_are_a_warning,
    };
    return run_suite("training", tests, sizeof tests / sizeof tests[0]);
}
