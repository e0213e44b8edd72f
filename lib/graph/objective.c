#include "graph/objective.h"
#include "tensor/tensor.h"

#include <string.h>

static void release_models(gan_objective *objective)
{
    for (int32_t i = 0; objective->models != NULL && i < objective->model_count; i++)
        gan_model_free(objective->models[i]);
    gan_release(objective->graph->context, objective->models);
}

void gan_objective_free(gan_objective *objective)
{
    if (objective == NULL)
        return;
    gan_context *context = gan_context_retain(objective->graph->context);
    gan_objective_drop_plan(objective);
    release_models(objective);
    gan_optimizer_free(objective->optimizer);
    gan_release(context, objective->inputs);
    gan_release(context, objective->watched);
    gan_release(context, objective->roots);
    gan_release(context, objective->layers);
    gan_release(context, objective->trained);
    gan_release(context, objective->runs);
    gan_release(context, objective->gradients);
    gan_release(context, objective->sums);
    gan_release(context, objective->statistics);
    gan_release(context, objective->statistics_before);
    gan_release(context, objective->input_gradients);
    gan_release(context, objective->input_shapes);
    gan_graph_free(objective->graph);
    gan_release(context, objective);
    gan_context_free(context);
}

static gan_status check_arguments(const gan_layer *loss, gan_layer *const *inputs, int32_t input_count,
                                  gan_model *const *models, int32_t model_count,
                                  const gan_optimizer *optimizer, const gan_objective_options *options)
{
    if (inputs == NULL || input_count < 1 || models == NULL || model_count < 1 || optimizer == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "an objective needs inputs, models and an optimizer");
    if (inputs[0] != NULL && inputs[0]->graph->status != GAN_OK)
        return gan_graph_status(inputs[0]->graph);
    if (loss == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "the loss is NULL");
    if (optimizer->context != loss->graph->context)
        return gan_fail(GAN_ERROR_ARGUMENT, "the optimizer and the loss belong to different contexts");
    for (int32_t i = 0; i < input_count; i++)
        if (inputs[i] == NULL || inputs[i]->graph != loss->graph)
            return gan_fail(GAN_ERROR_ARGUMENT, "input %d is %s", i,
                            inputs[i] == NULL ? "NULL" : "a layer of another graph than the loss");
    for (int32_t i = 0; i < model_count; i++)
        if (models[i] == NULL)
            return gan_fail(GAN_ERROR_ARGUMENT, "model %d is NULL", i);
    if (options->accumulate < 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "accumulate is %d, expected at least 0", options->accumulate);
    if (options->watched_count < 0 || (options->watched_count > 0 && options->watched == NULL))
        return gan_fail(GAN_ERROR_ARGUMENT, "watched_count is %d, but watched is NULL",
                        options->watched_count);
    for (int32_t i = 0; i < options->watched_count; i++)
        if (options->watched[i] == NULL || options->watched[i]->graph != loss->graph)
            return gan_fail(GAN_ERROR_ARGUMENT, "watched layer %d is NULL or of another graph", i);
    if (!(options->clip_norm >= 0) || !(options->clip_value >= 0))
        return gan_fail(GAN_ERROR_ARGUMENT, "clip_norm and clip_value must not be negative");
    if (options->precision == GAN_PRECISION_BF16)
        return gan_fail(GAN_ERROR_UNSUPPORTED, "GAN_PRECISION_BF16 is for inference: objectives train with "
                                               "GAN_PRECISION_DEFAULT or _EXACT");
    if (options->precision < 0 || options->precision > GAN_PRECISION_EXACT)
        return gan_fail(GAN_ERROR_ARGUMENT, "precision is %d, expected GAN_PRECISION_DEFAULT or _EXACT",
                        options->precision);
    return GAN_OK;
}

/* Sizes that are open may still turn out to be 1: the plan looks again. */
static gan_status check_loss(const gan_layer *loss)
{
    char text[SHAPE_TEXT_SIZE];
    for (int32_t i = 0; i < loss->shape.rank; i++)
        if (loss->shape.size[i] >= 0 && loss->shape.size[i] != 1)
            return gan_fail(GAN_ERROR_SHAPE, "the loss, %s \"%s\", has shape %s, expected one element",
                            loss->op->name, loss->name, gan_shape_text(&loss->shape, text));
    return GAN_OK;
}

static gan_status copy_pointers(gan_context *context, void *copy, const void *from, int32_t count)
{
    const size_t size = (size_t)count * sizeof(void *);
    void *memory = gan_allocate_zeroed(context, size);
    if (memory == NULL)
        return gan_fail_memory("an objective", size);
    if (size > 0)
        memcpy(memory, from, size);
    memcpy(copy, &memory, sizeof memory);
    return GAN_OK;
}

static gan_status keep_layers(gan_objective *objective, gan_layer *const *inputs,
                              const gan_objective_options *options)
{
    gan_context *context = objective->graph->context;
    gan_status status = copy_pointers(context, &objective->inputs, inputs, objective->input_count);
    if (status == GAN_OK)
        status = copy_pointers(context, &objective->watched, options->watched, objective->watched_count);
    if (status != GAN_OK)
        return status;
    const size_t roots = (size_t)objective->watched_count + 1;
    objective->roots = gan_allocate_array(context, roots, sizeof(gan_layer *));
    objective->input_gradients = gan_allocate_array(context, (size_t)objective->input_count, sizeof(bool));
    objective->input_shapes =
        gan_allocate_array(context, (size_t)objective->input_count, sizeof *objective->input_shapes);
    if (objective->roots == NULL || objective->input_gradients == NULL || objective->input_shapes == NULL)
        return gan_fail_memory("an objective", roots * sizeof(gan_layer *));
    objective->roots[0] = objective->loss;
    for (size_t i = 1; i < roots; i++)
        objective->roots[i] = objective->watched[i - 1];
    return GAN_OK;
}

static gan_status keep_models(gan_objective *objective, gan_model *const *models, int32_t count)
{
    const gan_status status = copy_pointers(objective->graph->context, &objective->models, models, count);
    if (status != GAN_OK)
        return status;
    objective->model_count = count;
    for (int32_t i = 0; i < count; i++)
        gan_model_retain(objective->models[i]);
    return GAN_OK;
}

/* Layers that belong to no model have parameters too: fixed ones. */
static gan_status allocate_fixed_parameters(gan_objective *objective)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < objective->layer_count; i++)
        status = gan_parameters_allocate(objective->graph->context, objective->layers[i]->parameters,
                                         objective->layers[i]->parameter_count);
    return status;
}

/* What is watched must be memory of the plan: an input's is the caller's and may be gone when it is read. */
static gan_status check_watched(const gan_objective *objective)
{
    for (int32_t i = 0; i < objective->watched_count; i++) {
        const gan_layer *root = objective->watched[i];
        while (root->op->view)
            root = root->inputs[0];
        if (root->op == &gan_op_input)
            return gan_fail(GAN_ERROR_ARGUMENT, "watched layer \"%s\" is nothing but input \"%s\"",
                            objective->watched[i]->name, root->name);
    }
    return GAN_OK;
}

static gan_status fill_objective(gan_objective *objective, gan_layer *const *inputs, gan_model *const *models,
                                 int32_t model_count, const gan_objective_options *options)
{
    gan_status status = keep_layers(objective, inputs, options);
    if (status == GAN_OK)
        status = check_watched(objective);
    if (status == GAN_OK)
        status = keep_models(objective, models, model_count);
    if (status == GAN_OK)
        status = gan_layers_reachable(objective->graph, objective->roots, objective->watched_count + 1,
                                      &objective->layers, &objective->layer_count);
    if (status == GAN_OK)
        status = gan_layers_check_inputs(objective->layers, objective->layer_count, objective->inputs,
                                         objective->input_count);
    if (status == GAN_OK)
        status = allocate_fixed_parameters(objective);
    if (status == GAN_OK)
        status = gan_objective_collect_parameters(objective);
    if (status == GAN_OK)
        status = gan_objective_collect_statistics(objective);
    if (status == GAN_OK)
        status = gan_objective_reserve_sums(objective);
    if (status == GAN_OK)
        status = gan_objective_bind_optimizer(objective);
    return status;
}

gan_status gan_objective_create(gan_objective **out, gan_layer *loss, gan_layer *const *inputs,
                                int32_t input_count, gan_model *const *models, int32_t model_count,
                                gan_optimizer *optimizer, const gan_objective_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_objective_create: out is NULL");
    *out = NULL;
    gan_objective_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_objective_options");
    if (status == GAN_OK)
        status = check_arguments(loss, inputs, input_count, models, model_count, optimizer, &options);
    if (status == GAN_OK)
        status = check_loss(loss);
    if (status != GAN_OK)
        return status;
    gan_context *context = loss->graph->context;
    gan_objective *objective = gan_allocate_zeroed(context, sizeof *objective);
    if (objective == NULL)
        return gan_fail_memory("an objective", sizeof *objective);
    objective->graph = gan_graph_retain(loss->graph);
    objective->loss = loss;
    objective->input_count = input_count;
    objective->watched_count = options.watched_count;
    objective->optimizer = gan_optimizer_retain(optimizer);
    objective->precision = options.precision;
    objective->clip_norm = options.clip_norm;
    objective->clip_value = options.clip_value;
    objective->accumulate = options.accumulate > 1 ? options.accumulate : 1;
    objective->random_seed = options.random_seed != 0 ? options.random_seed : context->seed;
    if (options.random_seed == 0)
        objective->random_stream = gan_context_next_stream(context) << 20;
    status = fill_objective(objective, inputs, models, model_count, &options);
    if (status != GAN_OK) {
        gan_objective_free(objective);
        return status;
    }
    *out = objective;
    return GAN_OK;
}

int64_t gan_objective_memory(const gan_objective *objective)
{
    if (objective == NULL)
        return 0;
    const size_t floats = objective->gradient_count * (objective->sums != NULL ? 2 : 1);
    const int64_t slabs = (int64_t)(floats * sizeof(float));
    return slabs + (objective->plan != NULL ? gan_plan_memory(objective->plan) : 0);
}

gan_status gan_objective_request_input_gradient(gan_objective *objective, int32_t input)
{
    if (objective == NULL || input < 0 || input >= objective->input_count)
        return gan_fail(GAN_ERROR_ARGUMENT, "the objective has no input %d", input);
    objective->input_gradients[input] = true;
    objective->differentiated = false;
    gan_objective_drop_plan(objective);
    return GAN_OK;
}
