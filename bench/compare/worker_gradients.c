/* Forward and backward of a model under the loss sum(y g), g given: gradients of the input and of all
 * weights. */
#include "worker.h"

#include <stdlib.h>

struct gradients {
    gan_model *model;
    gan_optimizer *optimizer;
    gan_objective *objective;
    gan_tensor *input, *direction;
};

static void run(void *state)
{
    const struct gradients *gradients = state;
    const gan_tensor *inputs[2] = {gradients->input, gradients->direction};
    check(gan_objective_gradients(gradients->objective, inputs, 2, NULL));
}

static void write(void *state, FILE *file)
{
    const struct gradients *gradients = state;
    gan_tensor *gradient;
    check(gan_objective_input_gradient(gradients->objective, 0, &gradient));
    write_tensor(file, gradient);
    gan_tensor_free(gradient);
    for (int32_t i = 0; i < gan_model_parameter_count(gradients->model); i++) {
        check(gan_objective_gradient(gradients->objective, gradients->model, i, &gradient));
        write_tensor(file, gradient);
        gan_tensor_free(gradient);
    }
}

static void release(void *state)
{
    struct gradients *gradients = state;
    gan_objective_free(gradients->objective);
    gan_optimizer_free(gradients->optimizer);
    gan_model_free(gradients->model);
    gan_tensor_free(gradients->input);
    gan_tensor_free(gradients->direction);
    free(gradients);
}

static gan_layer *input_like(gan_graph *graph, const char *name, const gan_tensor *tensor)
{
    int64_t shape[GAN_MAX_RANK];
    for (int32_t i = 0; i < gan_tensor_rank(tensor); i++)
        shape[i] = gan_tensor_size(tensor, i);
    return gan_input(graph, name, shape, gan_tensor_rank(tensor));
}

struct job gradients_job(gan_context *context, const struct arguments *arguments)
{
    struct gradients *gradients = calloc(1, sizeof *gradients);
    if (gradients == NULL)
        exit(1);
    gradients->model = arguments_model(arguments, context, "--model");
    gradients->input = arguments_tensor(arguments, context, "--input");
    gradients->direction = arguments_tensor(arguments, context, "--direction");
    gan_graph *graph;
    check(gan_graph_create(&graph, context));
    gan_layer *inputs[2] = {input_like(graph, "x", gradients->input),
                            input_like(graph, "direction", gradients->direction)};
    gan_layer *loss = gan_sum(gan_multiply(gan_apply(gradients->model, inputs[0]), inputs[1]));
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .precision = arguments_precision(arguments)};
    check(gan_sgd_create(&gradients->optimizer, context, NULL));
    check(gan_objective_create(&gradients->objective, loss, inputs, 2, &gradients->model, 1,
                               gradients->optimizer, &options));
    check(gan_objective_request_input_gradient(gradients->objective, 0));
    gan_graph_free(graph);
    return (struct job){gradients, run, write, release};
}
