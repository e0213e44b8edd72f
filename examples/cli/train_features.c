/* gan train features: large feature networks and folders of pictures become a small feature network. */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "network.h"
#include "training.h"

#include <stdlib.h>

enum { MOST_TEACHERS = 8 };

struct train_features {
    struct training_job training;
    struct texts teacher_files;
    const char *photographs, *paintings;
    int64_t channels, size, batch;
    double learning_rate;
    gan_model *teachers[MOST_TEACHERS];
};

static int prepare(void *user)
{
    struct train_features *job = user;
    int code = EXIT_SUCCESS;
    for (int i = 0; code == EXIT_SUCCESS && i < job->teacher_files.count; i++)
        code = network_open(&job->teachers[i], job->training.context, &job->training.console,
                            job->teacher_files.items[i]);
    return code;
}

static gan_status train(void *user, gan_model **network)
{
    struct train_features *job = user;
    const gan_training_options training = training_options(&job->training);
    const gan_feature_trainer_options options = {.struct_size = sizeof options,
                                                 .channels = (int32_t)job->channels,
                                                 .size = (int32_t)job->size,
                                                 .batch = (int32_t)job->batch,
                                                 .learning_rate = (float)job->learning_rate,
                                                 .training = &training};
    return gan_train_features(network, job->training.context, job->teachers, job->teacher_files.count,
                              job->photographs, job->paintings, &options);
}

static void release(void *user)
{
    struct train_features *job = user;
    for (int i = 0; i < MOST_TEACHERS; i++)
        gan_model_free(job->teachers[i]);
}

static bool is_complete(const void *user)
{
    const struct train_features *job = user;
    if (job->teacher_files.count == 0 || job->teacher_files.count > MOST_TEACHERS)
        complain("expected the networks to learn from: --teacher VGG19 --teacher SQUEEZENET");
    else if (job->photographs == NULL)
        complain("expected a folder of photographs: --content FOLDER");
    else
        return true;
    return false;
}

int run_train_features(int argc, char **argv)
{
    struct train_features job = {0};
    const struct option options[] = {
        {"teacher", 0, OPTION_TEXTS, "FILE", "VGG-19 to relu3_1, and SqueezeNet 1.1: once for each",
         &job.teacher_files, 0, 0},
        {"content", 0, OPTION_TEXT, "FOLDER", "photographs to learn on", &job.photographs, 0, 0},
        {"paintings", 0, OPTION_TEXT, "FOLDER", "paintings to learn on too", &job.paintings, 0, 0},
        {"channels", 0, OPTION_INTEGER, "N", "features of the first level (24)", &job.channels, 1, 256},
        {"size", 0, OPTION_INTEGER, "PX", "side of the crops (64)", &job.size, 1, 512},
        {"batch", 0, OPTION_INTEGER, "N", "crops per step (8)", &job.batch, 1, 256},
        {"learning-rate", 0, OPTION_REAL, "R", "of Adam", &job.learning_rate, 1e-9, 10},
    };
    const struct training_command command = {
        .name = "train features",
        .usage = "--teacher FILE... --content FOLDER -o MODEL [options]",
        .summary = "Teach a small feature network what large ones see, for gan train style --features.",
        .options = options,
        .option_count = sizeof options / sizeof options[0],
        .is_complete = is_complete,
        .prepare = prepare,
        .train = train,
        .release = release};
    return training_command_run(&command, &job.training, &job, argc, argv);
}
