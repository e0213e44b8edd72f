/** Building networks: every call takes layers and returns a layer, as in Keras' functional interface.
 *
 *  Errors stick to the graph. A builder that is given NULL, or that fails, returns NULL; the first error
 * comes back when a model is made (or from gan_graph_status), so a chain needs one check. A graph owns its
 * layers. Sizes may be open (-1): they are settled when a session or an objective is made. Threads: one
 * thread at a time per graph. */
#ifndef GAN_GRAPH_H
#define GAN_GRAPH_H

#include "gan/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An empty graph; retains the context. Errors: ARGUMENT, OUT_OF_MEMORY. Since 0.1. */
GAN_API gan_status gan_graph_create(gan_graph **out, gan_context *context);

/** Drop the caller's hold. Models made from the graph keep what they need; the caller's gan_layer pointers
 *  into it are not valid any more. NULL is a no-op. */
GAN_API void gan_graph_free(gan_graph *graph);

/** The first error of any builder on this graph (its words become gan_error_message), or GAN_OK. */
GAN_API gan_status gan_graph_status(const gan_graph *graph);

/** An input. `shape` has `rank` sizes, -1 where open: [-1, -1, -1, 3] takes any batch of RGB pictures.
 *  `name` is copied; NULL: "input", "input_1", ... */
GAN_API gan_layer *gan_input(gan_graph *graph, const char *name, const int64_t *shape, int32_t rank);

/** A fixed array (GAN_FLOAT32, copied), without gradient. */
GAN_API gan_layer *gan_constant(gan_graph *graph, const char *name, const gan_tensor *value);

/** `layer` as it is, but gradients stop here. */
GAN_API gan_layer *gan_stop_gradient(gan_layer *layer);

/** Give a layer a name of its own; what pointwise layers are called decides what an output is called, such as
 *  "relu1_1". `name` is copied. Returns `layer`. As with builders, errors stick to the graph and give NULL:
 *  ARGUMENT (NULL, empty, above 255 bytes, taken by another layer), STATE (a model has the layer already,
 * whose parameters are called by its name), OUT_OF_MEMORY. Since 0.1. */
GAN_API gan_layer *gan_layer_set_name(gan_layer *layer, const char *name);

/** Queries. Names are unique in a graph. gan_layer_shape writes up to GAN_MAX_RANK sizes (-1 where open) and
 *  returns the rank; -1 for NULL. */
GAN_API const char *gan_layer_name(const gan_layer *layer);
GAN_API const char *gan_layer_kind(const gan_layer *layer);
GAN_API int32_t gan_layer_shape(const gan_layer *layer, int64_t *sizes);
GAN_API gan_graph *gan_layer_graph(const gan_layer *layer);

#ifdef __cplusplus
}
#endif
#endif
