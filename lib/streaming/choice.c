/* Which values wait in the file, and where; the others are computed again in the passes that read them. */
#include "graph/memory_plan.h"
#include "streaming/streaming.h"

#include "gan/streaming.h"

/* What weighs multiplications against bytes, and sums and the like against both. Fixed numbers, so that the
 * choice is the same everywhere: those of one core, but for files of half the speed that they have while the
 * system keeps them in memory, since large ones may not stay there. */
static const double multiplications_per_second = 5e10, bytes_per_second = 1e9, joins_per_second = 5e8;

static double bytes_of(const struct node *node)
{
    return (double)gan_shape_count(&node->shape) * (double)sizeof(float);
}

static double pixels_of(const struct shape *shape)
{
    return shape->rank == 4 ? (double)shape->size[1] * (double)shape->size[2] : 1;
}

/* A convolution of an enlarged picture is computed on the small one: 4 of 9 products are left. */
static double share_of_products(const struct network *network, const struct node *node)
{
    const gan_layer *before = gan_network_input(network, node, 0)->layer;
    const bool folded = node->layer->op->takes_upsample && before->op->upsample_factor != NULL &&
                        before->op->upsample_factor(before->attributes) == 2;
    return folded ? 4.0 / 9.0 : 1;
}

/* Each weight meets each pixel of the smaller side once. */
static double multiplications_of(const struct network *network, const struct node *node)
{
    const gan_layer *layer = node->layer;
    if (!node->streamed || layer->parameter_count == 0 || layer->input_count == 0 ||
        layer->parameters[0]->specification.shape.rank < 2)
        return 0;
    const double in = pixels_of(&gan_network_input(network, node, 0)->shape);
    const double out = pixels_of(&node->shape);
    return (in < out ? in : out) * (double)layer->parameters[0]->count * share_of_products(network, node);
}

/* Convolutions normalize and activate what they read as they go; what joins two pictures takes its own time.
 */
static double joins_of(const struct network *network, const struct node *node)
{
    int32_t streamed = 0;
    for (int32_t k = 0; k < node->layer->input_count; k++)
        streamed += gan_network_input(network, node, k)->streamed;
    return streamed > 1 ? (double)gan_shape_count(&node->shape) : 0;
}

static void add_pass(const struct network *network, int32_t pass, const bool *needed,
                     struct network_cost *cost)
{
    for (int32_t i = 0; i < network->count; i++) {
        const struct node *node = &network->nodes[i];
        if (!needed[i] || !node->streamed)
            continue;
        const bool source = gan_network_is_source(network, node, pass);
        if (!source) {
            cost->multiplications += multiplications_of(network, node);
            cost->joins += joins_of(network, node);
        }
        if (node->stored)
            cost->bytes += bytes_of(node);
    }
}

gan_status gan_network_cost(const struct network *network, struct network_cost *cost)
{
    gan_context *context = network->model->graph->context;
    bool *needed = gan_allocate_array(context, (size_t)network->count, sizeof *needed);
    if (needed == NULL)
        return gan_fail_memory("a list of layers", (size_t)network->count);
    *cost = (struct network_cost){0};
    for (int32_t pass = 0; pass < network->pass_count; pass++) {
        gan_network_mark(network, pass, needed);
        add_pass(network, pass, needed, cost);
    }
    gan_release(context, needed);
    return GAN_OK;
}

static gan_status seconds_of(const struct network *network, double *seconds)
{
    struct network_cost cost;
    const gan_status status = gan_network_cost(network, &cost);
    if (status == GAN_OK)
        *seconds = cost.multiplications / multiplications_per_second + cost.bytes / bytes_per_second +
                   cost.joins / joins_per_second;
    return status;
}

/* Give up storing one value after the other, as long as that saves time. */
static gan_status drop_what_costs(struct network *network)
{
    double best = 0, without = 0;
    gan_status status = seconds_of(network, &best);
    bool changed = true;
    while (status == GAN_OK && changed) {
        changed = false;
        for (int32_t i = 0; i < network->count && status == GAN_OK; i++) {
            struct node *node = &network->nodes[i];
            if (!node->stored)
                continue;
            node->stored = false;
            status = seconds_of(network, &without);
            if (status == GAN_OK && without <= best) {
                best = without;
                changed = true;
            } else {
                node->stored = true;
            }
        }
    }
    return status;
}

/* The last pass that reads each stored value; what none reads is not stored. */
static gan_status find_readers(struct network *network)
{
    gan_context *context = network->model->graph->context;
    bool *needed = gan_allocate_array(context, (size_t)network->count, sizeof *needed);
    if (needed == NULL)
        return gan_fail_memory("a list of layers", (size_t)network->count);
    for (int32_t pass = 0; pass < network->pass_count; pass++) {
        gan_network_mark(network, pass, needed);
        for (int32_t i = 0; i < network->count; i++)
            if (needed[i] && network->nodes[i].stored && network->nodes[i].level < pass)
                network->nodes[i].last_pass = pass;
    }
    for (int32_t i = 0; i < network->count; i++)
        network->nodes[i].stored = network->nodes[i].stored && network->nodes[i].last_pass >= 0;
    gan_release(context, needed);
    return GAN_OK;
}

static gan_status place(struct network *network, size_t *file_size)
{
    gan_context *context = network->model->graph->context;
    struct memory_block *blocks =
        gan_allocate_zeroed(context, (size_t)network->count * sizeof(struct memory_block));
    if (blocks == NULL)
        return gan_fail_memory("the plan of a file", (size_t)network->count * sizeof *blocks);
    for (int32_t i = 0; i < network->count; i++)
        if (network->nodes[i].stored)
            blocks[i] = (struct memory_block){.size = (size_t)bytes_of(&network->nodes[i]),
                                              .first = network->nodes[i].level,
                                              .last = network->nodes[i].last_pass};
    const gan_status status = gan_memory_plan(context, blocks, network->count, file_size);
    for (int32_t i = 0; i < network->count; i++)
        network->nodes[i].file_offset = blocks[i].offset;
    gan_release(context, blocks);
    return status;
}

gan_status gan_network_choose_stored(struct network *network, int32_t storage, size_t *file_size)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; i < network->count; i++)
        network->nodes[i].stored = network->nodes[i].crosses && storage != GAN_STREAM_STORE_NONE;
    if (storage == GAN_STREAM_STORE_AUTO)
        status = drop_what_costs(network);
    if (status == GAN_OK)
        status = find_readers(network);
    return status == GAN_OK ? place(network, file_size) : status;
}
