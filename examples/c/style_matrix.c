/* The style matrix S of a picture, and a generator that learns to give another picture this style: I_s =
 * G(I_c, S).
 *
 *     cc style_matrix.c $(pkg-config --cflags --libs gan) -o style_matrix
 *     ./style_matrix STYLE.jpg PHOTO.jpg RESULT.png [STEPS [EXTRACTOR.safetensors]]
 *
 * The extractor is a model with feature outputs, such as SqueezeNet with published weights ("gan import"
 * makes a model of them). Without one its weights are random, which shows the way but makes no fine pictures.
 */
#include "check.h"

enum { SIDE = 128 };

static gan_tensor *load_picture(gan_context *context, const char *path)
{
    gan_tensor *picture, *small;
    check(gan_image_load(&picture, NULL, context, path));
    check(gan_image_resize(&small, picture, SIDE, SIDE));
    gan_tensor_free(picture);
    return small;
}

/* Four levels of features, from edges to larger parts. */
static gan_model *load_extractor(gan_context *context, const char *path)
{
    const char *const levels[] = {"relu1", "fire2", "fire3", "fire4"};
    gan_model *whole, *extractor;
    if (path != NULL)
        check(gan_model_load(&whole, context, path));
    else
        check(gan_squeezenet_create(&whole, context));
    check(gan_model_select_outputs(&extractor, whole, levels, 4));
    gan_model_free(whole);
    return extractor;
}

static void print_style(const gan_style *style)
{
    for (int32_t level = 0; level < gan_style_level_count(style); level++) {
        const gan_tensor *gram = gan_style_gram(style, level);
        const float *s = gan_tensor_data_const(gram);
        const int64_t channels = gan_tensor_size(gram, 1);
        printf("S at %s, %d by %d, begins\n", gan_style_level_name(style, level), (int)channels,
               (int)channels);
        for (int64_t row = 0; row < 3; row++)
            printf("    %11.4e %11.4e %11.4e\n", (double)s[row * channels], (double)s[row * channels + 1],
                   (double)s[row * channels + 2]);
    }
}

/* An objective over one input, the photo. `parts` receives the two watched losses: content and style. */
static gan_objective *make_objective(gan_context *context, gan_model *generator, gan_style *style)
{
    const gan_style_loss_options weights = {.struct_size = sizeof weights, .style_weight = 5};
    const gan_adam_options rate = {.struct_size = sizeof rate, .learning_rate = 0.003f};
    const int64_t shape[] = {-1, -1, -1, 3};
    gan_style_loss_parts parts = {.struct_size = sizeof parts};
    gan_graph *graph;
    gan_style_loss *loss;
    gan_optimizer *optimizer;
    gan_objective *objective;
    check(gan_graph_create(&graph, context));
    check(gan_style_loss_create(&loss, style, &weights));
    check(gan_adam_create(&optimizer, context, &rate));
    gan_layer *photo = gan_input(graph, "photo", shape, 4);
    gan_layer *total = gan_style_loss_apply(loss, gan_apply(generator, photo), photo, &parts);
    gan_layer *watched[] = {parts.content, parts.style};
    const gan_objective_options options = {
        .struct_size = sizeof options, .watched = watched, .watched_count = 2};
    check(gan_objective_create(&objective, total, &photo, 1, &generator, 1, optimizer, &options));
    gan_optimizer_free(optimizer);
    gan_style_loss_free(loss);
    gan_graph_free(graph);
    return objective;
}

static void train(gan_objective *objective, const gan_tensor *photo, int steps)
{
    for (int step = 1; step <= steps; step++) {
        float loss;
        check(gan_objective_step(objective, &photo, 1, &loss));
        printf("step %d: loss %.4f, content %.4f, style %.4f\n", step, (double)loss,
               (double)gan_objective_scalar(objective, 0), (double)gan_objective_scalar(objective, 1));
    }
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: %s STYLE PHOTO RESULT [STEPS [EXTRACTOR]]\n", argv[0]);
        return EXIT_FAILURE;
    }
    gan_context *context;
    check(gan_context_create(&context, NULL));
    gan_model *extractor = load_extractor(context, argc > 5 ? argv[5] : NULL), *generator;
    const gan_johnson_options small = {.struct_size = sizeof small, .channels = 8, .blocks = 2};
    check(gan_johnson_create(&generator, context, &small));
    gan_tensor *painting = load_picture(context, argv[1]), *photo = load_picture(context, argv[2]), *result;

    gan_style *style;
    check(gan_style_create(&style, extractor, (const gan_tensor *const *)&painting, 1, NULL));
    print_style(style);
    gan_objective *objective = make_objective(context, generator, style);
    train(objective, photo, argc > 4 ? atoi(argv[4]) : 20);
    check(gan_model_run(generator, photo, &result));
    check(gan_image_save(result, NULL, argv[3], 0));

    gan_tensor *const tensors[] = {painting, photo, result};
    for (int i = 0; i < 3; i++)
        gan_tensor_free(tensors[i]);
    gan_objective_free(objective);
    gan_style_free(style);
    gan_model_free(extractor);
    gan_model_free(generator);
    gan_context_free(context);
    return EXIT_SUCCESS;
}
