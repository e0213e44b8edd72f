/* One plain recipe of style training, run from its first step to its last, to be compared with the same in
 * PyTorch (bench/proofs/recipe_torch.py): Johnson's network with 16 channels and three blocks; content at
 * relu3_1 of VGG-19, styles of all its levels, both relative to the target; 3 total variation; Adam 2e-3
 * falling linearly to 5 %; two crops of 160 pixels a step.
 *
 * Usage: style_recipe STYLE.jpg PHOTOGRAPHS FEATURES.safetensors STEPS MODEL.safetensors [THREADS [SEED]] */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 160, BATCH = 2, STYLE_SIZE = 384, REPORT = 50 };

struct recipe {
    gan_context *context;
    gan_model *generator;
    gan_style_loss *loss;
    gan_objective *objective;
    gan_dataset *photographs;
};

static gan_tensor *read_style(gan_context *context, const char *path)
{
    gan_tensor *picture, *scaled;
    bench_check(gan_image_load(&picture, NULL, context, path));
    const int64_t height = gan_tensor_size(picture, 1), width = gan_tensor_size(picture, 2);
    const int64_t longer = height > width ? height : width;
    bench_check(
        gan_image_resize(&scaled, picture, height * STYLE_SIZE / longer, width * STYLE_SIZE / longer));
    gan_tensor_free(picture);
    return scaled;
}

static void make_loss(struct recipe *recipe, const char *features, const char *painting)
{
    gan_model *extractor;
    gan_style *style;
    gan_tensor *picture = read_style(recipe->context, painting);
    const gan_tensor *const pictures[] = {picture};
    const gan_style_loss_options options = {
        .struct_size = sizeof options, .variation_weight = 3, .content_level = "relu3_1"};
    bench_check(gan_import(&extractor, recipe->context, features, "vgg19"));
    bench_check(gan_style_create(&style, extractor, pictures, 1, NULL));
    bench_check(gan_style_loss_create(&recipe->loss, style, &options));
    gan_tensor_free(picture);
    gan_style_free(style);
    gan_model_free(extractor);
}

static void make_objective(struct recipe *recipe, int steps)
{
    const int64_t shape[4] = {-1, -1, -1, 3};
    const gan_johnson_options network = {.struct_size = sizeof network, .channels = 16, .blocks = 3};
    const gan_adam_options adam = {.struct_size = sizeof adam, .learning_rate = 2e-3f};
    const gan_schedule_options schedule = {
        .struct_size = sizeof schedule, .kind = GAN_SCHEDULE_LINEAR, .total = steps, .end_factor = 0.05f};
    gan_style_loss_parts parts = {.struct_size = sizeof parts};
    gan_graph *graph;
    gan_optimizer *optimizer;
    bench_check(gan_johnson_create(&recipe->generator, recipe->context, &network));
    bench_check(gan_graph_create(&graph, recipe->context));
    gan_layer *content = gan_input(graph, "content", shape, 4);
    gan_layer *loss =
        gan_style_loss_apply(recipe->loss, gan_apply(recipe->generator, content), content, &parts);
    bench_check(gan_graph_status(graph));
    gan_layer *watched[] = {parts.content, parts.style};
    const gan_objective_options options = {
        .struct_size = sizeof options, .watched = watched, .watched_count = 2};
    bench_check(gan_adam_create(&optimizer, recipe->context, &adam));
    bench_check(gan_optimizer_set_schedule(optimizer, &schedule));
    bench_check(gan_objective_create(&recipe->objective, loss, &content, 1, &recipe->generator, 1, optimizer,
                                     &options));
    gan_optimizer_free(optimizer);
    gan_graph_free(graph);
}

static void train(struct recipe *recipe, int steps)
{
    const int64_t shape[4] = {BATCH, SIZE, SIZE, 3};
    gan_tensor *batch;
    double content = 0, style = 0;
    bench_check(gan_tensor_create(&batch, recipe->context, GAN_FLOAT32, shape, 4));
    const double start = bench_seconds();
    for (int step = 1; step <= steps; step++) {
        bench_check(gan_dataset_next(recipe->photographs, batch, NULL, NULL));
        bench_check(gan_objective_step(recipe->objective, (const gan_tensor *const *)&batch, 1, NULL));
        content += (double)gan_objective_scalar(recipe->objective, 0);
        style += (double)gan_objective_scalar(recipe->objective, 1);
        if (step % REPORT == 0) {
            printf("step %d  %.1f s  content %.3f  style %.3f  (means of %d steps)\n", step,
                   bench_seconds() - start, content / REPORT, style / REPORT, REPORT);
            fflush(stdout);
            content = style = 0;
        }
    }
    gan_tensor_free(batch);
}

int main(int count, char **words)
{
    if (count < 6) {
        fprintf(stderr, "usage: %s STYLE PHOTOGRAPHS FEATURES STEPS MODEL [THREADS [SEED]]\n", words[0]);
        return 2;
    }
    const int steps = atoi(words[4]);
    const uint64_t seed = count > 7 ? strtoull(words[7], NULL, 10) : 1;
    const gan_context_options options = {
        .struct_size = sizeof options, .threads = count > 6 ? atoi(words[6]) : 1, .seed = seed};
    const gan_dataset_options crops = {.struct_size = sizeof crops,
                                       .size = SIZE,
                                       .largest_scale = 4.0f / 3,
                                       .range = GAN_RANGE_UNIT,
                                       .seed = seed};
    struct recipe recipe = {0};
    bench_check(gan_context_create(&recipe.context, &options));
    bench_check(gan_dataset_open_folder(&recipe.photographs, recipe.context, words[2], &crops));
    make_loss(&recipe, words[3], words[1]);
    make_objective(&recipe, steps);
    train(&recipe, steps);
    bench_check(gan_model_save(recipe.generator, words[5], GAN_STORE_FLOAT32));
    gan_objective_free(recipe.objective);
    gan_style_loss_free(recipe.loss);
    gan_dataset_free(recipe.photographs);
    gan_model_free(recipe.generator);
    gan_context_free(recipe.context);
    return 0;
}
