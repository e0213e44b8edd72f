/* One step of style training (forward, backward, Adam): seconds and memory.
 *
 * Usage: style_step [--threads N] [--rounds N] [--size PX] [--batch N] [--channels N] [--blocks N]
 *                   [--squeezenet 1] [FEATURES.safetensors]
 * Without a file the feature extractor is VGG-19 to relu3_1, or SqueezeNet 1.1 to fire8, with random weights:
 * the same work. */
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

struct request {
    int size, batch, channels, blocks, squeezenet;
    const char *features;
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

static void make_squeezenet(struct step *step)
{
    static const char *const levels[] = {"relu1", "fire2", "fire4", "fire8"};
    gan_model *whole;
    bench_check(gan_squeezenet_create(&whole, step->context));
    bench_check(gan_model_select_outputs(&step->extractor, whole, levels, 4));
    gan_model_free(whole);
}

static void make_step(struct step *step, const struct request *request)
{
    const gan_johnson_options options = {
        .struct_size = sizeof options, .channels = request->channels, .blocks = request->blocks};
    bench_check(gan_johnson_create(&step->generator, step->context, &options));
    if (request->features != NULL)
        bench_check(gan_import(&step->extractor, step->context, request->features, NULL));
    else if (request->squeezenet)
        make_squeezenet(step);
    else
        bench_check(gan_vgg19_create(&step->extractor, step->context));
    make_loss(step);
    make_objective(step);
    step->batch = pictures(step->context, request->batch, request->size, 3);
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
    const char *last = count > 1 ? words[count - 1] : "";
    const struct request request = {
        .size = bench_option(count, words, "--size", 160),
        .batch = bench_option(count, words, "--batch", 2),
        .channels = bench_option(count, words, "--channels", 16),
        .blocks = bench_option(count, words, "--blocks", 3),
        .squeezenet = bench_option(count, words, "--squeezenet", 0),
        .features = strstr(last, ".safetensors") != NULL ? last : NULL,
    };
    const gan_context_options options = {.struct_size = sizeof options,
                                         .threads = bench_option(count, words, "--threads", 1)};
    if (rounds < 1 || rounds > MOST_ROUNDS) {
        fprintf(stderr, "--rounds takes 1 to %d\n", MOST_ROUNDS);
        return 2;
    }
    struct step step = {0};
    bench_check(gan_context_create(&step.context, &options));
    make_step(&step, &request);
    printf("johnson %d, %d blocks; %s; %d pictures of %dx%d; %s, %d threads\n", request.channels,
           request.blocks, gan_model_name(step.extractor), request.batch, request.size, request.size,
           gan_kernels_name(gan_context_kernels(step.context)), gan_context_threads(step.context));
    measure(&step, rounds);
    free_step(&step);
    return 0;
}
