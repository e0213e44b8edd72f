/* One step of style training (forward, backward, Adam): seconds and memory.
 *
 * Usage: style_step [--threads N] [--rounds N] [--size PX] [--batch N] [FEATURES.safetensors]
 * Without a file the feature extractor is VGG-19 to relu3_1 with random weights: the same work. */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROUNDS = 99 };

struct step {
    gan_context *context;
    gan_model *generator, *extractor;
    gan_style *style;
    gan_style_loss *loss;
    gan_graph *graph;
    gan_optimizer *optimizer;
    gan_objective *objective;
    gan_tensor *batch;
};

static gan_tensor *pictures(gan_context *context, int64_t count, int64_t size, uint64_t seed)
{
    const int64_t shape[4] = {count, size, size, 3};
    gan_tensor *tensor;
    bench_check(gan_tensor_create(&tensor, context, GAN_FLOAT32, shape, 4));
    bench_check(gan_tensor_fill_uniform(tensor, seed, 0, 1));
    return tensor;
}

static void make_loss(struct step *step)
{
    gan_tensor *picture = pictures(step->context, 1, 256, 2);
    const gan_tensor *list[1] = {picture};
    const gan_style_loss_options options = {.struct_size = sizeof options, .variation_weight = 3};
    bench_check(gan_style_create(&step->style, step->extractor, list, 1, NULL));
    bench_check(gan_style_loss_create(&step->loss, step->style, &options));
    gan_tensor_free(picture);
}

static void make_objective(struct step *step)
{
    const int64_t shape[4] = {-1, -1, -1, 3};
    const gan_adam_options adam = {.struct_size = sizeof adam, .learning_rate = 2e-3f};
    bench_check(gan_graph_create(&step->graph, step->context));
    gan_layer *content = gan_input(step->graph, "content", shape, 4);
    gan_layer *loss = gan_style_loss_apply(step->loss, gan_apply(step->generator, content), content, NULL);
    bench_check(gan_graph_status(step->graph));
    bench_check(gan_adam_create(&step->optimizer, step->context, &adam));
    bench_check(gan_objective_create(&step->objective, loss, &content, 1, &step->generator, 1,
                                     step->optimizer, NULL));
}

static void make_step(struct step *step, const char *features, int64_t size, int64_t batch)
{
    const gan_johnson_options options = {.struct_size = sizeof options, .channels = 16, .blocks = 3};
    bench_check(gan_johnson_create(&step->generator, step->context, &options));
    bench_check(features != NULL ? gan_import(&step->extractor, step->context, features, NULL)
                                 : gan_vgg19_create(&step->extractor, step->context));
    make_loss(step);
    make_objective(step);
    step->batch = pictures(step->context, batch, size, 3);
}

static void measure(struct step *step, int rounds)
{
    const gan_tensor *inputs[1] = {step->batch};
    double time[MOST_ROUNDS];
    float loss = 0;
    bench_check(gan_objective_step(step->objective, inputs, 1, NULL));
    for (int i = 0; i < rounds; i++) {
        const double start = bench_seconds();
        bench_check(gan_objective_step(step->objective, inputs, 1, &loss));
        time[i] = bench_seconds() - start;
    }
    printf("%.3f s a step (median of %d), %.0f MB planned, %.0f MB peak, loss %.4f\n",
           bench_median(time, rounds), rounds, (double)gan_objective_memory(step->objective) / (1024 * 1024),
           bench_peak_megabytes(), (double)loss);
}

static void free_step(struct step *step)
{
    gan_tensor_free(step->batch);
    gan_objective_free(step->objective);
    gan_optimizer_free(step->optimizer);
    gan_graph_free(step->graph);
    gan_style_loss_free(step->loss);
    gan_style_free(step->style);
    gan_model_free(step->extractor);
    gan_model_free(step->generator);
    gan_context_free(step->context);
}

int main(int count, char **words)
{
    const int rounds = bench_option(count, words, "--rounds", 7);
    const int size = bench_option(count, words, "--size", 160);
    const int batch = bench_option(count, words, "--batch", 2);
    const gan_context_options options = {.struct_size = sizeof options,
                                         .threads = bench_option(count, words, "--threads", 1)};
    if (rounds < 1 || rounds > MOST_ROUNDS) {
        fprintf(stderr, "--rounds takes 1 to %d\n", MOST_ROUNDS);
        return 2;
    }
    const char *last = count > 1 ? words[count - 1] : "";
    const char *features = strstr(last, ".safetensors") != NULL ? last : NULL;
    struct step step = {0};
    bench_check(gan_context_create(&step.context, &options));
    make_step(&step, features, size, batch);
    printf("johnson 16, 3 blocks; VGG-19 to relu3_1; %d pictures of %dx%d; %s, %d threads\n", batch, size,
           size, gan_kernels_name(gan_context_kernels(step.context)), gan_context_threads(step.context));
    measure(&step, rounds);
    free_step(&step);
    return 0;
}
