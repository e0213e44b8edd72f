/* gan train styles: several style pictures become one generator, or one more style of a generator. */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "network.h"
#include "paths.h"
#include "training.h"
#include "weight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OWN_OPTIONS = 14, MOST_STYLES = 256, NAME_SIZE = 64 };

struct train_styles {
    struct training_job training;
    struct texts style_files;
    const char *model_file, *added, *content, *features, *preset;
    struct weight content_weight, style_weight, variation_weight;
    int64_t size, batch, style_size, channels, blocks;
    gan_tensor *pictures[MOST_STYLES];
    char names[MOST_STYLES][NAME_SIZE];
    int count;
    gan_model *extractor, *former, *generator;
};

static gan_style_trainer_options trainer_options(struct train_styles *job)
{
    return (gan_style_trainer_options){
        .struct_size = sizeof(gan_style_trainer_options),
        .preset = job->preset,
        .extractor = job->extractor,
        .channels = (int32_t)job->channels,
        .blocks = (int32_t)job->blocks,
        .size = (int32_t)job->size,
        .batch = (int32_t)job->batch,
        .style_size = (int32_t)job->style_size,
        .content_weight = weight_option(&job->content_weight),
        .style_weight = weight_option(&job->style_weight),
        .variation_weight = weight_option(&job->variation_weight),
        .steps = job->training.steps,
        .minutes = job->training.minutes,
        .seed = (uint64_t)job->training.seed,
        .checkpoint = job->training.checkpoint,
        .checkpoint_every = job->training.checkpoint_every,
        .resume = job->training.resume,
        .log_csv = job->training.log,
        .plot_png = job->training.plot,
        .preview_png = job->training.preview,
        .progress = training_progress,
        .progress_user = &job->training,
    };
}

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

static int prepare(struct train_styles *job)
{
    const struct console *console = &job->training.console;
    int code = training_prepare(&job->training);
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

static gan_status train_all(struct train_styles *job, const gan_style_trainer_options *options)
{
    const gan_tensor *pictures[MOST_STYLES];
    const char *names[MOST_STYLES];
    for (int i = 0; i < job->count; i++) {
        pictures[i] = job->pictures[i];
        names[i] = job->names[i];
    }
    if (job->former != NULL)
        return gan_train_added_style(&job->generator, job->training.context, job->former, pictures[0],
                                     names[0], job->content, options);
    return gan_train_styles(&job->generator, job->training.context, pictures, names, job->count, job->content,
                            options);
}

static int train(struct train_styles *job)
{
    const gan_style_trainer_options options = trainer_options(job);
    training_begin(&job->training);
    const gan_status status = train_all(job, &options);
    return training_end(&job->training, status, job->generator);
}

static void finish(struct train_styles *job)
{
    gan_model_free(job->generator);
    gan_model_free(job->former);
    gan_model_free(job->extractor);
    for (int i = 0; i < job->count; i++)
        gan_tensor_free(job->pictures[i]);
    gan_context_free(job->training.context);
}

static bool complete(const struct train_styles *job)
{
    const bool adds = job->added != NULL;
    if (adds && (job->style_files.count > 0 || job->model_file == NULL))
        complain("expected a generator of several styles and one picture: --model MODEL --add PICTURE");
    else if (!adds && job->model_file != NULL)
        complain("expected a picture for the generator to learn: --add PICTURE");
    else if (!adds && (job->style_files.count < 1 || job->style_files.count > MOST_STYLES))
        complain("expected 1 to %d style pictures: --style PICTURE, once for each", (int)MOST_STYLES);
    else if (job->content == NULL)
        complain("expected a folder of photographs: --content FOLDER");
    else
        return training_is_complete(&job->training);
    return false;
}

static int run(struct train_styles *job)
{
    if (!complete(job))
        return EXIT_USAGE;
    int code = prepare(job);
    if (code == EXIT_SUCCESS)
        code = train(job);
    finish(job);
    return code;
}

int run_train_styles(int argc, char **argv)
{
    struct train_styles job = {0};
    weight_unset(&job.content_weight);
    weight_unset(&job.style_weight);
    weight_unset(&job.variation_weight);
    struct option options[OWN_OPTIONS + TRAINING_OPTIONS] = {
        {"style", 0, OPTION_TEXTS, "PICTURE", "a picture whose style is learned; once for each",
         &job.style_files, 0, 0},
        {"model", 0, OPTION_TEXT, "MODEL", "generator of several styles, with --add", &job.model_file, 0, 0},
        {"add", 0, OPTION_TEXT, "PICTURE", "learn one style more; the others stay as they are", &job.added, 0,
         0},
        {"content", 0, OPTION_TEXT, "FOLDER", "photographs to learn on", &job.content, 0, 0},
        {"features", 0, OPTION_TEXT, "FILE",
         "feature network: a model or published weights (default: libgan's own)", &job.features, 0, 0},
        {"preset", 0, OPTION_TEXT, "NAME", "small, balanced (default) or detailed", &job.preset, 0, 0},
        {"size", 0, OPTION_INTEGER, "PX", "side of the crops trained on", &job.size, 1, 65535},
        {"batch", 0, OPTION_INTEGER, "N", "crops per step", &job.batch, 1, 1024},
        {"style-size", 0, OPTION_INTEGER, "PX", "long side to which styles are scaled", &job.style_size, 1,
         65535},
        {"channels", 0, OPTION_INTEGER, "N", "of the generator's first layer", &job.channels, 1, 1024},
        {"blocks", 0, OPTION_INTEGER, "N", "residual blocks of the generator", &job.blocks, 1, 100},
        {"content-weight", 0, OPTION_REAL, "W", "0: none", &job.content_weight.value, 0, 1e12},
        {"style-weight", 0, OPTION_REAL, "W", "0: none", &job.style_weight.value, 0, 1e12},
        {"variation-weight", 0, OPTION_REAL, "W", "0: none", &job.variation_weight.value, 0, 1e12},
    };
    training_fill_options(&job.training, options + OWN_OPTIONS);
    const struct arguments arguments = {
        "train styles",
        "--style PICTURE... --content FOLDER -o MODEL [options]\n"
        "       gan train styles --model MODEL --add PICTURE --content FOLDER -o MODEL [options]",
        "Train one generator for several styles, or teach it one style more. gan stylize --style chooses and "
        "mixes.",
        options,
        OWN_OPTIONS + TRAINING_OPTIONS,
        NULL};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    const int code = parsed == PARSED_RUN ? run(&job) : parsed_exit_code(parsed);
    arguments_free(&arguments);
    return code;
}
