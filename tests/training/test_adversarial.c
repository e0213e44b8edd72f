/* The adversarial step: every loss trains, each player moves only in its own turn, failures change nothing.
 */
#include "base/suite.h"
#include "models/reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BATCH = 4, SIZE = 28, NOISE = 5 };

struct game {
    gan_context *context;
    gan_model *generator, *discriminator;
    gan_optimizer *optimizers[2];
    gan_adversarial *adversarial;
    gan_tensor *noise, *real;
};

static gan_context *context_with(int32_t threads)
{
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads, .seed = 5};
    gan_context *context;
    must(gan_context_create(&context, &options));
    return context;
}

static gan_tensor *random_tensor(gan_context *context, const int64_t *shape, int32_t rank, uint64_t seed)
{
    gan_tensor *tensor;
    must(gan_tensor_create(&tensor, context, GAN_FLOAT32, shape, rank));
    must(gan_tensor_fill_normal(tensor, seed, 0, 0.5f));
    return tensor;
}

static void create(struct game *game, int32_t threads, float rate)
{
    const int64_t noise_shape[2] = {BATCH, NOISE}, real_shape[4] = {BATCH, SIZE, SIZE, 1};
    const gan_dcgan_options networks = {
        .struct_size = sizeof networks, .size = SIZE, .channels = 1, .width = 4, .noise = NOISE};
    const gan_adam_options adam = {.struct_size = sizeof adam, .learning_rate = rate, .beta1 = 0.5f};
    game->context = context_with(threads);
    must(gan_dcgan_generator_create(&game->generator, game->context, &networks));
    must(gan_dcgan_discriminator_create(&game->discriminator, game->context, &networks));
    for (int i = 0; i < 2; i++)
        must(gan_adam_create(&game->optimizers[i], game->context, &adam));
    game->noise = random_tensor(game->context, noise_shape, 2, 1);
    game->real = random_tensor(game->context, real_shape, 4, 2);
    game->adversarial = NULL;
}

static gan_status start(struct game *game, int32_t loss)
{
    const gan_adversarial_options options = {.struct_size = sizeof options, .loss = loss};
    return gan_adversarial_create(&game->adversarial, game->generator, game->discriminator,
                                  game->optimizers[0], game->optimizers[1], &options);
}

static void destroy(struct game *game)
{
    gan_adversarial_free(game->adversarial);
    gan_tensor_free(game->noise);
    gan_tensor_free(game->real);
    for (int i = 0; i < 2; i++)
        gan_optimizer_free(game->optimizers[i]);
    gan_model_free(game->generator);
    gan_model_free(game->discriminator);
    gan_context_free(game->context);
}

static void expect(gan_status given, gan_status expected, const char *words)
{
    printf("%s: %s\n", gan_status_name(given), gan_error_message());
    ck_assert_int_eq(given, expected);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
}

/* On one batch D learns to tell, with every loss. */
START_TEST(every_loss_trains)
{
    for (int32_t loss = GAN_LOSS_BCE_WITH_LOGITS; loss <= GAN_LOSS_WASSERSTEIN; loss++) {
        struct game game;
        float first = 0, last = 0, d_real, d_fake, g;
        if (loss == GAN_LOSS_BCE)
            continue; /* wants probabilities: see below */
        create(&game, 0, 2e-3f);
        must(start(&game, loss));
        for (int step = 0; step < 12; step++) {
            must(gan_adversarial_step(game.adversarial, game.noise, game.real, &d_real, &d_fake, &g));
            ck_assert(isfinite(d_real) && isfinite(d_fake) && isfinite(g));
            last = d_real + d_fake;
            first = step == 0 ? last : first;
        }
        printf("loss %d: D from %g to %g\n", loss, (double)first, (double)last);
        ck_assert(last < first);
        destroy(&game);
    }
}
END_TEST

/* The articles' discriminator ends in a sigmoid. */
START_TEST(probabilities)
{
    gan_context *context = context_with(0);
    const gan_article_options options = {.struct_size = sizeof options, .size = 8};
    const gan_adversarial_options bce = {.struct_size = sizeof bce, .loss = GAN_LOSS_BCE};
    const int64_t shape[4] = {2, 8, 8, 3};
    gan_model *generator, *discriminator;
    gan_optimizer *optimizers[2];
    gan_adversarial *adversarial;
    float g;
    must(gan_build_generator(&generator, context, &options));
    must(gan_build_discriminator(&discriminator, context, &options));
    must(gan_adam_create(&optimizers[0], context, NULL));
    must(gan_adam_create(&optimizers[1], context, NULL));
    must(gan_adversarial_create(&adversarial, generator, discriminator, optimizers[0], optimizers[1], &bce));
    gan_tensor *photo = random_tensor(context, shape, 4, 1), *real = random_tensor(context, shape, 4, 2);
    must(gan_adversarial_step(adversarial, photo, real, NULL, NULL, &g));
    ck_assert(isfinite(g));
    gan_tensor_free(photo);
    gan_tensor_free(real);
    gan_adversarial_free(adversarial);
    gan_optimizer_free(optimizers[0]);
    gan_optimizer_free(optimizers[1]);
    gan_model_free(generator);
    gan_model_free(discriminator);
    gan_context_free(context);
}
END_TEST

/* ---- Running statistics ---- */

static gan_tensor *parameter(const gan_model *model, const char *name)
{
    gan_tensor *value;
    const int32_t index = gan_model_parameter_find(model, name);
    ck_assert_int_ge(index, 0);
    must(gan_model_get_parameter(model, index, &value));
    return value;
}

/* One forward pass in training mode moves G's statistics as far as a whole step does. */
START_TEST(statistics_of_the_generator_move_once)
{
    struct game stepped, run;
    const int64_t shape[2] = {BATCH, NOISE};
    const gan_session_options training = {.struct_size = sizeof training, .training = 1};
    gan_session *session;
    create(&stepped, 1, 1e-3f);
    create(&run, 1, 1e-3f);
    must(start(&stepped, GAN_LOSS_BCE_WITH_LOGITS));
    must(gan_adversarial_step(stepped.adversarial, stepped.noise, stepped.real, NULL, NULL, NULL));
    must(gan_session_create(&session, run.generator, shape, &training));
    must(gan_session_run(session, (const gan_tensor *const[]){run.noise}, 1, (gan_tensor *const[]){NULL}, 1));
    gan_tensor *a = parameter(stepped.generator, "up1_norm.running_variance");
    gan_tensor *b = parameter(run.generator, "up1_norm.running_variance");
    reference_compare("running variance after a step", a, b, 1e-6);
    gan_tensor_free(a);
    gan_tensor_free(b);
    gan_session_free(session);
    destroy(&stepped);
    destroy(&run);
}
END_TEST

/* ---- The same bits for any number of threads ---- */

static void train(struct game *game, int32_t threads, float losses[3])
{
    create(game, threads, 1e-3f);
    must(start(game, GAN_LOSS_BCE_WITH_LOGITS));
    for (int step = 0; step < 5; step++)
        must(gan_adversarial_step(game->adversarial, game->noise, game->real, &losses[0], &losses[1],
                                  &losses[2]));
}

START_TEST(any_number_of_threads)
{
    struct game one, three;
    float losses[2][3];
    train(&one, 1, losses[0]);
    train(&three, 3, losses[1]);
    ck_assert_int_eq(memcmp(losses[0], losses[1], sizeof losses[0]), 0);
    for (int32_t i = 0; i < gan_model_parameter_count(one.generator); i++) {
        gan_tensor *a, *b;
        must(gan_model_get_parameter(one.generator, i, &a));
        must(gan_model_get_parameter(three.generator, i, &b));
        ck_assert_int_eq(
            memcmp(gan_tensor_data(a), gan_tensor_data(b), (size_t)gan_tensor_count(a) * sizeof(float)), 0);
        gan_tensor_free(a);
        gan_tensor_free(b);
    }
    destroy(&one);
    destroy(&three);
}
END_TEST

/* ---- What is wrong ---- */

/* To the bit; frees what was expected. */
static void expect_still(const gan_model *model, const char *name, gan_tensor *expected)
{
    gan_tensor *value = parameter(model, name);
    ck_assert_int_eq(memcmp(gan_tensor_data(expected), gan_tensor_data(value),
                            (size_t)gan_tensor_count(expected) * sizeof(float)),
                     0);
    gan_tensor_free(expected);
    gan_tensor_free(value);
}

START_TEST(wrong_players)
{
    struct game game;
    gan_model *extractor;
    gan_adversarial *none;
    create(&game, 0, 1e-3f);
    must(gan_vgg19_create(&extractor, game.context));
    expect(start(&game, 9), GAN_ERROR_ARGUMENT, "loss is 9");
    ck_assert_ptr_null(game.adversarial);
    expect(
        gan_adversarial_create(&none, NULL, game.discriminator, game.optimizers[0], game.optimizers[1], NULL),
        GAN_ERROR_ARGUMENT, "generator");
    expect(gan_adversarial_create(&none, game.generator, extractor, game.optimizers[0], game.optimizers[1],
                                  NULL),
           GAN_ERROR_ARGUMENT, "5 outputs");
    expect(gan_adversarial_create(&none, game.generator, game.generator, game.optimizers[0],
                                  game.optimizers[1], NULL),
           GAN_ERROR_SHAPE, "takes [?,5]");
    expect(gan_adversarial_create(&none, game.generator, game.discriminator, NULL, game.optimizers[1], NULL),
           GAN_ERROR_ARGUMENT, "optimizer");
    expect(gan_adversarial_create(&none, game.generator, game.discriminator, game.optimizers[0],
                                  game.optimizers[0], NULL),
           GAN_ERROR_ARGUMENT, "optimizer");
    expect(gan_adversarial_create(NULL, game.generator, game.discriminator, game.optimizers[0],
                                  game.optimizers[1], NULL),
           GAN_ERROR_ARGUMENT, "out");
    expect(gan_adversarial_step(NULL, game.noise, game.real, NULL, NULL, NULL), GAN_ERROR_ARGUMENT, "NULL");
    gan_model_free(extractor);
    destroy(&game);
}
END_TEST

START_TEST(wrong_batches)
{
    struct game game;
    create(&game, 0, 1e-3f);
    must(start(&game, GAN_LOSS_LEAST_SQUARES));
    expect(gan_adversarial_step(game.adversarial, game.real, game.real, NULL, NULL, NULL), GAN_ERROR_SHAPE,
           "\"input\"");
    expect(gan_adversarial_step(game.adversarial, game.noise, NULL, NULL, NULL, NULL), GAN_ERROR_ARGUMENT,
           "\"real\"");
    must(gan_adversarial_step(game.adversarial, game.noise, game.real, NULL, NULL, NULL));
    gan_tensor *before = parameter(game.discriminator, "conv2_norm.running_mean");
    ((float *)gan_tensor_data(game.real))[3] = NAN;
    expect(gan_adversarial_step(game.adversarial, game.noise, game.real, NULL, NULL, NULL),
           GAN_ERROR_NOT_FINITE, "not finite");
    expect_still(game.discriminator, "conv2_norm.running_mean", before);
    destroy(&game);
}
END_TEST

/* D's half may be called several times before G's: the refusal of one does not undo those before it. */
START_TEST(a_refused_half_step_undoes_no_earlier_one)
{
    struct game game;
    create(&game, 0, 1e-3f);
    must(start(&game, GAN_LOSS_BCE_WITH_LOGITS));
    must(gan_adversarial_discriminate(game.adversarial, game.noise, game.real, NULL, NULL, NULL));
    gan_tensor *moved = parameter(game.generator, "up1_norm.running_mean");
    expect(gan_adversarial_discriminate(game.adversarial, game.real, game.real, NULL, NULL, NULL),
           GAN_ERROR_SHAPE, "\"input\"");
    expect_still(game.generator, "up1_norm.running_mean", moved);
    destroy(&game);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_loss_trains, probabilities, statistics_of_the_generator_move_once,    any_number_of_threads,
        wrong_players,     wrong_batches, a_refused_half_step_undoes_no_earlier_one};
    return run_suite("adversarial", tests, sizeof tests / sizeof tests[0]);
}
