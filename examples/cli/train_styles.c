/* gan train styles: several style pictures become one generator, or one more style of a generator. */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "network.h"
#include "paths.h"
#include "style_training.h"
#include "training.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OWN_OPTIONS = 4, MOST_STYLES = 256, NAME_SIZE = 64 };

struct train_styles {
    struct training_job training;
    struct texts style_files;
    struct style_training shared;
    const char *model_file, *added, *features;
    gan_tensor *pictures[MOST_STYLES];
    char names[MOST_STYLES][NAME_SIZE];
    int count;
    gan_model *extractor, *former;
};

/* A style is called as its file, without folder and ending. */
static int load_style(struct train_styles *job, const char *path)
{
    size_t stem;
    const char *name = path_name(path, &stem);
    snprintf(job->names[job->count], NAME_SIZE, "%.*s", stem < NAME_SIZE ? (int)stem : NAME_SIZE - 1, name);
    if (gan_image_load(&job->pictures[job->count], NULL, job->training.context, path) != GAN_OK)
        return console_fail(&job->training.console, "%s", gan_error_message());
    job->count++;
    return EXIT_SUCCESS;
}

static int prepare(void *user)
{
    struct train_styles *job = user;
    const struct console *console = &job->training.console;
    int code = EXIT_SUCCESS;
    for (int i = 0; code == EXIT_SUCCESS && i < job->style_files.count; i++)
        code = load_style(job, job->style_files.items[i]);
    if (code == EXIT_SUCCESS && job->added != NULL)
        code = load_style(job, job->added);
    if (code == EXIT_SUCCESS && job->model_file != NULL &&
        gan_model_load(&job->former, job->training.context, job->model_file) != GAN_OK)
        code = console_fail(console, "%s", gan_error_message());
    return code == EXIT_SUCCESS
               ? network_open_features(&job->extractor, job->training.context, console, job->features)
               : code;
}

static gan_status train(void *user, gan_model **generator)
{
    struct train_styles *job = user;
    const gan_style_trainer_options options =
        style_training_options(&job->shared, &job->training, job->extractor);
    const gan_tensor *pictures[MOST_STYLES];
    const char *names[MOST_STYLES];
    for (int i = 0; i < job->count; i++) {
        pictures[i] = job->pictures[i];
        names[i] = job->names[i];
    }
    if (job->former != NULL)
        return gan_train_added_style(generator, job->training.context, job->former, pictures[0], names[0],
                                     job->shared.content, &options);
    return gan_train_styles(generator, job->training.context, pictures, names, job->count,
                            job->shared.content, &options);
}

static void release(void *user)
{
    struct train_styles *job = user;
    gan_model_free(job->former);
    gan_model_free(job->extractor);
    for (int i = 0; i < job->count; i++)
        gan_tensor_free(job->pictures[i]);
}

static bool is_complete(const void *user)
{
    const struct train_styles *job = user;
    const bool adds = job->added != NULL;
    if (adds && (job->style_files.count > 0 || job->model_file == NULL))
        complain("expected a generator of several styles and one picture: --model MODEL --add PICTURE");
    else if (!adds && job->model_file != NULL)
        complain("expected a picture for the generator to learn: --add PICTURE");
    else if (!adds && (job->style_files.count < 1 || job->style_files.count > MOST_STYLES))
        complain("expected 1 to %d style pictures: --style PICTURE, once for each", (int)MOST_STYLES);
    else
        return style_training_is_complete(&job->shared);
    return false;
}

int run_train_styles(int argc, char **argv)
{
    struct train_styles job = {0};
    struct option options[OWN_OPTIONS + STYLE_TRAINING_OPTIONS] = {
        {"style", 0, OPTION_TEXTS, "PICTURE", "a picture whose style is learned; once for each",
         &job.style_files, 0, 0},
        {"model", 0, OPTION_TEXT, "MODEL", "generator of several styles, with --add", &job.model_file, 0, 0},
        {"add", 0, OPTION_TEXT, "PICTURE", "learn one style more; the others stay as they are", &job.added, 0,
         0},
        {"features", 0, OPTION_TEXT, "FILE",
         "feature network: a model or published weights (default: libgan's own)", &job.features, 0, 0},
    };
    style_training_fill_options(&job.shared, options + OWN_OPTIONS);
    const struct training_command command = {
        .name = "train styles",
        .usage = "--style PICTURE... --content FOLDER -o MODEL [options]\n"
                 "       gan train styles --model MODEL --add PICTURE --content FOLDER -o MODEL [options]",
        .summary = "Train one generator for several styles, or teach it one style more. gan stylize --style "
                   "chooses and mixes.",
        .options = options,
        .option_count = OWN_OPTIONS + STYLE_TRAINING_OPTIONS,
        .is_complete = is_complete,
        .prepare = prepare,
        .train = train,
        .release = release};
    return training_command_run(&command, &job.training, &job, argc, argv);
}
