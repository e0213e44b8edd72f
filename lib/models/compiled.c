/* Keras' words for an objective over one model: compile, train_on_batch, test_on_batch. */
#include "gan/articles.h"
#include "gan/layers.h"
#include "gan/losses.h"
#include "gan/objective.h"
#include "graph/model.h"
#include "tensor/tensor.h"

#include <string.h>

struct gan_compiled {
    gan_context *context;
    gan_objective *objective;
    gan_tensor *label;         /* one element, as many dimensions as the output */
    const gan_tensor **inputs; /* the model's, then the target */
    int32_t input_count;       /* of the model */
};

static const struct {
    const char *name;
    gan_layer *(*build)(gan_layer *x, gan_layer *target);
} losses[] = {
    {"binary_crossentropy", gan_binary_cross_entropy},
    {"binary_crossentropy_with_logits", gan_binary_cross_entropy_with_logits},
    {"mse", gan_mean_squared_error},
    {"mae", gan_mean_absolute_error},
};

void gan_compiled_free(gan_compiled *compiled)
{
    if (compiled == NULL)
        return;
    gan_context *context = compiled->context;
    gan_objective_free(compiled->objective);
    gan_tensor_free(compiled->label);
    gan_release(context, compiled->inputs);
    gan_release(context, compiled);
    gan_context_free(context);
}

static gan_status find_loss(const char *name, size_t *index)
{
    for (*index = 0; name != NULL && *index < sizeof losses / sizeof losses[0]; ++*index)
        if (strcmp(losses[*index].name, name) == 0)
            return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT,
                    "loss is \"%s\", expected \"binary_crossentropy\", "
                    "\"binary_crossentropy_with_logits\", \"mse\" or \"mae\"",
                    name != NULL ? name : "NULL");
}

/* The target may be one number: it is stretched over the prediction. */
static gan_layer *build_loss(gan_layer *prediction, gan_layer *target, size_t loss)
{
    gan_layer *stretched = gan_multiply(gan_fill_like(prediction, 1), target);
    return losses[loss].build(prediction, stretched);
}

struct request {
    gan_model *model;
    size_t loss;
    gan_optimizer *optimizer;
    gan_model *const *models;
    int32_t model_count, precision;
};

/* Inputs like the model's, then the target; `inputs` receives them. */
static gan_status add_inputs(gan_graph *graph, const gan_model *model, gan_layer **inputs)
{
    const int64_t open[GAN_MAX_RANK] = {-1, -1, -1, -1, -1, -1};
    for (int32_t i = 0; i < model->input_count; i++) {
        const gan_layer *input = model->inputs[i];
        inputs[i] = gan_input(graph, input->name, input->shape.size, input->shape.rank);
    }
    inputs[model->input_count] = gan_input(graph, "target", open, model->outputs[0]->shape.rank);
    return gan_graph_status(graph);
}

static gan_status build(gan_compiled *compiled, gan_graph *graph, const struct request *request,
                        gan_layer **inputs)
{
    gan_model *model = request->model;
    const gan_objective_options options = {.struct_size = sizeof options, .precision = request->precision};
    gan_layer *prediction = NULL;
    gan_status status = add_inputs(graph, model, inputs);
    if (status == GAN_OK)
        status = gan_apply_many(model, inputs, model->input_count, &prediction, 1, NULL);
    if (status != GAN_OK)
        return status;
    gan_layer *loss = build_loss(prediction, inputs[model->input_count], request->loss);
    return gan_objective_create(&compiled->objective, loss, inputs, model->input_count + 1, request->models,
                                request->model_count, request->optimizer, &options);
}

static gan_status build_in_graph(gan_compiled *compiled, const struct request *request)
{
    gan_context *context = compiled->context;
    const size_t count = (size_t)request->model->input_count + 1;
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    gan_layer **inputs = gan_allocate_array(context, count, sizeof(gan_layer *));
    status = inputs != NULL ? build(compiled, graph, request, inputs)
                            : gan_fail_memory("a list of layers", count * sizeof(gan_layer *));
    gan_release(context, inputs);
    gan_graph_free(graph);
    return status;
}

static gan_status make_label(gan_compiled *compiled, const gan_model *model)
{
    const int64_t ones[GAN_MAX_RANK] = {1, 1, 1, 1, 1, 1};
    const size_t count = (size_t)model->input_count + 1;
    compiled->input_count = model->input_count;
    compiled->inputs = gan_allocate_array(compiled->context, count, sizeof(const gan_tensor *));
    if (compiled->inputs == NULL)
        return gan_fail_memory("a list of tensors", count * sizeof(const gan_tensor *));
    return gan_tensor_create(&compiled->label, compiled->context, GAN_FLOAT32, ones,
                             model->outputs[0]->shape.rank);
}

static gan_status compile(gan_compiled **out, const struct request *request)
{
    gan_context *context = request->model->graph->context;
    gan_compiled *compiled = gan_allocate_zeroed(context, sizeof *compiled);
    if (compiled == NULL)
        return gan_fail_memory("a compiled model", sizeof *compiled);
    compiled->context = gan_context_retain(context);
    gan_status status = make_label(compiled, request->model);
    if (status == GAN_OK)
        status = build_in_graph(compiled, request);
    if (status != GAN_OK) {
        gan_compiled_free(compiled);
        return status;
    }
    *out = compiled;
    return GAN_OK;
}

gan_status gan_compile_with_options(gan_compiled **out, gan_model *model, const char *loss,
                                    gan_optimizer *optimizer, const gan_compile_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_compile: out is NULL");
    *out = NULL;
    if (model == NULL || optimizer == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_compile: the %s is NULL",
                        model == NULL ? "model" : "optimizer");
    if (model->output_count != 1)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "model \"%s\" has %d outputs, expected one to compare with a target", model->name,
                        model->output_count);
    gan_compile_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_compile_options");
    struct request request = {.model = model,
                              .optimizer = optimizer,
                              .models = options.models != NULL ? options.models : &model,
                              .model_count = options.models != NULL ? options.model_count : 1,
                              .precision = options.precision};
    if (status == GAN_OK)
        status = find_loss(loss, &request.loss);
    return status == GAN_OK ? compile(out, &request) : status;
}

gan_status gan_compile(gan_compiled **out, gan_model *model, const char *loss, gan_optimizer *optimizer,
                       gan_model *const *models, int32_t model_count)
{
    const gan_compile_options options = {
        .struct_size = sizeof options, .models = models, .model_count = model_count};
    return gan_compile_with_options(out, model, loss, optimizer, &options);
}

/* The model's inputs and the target as the objective takes them. */
static gan_status gather(gan_compiled *compiled, const gan_tensor *const *inputs, int32_t input_count,
                         const gan_tensor *target, float label)
{
    if (compiled == NULL || inputs == NULL || input_count != compiled->input_count)
        return gan_fail(GAN_ERROR_ARGUMENT, "the compiled model takes %d inputs, the call gives %d",
                        compiled != NULL ? compiled->input_count : 0, inputs != NULL ? input_count : 0);
    memcpy(compiled->inputs, inputs, (size_t)input_count * sizeof *inputs);
    *(float *)compiled->label->data = label;
    compiled->inputs[input_count] = target != NULL ? target : compiled->label;
    return GAN_OK;
}

gan_status gan_train_on_batch(gan_compiled *compiled, const gan_tensor *const *inputs, int32_t input_count,
                              const gan_tensor *target, float label, float *loss)
{
    const gan_status status = gather(compiled, inputs, input_count, target, label);
    if (status != GAN_OK)
        return status;
    return gan_objective_step(compiled->objective, compiled->inputs, input_count + 1, loss);
}

gan_status gan_test_on_batch(gan_compiled *compiled, const gan_tensor *const *inputs, int32_t input_count,
                             const gan_tensor *target, float label, float *loss)
{
    const gan_status status = gather(compiled, inputs, input_count, target, label);
    if (status != GAN_OK)
        return status;
    return gan_objective_evaluate(compiled->objective, compiled->inputs, input_count + 1, loss);
}
