/* Model files: parameters as tensors, and in the metadata the graph as JSON:
 *
 *   { "name": "johnson", "trainable": true, "inputs": [0], "outputs": [7], "layers": [
 *       { "op": "input", "name": "input", "attributes": {...} },
 *       { "op": "conv2d", "name": "conv1", "inputs": [0], "attributes": {...},
 *         "parameters": ["conv1.weight", "conv1.bias"] }, ... ] }
 *
 * Layers refer to layers before them by number. Attributes are the fields of the op's table, all of them. A
 * parameter that several layers share has the name that its first layer gives it. The value of a constant is
 * the tensor "<name>.value"; "statistics" is there where it is not 0. */
#ifndef GAN_GRAPH_MODEL_FILE_H
#define GAN_GRAPH_MODEL_FILE_H

#include "formats/json_read.h"
#include "formats/tensors.h"
#include "graph/model.h"

#define MODEL_FILE_FORMAT "1"
#define MODEL_KEY_PREFIX "libgan."
#define MODEL_KEY_FORMAT "libgan.format"
#define MODEL_KEY_VERSION "libgan.version"
#define MODEL_KEY_GRAPH "libgan.graph"

enum { MODEL_FILE_MOST_LAYERS = 8192, MODEL_FILE_NAME_SIZE = 320 };

/* "<layer>.<suffix>". */
void gan_model_tensor_name(char name[MODEL_FILE_NAME_SIZE], const gan_layer *layer, const char *suffix);

/* Fill `attributes` (zeroed, op->attributes_size bytes) from a JSON object that has each field of the op, and
 * nothing else. Errors: FORMAT. */
gan_status gan_attributes_read(const struct json *json, int32_t object, const struct gan_op *op,
                               void *attributes);

/* A model as what its file holds, and back. The tensors made show the parameters' own memory, so the model
 * must outlive them. `name` begins messages. */
gan_status gan_model_to_tensors(gan_tensors **out, const gan_model *model, int32_t storage);
gan_status gan_model_from_tensors(gan_model **out, const gan_tensors *tensors, const char *name);

/* The graph of a model as JSON, to be released. Errors: UNSUPPORTED (too many layers), OUT_OF_MEMORY,
 * NOT_FINITE (an attribute). */
gan_status gan_model_graph_text(const gan_model *model, char **text);

/* A graph read from JSON. */
struct graph_reader {
    gan_context *context;
    struct json json;
    bool open;
    gan_graph *graph;
    gan_layer **layers;
    int32_t layer_count;
    struct model_parameter *parameters; /* each once; the layers hold them */
    int32_t parameter_count;
};

/* Build all layers that the text describes; constants have no value yet. To be closed in any case. Errors:
 * FORMAT, ARGUMENT and SHAPE (of a layer that cannot be), OUT_OF_MEMORY. */
gan_status gan_graph_reader_open(struct graph_reader *reader, gan_context *context, const char *text);
void gan_graph_reader_close(struct graph_reader *reader);

/* The layers whose numbers stand in the array `key` of an object. *layers is to be released in any case. */
gan_status gan_graph_reader_list(const struct graph_reader *reader, int32_t object, const char *key,
                                 gan_layer ***layers, int32_t *count);

/* What one layer's JSON object says; to be released in any case. */
struct layer_text {
    const struct gan_op *op;
    char *name;
    void *attributes;
    gan_layer **inputs;
    int32_t input_count;
    int64_t statistics;
};
gan_status gan_layer_text_read(const struct graph_reader *reader, int32_t object, struct layer_text *text);
void gan_layer_text_release(gan_context *context, struct layer_text *text);

#endif
