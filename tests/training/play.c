#include "training/play.h"
#include "formats/folder.h"
#include "graph/model.h"
#include "graph/parameter.h"
#include "models/reference.h"
#include "training/training.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const loss_names[] = {"loss", "judge"};

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

void open_play(struct play *play)
{
    *play = (struct play){.fails_at = NEVER, .spoils_at = NEVER, .dies_at = NEVER, .stops_at = NEVER};
    const gan_context_options options = {.struct_size = sizeof options, .log = listen, .log_user = play};
    must(gan_context_create(&play->context, &options));
    make_network(play);
    folder_open(&play->folder);
    play->checkpoint = folder_file(&play->folder, "checkpoint");
}

void close_play(struct play *play, int files)
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

static gan_status step_play(struct training *training)
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

const struct training_method play_method = {
    .name = "play", .loss_names = loss_names, .loss_count = 2, .step = step_play};

static int32_t report_play(void *user, const gan_progress *progress)
{
    const struct play *play = user;
    return progress->step == play->stops_at;
}

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

struct outcome run_play(struct play *play, const gan_training_options *given)
{
    struct training training = {.context = play->context};
    gan_training_options options = *given;
    options.struct_size = sizeof options;
    options.progress = report_play;
    options.progress_user = play;
    play->said[0] = '\0';
    must(gan_training_open(&training, play->context, &play_method, play, &options));
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

void expect_said(const struct play *play, const char *words)
{
    ck_assert_msg(strstr(play->said, words) != NULL, "said: %s", play->said);
}
