/* Which rows of every value a band of a pass needs. */
#include "streaming/streaming.h"

#include <string.h>

gan_status gan_band_plan_create(struct band_plan *band, const struct network *network)
{
    gan_context *context = network->model->graph->context;
    const size_t size = (size_t)network->count * sizeof *band->nodes;
    band->nodes = gan_allocate_zeroed(context, size);
    band->attributes = gan_allocate_zeroed(context, network->attributes_size);
    if (band->nodes != NULL && band->attributes != NULL)
        return GAN_OK;
    gan_band_plan_free(band, network);
    return gan_fail_memory("the plan of a band", size);
}

void gan_band_plan_free(struct band_plan *band, const struct network *network)
{
    gan_release(network->model->graph->context, band->nodes);
    gan_release(network->model->graph->context, band->attributes);
    *band = (struct band_plan){NULL, NULL};
}

void gan_band_plan_copy(struct band_plan *to, const struct band_plan *from, const struct network *network)
{
    memcpy(to->nodes, from->nodes, (size_t)network->count * sizeof *to->nodes);
    memcpy(to->attributes, from->attributes, network->attributes_size);
}

static bool is_empty(struct row_range rows)
{
    return rows.first >= rows.last;
}

static void include(struct row_range *rows, struct row_range more)
{
    if (is_empty(more))
        return;
    if (is_empty(*rows)) {
        *rows = more;
        return;
    }
    rows->first = more.first < rows->first ? more.first : rows->first;
    rows->last = more.last > rows->last ? more.last : rows->last;
}

/* The same part of a picture of another height; neighbours stay neighbours. */
static int64_t scale(int64_t row, int64_t from, int64_t to)
{
    return from == to ? row : (row * to + from / 2) / from;
}

static const struct node *first_streamed(const struct network *network, const struct node *node)
{
    int32_t k = 0;
    while (!gan_network_input(network, node, k)->streamed)
        k++;
    return gan_network_input(network, node, k);
}

/* What the rows of node i take from its inputs. */
static gan_status demand_inputs(struct band_plan *band, const struct network *network, int32_t i)
{
    const struct node *node = &network->nodes[i];
    struct band_node *at = &band->nodes[i];
    unsigned char *attributes = band->attributes + node->attributes_offset;
    if (node->layer->op->attributes_size > 0)
        memcpy(attributes, node->layer->attributes, node->layer->op->attributes_size);
    struct band request = {.input = &first_streamed(network, node)->shape,
                           .output = &node->shape,
                           .wanted = at->rows,
                           .attributes = attributes};
    const gan_status status = node->layer->op->band(&request);
    if (status != GAN_OK)
        return gan_fail_within(status, "model \"%s\": %s \"%s\": ", network->model->name,
                               node->layer->op->name, node->layer->name);
    at->needs = request.needed;
    at->given = request.given;
    for (int32_t k = 0; k < node->layer->input_count; k++) {
        const struct node *input = gan_network_input(network, node, k);
        if (input->streamed)
            include(&band->nodes[input - network->nodes].rows, request.needed);
    }
    return GAN_OK;
}

static void begin(struct band_plan *band, const struct network *network, int32_t pass, const bool *needed,
                  struct row_range cut, int64_t cut_height)
{
    memset(band->attributes, 0, network->attributes_size);
    for (int32_t i = 0; i < network->count; i++) {
        const struct node *node = &network->nodes[i];
        struct band_node *at = &band->nodes[i];
        memset(at, 0, sizeof *at);
        at->needed = needed[i];
        if (!needed[i] || !node->streamed)
            continue;
        at->source = gan_network_is_source(network, node, pass);
        if (!gan_network_is_target(network, node, pass))
            continue;
        const int64_t height = node->shape.size[1];
        at->demand =
            (struct row_range){scale(cut.first, cut_height, height), scale(cut.last, cut_height, height)};
        at->target = !is_empty(at->demand);
        include(&at->rows, at->demand);
    }
}

gan_status gan_band_plan_fill(struct band_plan *band, const struct network *network, int32_t pass,
                              const bool *needed, struct row_range cut, int64_t cut_height)
{
    gan_status status = GAN_OK;
    begin(band, network, pass, needed, cut, cut_height);
    for (int32_t i = network->count - 1; status == GAN_OK && i >= 0; i--) {
        struct band_node *at = &band->nodes[i];
        if (!at->needed || !network->nodes[i].streamed)
            continue;
        at->needed = !is_empty(at->rows); /* a low picture may have no row in a narrow band */
        if (at->needed && !at->source)
            status = demand_inputs(band, network, i);
    }
    return status;
}

static bool same_distance(struct row_range a, struct row_range a_from, struct row_range b,
                          struct row_range b_from)
{
    return a.first - a_from.first == b.first - b_from.first && a.last - a_from.first == b.last - b_from.first;
}

/* What nobody computes has no rows given, and what is no target none demanded. */
static bool alike(const struct band_plan *a, const struct band_plan *b, const struct network *network,
                  int32_t i)
{
    const struct node *node = &network->nodes[i];
    const struct band_node *p = &a->nodes[i], *q = &b->nodes[i];
    const bool computed = p->needed && node->streamed && !p->source;
    if (p->needed != q->needed || p->target != q->target || p->source != q->source ||
        !same_distance(p->rows, p->rows, q->rows, q->rows) ||
        (computed && !same_distance(p->given, p->rows, q->given, q->rows)) ||
        (p->target && !same_distance(p->demand, p->rows, q->demand, q->rows)))
        return false;
    for (int32_t k = 0; computed && k < node->layer->input_count; k++) {
        const struct node *input = gan_network_input(network, node, k);
        const struct row_range p_rows = a->nodes[input - network->nodes].rows;
        const struct row_range q_rows = b->nodes[input - network->nodes].rows;
        if (input->streamed && !same_distance(p->needs, p_rows, q->needs, q_rows))
            return false;
    }
    return true;
}

bool gan_band_plan_alike(const struct band_plan *a, const struct band_plan *b, const struct network *network)
{
    for (int32_t i = 0; i < network->count; i++)
        if (!alike(a, b, network, i))
            return false;
    return memcmp(a->attributes, b->attributes, network->attributes_size) == 0;
}

static int64_t row_elements(const struct node *node)
{
    return node->shape.size[2] * node->shape.size[3];
}

static int64_t length(struct row_range rows)
{
    return rows.last - rows.first;
}

int64_t gan_band_plan_cropped(const struct band_plan *band, const struct network *network)
{
    int64_t cropped = 0;
    for (int32_t i = 0; i < network->count; i++) {
        const struct node *node = &network->nodes[i];
        const struct band_node *at = &band->nodes[i];
        if (!at->needed || !node->streamed || at->source)
            continue;
        if (length(at->given) != length(at->rows))
            cropped += length(at->rows) * row_elements(node);
        for (int32_t k = 0; k < node->layer->input_count; k++) {
            const struct node *input = gan_network_input(network, node, k);
            const struct band_node *from = &band->nodes[input - network->nodes];
            if (input->streamed && length(from->rows) != length(at->needs))
                cropped += length(at->needs) * row_elements(input);
        }
    }
    return cropped;
}
