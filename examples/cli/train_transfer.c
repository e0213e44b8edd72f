/* gan train transfer: photographs and paintings become a decoder, with which gan transfer paints any style.
 */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "network.h"
#include "training.h"
#include "weight.h"

#include <stdlib.h>
#include <string.h>

struct train_transfer {
    struct training_job training;
    const char *photographs, *paintings, *features, *level;
    int64_t channels, size, batch, reconstruction_steps;
    double learning_rate;
    struct weight content_weight, style_weight, identity_weight, variation_weight;
    gan_model *extractor;
};

static int prepare(void *user)
{
    struct train_transfer *job = user;
    return network_open_features(&job->extractor, job->training.context, &job->training.console,
                                 job->features);
}

static gan_status train(void *user, gan_model **decoder)
{
    struct train_transfer *job = user;
    const gan_training_options training = training_options(&job->training);
    const gan_transfer_trainer_options options = {.struct_size = sizeof options,
                                                  .level = job->level,
                                                  .channels = (int32_t)job->channels,
                                                  .size = (int32_t)job->size,
                                                  .batch = (int32_t)job->batch,
                                                  .content_weight = weight_option(&job->content_weight),
                                                  .style_weight = weight_option(&job->style_weight),
                                                  .identity_weight = weight_option(&job->identity_weight),
                                                  .variation_weight = weight_option(&job->variation_weight),
                                                  .learning_rate = (float)job->learning_rate,
                                                  .reconstruction_steps = (int32_t)job->reconstruction_steps,
                                                  .training = &training};
    return gan_train_transfer(decoder, job->training.context, job->extractor, job->photographs,
                              job->paintings, &options);
}

static void release(void *user)
{
    struct train_transfer *job = user;
    gan_model_free(job->extractor);
}

static bool is_complete(const void *user)
{
    const struct train_transfer *job = user;
    if (job->photographs == NULL)
        complain("expected a folder of photographs: --content FOLDER");
    else if (job->paintings == NULL)
        complain("expected a folder of paintings: --styles FOLDER");
    else if (job->features != NULL && strcmp(job->features, "none") == 0)
        complain("--features none: expected a feature network whose features are to be painted");
    else
        return true;
    return false;
}

int run_train_transfer(int argc, char **argv)
{
    struct train_transfer job = {0};
    weight_unset(&job.content_weight);
    weight_unset(&job.style_weight);
    weight_unset(&job.identity_weight);
    weight_unset(&job.variation_weight);
    const struct option options[] = {
        {"content", 0, OPTION_TEXT, "FOLDER", "photographs to learn on", &job.photographs, 0, 0},
        {"styles", 0, OPTION_TEXT, "FOLDER", "paintings to learn on", &job.paintings, 0, 0},
        {"features", 0, OPTION_TEXT, "FILE",
         "feature network: a model or published weights (default: libgan's own)", &job.features, 0, 0},
        {"level", 0, OPTION_TEXT, "NAME", "its output that is painted (default: the second)", &job.level, 0,
         0},
        {"channels", 0, OPTION_INTEGER, "N", "of the decoder at the full size (24)", &job.channels, 1, 256},
        {"size", 0, OPTION_INTEGER, "PX", "side of the crops (128)", &job.size, 1, 512},
        {"batch", 0, OPTION_INTEGER, "N", "crops per step (4)", &job.batch, 1, 256},
        {"content-weight", 0, OPTION_REAL, "W", "0: none", &job.content_weight.value, 0, 1e12},
        {"style-weight", 0, OPTION_REAL, "W", "0: none", &job.style_weight.value, 0, 1e12},
        {"identity-weight", 0, OPTION_REAL, "W", "of pictures that shall come back as they are; 0: none",
         &job.identity_weight.value, 0, 1e12},
        {"variation-weight", 0, OPTION_REAL, "W", "0: none", &job.variation_weight.value, 0, 1e12},
        {"reconstruction-steps", 0, OPTION_INTEGER, "N",
         "first steps, in which pictures shall come back as they are (400)", &job.reconstruction_steps, 1,
         1e9},
        {"learning-rate", 0, OPTION_REAL, "R", "of Adam", &job.learning_rate, 1e-9, 10},
    };
    const struct training_command command = {
        .name = "train transfer",
        .usage = "--content FOLDER --styles FOLDER -o MODEL [options]",
        .summary = "Train a decoder that paints what a feature network sees, for gan transfer in any style.",
        .options = options,
        .option_count = sizeof options / sizeof options[0],
        .is_complete = is_complete,
        .prepare = prepare,
        .train = train,
        .release = release};
    return training_command_run(&command, &job.training, &job, argc, argv);
}
