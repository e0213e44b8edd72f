/* Reading published weights: a file's tensors, each taken once into a parameter of a model. */
#ifndef GAN_MODELS_IMPORT_H
#define GAN_MODELS_IMPORT_H

#include "base/status.h"
#include "gan/networks.h"
#include "gan/tensors.h"

#include <stdbool.h>

/* How the axes of a convolution's weights are ordered. Transposed convolutions have in and out exchanged,
 * here as there, so the same order of axes serves them. */
enum import_layout {
    IMPORT_CHANNELS_FIRST, /* PyTorch: out, in, height, width */
    IMPORT_CHANNELS_LAST   /* TensorFlow: height, width, in, out */
};

struct import {
    gan_context *context;
    const char *architecture;
    gan_tensors *tensors;
    bool *taken; /* per tensor */
    enum import_layout layout;
    gan_model *model;
    int32_t next; /* parameter of the model that the next tensor goes to */
};

/* Shape of a tensor; false where there is none of that name and rank. */
bool gan_import_shape(const struct import *import, const char *name, int32_t rank, int64_t *sizes);
int64_t gan_import_element_count(const struct import *import);

/* Put the tensor into parameter import->next + offset of the model. Errors: FORMAT (missing or misshapen: the
 * message names it), NOT_FINITE, OUT_OF_MEMORY. */
gan_status gan_import_take(struct import *import, const char *name, int32_t offset);

/* Weight and bias of a module, "<module><separator>weight"; import->next moves behind them. */
gan_status gan_import_take_pair(struct import *import, const char *module, const char *separator);

/* Architectures: whether the names are theirs; make import->model and fill it. */
bool gan_import_is_fns(const struct import *import);
gan_status gan_import_fns(struct import *import);
bool gan_import_is_johnson(const struct import *import);
gan_status gan_import_johnson(struct import *import);
bool gan_import_is_microast(const struct import *import);
gan_status gan_import_microast(struct import *import);
bool gan_import_is_squeezenet(const struct import *import);
gan_status gan_import_squeezenet(struct import *import);
bool gan_import_is_vgg19(const struct import *import);
gan_status gan_import_vgg19(struct import *import);
bool gan_import_is_vgg19_decoder(const struct import *import);
gan_status gan_import_vgg19_decoder(struct import *import);

#endif
