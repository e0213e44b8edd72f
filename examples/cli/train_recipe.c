/* gan train dcgan, pix2pix, cyclegan, cut, cut-single: the recipes of gan/recipes.h. */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "paths.h"
#include "recipe_data.h"
#include "training.h"
#include "weight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { OWN_OPTIONS = 23 };

struct train_recipe {
    const char *name;
    struct training_job training;
    struct recipe_data data;
    const char *preset, *inverse, *loss, *augment;
    bool resize_convolution;
    double learning_rate;
    struct weight reconstruction, identity, penalty, average;
    int64_t critic_steps, size, batch, channels, discriminator_channels, blocks, noise;
    gan_recipe_options options;
    gan_training_options training_options;
    gan_dataset *pictures;
    gan_model *generator, *back;
};

static void take_options(struct train_recipe *job)
{
    job->training_options = training_options(&job->training);
    job->options = (gan_recipe_options){.struct_size = sizeof(gan_recipe_options),
                                        .preset = job->preset,
                                        .size = (int32_t)job->size,
                                        .batch = (int32_t)job->batch,
                                        .generator_channels = (int32_t)job->channels,
                                        .discriminator_channels = (int32_t)job->discriminator_channels,
                                        .blocks = (int32_t)job->blocks,
                                        .noise = (int32_t)job->noise,
                                        .learning_rate = (float)job->learning_rate,
                                        .reconstruction_weight = weight_option(&job->reconstruction),
                                        .identity_weight = weight_option(&job->identity),
                                        .penalty_weight = weight_option(&job->penalty),
                                        .critic_steps = (int32_t)job->critic_steps,
                                        .average_images = weight_option(&job->average),
                                        .conditional = job->data.conditional,
                                        .resize_convolution = job->resize_convolution,
                                        .training = &job->training_options};
}

static bool take_loss(struct train_recipe *job)
{
    static const struct {
        const char *name;
        int32_t loss;
    } losses[] = {{"bce", GAN_LOSS_BCE_WITH_LOGITS},
                  {"least-squares", GAN_LOSS_LEAST_SQUARES},
                  {"hinge", GAN_LOSS_HINGE},
                  {"wasserstein", GAN_LOSS_WASSERSTEIN}};
    if (job->loss == NULL)
        return true;
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++)
        if (strcmp(job->loss, losses[i].name) == 0) {
            job->options.loss = losses[i].loss;
            return true;
        }
    complain("--loss %s: expected bce, least-squares, hinge or, with dcgan, wasserstein", job->loss);
    return false;
}

/* GAN_AUGMENT_* of the first word of a list; 0 where it is none of them. */
static int32_t policy_of(const char *word, size_t length)
{
    static const struct {
        const char *name;
        int32_t policy;
    } policies[] = {{"color", GAN_AUGMENT_COLOUR},
                    {"translation", GAN_AUGMENT_TRANSLATION},
                    {"cutout", GAN_AUGMENT_CUTOUT},
                    {"all", GAN_AUGMENT_ALL}};
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
        if (strlen(policies[i].name) == length && memcmp(policies[i].name, word, length) == 0)
            return policies[i].policy;
    return 0;
}

static bool take_augment(struct train_recipe *job)
{
    for (const char *word = job->augment; word != NULL;) {
        const size_t length = strcspn(word, ",");
        const int32_t policy = policy_of(word, length);
        if (policy == 0) {
            complain("--augment %s: expected all, or those wanted of color,translation,cutout", job->augment);
            return false;
        }
        job->options.augment |= policy;
        word = word[length] == ',' ? word + length + 1 : NULL;
    }
    return true;
}

static int prepare(struct train_recipe *job)
{
    const struct console *console = &job->training.console;
    take_options(job);
    if (!take_loss(job) || !take_augment(job))
        return EXIT_USAGE;
    if (gan_recipe_complete(job->name, &job->options) != GAN_OK)
        return console_fail(console, "%s", gan_error_message());
    if (job->inverse != NULL && !path_is_writable(job->inverse))
        return console_fail(console, "%s: cannot write: %s", job->inverse, strerror(errno));
    const int code = training_prepare(&job->training);
    if (code != EXIT_SUCCESS)
        return code;
    job->data.size = job->options.size;
    job->data.usual_size = job->size == 0;
    job->data.seed = (uint64_t)job->training.seed;
    return recipe_data_open(&job->pictures, &job->data, job->training.context, console);
}

static gan_status run_recipe(struct train_recipe *job)
{
    gan_context *context = job->training.context;
    if (strcmp(job->name, "dcgan") == 0)
        return gan_train_dcgan(&job->generator, context, job->pictures, &job->options);
    if (strcmp(job->name, "pix2pix") == 0)
        return gan_train_pix2pix(&job->generator, context, job->pictures, &job->options);
    if (strcmp(job->name, "cyclegan") == 0)
        return gan_train_cyclegan(&job->generator, &job->back, context, job->pictures, &job->options);
    return gan_train_cut(&job->generator, context, job->pictures, strcmp(job->name, "cut-single") == 0,
                         &job->options);
}

static int train(struct train_recipe *job)
{
    training_begin(&job->training);
    const gan_status status = run_recipe(job);
    const int code = training_end(&job->training, status, job->generator);
    if (job->back == NULL || job->inverse == NULL || status != GAN_OK)
        return code;
    const int32_t storage = job->training.half ? GAN_STORE_FLOAT16 : GAN_STORE_FLOAT32;
    if (gan_model_save(job->back, job->inverse, storage) != GAN_OK)
        return console_fail(&job->training.console, "%s", gan_error_message());
    return code;
}

static bool is_complete(const struct train_recipe *job)
{
    if (job->inverse != NULL && strcmp(job->name, "cyclegan") != 0) {
        complain("--inverse: only cyclegan trains the way back too");
        return false;
    }
    return recipe_data_is_complete(&job->data) && training_is_complete(&job->training);
}

static int run(struct train_recipe *job)
{
    if (!is_complete(job))
        return EXIT_USAGE;
    int code = prepare(job);
    if (code == EXIT_SUCCESS)
        code = train(job);
    gan_model_free(job->generator);
    gan_model_free(job->back);
    gan_dataset_free(job->pictures);
    gan_context_free(job->training.context);
    return code;
}

static const char *summary_of(const char *name)
{
    if (strcmp(name, "dcgan") == 0)
        return "Train a generator that makes pictures like those of a folder or an IDX file from noise.";
    if (strcmp(name, "pix2pix") == 0)
        return "Train a generator on pairs: --data FOLDER with pairs side by side, or --source and --target "
               "with equal names.";
    if (strcmp(name, "cyclegan") == 0)
        return "Train two generators between two folders of unrelated pictures, there and back.";
    if (strcmp(name, "cut") == 0)
        return "Train a generator from one folder's pictures to the look of another's.";
    return "Train a generator from one picture to the look of another one.";
}

static enum parsed parse(struct train_recipe *job, int argc, char **argv)
{
    struct option options[OWN_OPTIONS + TRAINING_OPTIONS] = {
        {"data", 0, OPTION_TEXT, "PATH", "folder of pictures, or IDX file", &job->data.data, 0, 0},
        {"source", 0, OPTION_TEXT, "PATH", "pictures to translate from", &job->data.source, 0, 0},
        {"target", 0, OPTION_TEXT, "PATH", "pictures to translate to", &job->data.target, 0, 0},
        {"conditional", 0, OPTION_FLAG, NULL, "dcgan: by labels; a subfolder of --data for each class",
         &job->data.conditional, 0, 0},
        {"labels", 0, OPTION_TEXT, "IDX", "of an IDX file, with --conditional", &job->data.labels, 0, 0},
        {"preset", 0, OPTION_TEXT, "NAME", "paper (default) or small", &job->preset, 0, 0},
        {"inverse", 0, OPTION_TEXT, "MODEL", "the way back too (cyclegan)", &job->inverse, 0, 0},
        {"augment", 0, OPTION_TEXT, "POLICY",
         "DiffAugment, for few pictures: all, or some of color,translation,cutout", &job->augment, 0, 0},
        {"size", 0, OPTION_INTEGER, "PX", "side of the pictures", &job->size, 8, 4096},
        {"largest-scale", 0, OPTION_REAL, "F",
         "pictures are scaled to F times the size at most, and crops taken from there",
         &job->data.largest_scale, 1, 16},
        {"batch", 0, OPTION_INTEGER, "N", "pictures per step", &job->batch, 1, 4096},
        {"channels", 0, OPTION_INTEGER, "N", "of the generator's first layer", &job->channels, 1, 1024},
        {"discriminator-channels", 0, OPTION_INTEGER, "N", "of the discriminator's first layer",
         &job->discriminator_channels, 1, 1024},
        {"blocks", 0, OPTION_INTEGER, "N", "residual blocks", &job->blocks, 1, 64},
        {"noise", 0, OPTION_INTEGER, "N", "numbers that a picture is made from", &job->noise, 1, 65536},
        {"learning-rate", 0, OPTION_REAL, "R", "of Adam", &job->learning_rate, 1e-9, 10},
        {"reconstruction-weight", 0, OPTION_REAL, "W", "L1, cycle loss or PatchNCE; 0: none",
         &job->reconstruction.value, 0, 1e6},
        {"identity-weight", 0, OPTION_REAL, "W", "as a part of the cycle loss or PatchNCE; 0: none",
         &job->identity.value, 0, 1e6},
        {"loss", 0, OPTION_TEXT, "NAME", "dcgan: bce (default), least-squares, hinge or wasserstein",
         &job->loss, 0, 0},
        {"penalty", 0, OPTION_REAL, "W", "of the discriminator's gradient (dcgan, cut); 0: none",
         &job->penalty.value, 0, 1e6},
        {"critic-steps", 0, OPTION_INTEGER, "N", "dcgan: steps of the discriminator per step",
         &job->critic_steps, 1, 100},
        {"resize-convolution", 0, OPTION_FLAG, NULL,
         "pix2pix: upsampling and convolutions in the place of transposed ones", &job->resize_convolution, 0,
         0},
        {"average", 0, OPTION_REAL, "N", "half-life in pictures of the averaged weights; 0: none",
         &job->average.value, 0, 1e7},
    };
    char command[32] = "train ";
    training_fill_options(&job->training, options + OWN_OPTIONS);
    const struct arguments arguments = {
        strcat(command, job->name),     "--data PATH | --source PATH --target PATH -o MODEL [options]",
        summary_of(job->name),          options,
        OWN_OPTIONS + TRAINING_OPTIONS, NULL};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    arguments_free(&arguments);
    return parsed;
}

int run_train_recipe(int argc, char **argv)
{
    struct train_recipe job = {.name = argv[0]};
    job.data.recipe = argv[0];
    weight_unset(&job.reconstruction);
    weight_unset(&job.identity);
    weight_unset(&job.penalty);
    weight_unset(&job.average);
    const enum parsed parsed = parse(&job, argc, argv);
    return parsed == PARSED_RUN ? run(&job) : parsed_exit_code(parsed);
}
