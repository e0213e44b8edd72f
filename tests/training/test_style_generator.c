/* The generator of the style trainer: what it gives is a picture, and what has gone black learns on. */
#include "base/suite.h"
#include "gan/objective.h"
#include "gan/session.h"
#include "graph/objective.h"
#include "models/reference.h"
#include "style/pictures.h"
#include "training/folder.h"
#include "training/player.h"
#include "training/style_trainer.h"

enum { SIDE = 32, STEPS = 60 };

struct bench {
    gan_context *context;
    gan_model *generator, *unclamped;
    gan_tensor *photograph;
    gan_optimizer *optimizer;
    gan_objective *objective;
};

static gan_status make_objective(void *user, gan_graph *graph)
{
    struct bench *bench = user;
    gan_layer *input = gan_input(graph, "input", (const int64_t[]){1, SIDE, SIDE, 3}, 4);
    gan_layer *loss = gan_trainer_range_term(gan_apply(bench->unclamped, input));
    return gan_objective_create(&bench->objective, loss, &input, 1, &bench->generator, 1, bench->optimizer,
                                NULL);
}

static struct bench open_bench(void)
{
    const struct style_recipe recipe = {.channels = 4, .blocks = 1, .margin = 8, .seed = 3};
    const gan_adam_options adam = {.struct_size = sizeof adam, .learning_rate = 0.2f};
    struct bench bench = {.context = reference_context()};
    const int64_t shape[4] = {1, SIDE, SIDE, 3};
    must(gan_tensor_create(&bench.photograph, bench.context, GAN_FLOAT32, shape, 4));
    for (int i = 0; i < SIDE * SIDE * 3; i++)
        ((float *)gan_tensor_data(bench.photograph))[i] = (float)(i * 7 % 256) / 255;
    must(gan_trainer_make_generator(&bench.generator, &bench.unclamped, bench.context, &recipe));
    must(gan_adam_create(&bench.optimizer, bench.context, &adam));
    must(gan_player_with_graph(bench.context, &bench, make_objective));
    return bench;
}

static void close_bench(struct bench *bench)
{
    gan_objective_free(bench->objective);
    gan_optimizer_free(bench->optimizer);
    gan_model_free(bench->generator);
    gan_model_free(bench->unclamped);
    gan_tensor_free(bench->photograph);
    gan_context_free(bench->context);
}

/* Every value of the last bias. */
static void set_last_bias(gan_model *generator, float value)
{
    const int32_t last = gan_model_parameter_count(generator) - 1;
    gan_tensor *bias;
    must(gan_model_get_parameter(generator, last, &bias));
    ck_assert_int_eq(gan_tensor_count(bias), 3);
    for (int i = 0; i < 3; i++)
        ((float *)gan_tensor_data(bias))[i] = value;
    must(gan_model_set_parameter(generator, last, bias));
    gan_tensor_free(bias);
}

struct values {
    float least, most;
};

static struct values run(const struct bench *bench, gan_model *model)
{
    gan_tensor *picture;
    must(gan_model_run(model, bench->photograph, &picture));
    const float *at = gan_tensor_data_const(picture);
    struct values values = {at[0], at[0]};
    for (int64_t i = 0; i < gan_tensor_count(picture); i++) {
        values.least = at[i] < values.least ? at[i] : values.least;
        values.most = at[i] > values.most ? at[i] : values.most;
    }
    gan_tensor_free(picture);
    return values;
}

static void check_ends(bool white)
{
    struct bench bench = open_bench();
    set_last_bias(bench.generator, white ? 40.0f : -40.0f);
    const struct values inner = run(&bench, bench.unclamped), outer = run(&bench, bench.generator);
    ck_assert(white ? inner.least > 1 : inner.most < 0);
    ck_assert_float_eq(outer.least, white ? 1 : 0);
    ck_assert_float_eq(outer.most, white ? 1 : 0);
    close_bench(&bench);
}

START_TEST(values_stay_within_0_and_1)
{
    check_ends(false);
    check_ends(true);
}
END_TEST

START_TEST(a_black_picture_comes_back)
{
    struct bench bench = open_bench();
    const gan_tensor *input = bench.photograph;
    set_last_bias(bench.generator, -20);
    ck_assert_float_eq(run(&bench, bench.generator).most, 0);
    for (int i = 0; i < STEPS; i++)
        must(gan_objective_step(bench.objective, &input, 1, NULL));
    ck_assert_float_gt(run(&bench, bench.generator).most, 0.05f);
    close_bench(&bench);
}
END_TEST

/* ---- What the trainer makes of it ---- */

static void open_trainer(struct style_trainer *trainer, gan_model *extractor, const gan_tensor *style,
                         const char *folder)
{
    static const struct training_method method = {.name = "style", .loss_count = LOSS_COUNT};
    const gan_style_trainer_options options = {.struct_size = sizeof options,
                                               .extractor = extractor,
                                               .channels = 4,
                                               .blocks = 1,
                                               .size = SIDE,
                                               .batch = 1,
                                               .style_size = 48,
                                               .steps = STEPS};
    trainer->options = options;
    must(gan_style_recipe_take(&trainer->recipe, &options));
    must(
        gan_trainer_open(&trainer->training, trainer->context, &method, trainer, &options, &trainer->recipe));
    must(gan_trainer_prepare(trainer, style, folder));
}

/* Its loss has a gradient where the clamp has none, and what leaves 0..1 is in it. Such gradients are long.
 */
START_TEST(the_trainer_brings_a_black_picture_back)
{
    struct style_trainer trainer = {.context = reference_context()};
    struct picture_folder folder = make_picture_folder(2, 40);
    gan_tensor *style = noise_picture(trainer.context, 48, 64, 3);
    gan_model *extractor = small_extractor(trainer.context);
    float ranges[STEPS];
    open_trainer(&trainer, extractor, style, folder.path);
    ck_assert_float_eq(trainer.generator_objective->clip_norm, 1);
    set_last_bias(trainer.generator, -40);
    must(gan_image_folder_batch(trainer.folder, 0, trainer.content_batch));
    must(gan_tensor_copy(trainer.target_batch, trainer.content_batch));
    const gan_tensor *inputs[] = {trainer.content_batch, trainer.target_batch};
    for (int i = 0; i < STEPS; i++) {
        must(gan_objective_step(trainer.generator_objective, inputs, 2, NULL));
        ranges[i] =
            gan_objective_scalar(trainer.generator_objective, WATCHED_PARTS + LOSS_RANGE - LOSS_CONTENT);
    }
    ck_assert_float_gt(ranges[0], 50);
    ck_assert_float_lt(ranges[STEPS - 1], 0.5f * ranges[0]);
    gan_trainer_release(&trainer);
    gan_model_free(extractor);
    gan_tensor_free(style);
    remove_picture_folder(&folder);
    gan_context_free(trainer.context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {values_stay_within_0_and_1, a_black_picture_comes_back,
                                  the_trainer_brings_a_black_picture_back};
    return run_suite("style_generator", tests, sizeof tests / sizeof tests[0]);
}
