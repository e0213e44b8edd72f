#include "experiment.h"
#include "gan/optimizer.h"

#include <check.h>
#include <string.h>

void expect_ok(const char *name, gan_status status)
{
    ck_assert_msg(status == GAN_OK, "%s: %s: %s", name, gan_status_name(status), gan_error_message());
}

/* ---- Building ---- */

static gan_tensor *clone(gan_context *context, const gan_tensor *from)
{
    int64_t size[GAN_MAX_RANK];
    const int32_t rank = gan_tensor_rank(from);
    for (int32_t i = 0; i < rank; i++)
        size[i] = gan_tensor_size(from, i);
    gan_tensor *tensor = NULL;
    expect_ok("clone", gan_tensor_create(&tensor, context, GAN_FLOAT32, size, rank));
    expect_ok("clone", gan_tensor_copy(tensor, from));
    return tensor;
}

static gan_tensor *random_tensor(gan_context *context, const int64_t *size, int32_t rank, uint64_t seed)
{
    gan_tensor *tensor = NULL;
    expect_ok("random", gan_tensor_create(&tensor, context, GAN_FLOAT32, size, rank));
    expect_ok("random", gan_tensor_fill_normal(tensor, seed, 0, 1));
    return tensor;
}

static void make_inputs(struct experiment *experiment, const struct layer_case *layer,
                        gan_tensor *const *given)
{
    int32_t count = 0;
    for (; count < MOST_INPUTS && layer->inputs[count].rank > 0; count++) {
        const int32_t rank = layer->inputs[count].rank;
        experiment->inputs[count] =
            given != NULL
                ? clone(experiment->context, given[count])
                : random_tensor(experiment->context, layer->inputs[count].size, rank, 100 + (uint64_t)count);
    }
    experiment->input_count = count;
}

static gan_layer *input_like(gan_graph *graph, const gan_tensor *tensor)
{
    int64_t size[GAN_MAX_RANK];
    for (int32_t i = 0; i < gan_tensor_rank(tensor); i++)
        size[i] = gan_tensor_size(tensor, i);
    return gan_input(graph, NULL, size, gan_tensor_rank(tensor));
}

/* An objective must train something: a dense layer on an input that is 0 changes nothing else. */
static gan_layer *add_anchor(struct experiment *experiment, gan_layer *loss, gan_layer **input)
{
    const int64_t one[] = {1, 1};
    const int32_t place = experiment->input_count + 1;
    const gan_dense_options options = {.struct_size = sizeof options, .name = "anchor", .units = 1};
    expect_ok("anchor",
              gan_tensor_create(&experiment->inputs[place], experiment->context, GAN_FLOAT32, one, 2));
    *input = gan_input(experiment->graph, "zero", one, 2);
    gan_layer *output = gan_dense(*input, &options);
    expect_ok("anchor", gan_model_create(&experiment->anchor, "anchor", input, 1, &output, 1));
    return gan_add(loss, gan_sum(output));
}

static void randomize_parameters(struct experiment *experiment)
{
    for (int32_t i = 0; i < gan_model_parameter_count(experiment->model); i++) {
        gan_tensor *value = NULL;
        expect_ok(experiment->name, gan_model_get_parameter(experiment->model, i, &value));
        if (gan_model_parameter_trainable(experiment->model, i))
            expect_ok(experiment->name, gan_tensor_fill_normal(value, 200 + (uint64_t)i, 0.1f, 0.5f));
        else
            expect_ok(experiment->name, gan_tensor_fill_uniform(value, 200 + (uint64_t)i, 0.5f, 1.5f));
        expect_ok(experiment->name, gan_model_set_parameter(experiment->model, i, value));
        gan_tensor_free(value);
    }
}

static void make_objective(struct experiment *experiment, gan_layer *loss, gan_layer *const *inputs)
{
    gan_optimizer *optimizer = NULL;
    gan_model *const models[] = {experiment->model, experiment->anchor};
    expect_ok(experiment->name, gan_sgd_create(&optimizer, experiment->context, NULL));
    expect_ok(experiment->name,
              gan_objective_create(&experiment->objective, loss, inputs, experiment->input_count + 2, models,
                                   2, optimizer, NULL));
    gan_optimizer_free(optimizer);
    for (int32_t i = 0; i < experiment->input_count; i++)
        expect_ok(experiment->name, gan_objective_request_input_gradient(experiment->objective, i));
}

static void make_graph(struct experiment *experiment, const struct layer_case *layer, const gan_tensor *g)
{
    gan_layer *inputs[MOST_INPUTS + 2] = {NULL};
    const int32_t count = experiment->input_count;
    expect_ok(layer->name, gan_graph_create(&experiment->graph, experiment->context));
    for (int32_t i = 0; i < count; i++)
        inputs[i] = input_like(experiment->graph, experiment->inputs[i]);
    gan_layer *output = layer->build(inputs, layer->argument);
    expect_ok(layer->name, gan_graph_status(experiment->graph));
    expect_ok(layer->name, gan_model_create(&experiment->model, "tested", inputs, count, &output, 1));
    int64_t size[GAN_MAX_RANK];
    const int32_t rank = gan_layer_shape(output, size);
    experiment->inputs[count] =
        g != NULL ? clone(experiment->context, g) : random_tensor(experiment->context, size, rank, 300);
    experiment->output = random_tensor(experiment->context, size, rank, 0);
    inputs[count] = gan_input(experiment->graph, "g", size, rank);
    gan_layer *loss = gan_sum(gan_multiply(output, inputs[count]));
    loss = add_anchor(experiment, loss, &inputs[count + 1]);
    randomize_parameters(experiment);
    make_objective(experiment, loss, inputs);
}

void experiment_create(struct experiment *experiment, const struct layer_case *layer, int32_t kernels,
                       int32_t threads, gan_tensor *const *given, const gan_tensor *g)
{
    const gan_context_options options = {
        .struct_size = sizeof options, .kernels = kernels, .threads = threads, .seed = 7};
    memset(experiment, 0, sizeof *experiment);
    experiment->name = layer->name;
    expect_ok(layer->name, gan_context_create(&experiment->context, &options));
    make_inputs(experiment, layer, given);
    make_graph(experiment, layer, g);
}

void experiment_free(struct experiment *experiment)
{
    gan_objective_free(experiment->objective);
    gan_model_free(experiment->model);
    gan_model_free(experiment->anchor);
    for (int32_t i = 0; i < MOST_INPUTS + 2; i++)
        gan_tensor_free(experiment->inputs[i]);
    gan_tensor_free(experiment->output);
    gan_graph_free(experiment->graph);
    gan_context_free(experiment->context);
}

/* ---- Running ---- */

gan_session *experiment_session(const struct experiment *experiment)
{
    const gan_session_options options = {.struct_size = sizeof options, .training = 1};
    int64_t sizes[MOST_INPUTS * GAN_MAX_RANK];
    int32_t used = 0;
    for (int32_t i = 0; i < experiment->input_count; i++)
        for (int32_t axis = 0; axis < gan_tensor_rank(experiment->inputs[i]); axis++)
            sizes[used++] = gan_tensor_size(experiment->inputs[i], axis);
    gan_session *session = NULL;
    expect_ok(experiment->name, gan_session_create(&session, experiment->model, sizes, &options));
    return session;
}

void experiment_run_session(struct experiment *experiment, gan_session *session)
{
    expect_ok(experiment->name, gan_session_run(session, (const gan_tensor *const *)experiment->inputs,
                                                experiment->input_count, &experiment->output, 1));
}

void experiment_run(struct experiment *experiment)
{
    gan_session *session = experiment_session(experiment);
    experiment_run_session(experiment, session);
    gan_session_free(session);
    expect_ok(experiment->name,
              gan_objective_gradients(experiment->objective, (const gan_tensor *const *)experiment->inputs,
                                      experiment->input_count + 2, NULL));
}

gan_tensor *experiment_input_gradient(const struct experiment *experiment, int32_t input)
{
    gan_tensor *gradient = NULL;
    expect_ok(experiment->name, gan_objective_input_gradient(experiment->objective, input, &gradient));
    return gradient;
}

int32_t experiment_find(const struct experiment *experiment, const char *suffix)
{
    for (int32_t i = 0; i < gan_model_parameter_count(experiment->model); i++) {
        const char *dot = strrchr(gan_model_parameter_name(experiment->model, i), '.');
        if (dot != NULL && strcmp(dot + 1, suffix) == 0)
            return i;
    }
    return -1;
}

gan_tensor *experiment_parameter(const struct experiment *experiment, const char *suffix)
{
    gan_tensor *value = NULL;
    const int32_t index = experiment_find(experiment, suffix);
    if (index >= 0)
        expect_ok(experiment->name, gan_model_get_parameter(experiment->model, index, &value));
    return value;
}

gan_tensor *experiment_parameter_gradient(const struct experiment *experiment, const char *suffix)
{
    gan_tensor *gradient = NULL;
    const int32_t index = experiment_find(experiment, suffix);
    if (index >= 0)
        expect_ok(experiment->name,
                  gan_objective_gradient(experiment->objective, experiment->model, index, &gradient));
    return gradient;
}

void experiment_set_parameter(struct experiment *experiment, const char *suffix, const gan_tensor *value)
{
    const int32_t index = experiment_find(experiment, suffix);
    ck_assert_msg(index >= 0, "%s: no parameter %s", experiment->name, suffix);
    expect_ok(experiment->name, gan_model_set_parameter(experiment->model, index, value));
}
