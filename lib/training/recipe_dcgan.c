/* DCGAN (Radford et al. 2016): D on real and generated pictures, then G through the frozen D, both from the
 * same noise. With classes both see labels too: those of the real pictures, which the generated ones then
 * share. */
#include "gan/layers.h"
#include "gan/networks.h"
#include "gan/session.h"
#include "training/player.h"
#include "training/verdict.h"

enum { LOSS_REAL, LOSS_FAKE, LOSS_GENERATOR, LOSSES };
enum { PURPOSE_NOISE, PURPOSE_PREVIEW, PURPOSE_STATISTICS };
enum { MEASURED_PICTURES = 2048, PREVIEW_ROWS = 8, PREVIEW_COLUMNS = 8, MOST_PREVIEW_COLUMNS = 32 };

static const char *const loss_names[LOSSES] = {"real", "fake", "generator"};

struct dcgan {
    struct recipe recipe;
    struct player generator, discriminator;
    gan_average *average;
    int32_t classes; /* 0: nobody sees labels */
    int32_t preview_columns;
    gan_tensor *noise, *real, *preview_noise;
    gan_tensor *numbers, *labels, *preview_labels; /* with classes: labels as the data set gives them */
};

/* ---- Networks and their goals ---- */

static gan_status take_classes(struct dcgan *dcgan)
{
    dcgan->preview_columns = PREVIEW_COLUMNS;
    if (dcgan->recipe.options.conditional <= 0)
        return GAN_OK;
    dcgan->classes = gan_dataset_classes(dcgan->recipe.data);
    dcgan->preview_columns = dcgan->classes < MOST_PREVIEW_COLUMNS ? dcgan->classes : MOST_PREVIEW_COLUMNS;
    if (dcgan->classes > 0)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "the data set has no labels, which a conditional training needs");
}

static bool is_wasserstein(const struct dcgan *dcgan)
{
    return dcgan->recipe.options.loss == GAN_LOSS_WASSERSTEIN;
}

static gan_dcgan_options network_options(const struct dcgan *dcgan, int32_t width)
{
    return (gan_dcgan_options){.struct_size = sizeof(gan_dcgan_options),
                               .size = dcgan->recipe.options.size,
                               .channels = gan_dataset_channels(dcgan->recipe.data),
                               .width = width,
                               .noise = dcgan->recipe.options.noise,
                               .classes = dcgan->classes};
}

static gan_status make_generator(struct dcgan *dcgan)
{
    struct recipe *recipe = &dcgan->recipe;
    const gan_dcgan_options network = network_options(dcgan, recipe->options.generator_channels);
    gan_model *generator;
    gan_status status = gan_dcgan_generator_create(&generator, recipe->context, &network);
    if (status == GAN_OK)
        status = gan_player_join(&dcgan->generator, recipe, "generator", generator);
    return status;
}

static gan_status make_discriminator(struct dcgan *dcgan)
{
    struct recipe *recipe = &dcgan->recipe;
    gan_dcgan_options network = network_options(dcgan, recipe->options.discriminator_channels);
    gan_model *discriminator;
    if (is_wasserstein(dcgan) || recipe->options.penalty_weight > 0)
        network.norm = GAN_NORM_NONE;
    gan_status status = gan_dcgan_discriminator_create(&discriminator, recipe->context, &network);
    if (status == GAN_OK)
        status = gan_player_join(&dcgan->discriminator, recipe, "discriminator", discriminator);
    return status;
}

/* A network takes pictures or noise and, with classes, labels; NULL without. */
static gan_layer *apply(const struct dcgan *dcgan, gan_model *model, gan_layer *x, gan_layer *labels)
{
    gan_layer *const inputs[2] = {x, labels};
    return gan_apply_with(model, inputs, dcgan->classes > 0 ? 2 : 1, GAN_STATISTICS_FOLLOW);
}

static gan_layer *judge(const struct dcgan *dcgan, gan_layer *seen, gan_layer *labels)
{
    return apply(dcgan, dcgan->discriminator.models[0], seen, labels);
}

static gan_layer *labels_input(const struct dcgan *dcgan, gan_graph *graph)
{
    return dcgan->classes > 0 ? gan_copy_input(graph, "labels", dcgan->generator.models[0], 1) : NULL;
}

/* Between real and generated pictures for a Wasserstein critic, else at the real ones: as they are seen. */
static void add_penalty(const struct dcgan *dcgan, struct player_goal *goal, gan_layer *real,
                        gan_layer *on_real, gan_layer *fake, gan_layer *labels)
{
    const float weight = dcgan->recipe.options.penalty_weight;
    const int32_t index = goal->part_count;
    if (weight <= 0)
        return;
    goal->weights[index] = is_wasserstein(dcgan) ? weight : weight / 2;
    goal->part_count++;
    if (is_wasserstein(dcgan)) {
        gan_layer *mixed = gan_random_interpolation(real, fake);
        goal->parts[index] = gan_gradient_penalty(judge(dcgan, mixed, labels), mixed);
    } else {
        goal->parts[index] = gan_r1_penalty(on_real, real);
    }
}

static gan_status aim_discriminator(void *recipe, gan_graph *graph)
{
    struct dcgan *dcgan = recipe;
    gan_model *discriminator = dcgan->discriminator.models[0];
    const int32_t loss = dcgan->recipe.options.loss;
    gan_layer *real = gan_copy_input(graph, "real", discriminator, 0);
    gan_layer *fake = gan_copy_input(graph, "fake", discriminator, 0);
    gan_layer *labels = labels_input(dcgan, graph);
    gan_layer *seen_real = gan_recipe_seen(&dcgan->recipe, real);
    gan_layer *on_real = judge(dcgan, seen_real, labels);
    gan_layer *seen_fake = gan_recipe_seen(&dcgan->recipe, fake);
    gan_layer *on_fake = judge(dcgan, seen_fake, labels);
    gan_layer *const inputs[3] = {real, fake, labels};
    struct player_goal goal = {
        .inputs = inputs,
        .input_count = labels != NULL ? 3 : 2,
        .parts = {gan_verdict_on_real(on_real, loss), gan_verdict_on_fake(on_fake, loss)},
        .weights = {1, 1},
        .part_count = 2,
    };
    add_penalty(dcgan, &goal, seen_real, on_real, seen_fake, labels);
    return gan_player_aim(&dcgan->discriminator, &dcgan->recipe, graph, &goal);
}

static gan_status aim_generator(void *recipe, gan_graph *graph)
{
    struct dcgan *dcgan = recipe;
    gan_layer *noise = gan_copy_input(graph, "noise", dcgan->generator.models[0], 0);
    gan_layer *labels = labels_input(dcgan, graph);
    gan_layer *fake = apply(dcgan, dcgan->generator.models[0], noise, labels);
    gan_layer *verdict = judge(dcgan, gan_recipe_seen(&dcgan->recipe, fake), labels);
    gan_layer *const inputs[2] = {noise, labels};
    const struct player_goal goal = {
        .inputs = inputs,
        .input_count = labels != NULL ? 2 : 1,
        .parts = {gan_verdict_for_generator(verdict, dcgan->recipe.options.loss)},
        .weights = {1},
        .part_count = 1,
        .further = {fake},
    };
    return gan_player_aim(&dcgan->generator, &dcgan->recipe, graph, &goal);
}

static gan_status make_goals(struct dcgan *dcgan)
{
    gan_context *context = dcgan->recipe.context;
    const gan_status status = gan_player_with_graph(context, dcgan, aim_discriminator);
    return status == GAN_OK ? gan_player_with_graph(context, dcgan, aim_generator) : status;
}

/* ---- Batches ---- */

/* The preview has a column for each class. */
static gan_status make_labels(struct dcgan *dcgan)
{
    gan_context *context = dcgan->recipe.context;
    const int64_t batch = dcgan->recipe.options.batch, shown = PREVIEW_ROWS * dcgan->preview_columns;
    if (dcgan->classes == 0)
        return GAN_OK;
    gan_status status = gan_tensor_create(&dcgan->numbers, context, GAN_INT32, &batch, 1);
    if (status == GAN_OK)
        status = gan_tensor_create(&dcgan->labels, context, GAN_FLOAT32, &batch, 1);
    if (status == GAN_OK)
        status = gan_tensor_create(&dcgan->preview_labels, context, GAN_FLOAT32, &shown, 1);
    if (status != GAN_OK)
        return status;
    float *labels = gan_tensor_data(dcgan->preview_labels);
    for (int64_t i = 0; i < shown; i++)
        labels[i] = (float)(i % dcgan->preview_columns);
    return GAN_OK;
}

static gan_status make_tensors(struct dcgan *dcgan)
{
    const struct recipe *recipe = &dcgan->recipe;
    const int64_t noise[2] = {recipe->options.batch, recipe->options.noise};
    const int64_t preview[2] = {PREVIEW_ROWS * dcgan->preview_columns, recipe->options.noise};
    gan_status status = gan_recipe_batch(&dcgan->real, recipe, gan_dataset_channels(recipe->data));
    if (status == GAN_OK)
        status = gan_tensor_create(&dcgan->noise, recipe->context, GAN_FLOAT32, noise, 2);
    if (status == GAN_OK)
        status = gan_tensor_create(&dcgan->preview_noise, recipe->context, GAN_FLOAT32, preview, 2);
    if (status == GAN_OK)
        status =
            gan_tensor_fill_normal(dcgan->preview_noise, gan_recipe_seed(recipe, PURPOSE_PREVIEW, 0), 0, 1);
    return status == GAN_OK ? make_labels(dcgan) : status;
}

static gan_status load(struct dcgan *dcgan, int64_t number)
{
    const uint64_t seed = gan_recipe_seed(&dcgan->recipe, PURPOSE_NOISE, number);
    gan_status status = gan_recipe_load_batch(&dcgan->recipe, number, dcgan->real, NULL, dcgan->numbers);
    if (status == GAN_OK)
        status = gan_tensor_fill_normal(dcgan->noise, seed, 0, 1);
    if (status != GAN_OK || dcgan->classes == 0)
        return status;
    const int32_t *numbers = gan_tensor_data_const(dcgan->numbers);
    float *labels = gan_tensor_data(dcgan->labels);
    for (int32_t i = 0; i < dcgan->recipe.options.batch; i++)
        labels[i] = (float)numbers[i];
    return GAN_OK;
}

/* D learns from real pictures and those with which G's step begins. */
static gan_status criticize(struct dcgan *dcgan, int64_t number)
{
    const int32_t labels = dcgan->classes > 0 ? 1 : 0;
    const gan_tensor *const given[2] = {dcgan->noise, dcgan->labels};
    const gan_tensor *inputs[3] = {dcgan->real, NULL, dcgan->labels};
    gan_status status = load(dcgan, number);
    if (status == GAN_OK)
        status = gan_player_begin(&dcgan->generator, given, 1 + labels, &inputs[1]);
    if (status == GAN_OK)
        status = gan_objective_step(dcgan->discriminator.objective, inputs, 2 + labels, NULL);
    if (status != GAN_OK)
        gan_objective_cancel(dcgan->generator.objective);
    return status;
}

/* The generator learns from the pictures that the discriminator saw last. */
static gan_status step(struct training *training)
{
    struct dcgan *dcgan = training->recipe;
    const gan_tensor *const inputs[2] = {dcgan->noise, dcgan->labels};
    const int32_t times = dcgan->recipe.options.critic_steps;
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < times; i++)
        status = criticize(dcgan, training->step * times + i);
    if (status == GAN_OK)
        status = gan_objective_step(dcgan->generator.objective, inputs, dcgan->classes > 0 ? 2 : 1,
                                    &training->losses[LOSS_GENERATOR]);
    training->losses[LOSS_REAL] = gan_player_part(&dcgan->discriminator, 0);
    training->losses[LOSS_FAKE] = gan_player_part(&dcgan->discriminator, 1);
    return status == GAN_OK ? gan_recipe_update_average(dcgan->average) : status;
}

/* ---- What is shown and handed over ---- */

/* An average's norms take the statistics of the preview itself: nobody has measured them for all. */
static gan_status draw_preview(const struct dcgan *dcgan, gan_tensor **pictures)
{
    const gan_session_options options = {.struct_size = sizeof options,
                                         .measure_statistics = dcgan->average != NULL};
    const gan_tensor *const inputs[2] = {dcgan->preview_noise, dcgan->preview_labels};
    const int64_t count = gan_tensor_size(dcgan->preview_noise, 0);
    const int64_t shapes[3] = {count, dcgan->recipe.options.noise, count};
    int64_t sizes[GAN_MAX_RANK];
    gan_session *session = NULL;
    gan_status status = gan_session_create(&session, dcgan->generator.models[0], shapes, &options);
    if (status == GAN_OK)
        status = gan_tensor_create(pictures, dcgan->recipe.context, GAN_FLOAT32, sizes,
                                   gan_session_output_shape(session, 0, sizes));
    if (status == GAN_OK)
        status = gan_session_run(session, inputs, dcgan->classes > 0 ? 2 : 1, pictures, 1);
    gan_session_free(session);
    return status;
}

static gan_status preview(const struct training *training, const char *path)
{
    const struct dcgan *dcgan = training->recipe;
    gan_tensor *pictures = NULL;
    gan_status status = draw_preview(dcgan, &pictures);
    if (status == GAN_OK)
        status = gan_recipe_save_grid(training->context, pictures, dcgan->preview_columns, path);
    gan_tensor_free(pictures);
    return status;
}

static gan_status generated(const struct training *training, gan_tensor **pictures)
{
    const struct dcgan *dcgan = training->recipe;
    return gan_player_further(&dcgan->generator, 0, pictures);
}

static const struct training_method method = {.name = "dcgan",
                                              .loss_names = loss_names,
                                              .loss_count = LOSSES,
                                              .step = step,
                                              .preview = preview,
                                              .generated = generated};

/* Noise and, with classes, each label as often as the others. */
static gan_status load_noise(void *recipe, int64_t number)
{
    const struct dcgan *dcgan = recipe;
    const int64_t batch = dcgan->recipe.options.batch;
    float *labels = dcgan->classes > 0 ? gan_tensor_data(dcgan->labels) : NULL;
    for (int64_t i = 0; labels != NULL && i < batch; i++)
        labels[i] = (float)((number * batch + i) % dcgan->classes);
    return gan_tensor_fill_normal(dcgan->noise, gan_recipe_seed(&dcgan->recipe, PURPOSE_STATISTICS, number),
                                  0, 1);
}

static gan_status hand_over(gan_model **out, struct dcgan *dcgan)
{
    gan_model **generator = &dcgan->generator.models[0];
    const gan_tensor *const inputs[2] = {dcgan->noise, dcgan->labels};
    gan_status status = dcgan->average != NULL ? gan_average_apply(dcgan->average, *generator) : GAN_OK;
    if (status == GAN_OK)
        status = gan_recipe_measure(&dcgan->recipe, *generator, inputs, MEASURED_PICTURES, load_noise);
    return status == GAN_OK ? gan_training_finish(out, &dcgan->recipe.training, generator, NULL) : status;
}

/* How low a Wasserstein critic's losses are says nothing of who wins. */
static void watch_losses(struct dcgan *dcgan)
{
    if (is_wasserstein(dcgan))
        return;
    gan_training_add_judge(&dcgan->recipe.training, LOSS_REAL);
    gan_training_add_judge(&dcgan->recipe.training, LOSS_FAKE);
}

static gan_status train(gan_model **out, struct dcgan *dcgan)
{
    watch_losses(dcgan);
    gan_status status = take_classes(dcgan);
    if (status == GAN_OK)
        status = make_generator(dcgan);
    if (status == GAN_OK)
        status = make_discriminator(dcgan);
    if (status == GAN_OK)
        status = make_goals(dcgan);
    if (status == GAN_OK)
        status = make_tensors(dcgan);
    if (status == GAN_OK)
        status = gan_recipe_average(&dcgan->average, &dcgan->recipe, "average", dcgan->generator.models[0]);
    if (status == GAN_OK)
        status = gan_recipe_run(&dcgan->recipe);
    if (status == GAN_OK)
        status = gan_recipe_write_classes(&dcgan->recipe, dcgan->classes, dcgan->generator.models[0]);
    return status == GAN_OK ? hand_over(out, dcgan) : status;
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
    gan_tensor_free(dcgan.numbers);
    gan_tensor_free(dcgan.labels);
    gan_tensor_free(dcgan.preview_labels);
    gan_recipe_close(&dcgan.recipe);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_train_dcgan: ");
}
