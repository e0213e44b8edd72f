/** Tensors: arrays of up to six dimensions, row-major. Pictures are [N, H, W, C]. */
#ifndef GAN_TENSOR_H
#define GAN_TENSOR_H

#include "gan/types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { GAN_MAX_RANK = 6 };

/** A new tensor filled with zeros. `type` is GAN_FLOAT32 ...; `shape` has `rank` sizes, each >= 0; rank 0 is
 *  one number. Errors: ARGUMENT (rank outside 0..6, unknown type), SHAPE (negative size, more than 2^47
 *  elements), OUT_OF_MEMORY; *out is then NULL. Since 0.1. */
GAN_API gan_status gan_tensor_create(gan_tensor **out, gan_context *context, int32_t type,
                                     const int64_t *shape, int32_t rank);

/** Called once when a wrapped tensor's memory is no longer needed. */
typedef void (*gan_release_function)(void *user);

/** A tensor over the caller's memory, not copied; row-major without gaps, aligned to its element.
 *  `release` (may be NULL) is called with `user` when the last hold is dropped; until then the memory must
 *  stay valid. Not called where this call fails. Errors as gan_tensor_create. Since 0.1. */
GAN_API gan_status gan_tensor_wrap(gan_tensor **out, gan_context *context, int32_t type, const int64_t *shape,
                                   int32_t rank, void *data, gan_release_function release, void *user);

/** Drop the caller's hold; NULL is a no-op. */
GAN_API void gan_tensor_free(gan_tensor *tensor);

/** One more hold on the tensor; drop it with gan_tensor_free. Returns its argument. */
GAN_API gan_tensor *gan_tensor_retain(gan_tensor *tensor);

GAN_API int32_t gan_tensor_type(const gan_tensor *tensor);
GAN_API int32_t gan_tensor_rank(const gan_tensor *tensor);
/** Size of dimension `axis`; 0 where there is no such axis. */
GAN_API int64_t gan_tensor_size(const gan_tensor *tensor, int32_t axis);
/** Number of elements. */
GAN_API int64_t gan_tensor_count(const gan_tensor *tensor);
/** The elements; valid while the tensor is held. NULL for NULL. */
GAN_API void *gan_tensor_data(gan_tensor *tensor);
GAN_API const void *gan_tensor_data_const(const gan_tensor *tensor);

/** Copy elements, converting between the types; shapes must be equal. float to integer rounds to nearest and
 *  clamps to the type's range; NaN becomes 0. */
GAN_API gan_status gan_tensor_copy(gan_tensor *to, const gan_tensor *from);

/** A new tensor with axes in another order: axis i of the result is axis order[i] of `from`.
 *  NCHW to NHWC is {0, 2, 3, 1}; OIHW to OHWI likewise. */
GAN_API gan_status gan_tensor_transpose(gan_tensor **out, const gan_tensor *from, const int32_t *order);

/** Fill with random numbers (GAN_FLOAT32 only); the values depend on seed alone. */
GAN_API gan_status gan_tensor_fill_normal(gan_tensor *tensor, uint64_t seed, float mean,
                                          float standard_deviation);
GAN_API gan_status gan_tensor_fill_uniform(gan_tensor *tensor, uint64_t seed, float low, float high);

/** Exchange by DLPack (https://dmlc.github.io/dlpack, version 0.8: struct DLManagedTensor), without a copy.
 *  Export: *managed is a DLManagedTensor * whose deleter drops its hold on the tensor.
 *  Import: takes over the caller's DLManagedTensor * (calls its deleter in the end) where it succeeds; CPU
 *  memory, row-major without gaps, only. Errors: TYPE, UNSUPPORTED (other devices or strides). */
GAN_API gan_status gan_tensor_to_dlpack(gan_tensor *tensor, void **managed);
GAN_API gan_status gan_tensor_from_dlpack(gan_tensor **out, gan_context *context, void *managed);

#ifdef __cplusplus
}
#endif
#endif
