/* A generative adversarial network of one's own, on one's own pictures.
 *     cc small_gan.c $(pkg-config --cflags --libs gan) -o small_gan
 *     ./small_gan FOLDER [STEPS [SHEET.png]] */
#include "check.h"

enum { SIZE = 32, BATCH = 16, NOISE = 64, SAMPLES = 36 };

static gan_layer *enlarge(gan_layer *x, int32_t filters)
{
    gan_conv2d_transpose_options options = {.struct_size = sizeof options, .kernel = {4}, .stride = {2}};
    options.padding = GAN_PAD_HALF;
    options.filters = filters;
    return gan_conv2d_transpose(x, &options);
}

static gan_layer *shrink(gan_layer *x, int32_t filters)
{
    gan_conv2d_options options = {.struct_size = sizeof options, .kernel = {4}, .stride = {2}};
    options.padding = GAN_PAD_HALF;
    options.spectral_norm = 1;
    options.filters = filters;
    return gan_leaky_relu(gan_conv2d(x, &options), 0.2f);
}

/* Every error since the first layer comes back here, in words. */
static gan_model *end_model(const char *name, gan_graph *graph, gan_layer *input, gan_layer *output)
{
    gan_model *model;
    check(gan_model_create(&model, name, &input, 1, &output, 1));
    gan_graph_free(graph); /* the model holds it */
    return model;
}

static gan_model *build_generator(gan_context *context)
{
    const gan_dense_options start = {.struct_size = sizeof start, .units = 4 * 4 * 64};
    gan_graph *graph;
    check(gan_graph_create(&graph, context));
    gan_layer *noise = gan_input(graph, "noise", (const int64_t[]){-1, NOISE}, 2);
    gan_layer *x = gan_reshape(gan_dense(noise, &start), (const int64_t[]){-1, 4, 4, 64}, 4);
    x = gan_relu(gan_batch_norm(x, NULL));
    x = gan_relu(gan_batch_norm(enlarge(x, 32), NULL));
    x = gan_relu(gan_batch_norm(enlarge(x, 16), NULL));
    return end_model("generator", graph, noise, gan_sigmoid(enlarge(x, 3)));
}

static gan_model *build_discriminator(gan_context *context)
{
    const gan_dense_options verdict = {.struct_size = sizeof verdict, .units = 1};
    gan_graph *graph;
    check(gan_graph_create(&graph, context));
    gan_layer *picture = gan_input(graph, "picture", (const int64_t[]){-1, SIZE, SIZE, 3}, 4);
    gan_layer *x = shrink(shrink(shrink(picture, 16), 32), 64);
    return end_model("discriminator", graph, picture, gan_dense(gan_flatten(x), &verdict));
}

static gan_adversarial *make_game(gan_context *context, gan_model *generator, gan_model *discriminator)
{
    const gan_adam_options rates = {.struct_size = sizeof rates, .learning_rate = 2e-4f, .beta1 = 0.5f};
    const gan_adversarial_options options = {.struct_size = sizeof options, .loss = GAN_LOSS_HINGE};
    gan_optimizer *optimizers[2];
    gan_adversarial *game;
    check(gan_adam_create(&optimizers[0], context, &rates));
    check(gan_adam_create(&optimizers[1], context, &rates));
    check(gan_adversarial_create(&game, generator, discriminator, optimizers[0], optimizers[1], &options));
    gan_optimizer_free(optimizers[0]); /* the game holds them */
    gan_optimizer_free(optimizers[1]);
    return game;
}

static void train(gan_context *context, gan_adversarial *game, const char *folder, int steps)
{
    const gan_dataset_options options = {
        .struct_size = sizeof options, .size = SIZE, .range = GAN_RANGE_UNIT};
    gan_dataset *pictures;
    gan_tensor *noise, *real;
    float real_loss, fake_loss, loss;
    check(gan_dataset_open_folder(&pictures, context, folder, &options));
    check(gan_tensor_create(&noise, context, GAN_FLOAT32, (const int64_t[]){BATCH, NOISE}, 2));
    check(gan_tensor_create(&real, context, GAN_FLOAT32, (const int64_t[]){BATCH, SIZE, SIZE, 3}, 4));
    for (int step = 1; step <= steps; step++) {
        check(gan_dataset_next(pictures, real, NULL, NULL));
        check(gan_tensor_fill_normal(noise, (uint64_t)step, 0, 1));
        check(gan_adversarial_step(game, noise, real, &real_loss, &fake_loss, &loss));
        if (step % 100 == 0 || step == steps)
            printf("step %d: discriminator %.3f, generator %.3f\n", step, real_loss + fake_loss, loss);
    }
    gan_tensor_free(noise);
    gan_tensor_free(real);
    gan_dataset_free(pictures);
}

static void save_samples(gan_context *context, gan_model *generator, const char *path)
{
    gan_tensor *noise, *samples, *sheet;
    check(gan_tensor_create(&noise, context, GAN_FLOAT32, (const int64_t[]){SAMPLES, NOISE}, 2));
    check(gan_tensor_fill_normal(noise, UINT64_MAX, 0, 1));
    check(gan_model_run(generator, noise, &samples));
    check(gan_image_grid(&sheet, (const gan_tensor *const *)&samples, 1, 6, 2));
    check(gan_image_save(sheet, NULL, path, 0));
    gan_tensor_free(noise);
    gan_tensor_free(samples);
    gan_tensor_free(sheet);
}

int main(int argc, char **argv)
{
    gan_context *context;
    check(gan_context_create(&context, NULL));
    gan_model *generator = build_generator(context), *discriminator = build_discriminator(context);
    gan_adversarial *game = make_game(context, generator, discriminator);
    train(context, game, argc > 1 ? argv[1] : ".", argc > 2 ? atoi(argv[2]) : 1000);
    save_samples(context, generator, argc > 3 ? argv[3] : "samples.png");
    gan_adversarial_free(game);
    gan_model_free(generator);
    gan_model_free(discriminator);
    gan_context_free(context);
    return EXIT_SUCCESS;
}
