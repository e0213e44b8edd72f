/* The articles' words: what they print fails with words that say why, the working readings build and train.
 */
#include "base/suite.h"
#include "models/reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static gan_article_options article(int32_t number, int32_t reading)
{
    return (gan_article_options){
        .struct_size = sizeof(gan_article_options), .article = number, .reading = reading};
}

static void expect(gan_status given, gan_status expected, const char *words)
{
    printf("%s: %s\n", gan_status_name(given), gan_error_message());
    ck_assert_int_eq(given, expected);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
}

START_TEST(first_article_as_printed)
{
    gan_context *context = reference_context();
    const gan_article_options options = article(GAN_ARTICLE_1, GAN_AS_PRINTED);
    gan_model *generator, *discriminator, *combined;
    int64_t sizes[GAN_MAX_RANK];
    must(gan_build_generator(&generator, context, &options));
    must(gan_build_discriminator(&discriminator, context, &options));
    ck_assert_int_eq(gan_model_output_shape(generator, 0, sizes), 4);
    ck_assert_int_eq(sizes[1], 512);
    ck_assert_int_eq(gan_model_input_shape(discriminator, 0, sizes), 4);
    ck_assert_int_eq(sizes[1], 128);
    expect(gan_combine(&combined, generator, discriminator), GAN_ERROR_SHAPE,
           "model \"discriminator\": input \"input\" takes [?,128,128,3], layer \"generator/output\" has "
           "[?,512,512,3]");
    ck_assert_ptr_null(combined);
    gan_model_free(generator);
    gan_model_free(discriminator);
    gan_context_free(context);
}
END_TEST

/* z = Input(shape=(100,)); img = generator(z) */
START_TEST(first_article_takes_no_noise)
{
    gan_context *context = reference_context();
    const gan_article_options options = article(GAN_ARTICLE_1, GAN_AS_PRINTED);
    const int64_t shape[2] = {-1, 100};
    gan_model *generator;
    gan_graph *graph;
    must(gan_build_generator(&generator, context, &options));
    must(gan_graph_create(&graph, context));
    ck_assert_ptr_null(gan_apply(generator, gan_input(graph, "z", shape, 2)));
    expect(gan_graph_status(graph), GAN_ERROR_SHAPE,
           "input \"input\" takes [?,128,128,3], layer \"z\" has [?,100]");
    gan_graph_free(graph);
    gan_model_free(generator);
    gan_context_free(context);
}
END_TEST

START_TEST(second_article_as_printed)
{
    gan_context *context = reference_context();
    const gan_article_options options = article(GAN_ARTICLE_2, GAN_AS_PRINTED);
    gan_model *model;
    expect(gan_build_generator(&model, context, &options), GAN_ERROR_SHAPE,
           "reshape \"reshape\": [1,256,256,64] has 4194304 elements, [1,64,64,5] has 20480");
    ck_assert_ptr_null(model);
    expect(gan_build_discriminator(&model, context, &options), GAN_ERROR_SHAPE,
           "reshape \"reshape\": [1,64,64,64] has 262144 elements, [1,64,64,5] has 20480");
    ck_assert_ptr_null(model);
    gan_context_free(context);
}
END_TEST

/* ---- Training ---- */

struct game {
    gan_model *generator, *discriminator, *combined;
    gan_optimizer *optimizers[2];
    gan_compiled *discriminate, *generate;
};

static void start(struct game *game, gan_context *context, const gan_article_options *options,
                  const char *loss)
{
    const gan_adam_options adam = {.struct_size = sizeof adam, .learning_rate = 1e-3f};
    must(gan_build_generator(&game->generator, context, options));
    must(gan_build_discriminator(&game->discriminator, context, options));
    must(gan_combine(&game->combined, game->generator, game->discriminator));
    for (int i = 0; i < 2; i++)
        must(gan_adam_create(&game->optimizers[i], context, &adam));
    must(gan_compile(&game->discriminate, game->discriminator, loss, game->optimizers[0], NULL, 0));
    gan_model_set_trainable(game->discriminator, 0);
    gan_model *const parts[2] = {game->generator, game->discriminator};
    must(gan_compile(&game->generate, game->combined, loss, game->optimizers[1], parts, 2));
}

static void finish(struct game *game)
{
    gan_compiled_free(game->generate);
    gan_compiled_free(game->discriminate);
    for (int i = 0; i < 2; i++)
        gan_optimizer_free(game->optimizers[i]);
    gan_model_free(game->combined);
    gan_model_free(game->discriminator);
    gan_model_free(game->generator);
}

static gan_tensor *random_tensor(gan_context *context, const int64_t *shape, int32_t rank, uint64_t seed)
{
    gan_tensor *tensor;
    must(gan_tensor_create(&tensor, context, GAN_FLOAT32, shape, rank));
    must(gan_tensor_fill_uniform(tensor, seed, -1, 1));
    return tensor;
}

/* The first parameter of a model, to see whether it moves. */
static float first_weight(const gan_model *model)
{
    gan_tensor *parameter;
    must(gan_model_get_parameter(model, 0, &parameter));
    const float value = *(const float *)gan_tensor_data_const(parameter);
    gan_tensor_free(parameter);
    return value;
}

/* A few rounds: D learns on real and generated pictures, G through D, and only who learns moves. */
static void play(struct game *game, const gan_tensor *const *inputs, int32_t input_count,
                 const gan_tensor *real, const gan_tensor *fake)
{
    for (int round = 0; round < 3; round++) {
        float losses[3];
        const float generator = first_weight(game->generator);
        must(gan_train_on_batch(game->discriminate, &real, 1, NULL, 1, &losses[0]));
        must(gan_train_on_batch(game->discriminate, &fake, 1, NULL, 0, &losses[1]));
        ck_assert(first_weight(game->generator) == generator);
        const float discriminator = first_weight(game->discriminator);
        must(gan_train_on_batch(game->generate, inputs, input_count, NULL, 1, &losses[2]));
        ck_assert(first_weight(game->discriminator) == discriminator);
        ck_assert(first_weight(game->generator) != generator);
        for (int i = 0; i < 3; i++)
            ck_assert(isfinite(losses[i]));
    }
}

START_TEST(first_article_works)
{
    gan_context *context = reference_context();
    gan_article_options options = article(GAN_ARTICLE_1, GAN_WORKING);
    const int64_t shape[4] = {2, 16, 16, 3};
    int64_t sizes[GAN_MAX_RANK];
    struct game game;
    options.size = 16;
    start(&game, context, &options, "binary_crossentropy");
    ck_assert_int_eq(gan_model_output_shape(game.generator, 0, sizes), 4);
    ck_assert_int_eq(sizes[1], 16);
    ck_assert_int_eq(sizes[2], 16);
    gan_tensor *photo = random_tensor(context, shape, 4, 1), *real = random_tensor(context, shape, 4, 2);
    play(&game, (const gan_tensor *const[]){photo}, 1, real, photo);
    gan_tensor_free(photo);
    gan_tensor_free(real);
    finish(&game);
    gan_context_free(context);
}
END_TEST

START_TEST(second_article_works)
{
    gan_context *context = reference_context();
    gan_article_options options = article(GAN_ARTICLE_2, GAN_WORKING);
    const int64_t shape[4] = {2, 16, 16, 3}, style_shape[2] = {2, 9};
    int64_t sizes[GAN_MAX_RANK];
    struct game game;
    options.size = 16;
    options.style_length = 9;
    start(&game, context, &options, "binary_crossentropy_with_logits");
    ck_assert_int_eq(gan_model_input_count(game.generator), 2);
    ck_assert_str_eq(gan_model_input_name(game.combined, 0), "I_c");
    ck_assert_str_eq(gan_model_input_name(game.combined, 1), "S");
    ck_assert_int_eq(gan_model_output_shape(game.generator, 0, sizes), 4);
    ck_assert_int_eq(sizes[1], 16);
    ck_assert_int_eq(sizes[3], 3);
    gan_tensor *photo = random_tensor(context, shape, 4, 1), *real = random_tensor(context, shape, 4, 2);
    gan_tensor *style = random_tensor(context, style_shape, 2, 3);
    play(&game, (const gan_tensor *const[]){photo, style}, 2, real, photo);
    gan_tensor_free(photo);
    gan_tensor_free(real);
    gan_tensor_free(style);
    finish(&game);
    gan_context_free(context);
}
END_TEST

/* The articles' own sizes build. */
START_TEST(full_sizes)
{
    gan_context *context = reference_context();
    for (int32_t number = GAN_ARTICLE_1; number <= GAN_ARTICLE_2; number++) {
        const gan_article_options options = article(number, GAN_WORKING);
        gan_model *generator, *discriminator, *combined;
        must(gan_build_generator(&generator, context, &options));
        must(gan_build_discriminator(&discriminator, context, &options));
        must(gan_combine(&combined, generator, discriminator));
        ck_assert_int_eq(gan_model_element_count(combined),
                         gan_model_element_count(generator) + gan_model_element_count(discriminator));
        gan_model_free(combined);
        gan_model_free(discriminator);
        gan_model_free(generator);
    }
    gan_context_free(context);
}
END_TEST

/* ---- compile and its targets ---- */

static gan_model *one_dense(gan_context *context)
{
    const int64_t shape[2] = {-1, 2};
    const gan_dense_options dense = {.struct_size = sizeof dense, .units = 3};
    gan_graph *graph;
    gan_model *model;
    must(gan_graph_create(&graph, context));
    gan_layer *x = gan_input(graph, NULL, shape, 2), *y = gan_dense(x, &dense);
    must(gan_model_create(&model, "dense", &x, 1, &y, 1));
    gan_graph_free(graph);
    return model;
}

START_TEST(targets)
{
    gan_context *context = reference_context();
    gan_model *model = one_dense(context);
    gan_optimizer *optimizer;
    gan_compiled *compiled;
    const int64_t input_shape[2] = {4, 2}, target_shape[2] = {4, 3};
    gan_tensor *x = random_tensor(context, input_shape, 2, 1);
    gan_tensor *target = random_tensor(context, target_shape, 2, 2), *y;
    const gan_tensor *const inputs[1] = {x};
    float loss, half, full;
    must(gan_model_run(model, x, &y));
    must(gan_sgd_create(&optimizer, context, NULL));
    must(gan_compile(&compiled, model, "mse", optimizer, NULL, 0));
    must(gan_test_on_batch(compiled, inputs, 1, target, 0, &loss));
    double expected = 0;
    for (int i = 0; i < 12; i++)
        expected += pow((double)((const float *)gan_tensor_data(y))[i] -
                            (double)((const float *)gan_tensor_data(target))[i],
                        2) /
                    12;
    ck_assert(fabs((double)loss - expected) < 1e-5);
    for (int i = 0; i < 12; i++)
        ((float *)gan_tensor_data(target))[i] = 0.5f;
    must(gan_test_on_batch(compiled, inputs, 1, NULL, 0.5f, &half));
    must(gan_test_on_batch(compiled, inputs, 1, target, 0, &full));
    ck_assert(half == full);
    must(gan_train_on_batch(compiled, inputs, 1, NULL, 0.5f, &half));
    must(gan_train_on_batch(compiled, inputs, 1, NULL, 0.5f, &full));
    ck_assert(full < half);
    expect(gan_train_on_batch(compiled, inputs, 2, NULL, 0, NULL), GAN_ERROR_ARGUMENT, "takes 1 inputs");
    expect(gan_train_on_batch(compiled, inputs, 1, x, 0, NULL), GAN_ERROR_SHAPE, "[4,2]");
    expect(gan_train_on_batch(NULL, inputs, 1, NULL, 0, NULL), GAN_ERROR_ARGUMENT, "");
    gan_tensor_free(x);
    gan_tensor_free(y);
    gan_tensor_free(target);
    gan_compiled_free(compiled);
    gan_optimizer_free(optimizer);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(wrong_arguments)
{
    gan_context *context = reference_context();
    gan_model *model = one_dense(context), *other;
    gan_optimizer *optimizer;
    gan_compiled *compiled;
    must(gan_sgd_create(&optimizer, context, NULL));
    expect(gan_compile(&compiled, model, "hinge", optimizer, NULL, 0), GAN_ERROR_ARGUMENT, "\"hinge\"");
    expect(gan_compile(&compiled, model, NULL, optimizer, NULL, 0), GAN_ERROR_ARGUMENT, "NULL");
    expect(gan_compile(&compiled, NULL, "mse", optimizer, NULL, 0), GAN_ERROR_ARGUMENT, "model");
    expect(gan_compile(NULL, model, "mse", optimizer, NULL, 0), GAN_ERROR_ARGUMENT, "out");
    gan_model_set_trainable(model, 0);
    expect(gan_compile(&compiled, model, "mse", optimizer, NULL, 0), GAN_ERROR_ARGUMENT, "trainable");
    expect(gan_combine(&other, model, NULL), GAN_ERROR_ARGUMENT, "discriminator");
    gan_article_options options = article(3, GAN_WORKING);
    expect(gan_build_generator(&other, context, &options), GAN_ERROR_ARGUMENT, "article is 3");
    options = article(1, 2);
    expect(gan_build_generator(&other, context, &options), GAN_ERROR_ARGUMENT, "reading is 2");
    options = article(1, GAN_WORKING);
    options.size = 18;
    expect(gan_build_discriminator(&other, context, &options), GAN_ERROR_ARGUMENT, "size is 18");
    options.size = -4;
    expect(gan_build_generator(&other, context, &options), GAN_ERROR_ARGUMENT, "");
    expect(gan_build_generator(&other, NULL, NULL), GAN_ERROR_ARGUMENT, "context");
    gan_compiled_free(NULL);
    gan_optimizer_free(optimizer);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {first_article_as_printed,
                                  first_article_takes_no_noise,
                                  second_article_as_printed,
                                  first_article_works,
                                  second_article_works,
                                  full_sizes,
                                  targets,
                                  wrong_arguments};
    return run_suite("articles", tests, sizeof tests / sizeof tests[0]);
}
