/* Names that the user gives to layers after they are made. */
#include "graph/graph.h"

#include <string.h>

static gan_status check_name(const gan_layer *layer, const char *name)
{
    const gan_graph *graph = layer->graph;
    if (name == NULL || name[0] == '\0' || strlen(name) > MOST_NAME_LENGTH)
        return gan_fail(GAN_ERROR_ARGUMENT, "the new name is %s, expected 1 to %d bytes",
                        name == NULL      ? "NULL"
                        : name[0] == '\0' ? "empty"
                                          : "too long",
                        MOST_NAME_LENGTH);
    if (layer->in_model)
        return gan_fail(GAN_ERROR_STATE, "a model has this layer already, it cannot become \"%s\"", name);
    for (int32_t i = 0; i < graph->layer_count; i++)
        if (graph->layers[i] != layer && strcmp(graph->layers[i]->name, name) == 0)
            return gan_fail(GAN_ERROR_ARGUMENT, "the graph has another layer called \"%s\"", name);
    return GAN_OK;
}

gan_layer *gan_layer_set_name(gan_layer *layer, const char *name)
{
    if (layer == NULL || layer->graph->status != GAN_OK)
        return NULL;
    gan_graph *graph = layer->graph;
    gan_status status = check_name(layer, name);
    char *copy = status == GAN_OK ? gan_copy_string(graph->context, name) : NULL;
    if (status == GAN_OK && copy == NULL)
        status = gan_fail_memory("a layer's name", strlen(name) + 1);
    if (status != GAN_OK)
        return gan_graph_refuse(graph, layer->op->name, layer->name, status);
    gan_release(graph->context, layer->name);
    layer->name = copy;
    return layer;
}
