/* gan train anime: photographs to drawings like those of a folder. */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "network.h"
#include "recipe_data.h"
#include "training.h"
#include "weight.h"

#include <stdlib.h>

/* Numbers of which 0 means none: weights of losses, and two others. */
enum {
    CONTENT,
    GRAM,
    COLOR,
    VARIATION,
    ADVERSARIAL,
    REAL,
    FAKE,
    GREY,
    SMOOTH,
    INITIALIZATION,
    AVERAGE,
    WEIGHTS
};

struct train_anime {
    struct training_job training;
    struct recipe_data data;
    const char *preset, *features;
    bool residual;
    struct weight weights[WEIGHTS];
    double learning_rate, discriminator_rate, initialization_rate;
    int64_t size, batch, channels, discriminator_channels, blocks;
    gan_training_options training_options;
    gan_recipe_options recipe;
    gan_anime_options options;
    gan_dataset *pictures;
    gan_model *network;
};

static void take_options(struct train_anime *job)
{
    const struct weight *weights = job->weights;
    job->training_options = training_options(&job->training);
    job->recipe = (gan_recipe_options){.struct_size = sizeof(gan_recipe_options),
                                       .preset = job->preset,
                                       .size = (int32_t)job->size,
                                       .batch = (int32_t)job->batch,
                                       .generator_channels = (int32_t)job->channels,
                                       .discriminator_channels = (int32_t)job->discriminator_channels,
                                       .blocks = (int32_t)job->blocks,
                                       .learning_rate = (float)job->learning_rate,
                                       .average_images = weight_option(&weights[AVERAGE]),
                                       .training = &job->training_options};
    job->options = (gan_anime_options){.struct_size = sizeof(gan_anime_options),
                                       .recipe = &job->recipe,
                                       .content_weight = weight_option(&weights[CONTENT]),
                                       .gram_weight = weight_option(&weights[GRAM]),
                                       .color_weight = weight_option(&weights[COLOR]),
                                       .variation_weight = weight_option(&weights[VARIATION]),
                                       .adversarial_weight = weight_option(&weights[ADVERSARIAL]),
                                       .real_weight = weight_option(&weights[REAL]),
                                       .fake_weight = weight_option(&weights[FAKE]),
                                       .grey_weight = weight_option(&weights[GREY]),
                                       .smooth_weight = weight_option(&weights[SMOOTH]),
                                       .initialization = weight_option(&weights[INITIALIZATION]),
                                       .initialization_rate = (float)job->initialization_rate,
                                       .discriminator_rate = (float)job->discriminator_rate,
                                       .residual = job->residual};
}

static int prepare(void *user)
{
    struct train_anime *job = user;
    const struct console *console = &job->training.console;
    take_options(job);
    if (gan_anime_complete(&job->options) != GAN_OK || gan_recipe_complete("anime", &job->recipe) != GAN_OK)
        return console_fail(console, "%s", gan_error_message());
    const int code = network_open_features(&job->network, job->training.context, console, job->features);
    if (code != EXIT_SUCCESS)
        return code;
    if (job->network == NULL)
        return console_fail(console, "--features none: drawings are compared by a network of features");
    job->data.size = job->recipe.size;
    job->data.seed = (uint64_t)job->training.seed;
    return recipe_data_open(&job->pictures, &job->data, job->training.context, console);
}

static gan_status train(void *user, gan_model **generator)
{
    struct train_anime *job = user;
    return gan_train_anime(generator, job->training.context, job->pictures, job->network, &job->options);
}

static void release(void *user)
{
    struct train_anime *job = user;
    gan_model_free(job->network);
    gan_dataset_free(job->pictures);
}

static bool is_complete(const void *user)
{
    const struct train_anime *job = user;
    return recipe_data_is_complete(&job->data);
}

int run_train_anime(int argc, char **argv)
{
    struct train_anime job = {.data = {.recipe = "anime"}};
    struct weight *weights = job.weights;
    for (int i = 0; i < WEIGHTS; i++)
        weight_unset(&weights[i]);
    const struct option options[] = {
        {"source", 0, OPTION_TEXT, "PATH", "photographs", &job.data.source, 0, 0},
        {"target", 0, OPTION_TEXT, "PATH", "drawings or paintings", &job.data.target, 0, 0},
        {"preset", 0, OPTION_TEXT, "NAME",
         "paper (default), paprika or shinkai: AnimeGANv2's; cartoon: CartoonGAN; small", &job.preset, 0, 0},
        {"features", 0, OPTION_TEXT, "FILE",
         "feature network: a model or published weights (default: libgan's own)", &job.features, 0, 0},
        {"size", 0, OPTION_INTEGER, "PX", "side of the crops trained on", &job.size, 8, 4096},
        {"largest-scale", 0, OPTION_REAL, "F",
         "pictures are scaled to F times the size at most, and crops taken from there",
         &job.data.largest_scale, 1, 16},
        {"batch", 0, OPTION_INTEGER, "N", "crops per step", &job.batch, 1, 4096},
        {"channels", 0, OPTION_INTEGER, "N", "of the generator's first layer", &job.channels, 1, 1024},
        {"discriminator-channels", 0, OPTION_INTEGER, "N", "of the discriminator's first layer",
         &job.discriminator_channels, 1, 1024},
        {"blocks", 0, OPTION_INTEGER, "N", "residual blocks", &job.blocks, 1, 64},
        {"residual", 0, OPTION_FLAG, NULL, "the ResNet generator, as of cartoon", &job.residual, 0, 0},
        {"learning-rate", 0, OPTION_REAL, "R", "of the generator", &job.learning_rate, 1e-9, 10},
        {"discriminator-rate", 0, OPTION_REAL, "R", "of the discriminator", &job.discriminator_rate, 1e-9,
         10},
        {"initialization-rate", 0, OPTION_REAL, "R", "of the generator in the first phase",
         &job.initialization_rate, 1e-9, 10},
        {"initialization", 0, OPTION_REAL, "PART", "share of the steps that learn the content alone; 0: none",
         &weights[INITIALIZATION].value, 0, 0.99},
        {"content-weight", 0, OPTION_REAL, "W", "features as the photograph's; 0: none",
         &weights[CONTENT].value, 0, 1e6},
        {"gram-weight", 0, OPTION_REAL, "W", "texture as of grey drawings; 0: none", &weights[GRAM].value, 0,
         1e6},
        {"color-weight", 0, OPTION_REAL, "W", "colours as the photograph's; 0: none", &weights[COLOR].value,
         0, 1e6},
        {"variation-weight", 0, OPTION_REAL, "W", "total variation; 0: none", &weights[VARIATION].value, 0,
         1e6},
        {"adversarial-weight", 0, OPTION_REAL, "W", "of the discriminator's verdict",
         &weights[ADVERSARIAL].value, 1e-9, 1e6},
        {"real-weight", 0, OPTION_REAL, "W", "of its verdict on drawings", &weights[REAL].value, 1e-9, 1e6},
        {"fake-weight", 0, OPTION_REAL, "W", "on results", &weights[FAKE].value, 1e-9, 1e6},
        {"grey-weight", 0, OPTION_REAL, "W", "on drawings without colours; 0: none", &weights[GREY].value, 0,
         1e6},
        {"smooth-weight", 0, OPTION_REAL, "W", "on drawings with blurred edges; 0: none",
         &weights[SMOOTH].value, 0, 1e6},
        {"average", 0, OPTION_REAL, "N", "half-life in pictures of the averaged weights; 0: none",
         &weights[AVERAGE].value, 0, 1e7},
    };
    const struct training_command command = {
        .name = "train anime",
        .usage = "--source PATH --target PATH -o MODEL [options]",
        .summary = "Train a generator that makes drawings of photographs (AnimeGANv2, CartoonGAN).",
        .options = options,
        .option_count = sizeof options / sizeof options[0],
        .is_complete = is_complete,
        .prepare = prepare,
        .train = train,
        .release = release};
    return training_command_run(&command, &job.training, &job, argc, argv);
}
