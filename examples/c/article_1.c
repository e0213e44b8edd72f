/* The first article's network, layer by layer as it is listed: what the lists say as printed, and a working
 * reading of them trained for a few steps.
 *
 *     cc article_1.c $(pkg-config --cflags --libs gan) -lm -o article_1
 *     ./article_1 [STEPS]
 *
 * gan/articles.h has the same networks ready-made: gan_build_generator, gan_compile, gan_train_on_batch. */
#include "article_layers.h"

enum { PRINTED = 128, SMALL = 32 };

/* Convolution, ReLU, BatchNormalization: the article's order, with Keras' numbers. */
static gan_layer *stage(gan_layer *x, int stride)
{
    const gan_norm_options norm = {.struct_size = sizeof norm,
                                   .epsilon = 1e-3f,
                                   .momentum = 0.01f, /* Keras' 0.99 */
                                   .biased_running_variance = 1};
    return gan_batch_norm(gan_relu(conv2d(x, 64, 3, stride)), &norm);
}

/* As printed: [stage, UpSampling2D] twice, then a convolution to 3 with tanh. That makes the sides four times
 * as long; two stages of stride 2 before it (`encode`) give input and output one size. */
static gan_model *build_generator(gan_context *context, int64_t size, int encode)
{
    gan_graph *graph = new_graph(context);
    gan_layer *input = picture_input(graph, "input", size), *x = input;
    for (int i = 0; encode && i < 2; i++)
        x = stage(x, 2);
    for (int i = 0; i < 2; i++)
        x = gan_upsample_nearest(stage(x, 1), 2);
    return end_model("generator", graph, &input, 1, gan_tanh(conv2d(x, 3, 3, 1)));
}

/* Convolutions of 64, 128, 256 with LeakyReLU(0.2), Flatten, Dense(1, sigmoid). */
static gan_model *build_discriminator(gan_context *context, int64_t size)
{
    gan_graph *graph = new_graph(context);
    gan_layer *input = picture_input(graph, "input", size), *x = input;
    for (int filters = 64; filters <= 256; filters *= 2)
        x = gan_leaky_relu(conv2d(x, filters, 3, 1), 0.2f);
    return end_model("discriminator", graph, &input, 1, gan_sigmoid(dense(gan_flatten(x), 1)));
}

/* The combined model D(G(x)), and G of 100 numbers of noise, as the article has them. */
static void show_as_printed(gan_context *context)
{
    const int64_t noise_shape[] = {-1, 100};
    gan_model *generator = build_generator(context, PRINTED, 0);
    gan_model *discriminator = build_discriminator(context, PRINTED);
    gan_graph *graph = new_graph(context);
    gan_apply(discriminator, gan_apply(generator, picture_input(graph, "x", PRINTED)));
    print_error("As printed, D(G(x))", graph);
    graph = new_graph(context);
    gan_apply(generator, gan_input(graph, "z", noise_shape, 2));
    print_error("As printed, G(z)", graph);
    gan_model_free(generator);
    gan_model_free(discriminator);
}

/* loss="binary_crossentropy" against a label. */
static gan_layer *cross_entropy(gan_layer *probability, float label)
{
    return gan_binary_cross_entropy(probability, gan_fill_like(probability, label));
}

/* Both networks, and an objective for each. Nothing needs to be frozen: an objective changes its own model.
 */
struct adversaries {
    gan_model *generator, *discriminator;
    gan_objective *fool, *judge;
};

static struct adversaries make_adversaries(gan_context *context)
{
    gan_model *generator = build_generator(context, SMALL, 1);
    gan_model *discriminator = build_discriminator(context, SMALL);
    gan_graph *graph = new_graph(context);
    gan_layer *inputs[] = {picture_input(graph, "source", SMALL), picture_input(graph, "real", SMALL)};
    gan_layer *generated = gan_apply(generator, inputs[0]);
    gan_layer *on_real = cross_entropy(gan_apply(discriminator, inputs[1]), 1);
    gan_layer *on_fake = cross_entropy(gan_apply(discriminator, gan_stop_gradient(generated)), 0);
    gan_layer *fooled = cross_entropy(gan_apply(discriminator, generated), 1);
    const struct adversaries both = {
        .generator = generator,
        .discriminator = discriminator,
        .fool = make_objective(context, generator, fooled, inputs, 1),
        .judge = make_objective(context, discriminator, gan_add(on_real, on_fake), inputs, 2),
    };
    gan_graph_free(graph);
    return both;
}

static void free_adversaries(struct adversaries *both)
{
    gan_objective_free(both->fool);
    gan_objective_free(both->judge);
    gan_model_free(both->generator);
    gan_model_free(both->discriminator);
}

int main(int argc, char **argv)
{
    const int steps = argc > 1 ? atoi(argv[1]) : 5;
    gan_context *context;
    check(gan_context_create(&context, NULL));
    show_as_printed(context);

    struct adversaries both = make_adversaries(context);
    gan_tensor *source = draw_pictures(context, SMALL, 0.3f), *real = draw_pictures(context, SMALL, 0.9f);
    const gan_tensor *batch[] = {source, real};
    for (int step = 1; step <= steps; step++) {
        float d_loss, g_loss;
        check(gan_objective_step(both.judge, batch, 2, &d_loss));
        check(gan_objective_step(both.fool, batch, 1, &g_loss));
        printf("step %d: discriminator %.4f, generator %.4f\n", step, (double)d_loss, (double)g_loss);
    }
    gan_tensor_free(source);
    gan_tensor_free(real);
    free_adversaries(&both);
    gan_context_free(context);
    return EXIT_SUCCESS;
}
