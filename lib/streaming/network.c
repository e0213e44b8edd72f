#include "streaming/streaming.h"

#include <inttypes.h>

struct node *gan_network_input(const struct network *network, const struct node *node, int32_t k)
{
    return &network->nodes[network->node_of_layer[node->layer->inputs[k]->index]];
}

static bool is_input(const struct node *node)
{
    return node->layer->op == &gan_op_input;
}

/* ---- Shapes ---- */

static gan_status infer(const struct network *network, struct node *node)
{
    const gan_layer *layer = node->layer;
    gan_context *context = network->model->graph->context;
    const size_t count = (size_t)layer->input_count;
    struct shape *shapes = gan_allocate_array(context, count, sizeof *shapes), checked;
    if (shapes == NULL)
        return gan_fail_memory("shapes", count * sizeof *shapes);
    for (int32_t k = 0; k < layer->input_count; k++)
        shapes[k] = gan_network_input(network, node, k)->shape;
    gan_status status = layer->op->infer(layer->attributes, shapes, layer->input_count, &node->shape);
    if (status == GAN_OK)
        status = gan_shape_take(&checked, node->shape.size, node->shape.rank, 0);
    gan_release(context, shapes);
    return status;
}

/* ---- Which layers have rows of the picture ---- */

/* A normalization gives a picture; what sums one up does not. */
static bool keeps_rows(const struct node *node)
{
    return !node->barrier || node->layer->op->band != NULL;
}

static bool reads_streamed(const struct network *network, const struct node *node)
{
    for (int32_t k = 0; k < node->layer->input_count; k++)
        if (gan_network_input(network, node, k)->streamed)
            return true;
    return false;
}

static bool must_measure(const struct network *network, const struct node *node)
{
    const gan_layer *layer = node->layer;
    const bool running = layer->op->has_running_statistics && layer->statistics != GAN_STATISTICS_BATCH;
    return layer->op->measures != 0 && !running && layer->input_count > 0 &&
           gan_network_input(network, node, 0)->streamed;
}

/* All inputs that have rows have as many; others have one, which is stretched, or are no pictures. */
static gan_status check_inputs(const struct network *network, const struct node *node)
{
    const struct node *first = NULL;
    for (int32_t k = 0; k < node->layer->input_count; k++) {
        const struct node *input = gan_network_input(network, node, k);
        if (input->streamed && node->barrier && k > 0)
            return gan_fail(GAN_ERROR_UNSUPPORTED,
                            "it is steered by \"%s\", which has to be computed in bands", input->layer->name);
        if (!input->streamed && !node->barrier && input->shape.rank == 4 && input->shape.size[1] != 1)
            return gan_fail(GAN_ERROR_UNSUPPORTED, "it joins bands with all rows of \"%s\"",
                            input->layer->name);
        if (!input->streamed)
            continue;
        if (first != NULL && first->shape.size[1] != input->shape.size[1])
            return gan_fail(GAN_ERROR_UNSUPPORTED, "\"%s\" has %" PRId64 " rows and \"%s\" %" PRId64,
                            first->layer->name, first->shape.size[1], input->layer->name,
                            input->shape.size[1]);
        first = input;
    }
    return GAN_OK;
}

static gan_status classify(const struct network *network, struct node *node)
{
    node->streamed = is_input(node);
    if (is_input(node) || !reads_streamed(network, node))
        return GAN_OK;
    node->barrier = must_measure(network, node);
    node->streamed = keeps_rows(node);
    if (node->streamed && node->layer->op->band == NULL)
        return gan_fail(
            GAN_ERROR_UNSUPPORTED,
            "its rows do not follow from some rows of its input, so that it cannot be computed in bands");
    return check_inputs(network, node);
}

static void find_level(const struct network *network, struct node *node, bool known)
{
    for (int32_t k = 0; k < node->layer->input_count; k++) {
        const struct node *input = gan_network_input(network, node, k);
        const int32_t level = input->level + (node->barrier && k == 0 && !known ? 1 : 0);
        node->level = level > node->level ? level : node->level;
    }
    if (node->barrier)
        gan_network_input(network, node, 0)->measures |= node->layer->op->measures;
}

static gan_status add_node(struct network *network, const gan_layer *layer, const struct shape *picture,
                           bool known)
{
    struct node *node = &network->nodes[network->count];
    *node = (struct node){.layer = layer, .last_pass = -1, .attributes_offset = network->attributes_size};
    network->node_of_layer[layer->index] = network->count++;
    network->attributes_size += (layer->op->attributes_size + 15) / 16 * 16;
    gan_status status = GAN_OK;
    if (is_input(node))
        node->shape = *picture;
    else
        status = infer(network, node);
    if (status == GAN_OK)
        status = classify(network, node);
    if (status == GAN_OK)
        find_level(network, node, known);
    return status == GAN_OK ? status : gan_fail_within(status, "%s \"%s\": ", layer->op->name, layer->name);
}

static void mark_crossing(struct network *network)
{
    for (int32_t i = 0; i < network->count; i++)
        for (int32_t k = 0; k < network->nodes[i].layer->input_count; k++) {
            struct node *input = gan_network_input(network, &network->nodes[i], k);
            if (input->streamed && !is_input(input) && network->nodes[i].streamed &&
                network->nodes[i].level > input->level)
                input->crosses = true;
        }
}

static gan_status make_measurement(gan_context *context, struct node *node)
{
    const int64_t channels = node->shape.size[3];
    struct measurement *measured = &node->measured;
    measured->channels = channels;
    measured->count = gan_allocate_zeroed(context, (size_t)channels * sizeof(double));
    measured->mean = gan_allocate_zeroed(context, (size_t)channels * sizeof(double));
    measured->square = gan_allocate_zeroed(context, (size_t)channels * sizeof(double));
    measured->largest = gan_allocate_zeroed(context, (size_t)channels * sizeof(float));
    return measured->count != NULL && measured->mean != NULL && measured->square != NULL &&
                   measured->largest != NULL
               ? GAN_OK
               : gan_fail_memory("a measurement", (size_t)channels * sizeof(double));
}

static gan_status check_ends(const struct network *network)
{
    const gan_model *model = network->model;
    const struct node *output = &network->nodes[network->output];
    if (model->input_count != 1 || model->output_count != 1)
        return gan_fail(GAN_ERROR_UNSUPPORTED,
                        "it has %" PRId32 " inputs and %" PRId32
                        " outputs, expected one picture in and one out",
                        model->input_count, model->output_count);
    if (!output->streamed || output->shape.rank != 4 || is_input(output))
        return gan_fail(GAN_ERROR_UNSUPPORTED, "its output \"%s\" is no picture made of its input",
                        output->layer->name);
    return GAN_OK;
}

static gan_status allocate(struct network *network)
{
    const gan_model *model = network->model;
    gan_context *context = model->graph->context;
    const size_t layers = (size_t)model->graph->layer_count, count = (size_t)model->layer_count;
    network->nodes = gan_allocate_array(context, count, sizeof *network->nodes);
    network->node_of_layer = gan_allocate_array(context, layers, sizeof *network->node_of_layer);
    return network->nodes != NULL && network->node_of_layer != NULL
               ? GAN_OK
               : gan_fail_memory("a streamed network", count * sizeof *network->nodes);
}

static gan_status fill(struct network *network, int64_t height, int64_t width, bool known)
{
    const gan_model *model = network->model;
    const int64_t channels = model->inputs[0]->shape.rank == 4 ? model->inputs[0]->shape.size[3] : -1;
    const struct shape picture = gan_shape_4(1, height, width, channels);
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < model->layer_count; i++)
        status = add_node(network, model->layers[i], &picture, known);
    if (status != GAN_OK)
        return status;
    network->output = network->node_of_layer[model->outputs[0]->index];
    network->pass_count = network->nodes[network->output].level + 1;
    mark_crossing(network);
    for (int32_t i = 0; status == GAN_OK && i < network->count; i++)
        if (network->nodes[i].measures != 0)
            status = make_measurement(model->graph->context, &network->nodes[i]);
    return status == GAN_OK ? check_ends(network) : status;
}

gan_status gan_network_create(struct network *network, gan_model *model, int64_t height, int64_t width,
                              bool known)
{
    *network = (struct network){.model = model};
    gan_status status = allocate(network);
    if (status == GAN_OK)
        status = fill(network, height, width, known);
    if (status != GAN_OK)
        gan_network_free(network);
    return status == GAN_OK ? status : gan_fail_within(status, "model \"%s\": ", model->name);
}

void gan_network_free(struct network *network)
{
    if (network->model == NULL)
        return;
    gan_context *context = network->model->graph->context;
    for (int32_t i = 0; i < network->count; i++) {
        gan_release(context, network->nodes[i].measured.count);
        gan_release(context, network->nodes[i].measured.mean);
        gan_release(context, network->nodes[i].measured.square);
        gan_release(context, network->nodes[i].measured.largest);
    }
    gan_release(context, network->nodes);
    gan_release(context, network->node_of_layer);
    *network = (struct network){0};
}

/* ---- Passes ---- */

bool gan_network_is_source(const struct network *network, const struct node *node, int32_t pass)
{
    (void)network;
    return is_input(node) || (node->stored && node->level < pass);
}

/* With all known beforehand, nothing is measured. */
static bool is_measured(const struct network *network, const struct node *node, int32_t pass)
{
    return node->measures != 0 && node->level == pass && pass < network->pass_count - 1;
}

bool gan_network_is_target(const struct network *network, const struct node *node, int32_t pass)
{
    const bool is_result = node == &network->nodes[network->output] && pass == network->pass_count - 1;
    return is_result || is_measured(network, node, pass) || (node->stored && node->level == pass);
}

void gan_network_mark(const struct network *network, int32_t pass, bool *needed)
{
    for (int32_t i = 0; i < network->count; i++)
        needed[i] = gan_network_is_target(network, &network->nodes[i], pass);
    for (int32_t i = network->count - 1; i >= 0; i--) {
        const struct node *node = &network->nodes[i];
        if (!needed[i] || gan_network_is_source(network, node, pass) || (node->barrier && !node->streamed))
            continue;
        for (int32_t k = 0; k < node->layer->input_count; k++)
            needed[gan_network_input(network, node, k) - network->nodes] = true;
    }
}
