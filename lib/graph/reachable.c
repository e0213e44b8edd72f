#include "graph/model.h"

#include <string.h>

static void mark(const gan_layer *layer, bool *needed)
{
    needed[layer->index] = true;
}

/* Users stand after their inputs, so one pass from the end marks all. */
static void spread(const gan_graph *graph, bool *needed)
{
    for (int32_t i = graph->layer_count - 1; i >= 0; i--)
        for (int32_t k = 0; needed[i] && k < graph->layers[i]->input_count; k++)
            mark(graph->layers[i]->inputs[k], needed);
}

gan_status gan_layers_reachable(gan_graph *graph, gan_layer *const *roots, int32_t root_count,
                                gan_layer ***layers, int32_t *layer_count)
{
    const size_t count = (size_t)graph->layer_count;
    bool *needed = gan_allocate_array(graph->context, count, sizeof *needed);
    gan_layer **found = gan_allocate_array(graph->context, count, sizeof(gan_layer *));
    if (needed == NULL || found == NULL) {
        gan_release(graph->context, needed);
        gan_release(graph->context, found);
        return gan_fail_memory("a list of layers", count * sizeof *found);
    }
    for (int32_t i = 0; i < root_count; i++)
        mark(roots[i], needed);
    spread(graph, needed);
    int32_t number = 0;
    for (size_t i = 0; i < count; i++)
        if (needed[i])
            found[number++] = graph->layers[i];
    gan_release(graph->context, needed);
    *layers = found;
    *layer_count = number;
    return GAN_OK;
}

static bool contains(gan_layer *const *layers, int32_t count, const gan_layer *layer)
{
    for (int32_t i = 0; i < count; i++)
        if (layers[i] == layer)
            return true;
    return false;
}

gan_status gan_layers_check_inputs(gan_layer *const *layers, int32_t layer_count, gan_layer *const *inputs,
                                   int32_t input_count)
{
    for (int32_t i = 1; i < input_count; i++)
        if (contains(inputs, i, inputs[i]))
            return gan_fail(GAN_ERROR_ARGUMENT, "input %d, \"%s\", is among the inputs before it already", i,
                            inputs[i]->name);
    for (int32_t i = 0; i < input_count; i++)
        if (inputs[i]->op != &gan_op_input)
            return gan_fail(GAN_ERROR_ARGUMENT, "input %d is %s \"%s\", expected a layer made by gan_input",
                            i, inputs[i]->op->name, inputs[i]->name);
    for (int32_t i = 0; i < layer_count; i++)
        if (layers[i]->op == &gan_op_input && !contains(inputs, input_count, layers[i]))
            return gan_fail(GAN_ERROR_ARGUMENT, "input \"%s\" is needed, but not among the inputs given",
                            layers[i]->name);
    return GAN_OK;
}
