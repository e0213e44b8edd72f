/* Options of the adversarial step, each against objectives that are composed by hand: label smoothing,
 * Wasserstein, penalties, augmentation, several steps of the discriminator. */
#include "base/suite.h"
#include "gan/gan.h"
#include "models/reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BATCH = 3, SIZE = 28, NOISE = 5, STEPS = 3, CRITIC_STEPS = 2 };

struct game {
    gan_context *context;
    gan_model *generator, *discriminator;
    gan_optimizer *optimizers[2];
    gan_tensor *noise, *real;
};

static gan_tensor *random_tensor(gan_context *context, const int64_t *shape, int32_t rank, uint64_t seed)
{
    gan_tensor *tensor;
    must(gan_tensor_create(&tensor, context, GAN_FLOAT32, shape, rank));
    must(gan_tensor_fill_uniform(tensor, seed, -1, 1));
    return tensor;
}

static void open_game(struct game *game)
{
    const gan_context_options seeded = {.struct_size = sizeof seeded, .threads = 2, .seed = 7};
    const gan_dcgan_options networks = {.struct_size = sizeof networks,
                                        .size = SIZE,
                                        .channels = 1,
                                        .width = 4,
                                        .noise = NOISE,
                                        .norm = GAN_NORM_NONE};
    const gan_adam_options adam = {.struct_size = sizeof adam, .learning_rate = 2e-3f, .beta1 = 0.5f};
    must(gan_context_create(&game->context, &seeded));
    must(gan_dcgan_generator_create(&game->generator, game->context, &networks));
    must(gan_dcgan_discriminator_create(&game->discriminator, game->context, &networks));
    must(gan_model_initialize(game->generator, 1));
    must(gan_model_initialize(game->discriminator, 2));
    for (int i = 0; i < 2; i++)
        must(gan_adam_create(&game->optimizers[i], game->context, &adam));
    game->noise = random_tensor(game->context, (const int64_t[]){BATCH, NOISE}, 2, 1);
    game->real = random_tensor(game->context, (const int64_t[]){BATCH, SIZE, SIZE, 1}, 4, 2);
}

static void close_game(struct game *game)
{
    gan_tensor_free(game->noise);
    gan_tensor_free(game->real);
    for (int i = 0; i < 2; i++)
        gan_optimizer_free(game->optimizers[i]);
    gan_model_free(game->generator);
    gan_model_free(game->discriminator);
    gan_context_free(game->context);
}

/* ---- By hand ---- */

struct hand {
    gan_objective *discriminate, *generate;
};

static gan_layer *apply(gan_model *model, gan_layer *x, int32_t statistics)
{
    const gan_apply_options options = {.struct_size = sizeof options, .statistics = statistics};
    gan_layer *y = NULL;
    must(gan_apply_many(model, &x, 1, &y, 1, &options));
    return y;
}

static gan_layer *shown(gan_layer *x, int32_t policy)
{
    const gan_diff_augment_options options = {.struct_size = sizeof options, .policy = policy};
    return policy != 0 ? gan_diff_augment(x, &options) : x;
}

/* With a penalty by the same layers, so that the same is drawn; without as the mean that it is. */
static gan_layer *on_real(gan_layer *verdict, const gan_adversarial_options *options)
{
    if (options->gradient_penalty > 0 && options->loss == GAN_LOSS_WASSERSTEIN)
        return gan_wasserstein(verdict, -1);
    if (options->loss == GAN_LOSS_WASSERSTEIN)
        return gan_mean(gan_scale(verdict, -1, 0));
    gan_layer *target = gan_fill_like(verdict, options->real_label != 0 ? options->real_label : 1);
    return options->loss == GAN_LOSS_LEAST_SQUARES ? gan_mean_squared_error(verdict, target)
                                                   : gan_binary_cross_entropy_with_logits(verdict, target);
}

static gan_layer *on_fake(gan_layer *verdict, const gan_adversarial_options *options)
{
    if (options->gradient_penalty > 0 && options->loss == GAN_LOSS_WASSERSTEIN)
        return gan_wasserstein(verdict, 1);
    if (options->loss == GAN_LOSS_WASSERSTEIN)
        return gan_mean(verdict);
    gan_layer *target = gan_fill_like(verdict, 0);
    return options->loss == GAN_LOSS_LEAST_SQUARES ? gan_mean_squared_error(verdict, target)
                                                   : gan_binary_cross_entropy_with_logits(verdict, target);
}

static gan_objective *by_hand(struct game *game, gan_graph *graph, const gan_adversarial_options *options)
{
    gan_layer *inputs[2] = {gan_input(graph, "real", (const int64_t[]){-1, SIZE, SIZE, 1}, 4),
                            gan_input(graph, "fake", (const int64_t[]){-1, SIZE, SIZE, 1}, 4)};
    gan_layer *real = shown(inputs[0], options->augment), *fake = shown(inputs[1], options->augment);
    gan_layer *verdict = apply(game->discriminator, real, GAN_STATISTICS_FOLLOW);
    gan_layer *other = apply(game->discriminator, fake, GAN_STATISTICS_FOLLOW);
    gan_layer *parts[4] = {on_real(verdict, options), on_fake(other, options)};
    float weights[4] = {1, 1};
    int32_t count = 2;
    gan_objective *objective;
    if (options->gradient_penalty > 0) {
        gan_layer *mixed = gan_random_interpolation(real, fake);
        weights[count] = options->gradient_penalty;
        parts[count++] =
            gan_gradient_penalty(apply(game->discriminator, mixed, GAN_STATISTICS_FOLLOW), mixed);
    }
    if (options->r1 > 0) {
        weights[count] = 0.5f * options->r1;
        parts[count++] = gan_r1_penalty(verdict, real);
    }
    const gan_objective_options watching = {
        .struct_size = sizeof watching, .watched = parts, .watched_count = count};
    must(gan_objective_create(&objective, gan_weighted_sum(parts, weights, count), inputs, 2,
                              &game->discriminator, 1, game->optimizers[1], &watching));
    return objective;
}

static gan_objective *generator_by_hand(struct game *game, gan_graph *graph,
                                        const gan_adversarial_options *options)
{
    gan_layer *input = gan_input(graph, "input", (const int64_t[]){-1, NOISE}, 2);
    gan_layer *made = shown(apply(game->generator, input, GAN_STATISTICS_BATCH), options->augment);
    gan_layer *verdict = apply(game->discriminator, made, GAN_STATISTICS_FOLLOW);
    const gan_adversarial_options whole = {.loss = options->loss, .real_label = 1};
    gan_objective *objective;
    must(gan_objective_create(&objective, on_real(verdict, &whole), &input, 1, &game->generator, 1,
                              game->optimizers[0], NULL));
    return objective;
}

/* What G makes of the noise; its running statistics move. */
static gan_tensor *draw(const struct game *game)
{
    const gan_session_options training = {.struct_size = sizeof training, .training = 1};
    const gan_tensor *const noise[1] = {game->noise};
    gan_session *session;
    gan_tensor *pictures;
    must(gan_session_create(&session, game->generator, (const int64_t[]){BATCH, NOISE}, &training));
    must(
        gan_tensor_create(&pictures, game->context, GAN_FLOAT32, (const int64_t[]){BATCH, SIZE, SIZE, 1}, 4));
    must(gan_session_run(session, noise, 1, &pictures, 1));
    gan_session_free(session);
    return pictures;
}

/* ---- Agreement ---- */

/* What Adam makes of rounding is small where gradients are not. */
static void expect_alike(const gan_model *a, const gan_model *b)
{
    for (int32_t i = 0; i < gan_model_parameter_count(a); i++) {
        gan_tensor *x, *y;
        must(gan_model_get_parameter(a, i, &x));
        must(gan_model_get_parameter(b, i, &y));
        reference_compare(gan_model_parameter_name(a, i), x, y, 1e-3);
        gan_tensor_free(x);
        gan_tensor_free(y);
    }
}

static void expect_near(const char *what, float got, float expected)
{
    ck_assert_msg(fabsf(got - expected) <= 1e-4f * fmaxf(1, fabsf(expected)), "%s is %g, expected %g", what,
                  (double)got, (double)expected);
}

static float penalty_of(const gan_objective *objective, const gan_adversarial_options *options)
{
    float sum = 0;
    int32_t index = 2;
    if (options->gradient_penalty > 0)
        sum += options->gradient_penalty * gan_objective_scalar(objective, index++);
    if (options->r1 > 0)
        sum += 0.5f * options->r1 * gan_objective_scalar(objective, index);
    return sum;
}

static const gan_adversarial_options choices[] = {
    {.struct_size = sizeof choices[0], .real_label = 0.9f},
    {.struct_size = sizeof choices[0], .loss = GAN_LOSS_LEAST_SQUARES, .real_label = 0.8f},
    {.struct_size = sizeof choices[0], .loss = GAN_LOSS_WASSERSTEIN},
    {.struct_size = sizeof choices[0], .loss = GAN_LOSS_WASSERSTEIN, .gradient_penalty = 10},
    {.struct_size = sizeof choices[0], .r1 = 5},
    {.struct_size = sizeof choices[0], .gradient_penalty = 1, .r1 = 2},
    {.struct_size = sizeof choices[0], .augment = 7},
    {.struct_size = sizeof choices[0], .augment = GAN_AUGMENT_TRANSLATION, .r1 = 3},
};
enum { CHOICES = sizeof choices / sizeof choices[0] };

/* Both draw the same: the contexts have one seed, and the graphs the same layers in the same order. */
START_TEST(as_composed_by_hand)
{
    const gan_adversarial_options *options = &choices[_i];
    struct game ours, hand;
    gan_adversarial *adversarial;
    gan_graph *graphs[2];
    open_game(&ours);
    open_game(&hand);
    must(gan_adversarial_create(&adversarial, ours.generator, ours.discriminator, ours.optimizers[0],
                                ours.optimizers[1], options));
    for (int i = 0; i < 2; i++)
        must(gan_graph_create(&graphs[i], hand.context));
    gan_objective *discriminate = by_hand(&hand, graphs[0], options);
    gan_objective *generate = generator_by_hand(&hand, graphs[1], options);
    for (int step = 0; step < STEPS; step++) {
        float real, fake, penalty, g, expected;
        for (int i = 0; i < CRITIC_STEPS; i++) {
            must(gan_adversarial_discriminate(adversarial, ours.noise, ours.real, &real, &fake, &penalty));
            gan_tensor *drawn = draw(&hand);
            must(gan_objective_step(discriminate, (const gan_tensor *const[]){hand.real, drawn}, 2,
                                    &expected));
            gan_tensor_free(drawn);
            expect_near("real", real, gan_objective_scalar(discriminate, 0));
            expect_near("fake", fake, gan_objective_scalar(discriminate, 1));
            expect_near("penalty", penalty, penalty_of(discriminate, options));
        }
        must(gan_adversarial_generate(adversarial, ours.noise, &g));
        must(gan_objective_step(generate, (const gan_tensor *const[]){hand.noise}, 1, &expected));
        expect_near("generator", g, expected);
    }
    expect_alike(ours.discriminator, hand.discriminator);
    expect_alike(ours.generator, hand.generator);
    gan_objective_free(discriminate);
    gan_objective_free(generate);
    for (int i = 0; i < 2; i++)
        gan_graph_free(graphs[i]);
    gan_adversarial_free(adversarial);
    close_game(&ours);
    close_game(&hand);
}
END_TEST

static void refuse(const struct game *game, gan_adversarial_options options, const char *words)
{
    gan_adversarial *none;
    options.struct_size = sizeof options;
    const gan_status status = gan_adversarial_create(&none, game->generator, game->discriminator,
                                                     game->optimizers[0], game->optimizers[1], &options);
    ck_assert_int_eq(status, GAN_ERROR_ARGUMENT);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "%s", gan_error_message());
}

START_TEST(wrong_options)
{
    struct game game;
    open_game(&game);
    refuse(&game, (gan_adversarial_options){.loss = 6}, "loss is 6");
    refuse(&game, (gan_adversarial_options){.real_label = 1.5f}, "real_label is 1.5");
    refuse(&game, (gan_adversarial_options){.real_label = -1}, "real_label is -1");
    refuse(&game, (gan_adversarial_options){.loss = GAN_LOSS_HINGE, .real_label = 0.9f}, "know no labels");
    refuse(&game, (gan_adversarial_options){.gradient_penalty = -1}, "gradient_penalty is -1");
    refuse(&game, (gan_adversarial_options){.r1 = NAN}, "r1 is nan");
    refuse(&game, (gan_adversarial_options){.augment = 8}, "augment is 8");
    ck_assert_int_eq(gan_adversarial_discriminate(NULL, game.noise, game.real, NULL, NULL, NULL),
                     GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_adversarial_generate(NULL, game.noise, NULL), GAN_ERROR_ARGUMENT);
    close_game(&game);
}
END_TEST

/* A norm between the picture and the verdict is named. */
START_TEST(penalties_refuse_batch_norm)
{
    struct game game;
    gan_model *normalized;
    gan_adversarial *none;
    const gan_dcgan_options networks = {
        .struct_size = sizeof networks, .size = SIZE, .channels = 1, .width = 4, .noise = NOISE};
    const gan_adversarial_options options = {.struct_size = sizeof options, .r1 = 1};
    open_game(&game);
    must(gan_dcgan_discriminator_create(&normalized, game.context, &networks));
    ck_assert_int_eq(gan_adversarial_create(&none, game.generator, normalized, game.optimizers[0],
                                            game.optimizers[1], &options),
                     GAN_ERROR_UNSUPPORTED);
    ck_assert_msg(strstr(gan_error_message(), "batch_norm") != NULL, "%s", gan_error_message());
    gan_model_free(normalized);
    close_game(&game);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("adversarial options");
    TCase *tests = tcase_create("adversarial options");
    tcase_add_loop_test(tests, as_composed_by_hand, 0, CHOICES);
    tcase_add_test(tests, wrong_options);
    tcase_add_test(tests, penalties_refuse_batch_norm);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
