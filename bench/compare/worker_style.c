/* A step of style training: generator, features of its picture and of the photograph, losses, backward, Adam.
 * With --recipe 1 each loss is relative to its target and total variation counts three times, as in the
 * recipe of which Johnson's generator with 16 channels and three blocks makes a painter in minutes. */
#include "worker.h"

#include <stdbool.h>
#include <stdlib.h>

struct style_step {
    gan_objective *objective;
    gan_tensor *batch;
    float first_loss;
    int64_t steps;
};

static void run(void *state)
{
    struct style_step *step = state;
    const gan_tensor *inputs[1] = {step->batch};
    float loss;
    check(gan_objective_step(step->objective, inputs, 1, &loss));
    if (step->steps++ == 0)
        step->first_loss = loss;
}

static void write(void *state, FILE *file)
{
    const struct style_step *step = state;
    fwrite(&step->first_loss, sizeof step->first_loss, 1, file);
}

static void release(void *state)
{
    struct style_step *step = state;
    gan_objective_free(step->objective);
    gan_tensor_free(step->batch);
    free(step);
}

static bool is_recipe(const struct arguments *arguments)
{
    return arguments_number(arguments, "--recipe", 0) != 0;
}

/* The loss with all weights 1, and mean squared differences; or that of the recipe. */
static gan_style_loss *make_loss(gan_context *context, const struct arguments *arguments)
{
    const gan_style_loss_options options = {.struct_size = sizeof options,
                                            .content_level = arguments_require(arguments, "--content-level"),
                                            .variation_weight = is_recipe(arguments) ? 3 : 0,
                                            .reduction =
                                                is_recipe(arguments) ? GAN_REDUCE_RELATIVE : GAN_REDUCE_MEAN,
                                            .default_reduction = 1};
    gan_tensor *picture = arguments_tensor(arguments, context, "--style");
    const gan_tensor *pictures[1] = {picture};
    gan_model *extractor = arguments_model(arguments, context, "--extractor");
    gan_style *style;
    gan_style_loss *loss;
    check(gan_style_create(&style, extractor, pictures, 1, NULL));
    check(gan_style_loss_create(&loss, style, &options));
    gan_style_free(style);
    gan_model_free(extractor);
    gan_tensor_free(picture);
    return loss;
}

static gan_objective *make_objective(gan_context *context, const struct arguments *arguments)
{
    const int64_t shape[4] = {-1, -1, -1, 3};
    const gan_adam_options adam = {.struct_size = sizeof adam,
                                   .learning_rate = is_recipe(arguments) ? 2e-3f : 1e-3f};
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .precision = arguments_precision(arguments)};
    gan_style_loss *style_loss = make_loss(context, arguments);
    gan_model *generator = arguments_model(arguments, context, "--model");
    gan_graph *graph;
    gan_optimizer *optimizer;
    gan_objective *objective;
    check(gan_graph_create(&graph, context));
    gan_layer *photo = gan_input(graph, "photo", shape, 4);
    gan_layer *loss = gan_style_loss_apply(style_loss, gan_apply(generator, photo), photo, NULL);
    check(gan_adam_create(&optimizer, context, &adam));
    check(gan_objective_create(&objective, loss, &photo, 1, &generator, 1, optimizer, &options));
    gan_optimizer_free(optimizer);
    gan_graph_free(graph);
    gan_model_free(generator);
    gan_style_loss_free(style_loss);
    return objective;
}

struct job style_job(gan_context *context, const struct arguments *arguments)
{
    struct style_step *step = calloc(1, sizeof *step);
    if (step == NULL)
        exit(1);
    step->objective = make_objective(context, arguments);
    step->batch = arguments_tensor(arguments, context, "--input");
    return (struct job){step, run, write, release};
}
