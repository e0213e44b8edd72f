/* Out of memory while models are trained. */
#include "base/suite.h"
#include "faults/scenario.h"

#include <math.h>
#include <stdlib.h>

struct pair {
    gan_model *generator, *discriminator;
    gan_tensor *noise, *pictures;
};

static gan_status prepare_pair(gan_context *context, void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    *state = pair;
    const gan_dcgan_options options = {
        .struct_size = sizeof options, .size = 28, .channels = 1, .width = 2, .noise = 5};
    gan_status status = gan_dcgan_generator_create(&pair->generator, context, &options);
    if (status == GAN_OK)
        status = gan_dcgan_discriminator_create(&pair->discriminator, context, &options);
    if (status == GAN_OK)
        status = gan_tensor_create(&pair->noise, context, GAN_FLOAT32, (const int64_t[]){2, 5}, 2);
    if (status == GAN_OK)
        status = gan_tensor_create(&pair->pictures, context, GAN_FLOAT32, (const int64_t[]){2, 28, 28, 1}, 4);
    if (status == GAN_OK)
        status = gan_tensor_fill_normal(pair->noise, 1, 0, 1);
    if (status == GAN_OK)
        status = gan_tensor_fill_uniform(pair->pictures, 2, -1, 1);
    return status;
}

static void clean_pair(void *state)
{
    struct pair *pair = state;
    gan_model_free(pair->generator);
    gan_model_free(pair->discriminator);
    gan_tensor_free(pair->noise);
    gan_tensor_free(pair->pictures);
    free(pair);
}

/* Loss and inputs of the generator's objective, in a graph. */
static gan_layer *build_loss(const struct pair *pair, gan_graph *graph, gan_layer **noise,
                             gan_layer **picture)
{
    *noise = gan_input(graph, "noise", (const int64_t[]){-1, 5}, 2);
    *picture = gan_apply(pair->generator, *noise);
    gan_layer *logits = gan_apply(pair->discriminator, *picture);
    return gan_binary_cross_entropy_with_logits(logits, gan_fill_like(logits, 1));
}

static gan_status use_objective(gan_objective *objective, const struct pair *pair)
{
    const gan_tensor *inputs[] = {pair->noise};
    gan_tensor *values[3] = {NULL, NULL, NULL};
    float loss;
    gan_status status = gan_objective_request_input_gradient(objective, 0);
    if (status == GAN_OK)
        status = gan_objective_gradients(objective, inputs, 1, &loss);
    if (status == GAN_OK)
        status = gan_objective_input_gradient(objective, 0, &values[0]);
    if (status == GAN_OK)
        status = gan_objective_step(objective, inputs, 1, &loss);
    if (status == GAN_OK)
        status = gan_objective_value(objective, 0, &values[1]);
    if (status == GAN_OK)
        status = gan_objective_gradient(objective, pair->generator, 0, &values[2]);
    for (int i = 0; i < 3; i++)
        gan_tensor_free(values[i]);
    return status;
}

static gan_status train_by_hand(gan_context *context, void *state)
{
    struct pair *pair = state;
    gan_graph *graph = NULL;
    gan_optimizer *optimizer = NULL;
    gan_objective *objective = NULL;
    gan_layer *noise, *picture;
    gan_status status = gan_graph_create(&graph, context);
    gan_layer *loss = build_loss(pair, graph, &noise, &picture);
    if (status == GAN_OK)
        status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_adam_create(&optimizer, context, NULL);
    const gan_objective_options options = {
        .struct_size = sizeof options, .watched = &picture, .watched_count = 1};
    if (status == GAN_OK)
        status = gan_objective_create(&objective, loss, &noise, 1, &pair->generator, 1, optimizer, &options);
    if (status == GAN_OK)
        status = use_objective(objective, pair);
    gan_objective_free(objective);
    gan_optimizer_free(optimizer);
    gan_graph_free(graph);
    return status;
}

START_TEST(objectives)
{
    exhaust_memory(&(struct scenario){prepare_pair, train_by_hand, clean_pair, 0});
}
END_TEST

static gan_status train_adversarially(gan_context *context, void *state)
{
    struct pair *pair = state;
    gan_optimizer *optimizers[2] = {NULL, NULL};
    gan_adversarial *adversarial = NULL;
    float d_real, d_fake, g;
    gan_status status = gan_adam_create(&optimizers[0], context, NULL);
    if (status == GAN_OK)
        status = gan_adam_create(&optimizers[1], context, NULL);
    if (status == GAN_OK)
        status = gan_adversarial_create(&adversarial, pair->generator, pair->discriminator, optimizers[0],
                                        optimizers[1], NULL);
    for (int i = 0; i < 2 && status == GAN_OK; i++)
        status = gan_adversarial_step(adversarial, pair->noise, pair->pictures, &d_real, &d_fake, &g);
    gan_adversarial_free(adversarial);
    gan_optimizer_free(optimizers[0]);
    gan_optimizer_free(optimizers[1]);
    return status;
}

/* With all that D's step may have besides. */
static gan_status train_with_penalties(gan_context *context, void *state)
{
    struct pair *pair = state;
    const gan_dcgan_options critic = {
        .struct_size = sizeof critic, .size = 28, .channels = 1, .width = 2, .norm = GAN_NORM_NONE};
    const gan_adversarial_options options = {.struct_size = sizeof options,
                                             .loss = GAN_LOSS_WASSERSTEIN,
                                             .gradient_penalty = 10,
                                             .r1 = 1,
                                             .augment = GAN_AUGMENT_TRANSLATION};
    gan_model *discriminator = NULL;
    gan_optimizer *optimizers[2] = {NULL, NULL};
    gan_adversarial *adversarial = NULL;
    float penalty;
    gan_status status = gan_dcgan_discriminator_create(&discriminator, context, &critic);
    for (int i = 0; i < 2 && status == GAN_OK; i++)
        status = gan_adam_create(&optimizers[i], context, NULL);
    if (status == GAN_OK)
        status = gan_adversarial_create(&adversarial, pair->generator, discriminator, optimizers[0],
                                        optimizers[1], &options);
    if (status == GAN_OK)
        status = gan_adversarial_discriminate(adversarial, pair->noise, pair->pictures, NULL, NULL, &penalty);
    gan_adversarial_free(adversarial);
    gan_optimizer_free(optimizers[0]);
    gan_optimizer_free(optimizers[1]);
    gan_model_free(discriminator);
    return status;
}

START_TEST(penalized_steps)
{
    exhaust_memory(&(struct scenario){prepare_pair, train_with_penalties, clean_pair, 7});
}
END_TEST

START_TEST(adversarial_steps)
{
    exhaust_memory(&(struct scenario){prepare_pair, train_adversarially, clean_pair, 0});
}
END_TEST

/* compile, combine and train_on_batch, as the articles do it. */
static gan_status train_as_articles(gan_context *context, void *state)
{
    struct pair *pair = state;
    gan_model *combined = NULL;
    gan_optimizer *optimizers[2] = {NULL, NULL};
    gan_compiled *judge = NULL, *whole = NULL;
    const gan_tensor *pictures[] = {pair->pictures}, *noise[] = {pair->noise};
    gan_status status = gan_adam_create(&optimizers[0], context, NULL);
    if (status == GAN_OK)
        status = gan_adam_create(&optimizers[1], context, NULL);
    if (status == GAN_OK)
        status = gan_compile(&judge, pair->discriminator, "binary_crossentropy_with_logits", optimizers[0],
                             NULL, 0);
    if (status == GAN_OK)
        status = gan_combine(&combined, pair->generator, pair->discriminator);
    if (status == GAN_OK)
        status = gan_compile(&whole, combined, "binary_crossentropy_with_logits", optimizers[1],
                             &pair->generator, 1);
    if (status == GAN_OK)
        status = gan_train_on_batch(judge, pictures, 1, NULL, 1, NULL);
    if (status == GAN_OK)
        status = gan_train_on_batch(whole, noise, 1, NULL, 1, NULL);
    gan_compiled_free(judge);
    gan_compiled_free(whole);
    gan_model_free(combined);
    gan_optimizer_free(optimizers[0]);
    gan_optimizer_free(optimizers[1]);
    return status;
}

START_TEST(compiled_models)
{
    exhaust_memory(&(struct scenario){prepare_pair, train_as_articles, clean_pair, 0});
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        objectives,
        adversarial_steps,
        penalized_steps,
        compiled_models,
    };
    return run_suite("training", tests, sizeof tests / sizeof tests[0]);
}
