/* A band of a pass as a small network of its own, with the real padding at the top and bottom of the picture
 * alone. */
#include "gan/layers.h"
#include "graph/session.h"
#include "layers/measure.h"
#include "streaming/streaming.h"
#include "tensor/tensor.h"

/* A graph being made. */
struct building {
    struct network *network;
    const struct band_plan *band;
    int32_t pass;
    gan_graph *graph;
    gan_layer **copies;          /* by node */
    gan_layer **inputs, **roots; /* with room for all nodes, and twice that */
    struct band_session *session;
};

static gan_layer *crop_rows(gan_layer *x, struct row_range from, struct row_range to)
{
    if (from.first == to.first && from.last == to.last)
        return x;
    return gan_crop(x, (int32_t)(to.first - from.first), 0, (int32_t)(from.last - to.last), 0);
}

static gan_layer *add_source(struct building *building, int32_t i)
{
    const struct node *node = &building->network->nodes[i];
    const struct row_range rows = building->band->nodes[i].rows;
    const int64_t shape[4] = {1, rows.last - rows.first, node->shape.size[2], node->shape.size[3]};
    gan_layer *input = gan_input(building->graph, node->layer->name, shape, 4);
    building->inputs[building->session->input_count] = input;
    building->session->inputs[building->session->input_count++] = i;
    return input;
}

static void collect_inputs(const struct building *building, int32_t i, gan_layer **inputs)
{
    const struct network *network = building->network;
    const struct node *node = &network->nodes[i];
    for (int32_t k = 0; k < node->layer->input_count; k++) {
        const struct node *input = gan_network_input(network, node, k);
        const int32_t index = (int32_t)(input - network->nodes);
        const bool summed_up = node->barrier && !node->streamed; /* its input is not looked at again */
        inputs[k] = summed_up ? NULL : building->copies[index];
        if (input->streamed && inputs[k] != NULL)
            inputs[k] =
                crop_rows(inputs[k], building->band->nodes[index].rows, building->band->nodes[i].needs);
    }
}

static gan_layer *add_layer(struct building *building, int32_t i, gan_layer *const *inputs)
{
    const struct node *node = &building->network->nodes[i];
    const gan_layer *layer = node->layer;
    if (node->barrier)
        return layer->op->settle(building->graph, layer, inputs,
                                 &gan_network_input(building->network, node, 0)->measured);
    if (node->streamed)
        return gan_graph_add_variant(building->graph, layer, layer->op,
                                     building->band->attributes + node->attributes_offset, inputs);
    return gan_graph_add_copy(building->graph, layer, inputs, layer->name, layer->statistics);
}

static gan_layer *add_node(struct building *building, int32_t i)
{
    const struct node *node = &building->network->nodes[i];
    const struct band_node *at = &building->band->nodes[i];
    if (at->source)
        return add_source(building, i);
    gan_context *context = building->graph->context;
    const size_t size = ((size_t)node->layer->input_count + 1) * sizeof(gan_layer *);
    gan_layer **inputs = gan_allocate_zeroed(context, size);
    if (inputs == NULL)
        return gan_graph_refuse(building->graph, node->layer->op->name, node->layer->name,
                                gan_fail_memory("a layer's inputs", size));
    collect_inputs(building, i, inputs);
    gan_layer *layer = add_layer(building, i, inputs);
    gan_release(context, inputs);
    return layer != NULL && node->streamed ? crop_rows(layer, at->given, at->rows) : layer;
}

/* What comes out of a target: its rows, a measurement, or both. */
static void add_roots(struct building *building, int32_t i)
{
    struct network *network = building->network;
    struct node *node = &network->nodes[i];
    const struct band_node *at = &building->band->nodes[i];
    struct band_session *session = building->session;
    const bool result = i == network->output && building->pass == network->pass_count - 1;
    if (result || (node->stored && node->level == building->pass)) {
        building->roots[session->output_count] = building->copies[i];
        session->outputs[session->output_count++] = i;
    }
    if (node->measures != 0 && node->level == building->pass && building->pass < network->pass_count - 1) {
        gan_layer *counted = crop_rows(building->copies[i], at->rows, at->demand);
        building->roots[session->output_count] = gan_add_measure(counted, node->measures, &node->measured);
        session->outputs[session->output_count++] = -1;
    }
}

static gan_status build(struct building *building, gan_model **model)
{
    const struct network *network = building->network;
    for (int32_t i = 0; i < network->count; i++) {
        const struct band_node *at = &building->band->nodes[i];
        if (!at->needed)
            continue;
        building->copies[i] = add_node(building, i);
        if (building->copies[i] == NULL)
            return gan_graph_status(building->graph);
        if (at->target)
            add_roots(building, i);
    }
    return gan_model_create(model, network->model->name, building->inputs, building->session->input_count,
                            building->roots, building->session->output_count);
}

static gan_status build_in_graph(struct building *building, gan_model **model)
{
    gan_context *context = building->network->model->graph->context;
    const size_t count = (size_t)building->network->count;
    building->copies = gan_allocate_zeroed(context, count * sizeof(gan_layer *));
    building->inputs = gan_allocate_zeroed(context, count * sizeof(gan_layer *));
    building->roots = gan_allocate_zeroed(context, 2 * count * sizeof(gan_layer *));
    gan_status status = gan_graph_create(&building->graph, context);
    if (status == GAN_OK && (building->copies == NULL || building->inputs == NULL || building->roots == NULL))
        status = gan_fail_memory("a band's layers", count * sizeof(gan_layer *));
    if (status == GAN_OK)
        status = build(building, model);
    gan_graph_free(building->graph);
    gan_release(context, building->copies);
    gan_release(context, building->inputs);
    gan_release(context, building->roots);
    return status;
}

static gan_status compile(struct band_session *session, gan_model *model, int32_t precision, bool unplaced)
{
    gan_context *context = model->graph->context;
    const gan_session_options options = {.struct_size = sizeof options, .precision = precision};
    int64_t *shapes = gan_allocate_array(context, (size_t)model->input_count * 4, sizeof *shapes);
    if (shapes == NULL)
        return gan_fail_memory("shapes", (size_t)model->input_count * 4 * sizeof *shapes);
    for (int32_t i = 0; i < model->input_count; i++)
        gan_shape_give(&model->inputs[i]->shape, shapes + 4 * i);
    const gan_status status = unplaced
                                  ? gan_session_create_unplaced(&session->session, model, shapes, &options)
                                  : gan_session_create(&session->session, model, shapes, &options);
    gan_release(context, shapes);
    return status;
}

static gan_status allocate(struct band_session *session, const struct network *network)
{
    gan_context *context = network->model->graph->context;
    const size_t count = (size_t)network->count;
    session->inputs = gan_allocate_zeroed(context, count * sizeof *session->inputs);
    session->outputs = gan_allocate_zeroed(context, 2 * count * sizeof *session->outputs);
    session->input_tensors = gan_allocate_zeroed(context, count * sizeof(gan_tensor *));
    session->output_tensors = gan_allocate_zeroed(context, 2 * count * sizeof(gan_tensor *));
    return session->inputs != NULL && session->outputs != NULL && session->input_tensors != NULL &&
                   session->output_tensors != NULL
               ? GAN_OK
               : gan_fail_memory("a band's session", count * sizeof(gan_tensor *));
}

gan_status gan_band_session_create(struct band_session *session, struct network *network,
                                   const struct band_plan *band, int32_t pass, int32_t precision,
                                   bool unplaced)
{
    *session = (struct band_session){0};
    struct building building = {.network = network, .band = band, .pass = pass, .session = session};
    gan_model *model = NULL;
    gan_status status = allocate(session, network);
    if (status == GAN_OK)
        status = build_in_graph(&building, &model);
    if (status == GAN_OK)
        status = compile(session, model, precision, unplaced);
    gan_model_free(model);
    if (status != GAN_OK)
        gan_band_session_free(session, network);
    return status;
}

static gan_status make_tensor(gan_tensor **tensor, const gan_layer *layer)
{
    return gan_tensor_make(tensor, layer->graph->context, GAN_FLOAT32, &layer->shape);
}

gan_status gan_band_session_prepare(struct band_session *session)
{
    const gan_model *model = session->session->model;
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < session->input_count; i++)
        status = make_tensor(&session->input_tensors[i], model->inputs[i]);
    for (int32_t i = 0; status == GAN_OK && i < session->output_count; i++)
        if (session->outputs[i] >= 0)
            status = make_tensor(&session->output_tensors[i], model->outputs[i]);
    return status;
}

void gan_band_session_free(struct band_session *session, const struct network *network)
{
    gan_context *context = network->model->graph->context;
    for (int32_t i = 0; session->input_tensors != NULL && i < session->input_count; i++)
        gan_tensor_free(session->input_tensors[i]);
    for (int32_t i = 0; session->output_tensors != NULL && i < session->output_count; i++)
        gan_tensor_free(session->output_tensors[i]);
    gan_session_free(session->session);
    gan_release(context, session->inputs);
    gan_release(context, session->outputs);
    gan_release(context, session->input_tensors);
    gan_release(context, session->output_tensors);
    *session = (struct band_session){0};
}

static int64_t bytes_of(const gan_layer *layer)
{
    return gan_shape_count(&layer->shape) * (int64_t)sizeof(float);
}

int64_t gan_band_session_memory(const struct band_session *session)
{
    const gan_model *model = session->session->model;
    int64_t memory = gan_session_memory(session->session);
    for (int32_t i = 0; i < model->input_count; i++)
        memory += bytes_of(model->inputs[i]);
    for (int32_t i = 0; i < model->output_count; i++)
        memory += bytes_of(model->outputs[i]);
    return memory;
}

double gan_band_session_multiplications(const struct band_session *session)
{
    double sum = 0;
    for (int32_t i = 0; i < gan_session_step_count(session->session); i++) {
        gan_step_information step = {.struct_size = sizeof step};
        if (gan_session_step(session->session, i, &step) == GAN_OK)
            sum += step.multiplications;
    }
    return sum;
}

gan_status gan_band_session_run(struct band_session *session)
{
    return gan_session_run(session->session, (const gan_tensor *const *)session->input_tensors,
                           session->input_count, session->output_tensors, session->output_count);
}
