/* pix2pix (Isola et al. 2017): U-Net and PatchGAN over pairs. G learns first; D then from the pictures that
 * G's step has made, so that G computes them once. */
#include "gan/layers.h"
#include "gan/networks.h"
#include "training/dataset.h"
#include "training/player.h"
#include "training/verdict.h"

enum { MEASURED_PICTURES = 200 };
enum { LOSS_ADVERSARIAL, LOSS_RECONSTRUCTION, LOSS_REAL, LOSS_FAKE, LOSSES };

static const char *const loss_names[LOSSES] = {"adversarial", "reconstruction", "real", "fake"};

struct pix2pix {
    struct recipe recipe;
    struct player generator, discriminator;
    gan_average *average;
    gan_tensor *source, *target;
};

/* As many halvings as the size allows: 8 for 256 pixels. */
static int32_t halvings(int32_t size)
{
    int32_t count = 0;
    while (count < 8 && size % 2 == 0 && size > 1) {
        size /= 2;
        count++;
    }
    return count;
}

static gan_status make_networks(struct pix2pix *pix2pix)
{
    struct recipe *recipe = &pix2pix->recipe;
    const int32_t channels = gan_dataset_channels(recipe->data);
    const gan_unet_options unet = {.struct_size = sizeof unet,
                                   .input_channels = channels,
                                   .output_channels = channels,
                                   .channels = recipe->options.generator_channels,
                                   .downs = halvings(recipe->options.size),
                                   .resize_convolution = recipe->options.resize_convolution};
    const gan_patchgan_options patchgan = {.struct_size = sizeof patchgan,
                                           .input_channels = 2 * channels,
                                           .channels = recipe->options.discriminator_channels,
                                           .norm = GAN_NORM_BATCH};
    gan_model *generator, *discriminator;
    if (unet.downs < 2)
        return gan_fail(GAN_ERROR_SHAPE, "the pictures have sides of %d pixels, expected a multiple of 4",
                        recipe->options.size);
    gan_status status = gan_unet_create(&generator, recipe->context, &unet);
    if (status == GAN_OK)
        status = gan_player_join(&pix2pix->generator, recipe, "generator", generator);
    if (status != GAN_OK)
        return status;
    status = gan_patchgan_create(&discriminator, recipe->context, &patchgan);
    if (status == GAN_OK)
        status = gan_player_join(&pix2pix->discriminator, recipe, "discriminator", discriminator);
    return status;
}

/* D sees the source beside what was made of it. */
static gan_layer *judge(const struct pix2pix *pix2pix, gan_layer *source, gan_layer *picture)
{
    gan_layer *const both[2] = {source, picture};
    gan_layer *seen = gan_concat(both, 2, -1);
    return gan_apply_with(pix2pix->discriminator.models[0], &seen, 1, GAN_STATISTICS_FOLLOW);
}

static gan_status aim_generator(void *recipe, gan_graph *graph)
{
    struct pix2pix *pix2pix = recipe;
    const gan_recipe_options *options = &pix2pix->recipe.options;
    gan_model *generator = pix2pix->generator.models[0];
    gan_layer *source = gan_copy_input(graph, "source", generator, 0);
    gan_layer *target = gan_copy_input(graph, "target", generator, 0);
    gan_layer *fake = gan_apply_with(generator, &source, 1, GAN_STATISTICS_FOLLOW);
    gan_layer *const inputs[2] = {source, target};
    const struct player_goal goal = {
        .inputs = inputs,
        .input_count = 2,
        .parts = {gan_verdict_for_generator(judge(pix2pix, source, fake), options->loss),
                  gan_mean_absolute_error(fake, target)},
        .weights = {1, options->reconstruction_weight > 0 ? options->reconstruction_weight : 0},
        .part_count = 2,
        .further = {fake},
    };
    return gan_player_aim(&pix2pix->generator, &pix2pix->recipe, graph, &goal);
}

static gan_status aim_discriminator(void *recipe, gan_graph *graph)
{
    struct pix2pix *pix2pix = recipe;
    const int32_t loss = pix2pix->recipe.options.loss;
    gan_model *generator = pix2pix->generator.models[0];
    gan_layer *inputs[3] = {gan_copy_input(graph, "source", generator, 0),
                            gan_copy_input(graph, "target", generator, 0),
                            gan_copy_input(graph, "fake", generator, 0)};
    const struct player_goal goal = {
        .inputs = inputs,
        .input_count = 3,
        .parts = {gan_verdict_on_real(judge(pix2pix, inputs[0], inputs[1]), loss),
                  gan_verdict_on_fake(judge(pix2pix, inputs[0], inputs[2]), loss)},
        .weights = {0.5f, 0.5f},
        .part_count = 2,
    };
    return gan_player_aim(&pix2pix->discriminator, &pix2pix->recipe, graph, &goal);
}

static gan_status make_goals(struct pix2pix *pix2pix)
{
    gan_context *context = pix2pix->recipe.context;
    const gan_status status = gan_player_with_graph(context, pix2pix, aim_generator);
    return status == GAN_OK ? gan_player_with_graph(context, pix2pix, aim_discriminator) : status;
}

static gan_status make_tensors(struct pix2pix *pix2pix)
{
    const struct recipe *recipe = &pix2pix->recipe;
    const int32_t channels = gan_dataset_channels(recipe->data);
    gan_status status = gan_recipe_batch(&pix2pix->source, recipe, channels);
    if (status == GAN_OK)
        status = gan_recipe_batch(&pix2pix->target, recipe, channels);
    return status;
}

static gan_status step_discriminator(struct pix2pix *pix2pix, float *losses)
{
    gan_tensor *fake;
    gan_status status = gan_player_further(&pix2pix->generator, 0, &fake);
    if (status != GAN_OK)
        return status;
    const gan_tensor *inputs[3] = {pix2pix->source, pix2pix->target, fake};
    gan_objective *objective = pix2pix->discriminator.objective;
    status = gan_objective_step(objective, inputs, 3, NULL);
    gan_tensor_free(fake);
    losses[LOSS_REAL] = gan_player_part(&pix2pix->discriminator, 0);
    losses[LOSS_FAKE] = gan_player_part(&pix2pix->discriminator, 1);
    return status;
}

static gan_status step(struct training *training)
{
    struct pix2pix *pix2pix = training->recipe;
    const gan_tensor *inputs[2] = {pix2pix->source, pix2pix->target};
    gan_objective *objective = pix2pix->generator.objective;
    gan_status status = gan_recipe_load(&pix2pix->recipe, pix2pix->source, pix2pix->target, NULL);
    if (status == GAN_OK)
        status = gan_objective_step(objective, inputs, 2, NULL);
    if (status != GAN_OK)
        return status;
    training->losses[LOSS_ADVERSARIAL] = gan_player_part(&pix2pix->generator, LOSS_ADVERSARIAL);
    training->losses[LOSS_RECONSTRUCTION] = gan_player_part(&pix2pix->generator, LOSS_RECONSTRUCTION);
    status = step_discriminator(pix2pix, training->losses);
    return status == GAN_OK ? gan_recipe_update_average(pix2pix->average) : status;
}

/* Source, result and target. */
static gan_status preview(const struct training *training, const char *path)
{
    const struct pix2pix *pix2pix = training->recipe;
    return gan_recipe_save_translation(&pix2pix->recipe, pix2pix->generator.models, 1, path);
}

static const struct training_method method = {
    .name = "pix2pix", .loss_names = loss_names, .loss_count = LOSSES, .step = step, .preview = preview};

static gan_status load(void *recipe, int64_t number)
{
    const struct pix2pix *pix2pix = recipe;
    return gan_recipe_load_batch(&pix2pix->recipe, number, pix2pix->source, pix2pix->target, NULL);
}

static gan_status hand_over(gan_model **out, struct pix2pix *pix2pix)
{
    gan_model **generator = &pix2pix->generator.models[0];
    const gan_tensor *const inputs[1] = {pix2pix->source};
    gan_status status = pix2pix->average != NULL ? gan_average_apply(pix2pix->average, *generator) : GAN_OK;
    if (status == GAN_OK)
        status = gan_recipe_measure(&pix2pix->recipe, *generator, inputs, MEASURED_PICTURES, load);
    return status == GAN_OK ? gan_training_finish(out, &pix2pix->recipe.training, generator, NULL) : status;
}

static gan_status train(gan_model **out, struct pix2pix *pix2pix)
{
    pix2pix->recipe.training.schedule.decay = 0.5;
    gan_training_add_judge(&pix2pix->recipe.training, LOSS_REAL);
    gan_training_add_judge(&pix2pix->recipe.training, LOSS_FAKE);
    gan_status status = make_networks(pix2pix);
    if (status == GAN_OK)
        status = make_goals(pix2pix);
    if (status == GAN_OK)
        status = make_tensors(pix2pix);
    if (status == GAN_OK)
        status =
            gan_recipe_average(&pix2pix->average, &pix2pix->recipe, "average", pix2pix->generator.models[0]);
    if (status == GAN_OK)
        status = gan_recipe_run(&pix2pix->recipe);
    return status == GAN_OK ? hand_over(out, pix2pix) : status;
}

gan_status gan_train_pix2pix(gan_model **generator, gan_context *context, gan_dataset *pairs,
                             const gan_recipe_options *options)
{
    struct pix2pix pix2pix = {0};
    if (generator == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_pix2pix: generator is NULL");
    *generator = NULL;
    gan_status status = gan_recipe_open(&pix2pix.recipe, context, &method, pairs, 2, options);
    if (status == GAN_OK && !pairs->paired)
        status = gan_fail(GAN_ERROR_ARGUMENT,
                          "the data set's two sides are no pairs, expected gan_dataset_open_pairs");
    if (status == GAN_OK)
        status = train(generator, &pix2pix);
    gan_player_free(&pix2pix.generator);
    gan_player_free(&pix2pix.discriminator);
    gan_average_free(pix2pix.average);
    gan_tensor_free(pix2pix.source);
    gan_tensor_free(pix2pix.target);
    gan_recipe_close(&pix2pix.recipe);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_train_pix2pix: ");
}
