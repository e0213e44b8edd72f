/* Inside of models. */
#ifndef GAN_GRAPH_MODEL_H
#define GAN_GRAPH_MODEL_H

#include "gan/model.h"
#include "graph/graph.h"

struct metadata_entry {
    char *key, *value;
};

struct model_parameter {
    char *name; /* "<layer>.<suffix>" */
    struct parameter *parameter;
};

struct gan_model {
    atomic_int references;
    gan_graph *graph;
    char *name;
    gan_layer **inputs, **outputs;
    int32_t input_count, output_count;
    gan_layer **layers; /* all that the outputs need, inputs before users */
    int32_t layer_count;
    struct model_parameter *parameters;
    int32_t parameter_count;
    int32_t trainable;
    struct metadata_entry *metadata;
    int32_t metadata_count;
};

gan_model *gan_model_retain(gan_model *model);

/* The words of another model, and whether it may be trained. */
gan_status gan_model_copy_metadata(gan_model *to, const gan_model *from);

/* The layers that `roots` need, in graph order. */
gan_status gan_layers_reachable(gan_graph *graph, gan_layer *const *roots, int32_t root_count,
                                gan_layer ***layers, int32_t *layer_count);

/* All layers of `layers` that are inputs are among `inputs`. */
gan_status gan_layers_check_inputs(gan_layer *const *layers, int32_t layer_count, gan_layer *const *inputs,
                                   int32_t input_count);

#endif
