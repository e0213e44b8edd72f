/* A generative adversarial network by hand: the layers of both networks, the two losses, the two objectives.
 * It learns to draw coloured discs from examples that this program draws itself.
 *
 *     cc custom_gan.c $(pkg-config --cflags --libs gan) -lm -o custom_gan
 *     ./custom_gan [STEPS [SHEET.png]]
 */
#include "check.h"

#include <math.h>

enum { SIZE = 16, BATCH = 16, NOISE = 8, SAMPLES = 16 };

/* Pictures are [BATCH, SIZE, SIZE, 3] in -1..1, as the generator's tanh gives them. */
static void draw_disc(float *pixels, const float *random)
{
    const float middle_y = SIZE * (0.3f + 0.4f * random[0]), middle_x = SIZE * (0.3f + 0.4f * random[1]);
    const float radius = SIZE * (0.15f + 0.15f * random[2]);
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++)
            for (int c = 0; c < 3; c++) {
                const float distance = hypotf((float)y - middle_y, (float)x - middle_x) - radius;
                const float inside = fminf(fmaxf(0.5f - distance, 0), 1); /* with a soft edge */
                const float colour = 0.4f + 0.6f * random[3 + c];
                pixels[(y * SIZE + x) * 3 + c] = 2 * inside * colour - 1;
            }
}

static void draw_batch(gan_tensor *batch, gan_tensor *random, uint64_t seed)
{
    check(gan_tensor_fill_uniform(random, seed, 0, 1));
    for (int i = 0; i < BATCH; i++)
        draw_disc((float *)gan_tensor_data(batch) + i * SIZE * SIZE * 3,
                  (const float *)gan_tensor_data(random) + i * 6);
}

static gan_tensor *new_tensor(gan_context *context, const int64_t *shape, int32_t rank)
{
    gan_tensor *tensor;
    check(gan_tensor_create(&tensor, context, GAN_FLOAT32, shape, rank));
    return tensor;
}

/* Noise [N, NOISE] to pictures: a small dense picture, enlarged twice. */
static gan_model *build_generator(gan_context *context)
{
    const gan_dense_options start = {.struct_size = sizeof start, .units = 4 * 4 * 32};
    gan_conv2d_transpose_options enlarge = {
        .struct_size = sizeof enlarge, .kernel = {4}, .stride = {2}, .padding = GAN_PAD_HALF};
    const int64_t noise_shape[] = {-1, NOISE}, small[] = {-1, 4, 4, 32};
    gan_graph *graph;
    gan_model *model;
    check(gan_graph_create(&graph, context));
    gan_layer *noise = gan_input(graph, "noise", noise_shape, 2);
    gan_layer *x = gan_reshape(gan_dense(noise, &start), small, 4);
    x = gan_relu(gan_batch_norm(x, NULL));
    enlarge.filters = 16;
    x = gan_relu(gan_batch_norm(gan_conv2d_transpose(x, &enlarge), NULL));
    enlarge.filters = 3;
    x = gan_tanh(gan_conv2d_transpose(x, &enlarge));
    /* Every error since the first layer comes back here, in words. */
    check(gan_model_create(&model, "generator", &noise, 1, &x, 1));
    gan_graph_free(graph);
    return model;
}

/* Pictures to one number each: positive for real, negative for generated. */
static gan_model *build_discriminator(gan_context *context)
{
    gan_conv2d_options shrink = {
        .struct_size = sizeof shrink, .kernel = {4}, .stride = {2}, .padding = GAN_PAD_SAME};
    const gan_dense_options judge = {.struct_size = sizeof judge, .units = 1};
    const int64_t shape[] = {-1, SIZE, SIZE, 3};
    gan_graph *graph;
    gan_model *model;
    check(gan_graph_create(&graph, context));
    gan_layer *picture = gan_input(graph, "picture", shape, 4);
    shrink.filters = 16;
    gan_layer *x = gan_leaky_relu(gan_conv2d(picture, &shrink), 0.2f);
    shrink.filters = 32;
    x = gan_leaky_relu(gan_conv2d(x, &shrink), 0.2f);
    x = gan_dense(gan_flatten(x), &judge);
    check(gan_model_create(&model, "discriminator", &picture, 1, &x, 1));
    gan_graph_free(graph);
    return model;
}

/* How far `logits` are from saying `real` (1) or generated (0). */
static gan_layer *verdict(gan_layer *logits, float real)
{
    return gan_binary_cross_entropy_with_logits(logits, gan_fill_like(logits, real));
}

static gan_objective *make_objective(gan_context *context, gan_model *model, gan_layer *loss,
                                     gan_layer **inputs, int32_t count)
{
    const gan_adam_options rates = {.struct_size = sizeof rates, .learning_rate = 0.001f, .beta1 = 0.5f};
    gan_optimizer *optimizer;
    gan_objective *objective;
    check(gan_adam_create(&optimizer, context, &rates));
    check(gan_objective_create(&objective, loss, inputs, count, &model, 1, optimizer, NULL));
    gan_optimizer_free(optimizer); /* the objective holds it */
    return objective;
}

/* The two objectives over one graph. Applied to a layer, a model is a layer: D(G(z)). */
static void build_objectives(gan_context *context, gan_model *generator, gan_model *discriminator,
                             gan_objective **fool, gan_objective **judge)
{
    const int64_t noise_shape[] = {-1, NOISE}, picture_shape[] = {-1, SIZE, SIZE, 3};
    gan_graph *graph;
    check(gan_graph_create(&graph, context));
    gan_layer *inputs[] = {gan_input(graph, "noise", noise_shape, 2),
                           gan_input(graph, "real", picture_shape, 4)};
    gan_layer *generated = gan_apply(generator, inputs[0]);

    /* The generator learns through the discriminator, which stays as it is. */
    *fool = make_objective(context, generator, verdict(gan_apply(discriminator, generated), 1), inputs, 1);

    /* The discriminator learns from both; no gradient needs to go on into the generator. */
    gan_layer *on_real = verdict(gan_apply(discriminator, inputs[1]), 1);
    gan_layer *on_fake = verdict(gan_apply(discriminator, gan_stop_gradient(generated)), 0);
    *judge = make_objective(context, discriminator, gan_add(on_real, on_fake), inputs, 2);
    gan_graph_free(graph); /* the objectives hold it */
}

static void train(gan_context *context, gan_model *generator, gan_model *discriminator, int steps)
{
    gan_objective *fool, *judge;
    build_objectives(context, generator, discriminator, &fool, &judge);
    gan_tensor *noise = new_tensor(context, (const int64_t[]){BATCH, NOISE}, 2);
    gan_tensor *real = new_tensor(context, (const int64_t[]){BATCH, SIZE, SIZE, 3}, 4);
    gan_tensor *random = new_tensor(context, (const int64_t[]){BATCH, 6}, 2);
    const gan_tensor *inputs[] = {noise, real};
    float d_loss = 0, g_loss = 0;
    for (int step = 1; step <= steps; step++) {
        draw_batch(real, random, 2 * (uint64_t)step);
        check(gan_tensor_fill_normal(noise, 2 * (uint64_t)step + 1, 0, 1));
        check(gan_objective_step(judge, inputs, 2, &d_loss));
        check(gan_objective_step(fool, inputs, 1, &g_loss));
        if (step % 100 == 0 || step == steps)
            printf("step %d: discriminator %.4f, generator %.4f\n", step, (double)d_loss, (double)g_loss);
    }
    gan_tensor_free(noise);
    gan_tensor_free(real);
    gan_tensor_free(random);
    gan_objective_free(fool);
    gan_objective_free(judge);
}

/* New pictures, one beside the other. */
static void save_samples(gan_context *context, gan_model *generator, const char *path)
{
    gan_tensor *noise = new_tensor(context, (const int64_t[]){1, NOISE}, 2), *pictures[SAMPLES], *sheet;
    for (int i = 0; i < SAMPLES; i++) {
        check(gan_tensor_fill_normal(noise, 1000000 + (uint64_t)i, 0, 1));
        check(gan_model_run(generator, noise, &pictures[i]));
        float *pixels = gan_tensor_data(pictures[i]);
        for (int64_t k = 0; k < gan_tensor_count(pictures[i]); k++)
            pixels[k] = pixels[k] / 2 + 0.5f;
    }
    check(gan_image_grid(&sheet, (const gan_tensor *const *)pictures, SAMPLES, 4, 2));
    check(gan_image_save(sheet, NULL, path, 0));
    for (int i = 0; i < SAMPLES; i++)
        gan_tensor_free(pictures[i]);
    gan_tensor_free(sheet);
    gan_tensor_free(noise);
}

int main(int argc, char **argv)
{
    const int steps = argc > 1 ? atoi(argv[1]) : 1500;
    const gan_context_options options = {.struct_size = sizeof options, .seed = 1};
    gan_context *context;
    check(gan_context_create(&context, &options));
    gan_model *generator = build_generator(context), *discriminator = build_discriminator(context);
    train(context, generator, discriminator, steps);
    save_samples(context, generator, argc > 2 ? argv[2] : "discs.png");
    gan_model_free(generator);
    gan_model_free(discriminator);
    gan_context_free(context);
    return EXIT_SUCCESS;
}
