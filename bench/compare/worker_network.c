/* Inference: a model at one size. */
#include "worker.h"

#include <stdlib.h>

struct network {
    gan_session *session;
    gan_tensor *input, *output;
};

static void run(void *state)
{
    struct network *network = state;
    const gan_tensor *inputs[1] = {network->input};
    check(gan_session_run(network->session, inputs, 1, &network->output, 1));
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
    gan_tensor_free(network->input);
    gan_tensor_free(network->output);
    free(network);
}

static gan_session *compile(gan_model *model, const gan_tensor *input, int32_t precision)
{
    const gan_session_options options = {.struct_size = sizeof options, .precision = precision};
    int64_t shape[GAN_MAX_RANK];
    for (int32_t i = 0; i < gan_tensor_rank(input); i++)
        shape[i] = gan_tensor_size(input, i);
    gan_session *session;
    check(gan_session_create(&session, model, shape, &options));
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
    network->input = arguments_tensor(arguments, context, "--input");
    network->session = compile(model, network->input, arguments_precision(arguments));
    const int32_t rank = gan_session_output_shape(network->session, 0, shape);
    check(gan_tensor_create(&network->output, context, GAN_FLOAT32, shape, rank));
    gan_model_free(model);
    return (struct job){network, run, write, release};
}
