/* The second article's networks, I_s = G(I_c, S): what is printed, and a working reading in which the style
 * matrix S reaches the generator, trained for a few steps.
 *
 *     cc article_2.c $(pkg-config --cflags --libs gan) -lm -o article_2
 *     ./article_2 [STEPS]
 */
#include "article_layers.h"

enum { SMALL = 32, MAPS = 5, FACTOR = 4, STYLE_CHANNELS = 8, STYLE_LENGTH = STYLE_CHANNELS * STYLE_CHANNELS };

/* As printed: a 5x5 convolution of 64 over a 256x256 picture, then Reshape((64, 64, 5)). */
static void show_as_printed(gan_context *context)
{
    const int64_t picture[] = {1, 256, 256, 3}, printed[] = {1, 64, 64, 5};
    gan_graph *graph = new_graph(context);
    gan_reshape(conv2d(gan_input(graph, "I_c", picture, 4), 64, 5, 1), printed, 4);
    print_error("As printed, the generator", graph);
}

/* The 64x64x5 maps of a 256x256 picture, reached by gathering 4x4 pixels into channels. */
static gan_layer *maps_of(gan_layer *picture)
{
    return conv2d(gan_pixel_unshuffle(gan_relu(conv2d(picture, 64, 5, 1)), FACTOR), MAPS, 1, 1);
}

/* S sets the scale and the shift of each map (adaptive instance normalization). */
static gan_layer *fuse(gan_layer *maps, gan_layer *style)
{
    gan_layer *both = dense(style, 2 * MAPS);
    gan_layer *scale = gan_scale(gan_slice(both, 1, 0, MAPS), 1, 1), *shift = gan_slice(both, 1, MAPS, MAPS);
    return gan_adain_affine(maps, scale, shift, 0, 0);
}

static gan_layer *style_input(gan_graph *graph)
{
    const int64_t shape[] = {-1, STYLE_LENGTH};
    return gan_input(graph, "S", shape, 2);
}

static gan_model *build_generator(gan_context *context)
{
    gan_graph *graph = new_graph(context);
    gan_layer *inputs[] = {picture_input(graph, "I_c", -1), style_input(graph)};
    gan_layer *x = gan_relu(conv2d(fuse(maps_of(inputs[0]), inputs[1]), 64, 1, 1));
    for (int i = 0; i < 2; i++)
        x = gan_relu(conv2d(gan_upsample_nearest(x, 2), 64, 5, 1));
    return end_model("generator", graph, inputs, 2, gan_tanh(conv2d(x, 3, 5, 1)));
}

/* The printed discriminator gives maps but no verdict; here each position judges its part of the picture. */
static gan_model *build_discriminator(gan_context *context)
{
    gan_graph *graph = new_graph(context);
    gan_layer *input = picture_input(graph, "picture", -1);
    return end_model("discriminator", graph, &input, 1,
                     conv2d(gan_relu(conv2d(maps_of(input), 64, 5, 1)), 1, 5, 1));
}

/* S of pictures: which features of a layer occur together. [N, STYLE_LENGTH]. */
static gan_tensor *style_matrix(gan_context *context, const gan_tensor *pictures)
{
    const int64_t flat[] = {-1, STYLE_LENGTH};
    gan_graph *graph = new_graph(context);
    gan_layer *input = picture_input(graph, "picture", -1);
    gan_layer *features = gan_relu(conv2d(input, STYLE_CHANNELS, 5, 2));
    gan_layer *gram = gan_gram_matrix(features, GAN_GRAM_PER_POSITION);
    gan_model *model = end_model("style_matrix", graph, &input, 1, gan_reshape(gram, flat, 2));
    gan_tensor *style;
    check(gan_model_run(model, pictures, &style));
    gan_model_free(model);
    return style;
}

/* Least squares against a label (Mao et al. 2017). */
static gan_layer *distance_to(gan_layer *logits, float label)
{
    return gan_mean_squared_error(logits, gan_fill_like(logits, label));
}

/* Objectives over the inputs I_c, S and painting: [0] of the discriminator, [1] of the generator, whose
 * pictures must also stay near the content. */
static void make_objectives(gan_context *context, gan_model *generator, gan_model *discriminator,
                            gan_objective *objectives[2])
{
    gan_graph *graph = new_graph(context);
    gan_layer *inputs[] = {picture_input(graph, "I_c", -1), style_input(graph),
                           picture_input(graph, "painting", -1)};
    gan_layer *stylised;
    check(gan_apply_many(generator, inputs, 2, &stylised, 1, NULL));
    gan_layer *on_real = distance_to(gan_apply(discriminator, inputs[2]), 1);
    gan_layer *on_fake = distance_to(gan_apply(discriminator, gan_stop_gradient(stylised)), 0);
    gan_layer *parts[] = {distance_to(gan_apply(discriminator, stylised), 1),
                          gan_mean_absolute_error(stylised, inputs[0])};
    const float weights[] = {1, 10};
    objectives[0] = make_objective(context, discriminator, gan_add(on_real, on_fake), inputs, 3);
    objectives[1] = make_objective(context, generator, gan_weighted_sum(parts, weights, 2), inputs, 2);
    gan_graph_free(graph);
}

int main(int argc, char **argv)
{
    const int steps = argc > 1 ? atoi(argv[1]) : 5;
    gan_context *context;
    check(gan_context_create(&context, NULL));
    show_as_printed(context);

    gan_model *generator = build_generator(context), *discriminator = build_discriminator(context);
    gan_objective *objectives[2];
    make_objectives(context, generator, discriminator, objectives);
    gan_tensor *content = draw_pictures(context, SMALL, 0.3f),
               *painting = draw_pictures(context, SMALL, 0.9f);
    gan_tensor *style = style_matrix(context, painting);
    const gan_tensor *batch[] = {content, style, painting};
    for (int step = 1; step <= steps; step++) {
        float d_loss, g_loss;
        check(gan_objective_step(objectives[0], batch, 3, &d_loss));
        check(gan_objective_step(objectives[1], batch, 2, &g_loss));
        printf("step %d: discriminator %.4f, generator %.4f\n", step, (double)d_loss, (double)g_loss);
    }
    gan_tensor *const tensors[] = {content, painting, style};
    for (int i = 0; i < 3; i++)
        gan_tensor_free(tensors[i]);
    gan_objective_free(objectives[0]);
    gan_objective_free(objectives[1]);
    gan_model_free(generator);
    gan_model_free(discriminator);
    gan_context_free(context);
    return EXIT_SUCCESS;
}
