/* Six steps of the first article's networks in Keras' order of train_on_batch, against PyTorch. */
#include "base/suite.h"
#include "training/reference_training.h"

static const struct parameter_map generator_map[] = {
    {"conv1.weight", "0.weight", PARAMETER_CONVOLUTION, 0, 0, 0},
    {"conv1.bias", "0.bias", PARAMETER_VECTOR, 0, 0, 0},
    {"conv1_norm.weight", "2.weight", PARAMETER_VECTOR, 0, 0, 0},
    {"conv1_norm.bias", "2.bias", PARAMETER_VECTOR, 0, 0, 0},
    {"conv1_norm.running_mean", "2.running_mean", PARAMETER_VECTOR, 0, 0, 0},
    {"conv1_norm.running_variance", "2.running_var", PARAMETER_VECTOR, 0, 0, 0},
    {"conv2.weight", "4.weight", PARAMETER_CONVOLUTION, 0, 0, 0},
    {"conv2.bias", "4.bias", PARAMETER_VECTOR, 0, 0, 0},
    {"conv2_norm.weight", "6.weight", PARAMETER_VECTOR, 0, 0, 0},
    {"conv2_norm.bias", "6.bias", PARAMETER_VECTOR, 0, 0, 0},
    {"conv2_norm.running_mean", "6.running_mean", PARAMETER_VECTOR, 0, 0, 0},
    {"conv2_norm.running_variance", "6.running_var", PARAMETER_VECTOR, 0, 0, 0},
    {"picture.weight", "8.weight", PARAMETER_CONVOLUTION, 0, 0, 0},
    {"picture.bias", "8.bias", PARAMETER_VECTOR, 0, 0, 0},
};

static const struct parameter_map discriminator_map[] = {
    {"conv1.weight", "0.weight", PARAMETER_CONVOLUTION, 0, 0, 0},
    {"conv1.bias", "0.bias", PARAMETER_VECTOR, 0, 0, 0},
    {"conv2.weight", "2.weight", PARAMETER_CONVOLUTION, 0, 0, 0},
    {"conv2.bias", "2.bias", PARAMETER_VECTOR, 0, 0, 0},
    {"conv3.weight", "4.weight", PARAMETER_CONVOLUTION, 0, 0, 0},
    {"conv3.bias", "4.bias", PARAMETER_VECTOR, 0, 0, 0},
    {"dense.weight", "7.weight", PARAMETER_AFTER_FLATTEN, 256, 32, 32},
    {"dense.bias", "7.bias", PARAMETER_VECTOR, 0, 0, 0},
};

enum {
    BATCH = 2,
    SIZE = 8,
    GENERATOR_PARAMETERS = sizeof generator_map / sizeof generator_map[0],
    DISCRIMINATOR_PARAMETERS = sizeof discriminator_map / sizeof discriminator_map[0]
};

/* The articles' cast. */
struct game {
    gan_model *generator, *discriminator, *combined;
    gan_optimizer *discriminator_optimizer, *combined_optimizer;
    gan_compiled *compiled_discriminator, *compiled_combined;
    gan_session *generate;
    gan_tensor *fake;
};

static gan_optimizer *keras_adam(gan_context *context)
{
    const gan_adam_options options = {
        .struct_size = sizeof options, .learning_rate = 1e-3f, .epsilon = 1e-7f};
    gan_optimizer *optimizer;
    must(gan_adam_create(&optimizer, context, &options));
    return optimizer;
}

static void build(struct game *game, gan_context *context)
{
    const gan_article_options options = {
        .struct_size = sizeof options, .article = GAN_ARTICLE_1, .size = SIZE, .encode = -1};
    must(gan_build_generator(&game->generator, context, &options));
    must(gan_build_discriminator(&game->discriminator, context, &options));
    must(gan_combine(&game->combined, game->generator, game->discriminator));
    game->discriminator_optimizer = keras_adam(context);
    game->combined_optimizer = keras_adam(context);
}

/* discriminator.compile(...); discriminator.trainable = False; combined.compile(...) */
static void compile(struct game *game)
{
    gan_model *const parts[2] = {game->generator, game->discriminator};
    gan_compile_options options = {.struct_size = sizeof options, .precision = GAN_PRECISION_EXACT};
    must(gan_compile_with_options(&game->compiled_discriminator, game->discriminator, "binary_crossentropy",
                                  game->discriminator_optimizer, &options));
    gan_model_set_trainable(game->discriminator, 0);
    options.models = parts;
    options.model_count = 2;
    must(gan_compile_with_options(&game->compiled_combined, game->combined, "binary_crossentropy",
                                  game->combined_optimizer, &options));
}

static void prepare_generation(struct game *game, gan_context *context)
{
    const int64_t shape[4] = {BATCH, 4 * SIZE, 4 * SIZE, 3};
    const gan_session_options options = {
        .struct_size = sizeof options, .precision = GAN_PRECISION_EXACT, .training = 1};
    must(gan_session_create_2d(&game->generate, game->generator, BATCH, SIZE, SIZE, &options));
    must(gan_tensor_create(&game->fake, context, GAN_FLOAT32, shape, 4));
}

static float train_on_batch(gan_compiled *compiled, const gan_tensor *input, float label)
{
    float before, loss;
    must(gan_test_on_batch(compiled, &input, 1, NULL, label, &before));
    must(gan_train_on_batch(compiled, &input, 1, NULL, label, &loss));
    ck_assert_msg(before == loss, "test_on_batch gives %.9g, train_on_batch %.9g", (double)before,
                  (double)loss);
    return loss;
}

static void train(struct training_reference *reference, struct game *game)
{
    for (int32_t step = 0; step < training_reference_steps(reference); step++) {
        gan_tensor *input = training_reference_batch(reference, "input", step, BATCH);
        gan_tensor *real = training_reference_batch(reference, "real", step, BATCH);
        must(gan_session_run(game->generate, (const gan_tensor *const[]){input}, 1, &game->fake, 1));
        training_reference_compare(reference, step, "d_real",
                                   train_on_batch(game->compiled_discriminator, real, 1));
        training_reference_compare(reference, step, "d_fake",
                                   train_on_batch(game->compiled_discriminator, game->fake, 0));
        training_reference_compare(reference, step, "g", train_on_batch(game->compiled_combined, input, 1));
        gan_tensor_free(input);
        gan_tensor_free(real);
    }
}

static void end(struct game *game)
{
    gan_tensor_free(game->fake);
    gan_session_free(game->generate);
    gan_compiled_free(game->compiled_combined);
    gan_compiled_free(game->compiled_discriminator);
    gan_optimizer_free(game->combined_optimizer);
    gan_optimizer_free(game->discriminator_optimizer);
    gan_model_free(game->combined);
    gan_model_free(game->discriminator);
    gan_model_free(game->generator);
}

START_TEST(article_networks)
{
    struct training_reference reference;
    struct game game;
    training_reference_open(&reference, "article_networks");
    build(&game, reference.context);
    training_reference_start(&reference, game.generator, "generator", generator_map, GENERATOR_PARAMETERS);
    training_reference_start(&reference, game.discriminator, "discriminator", discriminator_map,
                             DISCRIMINATOR_PARAMETERS);
    compile(&game);
    prepare_generation(&game, reference.context);
    train(&reference, &game);
    training_reference_finish(&reference, game.generator, "generator", generator_map, GENERATOR_PARAMETERS);
    training_reference_finish(&reference, game.discriminator, "discriminator", discriminator_map,
                              DISCRIMINATOR_PARAMETERS);
    end(&game);
    training_reference_close(&reference);
}
END_TEST

int main(void)
{
    if (reference_folder() == NULL)
        return 77;
    const TTest *const tests[] = {article_networks};
    return run_suite("reference articles", tests, sizeof tests / sizeof tests[0]);
}
