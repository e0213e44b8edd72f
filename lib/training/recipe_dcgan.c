/* DCGAN (Radford et al. 2016): D on real and generated pictures, then G through the frozen D, both from the
 * same noise. */
#include "gan/layers.h"
#include "gan/networks.h"
#include "gan/session.h"
#include "training/player.h"
#include "training/verdict.h"

enum { LOSS_REAL, LOSS_FAKE, LOSS_GENERATOR, LOSSES };
enum { PURPOSE_NOISE, PURPOSE_PREVIEW, PREVIEW_COUNT = 64, PREVIEW_COLUMNS = 8 };

static const char *const loss_names[LOSSES] = {"real", "fake", "generator"};

struct dcgan {
    struct recipe recipe;
    struct player generator, discriminator;
    gan_average *average;
    gan_tensor *noise, *real, *preview_noise;
};

static gan_status make_networks(struct dcgan *dcgan)
{
    struct recipe *recipe = &dcgan->recipe;
    gan_model *generator, *discriminator;
    gan_dcgan_options network = {.struct_size = sizeof network,
                                 .size = recipe->options.size,
                                 .channels = gan_dataset_channels(recipe->data),
                                 .width = recipe->options.generator_channels,
                                 .noise = recipe->options.noise};
    gan_status status = gan_dcgan_generator_create(&generator, recipe->context, &network);
    if (status == GAN_OK)
        status = gan_player_join(&dcgan->generator, recipe, "generator", generator);
    if (status != GAN_OK)
        return status;
    network.width = recipe->options.discriminator_channels;
    status = gan_dcgan_discriminator_create(&discriminator, recipe->context, &network);
    if (status == GAN_OK)
        status = gan_player_join(&dcgan->discriminator, recipe, "discriminator", discriminator);
    return status;
}

static gan_layer *judge(const struct dcgan *dcgan, gan_layer *picture)
{
    gan_layer *seen = gan_recipe_seen(&dcgan->recipe, picture);
    return gan_apply_with(dcgan->discriminator.models[0], &seen, 1, GAN_STATISTICS_FOLLOW);
}

/* The generator's running statistics move here, once a step. */
static gan_status aim_discriminator(struct dcgan *dcgan, gan_graph *graph)
{
    gan_model *generator = dcgan->generator.models[0], *discriminator = dcgan->discriminator.models[0];
    const int32_t loss = dcgan->recipe.options.loss;
    gan_layer *noise = gan_copy_input(graph, "noise", generator, 0);
    gan_layer *real = gan_copy_input(graph, "real", discriminator, 0);
    gan_layer *fake = gan_stop_gradient(gan_apply_with(generator, &noise, 1, GAN_STATISTICS_FOLLOW));
    gan_layer *on_real = judge(dcgan, real), *on_fake = judge(dcgan, fake);
    gan_layer *const inputs[2] = {noise, real};
    const struct player_goal goal = {
        .inputs = inputs,
        .input_count = 2,
        .parts = {gan_verdict_on_real(on_real, loss), gan_verdict_on_fake(on_fake, loss)},
        .weights = {1, 1},
        .part_count = 2,
    };
    return gan_player_aim(&dcgan->discriminator, &dcgan->recipe, graph, &goal);
}

static gan_status aim_generator(struct dcgan *dcgan, gan_graph *graph)
{
    gan_layer *noise = gan_copy_input(graph, "noise", dcgan->generator.models[0], 0);
    gan_layer *fake = gan_apply_with(dcgan->generator.models[0], &noise, 1, GAN_STATISTICS_BATCH);
    gan_layer *verdict = judge(dcgan, fake);
    const struct player_goal goal = {
        .inputs = &noise,
        .input_count = 1,
        .parts = {gan_verdict_for_generator(verdict, dcgan->recipe.options.loss)},
        .weights = {1},
        .part_count = 1,
    };
    return gan_player_aim(&dcgan->generator, &dcgan->recipe, graph, &goal);
}

static gan_status make_goals(struct dcgan *dcgan)
{
    gan_graph *for_discriminator = NULL, *for_generator = NULL;
    gan_status status = gan_graph_create(&for_discriminator, dcgan->recipe.context);
    if (status == GAN_OK)
        status = gan_graph_create(&for_generator, dcgan->recipe.context);
    if (status == GAN_OK)
        status = aim_discriminator(dcgan, for_discriminator);
    if (status == GAN_OK)
        status = aim_generator(dcgan, for_generator);
    gan_graph_free(for_discriminator);
    gan_graph_free(for_generator);
    return status;
}

static gan_status make_tensors(struct dcgan *dcgan)
{
    const struct recipe *recipe = &dcgan->recipe;
    const int64_t noise[2] = {recipe->options.batch, recipe->options.noise};
    const int64_t preview[2] = {PREVIEW_COUNT, recipe->options.noise};
    gan_status status = gan_recipe_batch(&dcgan->real, recipe, gan_dataset_channels(recipe->data));
    if (status == GAN_OK)
        status = gan_tensor_create(&dcgan->noise, recipe->context, GAN_FLOAT32, noise, 2);
    if (status == GAN_OK)
        status = gan_tensor_create(&dcgan->preview_noise, recipe->context, GAN_FLOAT32, preview, 2);
    if (status == GAN_OK)
        status =
            gan_tensor_fill_normal(dcgan->preview_noise, gan_recipe_seed(recipe, PURPOSE_PREVIEW, 0), 0, 1);
    return status;
}

static gan_status step(struct training *training)
{
    struct dcgan *dcgan = training->recipe;
    const gan_tensor *inputs[2] = {dcgan->noise, dcgan->real};
    const uint64_t seed = gan_recipe_seed(&dcgan->recipe, PURPOSE_NOISE, training->step);
    gan_status status = gan_recipe_load(&dcgan->recipe, dcgan->real, NULL, NULL);
    if (status == GAN_OK)
        status = gan_tensor_fill_normal(dcgan->noise, seed, 0, 1);
    if (status == GAN_OK)
        status = gan_objective_step(dcgan->discriminator.objective, inputs, 2, NULL);
    if (status == GAN_OK)
        status = gan_objective_step(dcgan->generator.objective, inputs, 1, &training->losses[LOSS_GENERATOR]);
    training->losses[LOSS_REAL] = gan_objective_scalar(dcgan->discriminator.objective, 0);
    training->losses[LOSS_FAKE] = gan_objective_scalar(dcgan->discriminator.objective, 1);
    return status == GAN_OK ? gan_recipe_update_average(dcgan->average) : status;
}

static gan_status preview(const struct training *training, const char *path)
{
    const struct dcgan *dcgan = training->recipe;
    gan_tensor *pictures;
    gan_status status = gan_model_run(dcgan->generator.models[0], dcgan->preview_noise, &pictures);
    if (status != GAN_OK)
        return status;
    status = gan_recipe_save_grid(training->context, pictures, PREVIEW_COLUMNS, path);
    gan_tensor_free(pictures);
    return status;
}

static const struct training_method method = {"dcgan", loss_names, LOSSES, step, preview};

static gan_status train(gan_model **out, struct dcgan *dcgan)
{
    gan_status status = make_networks(dcgan);
    if (status == GAN_OK)
        status = make_goals(dcgan);
    if (status == GAN_OK)
        status = make_tensors(dcgan);
    if (status == GAN_OK)
        status = gan_recipe_average(&dcgan->average, &dcgan->recipe, "average", dcgan->generator.models[0]);
    if (status == GAN_OK)
        status = gan_recipe_run(&dcgan->recipe);
    return status == GAN_OK
               ? gan_recipe_finish(out, &dcgan->recipe, &dcgan->generator.models[0], dcgan->average)
               : status;
}

gan_status gan_train_dcgan(gan_model **generator, gan_context *context, gan_dataset *data,
                           const gan_recipe_options *options)
{
    struct dcgan dcgan = {0};
    if (generator == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_dcgan: generator is NULL");
    *generator = NULL;
    gan_status status = gan_recipe_open(&dcgan.recipe, context, &method, data, 1, options);
    if (status == GAN_OK)
        status = train(generator, &dcgan);
    gan_player_free(&dcgan.generator);
    gan_player_free(&dcgan.discriminator);
    gan_average_free(dcgan.average);
    gan_tensor_free(dcgan.noise);
    gan_tensor_free(dcgan.real);
    gan_tensor_free(dcgan.preview_noise);
    gan_recipe_close(&dcgan.recipe);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_train_dcgan: ");
}
