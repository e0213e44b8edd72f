/* Inside of graphs and layers. */
#ifndef GAN_GRAPH_GRAPH_H
#define GAN_GRAPH_GRAPH_H

#include "gan/graph.h"
#include "graph/op.h"
#include "graph/parameter.h"

enum { MOST_NAME_LENGTH = 255 };

struct gan_layer {
    gan_graph *graph;
    const struct gan_op *op;
    char *name;
    void *attributes; /* op->attributes_size bytes */
    int32_t index;    /* position in the graph: inputs stand before their users */
    int32_t input_count;
    gan_layer **inputs;
    int32_t parameter_count;
    struct parameter *parameters[GAN_MAX_PARAMETERS];
    struct shape shape; /* sizes may be open */
    int32_t statistics; /* GAN_STATISTICS_* */
    gan_tensor *value;  /* of a constant */
    bool in_model;      /* its name is settled */
};

struct gan_graph {
    atomic_int references;
    gan_context *context;
    gan_layer **layers;
    int32_t layer_count, layer_capacity;
    gan_status status;
    char message[1024];
};

gan_graph *gan_graph_retain(gan_graph *graph);

/* What a builder asks the graph for. Attributes are copied; parameters are given as specifications. */
struct layer_request {
    const struct gan_op *op;
    const void *attributes;
    const char *name; /* NULL: op->name with a number */
    gan_layer *const *inputs;
    int32_t input_count;
    const struct parameter_specification *parameters;
    int32_t parameter_count;
};

/* Add a layer. NULL where an input is NULL or from another graph, where the shapes do not fit, or where
 * memory is out; the graph keeps the first error. */
gan_layer *gan_graph_add(gan_graph *graph, const struct layer_request *request);

/* For builders: the common case of one input and no parameters. */
gan_layer *gan_add_simple(gan_layer *x, const struct gan_op *op, const void *attributes);

/* For builders that find their options at fault: record and return NULL. `op_name` and `name` (may be NULL)
 * go before the message. */
gan_layer *gan_graph_refuse(gan_graph *graph, const char *op_name, const char *name, gan_status status);

/* A copy of `layer` in `graph`: same op, attributes and parameters, other inputs. */
gan_layer *gan_graph_add_copy(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                              const char *name, int32_t statistics);

/* The same with another op that takes the same parameters, and its attributes. */
gan_layer *gan_graph_add_variant(gan_graph *graph, const gan_layer *layer, const struct gan_op *op,
                                 const void *attributes, gan_layer *const *inputs);

extern const struct gan_op gan_op_input, gan_op_constant, gan_op_stop_gradient;

/* The op of that name, or NULL (lib/layers/table.c). */
const struct gan_op *gan_op_find(const char *name);

#endif
