/** Named tensors with words about them: what a safetensors file holds. Not to be changed while another thread
 * uses the same collection. */
#ifndef GAN_TENSORS_H
#define GAN_TENSORS_H

#include "gan/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_tensors gan_tensors;

/** A new, empty collection. Errors: ARGUMENT, OUT_OF_MEMORY; *out is then NULL. Since 0.1. */
GAN_API gan_status gan_tensors_create(gan_tensors **out, gan_context *context);

/** Free the collection and drop its holds on the tensors; NULL is a no-op. */
GAN_API void gan_tensors_free(gan_tensors *tensors);

/** Put a tensor at the end, under a name of UTF-8 that is new to the collection and not "__metadata__". The
 *  collection holds the tensor; its elements are not copied. Errors: ARGUMENT (NULL, empty, taken or
 *  reserved name, 65536 tensors already), OUT_OF_MEMORY. */
GAN_API gan_status gan_tensors_add(gan_tensors *tensors, const char *name, gan_tensor *tensor);

GAN_API int32_t gan_tensors_count(const gan_tensors *tensors);
/** Name and tensor number `index`, in the order of addition or of the file; borrowed, NULL where there is no
 *  such index. */
GAN_API const char *gan_tensors_name(const gan_tensors *tensors, int32_t index);
GAN_API const gan_tensor *gan_tensors_at(const gan_tensors *tensors, int32_t index);
/** Index of a name, or -1. */
GAN_API int32_t gan_tensors_find(const gan_tensors *tensors, const char *name);
/** A hold on the tensor of a name; drop it with gan_tensor_free. Errors: ARGUMENT, NOT_FOUND (names it). */
GAN_API gan_status gan_tensors_get(gan_tensor **out, const gan_tensors *tensors, const char *name);

/** Let saving write the float32 tensor number `index` as `type`: GAN_FLOAT32 (default) or GAN_FLOAT16, whose
 *  largest number is 65504. Errors: ARGUMENT (index or type), TYPE (the tensor is no float32). */
GAN_API gan_status gan_tensors_set_storage(gan_tensors *tensors, int32_t index, int32_t type);

/** Words under a key; value NULL removes the key. Both are UTF-8 and copied. Errors: ARGUMENT (NULL or empty
 *  key), OUT_OF_MEMORY. */
GAN_API gan_status gan_tensors_set_metadata(gan_tensors *tensors, const char *key, const char *value);
/** The words, or NULL where the key is not set; borrowed until the next change. */
GAN_API const char *gan_tensors_metadata(const gan_tensors *tensors, const char *key);
GAN_API int32_t gan_tensors_metadata_count(const gan_tensors *tensors);
/** Key number `index`; borrowed; NULL where there is no such index. */
GAN_API const char *gan_tensors_metadata_key(const gan_tensors *tensors, int32_t index);

/** Read a safetensors file. F32, F16, I32 and U8 are read as they are; BF16 and F64 become float32, I64
 *  becomes int32. The file is checked before memory is taken on its word. Errors: NOT_FOUND, IO, FORMAT (not
 *  what the format demands, or a number that does not fit), TYPE (another element type), UNSUPPORTED (more
 *  than six dimensions), OUT_OF_MEMORY; the message names file and tensor, and *out is NULL. Since 0.1. */
GAN_API gan_status gan_tensors_load(gan_tensors **out, gan_context *context, const char *path);

/** The same from a file's bytes in memory, which are copied; `name` is used in messages. */
GAN_API gan_status gan_tensors_decode(gan_tensors **out, gan_context *context, const void *bytes, size_t size,
                                      const char *name);

/** Write a safetensors file, which appears whole or not at all. The same collection gives the same bytes.
 *  Errors: IO (unwritable, disk full), NOT_FOUND (no such folder), OUT_OF_MEMORY, NOT_FINITE (a finite number
 *  that is beyond float16 and to be stored as such). Since 0.1. */
GAN_API gan_status gan_tensors_save(const gan_tensors *tensors, const char *path);

#ifdef __cplusplus
}
#endif
#endif
