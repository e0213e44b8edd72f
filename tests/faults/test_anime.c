/* Out of memory in gan_train_anime: its networks, its measuring, both phases, and negatives by themselves. */
#include "base/suite.h"
#include "faults/scenario.h"
#include "training/edge_smoother.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SIDE = 16 };

struct studio {
    char folder[64], picture[128];
    gan_tensor *pixels;
    gan_dataset *sides;
    gan_model *features;
};

static gan_status prepare(gan_context *context, void **state)
{
    struct studio *studio = calloc(1, sizeof *studio);
    const gan_dataset_options sides = {.struct_size = sizeof sides, .size = SIDE, .no_worker = 1};
    const gan_feature_network_options small = {.struct_size = sizeof small, .channels = 2};
    const int64_t shape[4] = {1, SIDE, SIDE, 3};
    *state = studio;
    make_room(studio->folder);
    snprintf(studio->picture, sizeof studio->picture, "%s/0.bmp", studio->folder);
    gan_status status = gan_tensor_create(&studio->pixels, context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        status = gan_tensor_fill_uniform(studio->pixels, 1, 0, 1);
    if (status == GAN_OK)
        status = gan_image_save(studio->pixels, NULL, studio->picture, 0);
    if (status == GAN_OK)
        status = gan_dataset_open_unpaired(&studio->sides, context, studio->folder, studio->folder, &sides);
    if (status == GAN_OK)
        status = gan_feature_network_create(&studio->features, context, &small);
    return status == GAN_OK ? gan_model_initialize(studio->features, 3) : status;
}

static void clean(void *state)
{
    struct studio *studio = state;
    unlink(studio->picture);
    rmdir(studio->folder);
    gan_tensor_free(studio->pixels);
    gan_dataset_free(studio->sides);
    gan_model_free(studio->features);
    free(studio);
}

static gan_status train(gan_context *context, void *state)
{
    const struct studio *studio = state;
    const gan_training_options training = {.struct_size = sizeof training, .steps = 2};
    const gan_recipe_options recipe = {.struct_size = sizeof recipe,
                                       .preset = "small",
                                       .batch = 1,
                                       .generator_channels = 1,
                                       .discriminator_channels = 1,
                                       .blocks = 1,
                                       .training = &training};
    const gan_anime_options options = {
        .struct_size = sizeof options, .recipe = &recipe, .initialization = 0.5f};
    gan_model *generator = NULL;
    const gan_status status = gan_train_anime(&generator, context, studio->sides, studio->features, &options);
    gan_model_free(generator);
    return status;
}

START_TEST(training)
{
    exhaust_memory(&(struct scenario){prepare, train, clean, 97});
}
END_TEST

static gan_status smooth(gan_context *context, void *state)
{
    const struct studio *studio = state;
    struct edge_smoother *smoother = NULL;
    gan_tensor *worse = NULL;
    gan_status status =
        gan_tensor_create(&worse, context, GAN_FLOAT32, (const int64_t[]){1, SIDE, SIDE, 3}, 4);
    if (status == GAN_OK)
        status = gan_edge_smoother_create(&smoother, context, SIDE, SIDE);
    if (status == GAN_OK)
        gan_smooth_edges(smoother, studio->pixels, worse);
    gan_edge_smoother_free(smoother);
    gan_tensor_free(worse);
    return status;
}

START_TEST(smoothing)
{
    exhaust_memory(&(struct scenario){prepare, smooth, clean, 0});
}
END_TEST

int main(void)
{
    const TTest *tests[] = {training, smoothing};
    return run_suite("anime", tests, sizeof tests / sizeof tests[0]);
}
