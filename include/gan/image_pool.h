/** A history of generated pictures for the discriminator (Shrivastava et al. 2017; CycleGAN keeps 50). */
#ifndef GAN_IMAGE_POOL_H
#define GAN_IMAGE_POOL_H

#include "gan/tensors.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_image_pool gan_image_pool;

/** `capacity` pictures (0: each is given back as it is), draws from `seed`. Errors: ARGUMENT, OUT_OF_MEMORY.
 * Since 0.1. */
GAN_API gan_status gan_image_pool_create(gan_image_pool **out, gan_context *context, int32_t capacity,
                                         uint64_t seed);
GAN_API void gan_image_pool_free(gan_image_pool *pool);

/** For each picture of `pictures` [N, ...]: while there is room it is kept and given back; then with
 * probability 1/2 one from the pool is given back, and the new one takes its place, or it is given back as it
 * is. `given` has the same shape and may be the same tensor. The first call settles the shape of a picture.
 * Errors: ARGUMENT, TYPE, SHAPE, OUT_OF_MEMORY. */
GAN_API gan_status gan_image_pool_exchange(gan_image_pool *pool, const gan_tensor *pictures,
                                           gan_tensor *given);
GAN_API int32_t gan_image_pool_count(const gan_image_pool *pool);

/** Put the state into a collection (tensor "<prefix>.pictures" [capacity, ...], where there are any, and
 * metadata "<prefix>.count" and "<prefix>.queries"), and take it from there: what is drawn then is what would
 * have been. Errors of restoring: FORMAT (also of another shape than the pictures that the pool has had),
 * OUT_OF_MEMORY; the pool is then as it was. */
GAN_API gan_status gan_image_pool_store(const gan_image_pool *pool, gan_tensors *state, const char *prefix);
GAN_API gan_status gan_image_pool_restore(gan_image_pool *pool, const gan_tensors *state, const char *prefix);

#ifdef __cplusplus
}
#endif
#endif
