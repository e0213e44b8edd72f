/* The safetensors format: eight bytes with the header's length, little-endian; the header, a JSON object that
 * gives type, shape and range of bytes of each name; then the elements, without holes between them. */
#ifndef GAN_FORMATS_SAFETENSORS_H
#define GAN_FORMATS_SAFETENSORS_H

#include "formats/json_read.h"
#include "formats/tensors.h"

enum { PREFIX_SIZE = 8, MOST_HEADER = 100 << 20 };

/* An element type of the format and what it becomes here. */
struct stored_type {
    const char *name;
    size_t size;
    int32_t type;
    /* NULL: the bytes are the elements. Returns the index of the first element that does not fit, or -1. */
    int64_t (*convert)(const void *from, int64_t count, void *to);
};

/* The reading type of a name in the header, such as "BF16"; NULL where there is none. */
const struct stored_type *gan_stored_type(const struct json *json, int32_t value);
/* The name under which a GAN_* type is written. */
const char *gan_stored_name(int32_t type);

struct stored_tensor {
    int32_t key; /* its name in the header */
    const struct stored_type *type;
    struct shape shape;
    uint64_t begin, end;
    gan_tensor *tensor;
};

/* One entry of the header. `data_size` is the number of bytes after the header. */
gan_status gan_stored_tensor_read(struct stored_tensor *stored, const struct json *json, int32_t key,
                                  uint64_t data_size);

#endif
