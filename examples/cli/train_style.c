/* gan train style: one style picture and a folder of photographs become a generator. */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "network.h"
#include "saving.h"
#include "training.h"
#include "weight.h"

#include <stdlib.h>

enum { OWN_OPTIONS = 15 };

struct train_style {
    struct training_job training;
    const char *style, *content, *features, *preset;
    double learning_rate;
    struct weight content_weight, style_weight, variation_weight, adversarial_weight, temporal_weight;
    int64_t size, batch, style_size, channels, blocks;
    gan_tensor *picture;
    char style_digest[DIGEST_SIZE]; /* taken before the training, which must not fail after it */
    gan_model *extractor, *generator;
};

static gan_style_trainer_options trainer_options(struct train_style *job)
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
        .adversarial_weight = weight_option(&job->adversarial_weight),
        .temporal_weight = weight_option(&job->temporal_weight),
        .learning_rate = (float)job->learning_rate,
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

static int prepare(struct train_style *job)
{
    const struct console *console = &job->training.console;
    const int code = training_prepare(&job->training);
    if (code != EXIT_SUCCESS)
        return code;
    if (saving_digest(&(const struct saving){0}, job->training.context, job->style, job->style_digest) !=
            GAN_OK ||
        gan_image_load(&job->picture, NULL, job->training.context, job->style) != GAN_OK)
        return console_fail(console, "%s", gan_error_message());
    return network_open_features(&job->extractor, job->training.context, console, job->features);
}

/* The generator knows whose style it has, and its results will tell. */
static gan_status sign(struct train_style *job)
{
    return job->style_digest[0] != '\0'
               ? gan_model_set_metadata(job->generator, "style_sha256", job->style_digest)
               : GAN_OK;
}

static int train(struct train_style *job)
{
    const gan_style_trainer_options options = trainer_options(job);
    training_begin(&job->training);
    gan_status status =
        gan_train_style(&job->generator, job->training.context, job->picture, job->content, &options);
    if (status == GAN_OK)
        status = sign(job);
    return training_end(&job->training, status, job->generator);
}

static void finish(struct train_style *job)
{
    gan_model_free(job->generator);
    gan_model_free(job->extractor);
    gan_tensor_free(job->picture);
    gan_context_free(job->training.context);
}

static bool complete(const struct train_style *job)
{
    if (job->style == NULL)
        complain("expected a style picture: --style PICTURE");
    else if (job->content == NULL)
        complain("expected a folder of photographs: --content FOLDER");
    else
        return training_is_complete(&job->training);
    return false;
}

static int run(struct train_style *job)
{
    if (!complete(job))
        return EXIT_USAGE;
    int code = prepare(job);
    if (code == EXIT_SUCCESS)
        code = train(job);
    finish(job);
    return code;
}

int run_train_style(int argc, char **argv)
{
    struct train_style job = {0};
    weight_unset(&job.content_weight);
    weight_unset(&job.style_weight);
    weight_unset(&job.variation_weight);
    weight_unset(&job.adversarial_weight);
    weight_unset(&job.temporal_weight);
    struct option options[OWN_OPTIONS + TRAINING_OPTIONS] = {
        {"style", 0, OPTION_TEXT, "PICTURE", "the picture whose style is learned", &job.style, 0, 0},
        {"content", 0, OPTION_TEXT, "FOLDER", "photographs to learn on", &job.content, 0, 0},
        {"features", 0, OPTION_TEXT, "FILE",
         "feature network: a model, published weights, or none: the discriminator's (default: libgan's own)",
         &job.features, 0, 0},
        {"preset", 0, OPTION_TEXT, "NAME", "small, balanced (default) or detailed", &job.preset, 0, 0},
        {"size", 0, OPTION_INTEGER, "PX", "side of the crops trained on", &job.size, 1, 65535},
        {"batch", 0, OPTION_INTEGER, "N", "crops per step", &job.batch, 1, 1024},
        {"style-size", 0, OPTION_INTEGER, "PX", "long side to which the style is scaled", &job.style_size, 1,
         65535},
        {"channels", 0, OPTION_INTEGER, "N", "of the generator's first layer", &job.channels, 1, 1024},
        {"blocks", 0, OPTION_INTEGER, "N", "residual blocks of the generator", &job.blocks, 1, 100},
        {"content-weight", 0, OPTION_REAL, "W", "0: none", &job.content_weight.value, 0, 1e12},
        {"style-weight", 0, OPTION_REAL, "W", "0: none", &job.style_weight.value, 0, 1e12},
        {"variation-weight", 0, OPTION_REAL, "W", "0: none", &job.variation_weight.value, 0, 1e12},
        {"adversarial-weight", 0, OPTION_REAL, "W", "0: none", &job.adversarial_weight.value, 0, 1e12},
        {"temporal-weight", 0, OPTION_REAL, "W", "for video: what moves keeps its strokes (default 0: none)",
         &job.temporal_weight.value, 0, 1e12},
        {"learning-rate", 0, OPTION_REAL, "R", "of Adam", &job.learning_rate, 1e-9, 10},
    };
    training_fill_options(&job.training, options + OWN_OPTIONS);
    const struct arguments arguments = {
        "train style",
        "--style PICTURE --content FOLDER -o MODEL [options]",
        "Train a generator for the style of one picture. Ctrl-C stops early and "
        "keeps what was trained.",
        options,
        OWN_OPTIONS + TRAINING_OPTIONS,
        NULL};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    const int code = parsed == PARSED_RUN ? run(&job) : parsed_exit_code(parsed);
    arguments_free(&arguments);
    return code;
}
