/* gan train style: one style picture and a folder of photographs become a generator. */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "network.h"
#include "saving.h"
#include "style_training.h"
#include "training.h"
#include "weight.h"

#include <stdlib.h>

enum { OWN_OPTIONS = 5 };

struct train_style {
    struct training_job training;
    struct style_training shared;
    const char *style, *features;
    double learning_rate;
    struct weight adversarial_weight, temporal_weight;
    gan_tensor *picture;
    char style_digest[DIGEST_SIZE]; /* taken before the training, which must not fail after it */
    gan_model *extractor;
};

static int prepare(void *user)
{
    struct train_style *job = user;
    const struct console *console = &job->training.console;
    if (saving_digest(&(const struct saving){0}, job->training.context, job->style, job->style_digest) !=
            GAN_OK ||
        gan_image_load(&job->picture, NULL, job->training.context, job->style) != GAN_OK)
        return console_fail(console, "%s", gan_error_message());
    return network_open_features(&job->extractor, job->training.context, console, job->features);
}

/* The generator knows whose style it has, and its results will tell. */
static gan_status sign(const struct train_style *job, gan_model *generator)
{
    return job->style_digest[0] != '\0' ? gan_model_set_metadata(generator, "style_sha256", job->style_digest)
                                        : GAN_OK;
}

static gan_status train(void *user, gan_model **generator)
{
    struct train_style *job = user;
    gan_style_trainer_options options = style_training_options(&job->shared, &job->training, job->extractor);
    options.adversarial_weight = weight_option(&job->adversarial_weight);
    options.temporal_weight = weight_option(&job->temporal_weight);
    options.learning_rate = (float)job->learning_rate;
    const gan_status status =
        gan_train_style(generator, job->training.context, job->picture, job->shared.content, &options);
    return status == GAN_OK ? sign(job, *generator) : status;
}

static void release(void *user)
{
    struct train_style *job = user;
    gan_model_free(job->extractor);
    gan_tensor_free(job->picture);
}

static bool is_complete(const void *user)
{
    const struct train_style *job = user;
    if (job->style == NULL)
        complain("expected a style picture: --style PICTURE");
    return job->style != NULL && style_training_is_complete(&job->shared);
}

int run_train_style(int argc, char **argv)
{
    struct train_style job = {0};
    weight_unset(&job.adversarial_weight);
    weight_unset(&job.temporal_weight);
    struct option options[OWN_OPTIONS + STYLE_TRAINING_OPTIONS] = {
        {"style", 0, OPTION_TEXT, "PICTURE", "the picture whose style is learned", &job.style, 0, 0},
        {"features", 0, OPTION_TEXT, "FILE",
         "feature network: a model, published weights, or none: the discriminator's (default: libgan's own)",
         &job.features, 0, 0},
        {"adversarial-weight", 0, OPTION_REAL, "W", "0: none", &job.adversarial_weight.value, 0, 1e12},
        {"temporal-weight", 0, OPTION_REAL, "W", "for video: what moves keeps its strokes (default 0: none)",
         &job.temporal_weight.value, 0, 1e12},
        {"learning-rate", 0, OPTION_REAL, "R", "of Adam", &job.learning_rate, 1e-9, 10},
    };
    style_training_fill_options(&job.shared, options + OWN_OPTIONS);
    const struct training_command command = {
        .name = "train style",
        .usage = "--style PICTURE --content FOLDER -o MODEL [options]",
        .summary = "Train a generator for the style of one picture. Ctrl-C stops early and "
                   "keeps what was trained.",
        .options = options,
        .option_count = OWN_OPTIONS + STYLE_TRAINING_OPTIONS,
        .is_complete = is_complete,
        .prepare = prepare,
        .train = train,
        .release = release};
    return training_command_run(&command, &job.training, &job, argc, argv);
}
