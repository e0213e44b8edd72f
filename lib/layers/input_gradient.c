/* The gradient of a sum of outputs at an inner layer or input, as a layer: from the output back, each layer
 * on the way by the rule of its op. Ordinary reverse differentiation of the result gives gradients of
 * gradients. */
#include "layers/input_gradient.h"
#include "gan/layers.h"

gan_layer *gan_add_sharing(const struct layer_request *request, gan_graph *graph, struct parameter *weight)
{
    gan_layer *layer = gan_graph_add(graph, request);
    if (layer != NULL)
        layer->parameters[layer->parameter_count++] = gan_parameter_retain(weight);
    return layer;
}

gan_layer *gan_refuse_input_gradient(const gan_layer *layer, const char *why)
{
    return gan_graph_refuse(
        layer->graph, layer->op->name, layer->name,
        gan_fail(GAN_ERROR_UNSUPPORTED, "no gradient of gradients goes through this layer: %s", why));
}

static gan_layer *refuse_kind(const gan_layer *layer)
{
    return gan_refuse_input_gradient(
        layer,
        "offered are convolutions (also transposed), dense layers, ReLU and leaky ReLU, pooling, resampling, "
        "padding, cropping, shape changes, sums, products, scaling and concatenation");
}

static bool flows(const gan_layer *layer, int32_t input)
{
    return !layer->op->stops_gradient && (input >= 32 || (layer->op->no_gradient_inputs >> input & 1u) == 0);
}

/* The walk: both arrays by index in the graph, up to that of y. */
struct walk {
    gan_graph *graph;
    const gan_layer *x;
    bool *depends; /* on x */
    gan_layer **gradients;
};

static void mark(const struct walk *walk, const gan_layer *y)
{
    walk->depends[walk->x->index] = true;
    for (int32_t i = walk->x->index + 1; i <= y->index; i++) {
        const gan_layer *layer = walk->graph->layers[i];
        for (int32_t k = 0; k < layer->input_count; k++)
            if (flows(layer, k) && walk->depends[layer->inputs[k]->index])
                walk->depends[i] = true;
    }
}

static bool step(const struct walk *walk, gan_layer *layer, int32_t input)
{
    gan_layer **sum = &walk->gradients[layer->inputs[input]->index];
    if (layer->op->input_gradient == NULL) {
        refuse_kind(layer);
        return false;
    }
    gan_layer *more = layer->op->input_gradient(layer, walk->gradients[layer->index], input);
    *sum = *sum != NULL ? gan_add(*sum, more) : more;
    return *sum != NULL;
}

static gan_layer *walk_back(const struct walk *walk, gan_layer *y)
{
    walk->gradients[y->index] = gan_fill_like(y, 1.0f);
    for (int32_t i = y->index; i > walk->x->index; i--) {
        gan_layer *layer = walk->graph->layers[i];
        if (walk->gradients[i] == NULL)
            continue;
        for (int32_t k = 0; k < layer->input_count; k++)
            if (flows(layer, k) && walk->depends[layer->inputs[k]->index] && !step(walk, layer, k))
                return NULL;
    }
    return walk->gradients[walk->x->index];
}

static gan_layer *differentiate(const struct walk *walk, gan_layer *y)
{
    mark(walk, y);
    if (walk->depends[y->index])
        return walk_back(walk, y);
    return gan_graph_refuse(
        walk->graph, "input_gradient", NULL,
        gan_fail(GAN_ERROR_ARGUMENT, "layer \"%s\" does not influence \"%s\"", walk->x->name, y->name));
}

gan_layer *gan_input_gradient(gan_layer *y, gan_layer *x)
{
    if (y == NULL || x == NULL)
        return NULL;
    if (x->graph != y->graph || x->index >= y->index)
        return gan_graph_refuse(
            y->graph, "input_gradient", NULL,
            gan_fail(GAN_ERROR_ARGUMENT, "layer \"%s\" does not influence \"%s\"", x->name, y->name));
    gan_context *context = y->graph->context;
    const size_t count = (size_t)y->index + 1;
    struct walk walk = {.graph = y->graph, .x = x};
    walk.depends = gan_allocate_zeroed(context, count * sizeof *walk.depends);
    walk.gradients = gan_allocate_zeroed(context, count * sizeof *walk.gradients);
    gan_layer *gradient = NULL;
    if (walk.depends == NULL || walk.gradients == NULL)
        gan_graph_refuse(y->graph, "input_gradient", NULL, gan_fail_memory("lists of layers", count));
    else
        gradient = differentiate(&walk, y);
    gan_release(context, walk.depends);
    gan_release(context, walk.gradients);
    return gradient;
}
