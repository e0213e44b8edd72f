/** Models: named inputs, outputs and parameters. Applied to a layer, a model is a layer. */
#ifndef GAN_MODEL_H
#define GAN_MODEL_H

#include "gan/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A model that computes `outputs` from `inputs`, layers of one graph. Parameters reached for the first time
 *  are allocated and initialized from the context's seed; those that another model of the graph (or an
 *  applied model) has already are shared with it. Every gan_input that an output needs must be among the
 *  inputs. Errors: the graph's first error; ARGUMENT; OUT_OF_MEMORY; *out is then NULL. Since 0.1. */
GAN_API gan_status gan_model_create(gan_model **out, const char *name, gan_layer *const *inputs,
                                    int32_t input_count, gan_layer *const *outputs, int32_t output_count);

/** Drop the caller's hold; sessions, objectives and graphs that use the model keep it. NULL is a no-op. */
GAN_API void gan_model_free(gan_model *model);

GAN_API const char *gan_model_name(const gan_model *model);
GAN_API int32_t gan_model_input_count(const gan_model *model);
GAN_API int32_t gan_model_output_count(const gan_model *model);
/** Name and shape (-1 where open) of an input or output; borrowed; NULL / -1 where there is none. */
GAN_API const char *gan_model_input_name(const gan_model *model, int32_t index);
GAN_API const char *gan_model_output_name(const gan_model *model, int32_t index);
GAN_API int32_t gan_model_input_shape(const gan_model *model, int32_t index, int64_t *sizes);
GAN_API int32_t gan_model_output_shape(const gan_model *model, int32_t index, int64_t *sizes);

/** One layer more: the model applied to `x`; parameters are shared. For a model with one input and one
 *  output. NULL model or layer: NULL. */
GAN_API gan_layer *gan_apply(gan_model *model, gan_layer *x);

typedef struct gan_apply_options {
    size_t struct_size;
    int32_t statistics; /**< GAN_STATISTICS_*: of the batch norms inside, for this application */
} gan_apply_options;

/** The same for any number of inputs and outputs; `outputs` receives gan_model_output_count layers (all NULL
 *  where it fails). `options` may be NULL. Returns the graph's status. */
GAN_API gan_status gan_apply_many(gan_model *model, gan_layer *const *inputs, int32_t input_count,
                                  gan_layer **outputs, int32_t output_count,
                                  const gan_apply_options *options);

/** Parameters, in the order in which the layers were built, running statistics included. */
GAN_API int32_t gan_model_parameter_count(const gan_model *model);
GAN_API const char *gan_model_parameter_name(const gan_model *model, int32_t index);
/** Index of a parameter by name, or -1. */
GAN_API int32_t gan_model_parameter_find(const gan_model *model, const char *name);
GAN_API int32_t gan_model_parameter_shape(const gan_model *model, int32_t index, int64_t *sizes);
/** 1 where training changes it by gradient, 0 for running statistics. */
GAN_API int32_t gan_model_parameter_trainable(const gan_model *model, int32_t index);
/** Total number of elements. */
GAN_API int64_t gan_model_element_count(const gan_model *model);

/** Read or write one parameter as a tensor of its shape; copies. Not while a session or objective that uses
 *  the model runs. Errors: ARGUMENT (index), SHAPE, TYPE, NOT_FINITE (set only). */
GAN_API gan_status gan_model_get_parameter(const gan_model *model, int32_t index, gan_tensor **out);
GAN_API gan_status gan_model_set_parameter(gan_model *model, int32_t index, const gan_tensor *value);

/** Draw all parameters anew from their layers' initializers. The values depend on the seed and the model
 * alone, not on what the context has made before. Errors: ARGUMENT (the model is NULL). Since 0.1. */
GAN_API gan_status gan_model_initialize(gan_model *model, uint64_t seed);

/** Copy all parameters between models with the same list of shapes. */
GAN_API gan_status gan_model_copy_parameters(gan_model *to, const gan_model *from);

/** Keras' `trainable`: whether objectives made from now on may change the parameters. Default 1. */
GAN_API void gan_model_set_trainable(gan_model *model, int32_t trainable);
GAN_API int32_t gan_model_trainable(const gan_model *model);

/** Free words that travel with the model ("method", "input_range", ...). Value NULL removes the key.
 *  gan_model_metadata returns NULL where the key is not set; borrowed until the next change. */
GAN_API gan_status gan_model_set_metadata(gan_model *model, const char *key, const char *value);
GAN_API const char *gan_model_metadata(const gan_model *model, const char *key);

enum { GAN_STORE_FLOAT32 = 0, GAN_STORE_FLOAT16 = 1 };

/** Write graph, parameters and metadata as one safetensors file, whole or not at all; `storage` is
 *  GAN_STORE_*. Errors: IO, OUT_OF_MEMORY, ARGUMENT. Since 0.1. */
GAN_API gan_status gan_model_save(const gan_model *model, const char *path, int32_t storage);

/** Read what gan_model_save wrote. Errors: NOT_FOUND, IO, FORMAT (each says what was expected), SHAPE. */
GAN_API gan_status gan_model_load(gan_model **out, gan_context *context, const char *path);

#ifdef __cplusplus
}
#endif
#endif
