/* Inside of a collection of named tensors. */
#ifndef GAN_FORMATS_TENSORS_H
#define GAN_FORMATS_TENSORS_H

#include "gan/tensors.h"
#include "tensor/tensor.h"

enum { MOST_TENSORS = 65536 };

struct named_tensor {
    char *name;
    gan_tensor *tensor;
    int32_t storage; /* the type in a file */
};

struct metadata {
    char *key, *value;
};

struct gan_tensors {
    gan_context *context;
    struct named_tensor *entries;
    int32_t count, capacity;
    struct metadata *metadata;
    int32_t metadata_count, metadata_capacity;
};

/* Add without looking whether the name or key is there already. Take over name, tensor, key and value, also
 * where they fail. Error: OUT_OF_MEMORY. */
gan_status gan_tensors_append(gan_tensors *tensors, char *name, gan_tensor *tensor);
gan_status gan_tensors_append_metadata(gan_tensors *tensors, char *key, char *value);

#endif
