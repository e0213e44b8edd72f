/* A step of adversarial training: D on a real and a generated batch, then G, whose pictures are computed
 * once, through D. With --conditional 1 D sees the input beside the picture, and --absolute-weight adds the
 * mean absolute error (pix2pix). */
#include "worker.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LOSSES = 2 };

struct adversarial_step {
    gan_context *context;
    gan_model *generator, *discriminator;
    gan_objective *discriminate, *generate;
    gan_tensor *input, *real;
    bool squares, conditional;
    float absolute_weight;
    int32_t precision;
    float first[LOSSES];
    int64_t steps;
};

static void run(void *state)
{
    struct adversarial_step *step = state;
    const gan_tensor *inputs[2] = {step->input, step->real};
    const gan_tensor *seen[3] = {step->real, NULL, step->input};
    const int32_t count = step->absolute_weight > 0 ? 2 : 1;
    float losses[LOSSES];
    check(gan_objective_begin(step->generate, inputs, count, 0, GAN_STATISTICS_FOLLOW, &seen[1]));
    check(gan_objective_step(step->discriminate, seen, step->conditional ? 3 : 2, &losses[0]));
    check(gan_objective_step(step->generate, inputs, count, &losses[1]));
    if (step->steps++ == 0)
        memcpy(step->first, losses, sizeof losses);
}

static void write(void *state, FILE *file)
{
    const struct adversarial_step *step = state;
    fwrite(step->first, sizeof step->first[0], LOSSES, file);
}

static void release(void *state)
{
    struct adversarial_step *step = state;
    gan_objective_free(step->discriminate);
    gan_objective_free(step->generate);
    gan_model_free(step->generator);
    gan_model_free(step->discriminator);
    gan_tensor_free(step->input);
    gan_tensor_free(step->real);
    free(step);
}

static gan_layer *verdict_loss(const struct adversarial_step *step, gan_layer *verdict, float label)
{
    gan_layer *target = gan_fill_like(verdict, label);
    return step->squares ? gan_mean_squared_error(verdict, target)
                         : gan_binary_cross_entropy_with_logits(verdict, target);
}

static gan_layer *judge(const struct adversarial_step *step, gan_layer *input, gan_layer *picture)
{
    gan_layer *const both[2] = {input, picture};
    return gan_apply(step->discriminator, step->conditional ? gan_concat(both, 2, -1) : picture);
}

static gan_layer *input_like(gan_graph *graph, const char *name, const gan_tensor *tensor)
{
    int64_t shape[GAN_MAX_RANK];
    for (int32_t i = 0; i < gan_tensor_rank(tensor); i++)
        shape[i] = gan_tensor_size(tensor, i);
    return gan_input(graph, name, shape, gan_tensor_rank(tensor));
}

static gan_objective *make_objective(const struct adversarial_step *step, gan_layer *loss,
                                     gan_layer *const *inputs, int32_t input_count, gan_layer *watched,
                                     gan_model *model)
{
    const gan_adam_options adam = {.struct_size = sizeof adam, .learning_rate = 2e-4f, .beta1 = 0.5f};
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .precision = step->precision,
                                           .watched = &watched,
                                           .watched_count = watched != NULL ? 1 : 0};
    gan_optimizer *optimizer;
    gan_objective *objective;
    check(gan_adam_create(&optimizer, step->context, &adam));
    check(gan_objective_create(&objective, loss, inputs, input_count, &model, 1, optimizer, &options));
    gan_optimizer_free(optimizer);
    return objective;
}

static void make_discriminate(struct adversarial_step *step)
{
    const float weights[2] = {1, 1};
    gan_graph *graph;
    check(gan_graph_create(&graph, step->context));
    gan_layer *inputs[3] = {input_like(graph, "real", step->real), input_like(graph, "fake", step->real),
                            input_like(graph, "input", step->input)};
    gan_layer *const losses[2] = {verdict_loss(step, judge(step, inputs[2], inputs[0]), 1),
                                  verdict_loss(step, judge(step, inputs[2], inputs[1]), 0)};
    gan_layer *loss = gan_weighted_sum(losses, weights, 2);
    step->discriminate =
        make_objective(step, loss, inputs, step->conditional ? 3 : 2, NULL, step->discriminator);
    gan_graph_free(graph);
}

static void make_generate(struct adversarial_step *step)
{
    const float weights[2] = {1, step->absolute_weight};
    gan_graph *graph;
    check(gan_graph_create(&graph, step->context));
    gan_layer *inputs[2] = {input_like(graph, "input", step->input), input_like(graph, "real", step->real)};
    gan_layer *fake = gan_apply(step->generator, inputs[0]);
    gan_layer *loss = verdict_loss(step, judge(step, inputs[0], fake), 1);
    const bool absolute = step->absolute_weight > 0;
    if (absolute) {
        gan_layer *const losses[2] = {loss, gan_mean_absolute_error(fake, inputs[1])};
        loss = gan_weighted_sum(losses, weights, 2);
    }
    step->generate = make_objective(step, loss, inputs, absolute ? 2 : 1, fake, step->generator);
    gan_graph_free(graph);
}

struct job adversarial_job(gan_context *context, const struct arguments *arguments)
{
    struct adversarial_step *step = calloc(1, sizeof *step);
    if (step == NULL)
        exit(1);
    step->context = context;
    step->precision = arguments_precision(arguments);
    step->squares = strcmp(arguments_text(arguments, "--loss", "logits"), "squares") == 0;
    step->conditional = arguments_number(arguments, "--conditional", 0) != 0;
    step->absolute_weight = (float)arguments_number(arguments, "--absolute-weight", 0);
    step->generator = arguments_model(arguments, context, "--model");
    step->discriminator = arguments_model(arguments, context, "--discriminator");
    step->input = arguments_tensor(arguments, context, "--input");
    step->real = arguments_tensor(arguments, context, "--real");
    make_discriminate(step);
    make_generate(step);
    return (struct job){step, run, write, release};
}
