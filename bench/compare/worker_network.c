/* Inference: a model at one size. The first input is "--input", others are called as the model calls them. */
#include "worker.h"

#include <stdlib.h>

enum { MOST_INPUTS = 4, NAME_SIZE = 64 };

struct network {
    gan_session *session;
    int32_t input_count;
    gan_tensor *inputs[MOST_INPUTS], *output;
};

static void run(void *state)
{
    struct network *network = state;
    check(gan_session_run(network->session, (const gan_tensor *const *)network->inputs, network->input_count,
                          &network->output, 1));
}

static void write(void *state, FILE *file)
{
    const struct network *network = state;
    write_tensor(file, network->output);
}

static void release(void *state)
{
    struct network *network = state;
    gan_session_free(network->session);
    for (int32_t i = 0; i < network->input_count; i++)
        gan_tensor_free(network->inputs[i]);
    gan_tensor_free(network->output);
    free(network);
}

static void read_inputs(struct network *network, gan_context *context, const gan_model *model,
                        const struct arguments *arguments)
{
    const int32_t count = gan_model_input_count(model);
    if (count > MOST_INPUTS)
        skip("too many inputs");
    for (; network->input_count < count; network->input_count++) {
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "--%.50s", gan_model_input_name(model, network->input_count));
        network->inputs[network->input_count] =
            arguments_tensor(arguments, context, network->input_count == 0 ? "--input" : name);
    }
}

static gan_session *compile(const struct network *network, gan_model *model, int32_t precision)
{
    const gan_session_options options = {.struct_size = sizeof options, .precision = precision};
    int64_t shapes[MOST_INPUTS * GAN_MAX_RANK], *next = shapes;
    for (int32_t i = 0; i < network->input_count; i++)
        for (int32_t axis = 0; axis < gan_tensor_rank(network->inputs[i]); axis++)
            *next++ = gan_tensor_size(network->inputs[i], axis);
    gan_session *session;
    check(gan_session_create(&session, model, shapes, &options));
    if (gan_session_precision(session) != precision)
        skip("this processor does not do that precision");
    return session;
}

struct job network_job(gan_context *context, const struct arguments *arguments)
{
    struct network *network = calloc(1, sizeof *network);
    if (network == NULL)
        exit(1);
    int64_t shape[GAN_MAX_RANK];
    gan_model *model = arguments_model(arguments, context, "--model");
    read_inputs(network, context, model, arguments);
    network->session = compile(network, model, arguments_precision(arguments));
    const int32_t rank = gan_session_output_shape(network->session, 0, shape);
    check(gan_tensor_create(&network->output, context, GAN_FLOAT32, shape, rank));
    gan_model_free(model);
    return (struct job){network, run, write, release};
}
