/* A history of generated pictures. */
#include "training/image_pool.h"
#include "base/random.h"
#include "tensor/tensor.h"
#include "training/state_names.h"

#include <string.h>

enum { MOST_PICTURES = 100000 };

struct gan_image_pool {
    gan_context *context;
    int32_t capacity, count;
    uint64_t seed;
    int64_t queries;      /* pictures seen; each has a random stream of its own */
    gan_tensor *pictures; /* [capacity, ...]; NULL before the first */
};

gan_status gan_image_pool_create(gan_image_pool **out, gan_context *context, int32_t capacity, uint64_t seed)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_pool_create: out is NULL");
    *out = NULL;
    if (context == NULL || capacity < 0 || capacity > MOST_PICTURES)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "gan_image_pool_create: context is %sNULL, capacity %d, expected 0 to %d",
                        context == NULL ? "" : "not ", capacity, (int)MOST_PICTURES);
    gan_image_pool *pool = gan_allocate_zeroed(context, sizeof *pool);
    if (pool == NULL)
        return gan_fail_memory("an image pool", sizeof *pool);
    pool->context = gan_context_retain(context);
    pool->capacity = capacity;
    pool->seed = seed;
    *out = pool;
    return GAN_OK;
}

void gan_image_pool_free(gan_image_pool *pool)
{
    if (pool == NULL)
        return;
    gan_context *context = pool->context;
    gan_tensor_free(pool->pictures);
    gan_release(context, pool);
    gan_context_free(context);
}

int32_t gan_image_pool_count(const gan_image_pool *pool)
{
    return pool != NULL ? pool->count : 0;
}

/* Both are batches of pictures of one shape. */
static bool same_pictures(const gan_tensor *a, const gan_tensor *b)
{
    struct shape first = a->shape;
    if (first.rank > 0)
        first.size[0] = b->shape.size[0];
    return gan_shape_equal(&first, &b->shape);
}

static gan_status check(const gan_image_pool *pool, const gan_tensor *pictures, const gan_tensor *given)
{
    if (pool == NULL || pictures == NULL || given == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "an argument is NULL");
    if (pictures->type != GAN_FLOAT32 || given->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "expected tensors of float32");
    char first[SHAPE_TEXT_SIZE], second[SHAPE_TEXT_SIZE];
    if (pictures->shape.rank < 1 || !gan_shape_equal(&pictures->shape, &given->shape))
        return gan_fail(GAN_ERROR_SHAPE, "pictures is %s and given %s, expected one shape [N,...]",
                        gan_shape_text(&pictures->shape, first), gan_shape_text(&given->shape, second));
    if (pool->pictures != NULL && !same_pictures(pool->pictures, pictures))
        return gan_fail(GAN_ERROR_SHAPE, "pictures is %s, those in the pool %s",
                        gan_shape_text(&pictures->shape, first),
                        gan_shape_text(&pool->pictures->shape, second));
    return GAN_OK;
}

static gan_status make_room(gan_image_pool *pool, const gan_tensor *pictures)
{
    if (pool->pictures != NULL || pool->capacity == 0)
        return GAN_OK;
    struct shape shape = pictures->shape;
    shape.size[0] = pool->capacity;
    return gan_tensor_make(&pool->pictures, pool->context, GAN_FLOAT32, &shape);
}

gan_status gan_image_pool_settle(gan_image_pool *pool, const gan_tensor *batch)
{
    return make_room(pool, batch);
}

/* The picture of the pool that takes part, or -1. */
static int32_t choose(gan_image_pool *pool)
{
    struct random_stream random = {.seed = pool->seed, .stream = (uint64_t)pool->queries++};
    if (pool->count < pool->capacity)
        return pool->count;
    const bool exchanged = gan_random_uniform(&random) < 0.5f;
    const int64_t chosen = pool->capacity > 0 ? gan_random_below(&random, pool->capacity) : -1;
    return exchanged ? (int32_t)chosen : -1;
}

static void exchange(gan_image_pool *pool, const float *picture, float *given, int64_t each)
{
    const int32_t chosen = choose(pool);
    float *kept = chosen >= 0 ? (float *)pool->pictures->data + chosen * each : NULL;
    const bool fresh = chosen == pool->count && chosen >= 0;
    pool->count += fresh;
    for (int64_t i = 0; i < each; i++) {
        const float now = picture[i];
        given[i] = kept != NULL && !fresh ? kept[i] : now;
        if (kept != NULL)
            kept[i] = now;
    }
}

gan_status gan_image_pool_exchange(gan_image_pool *pool, const gan_tensor *pictures, gan_tensor *given)
{
    gan_status status = check(pool, pictures, given);
    if (status == GAN_OK)
        status = make_room(pool, pictures);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_image_pool_exchange: ");
    const int64_t count = pictures->shape.size[0], each = count > 0 ? gan_tensor_count(pictures) / count : 0;
    for (int64_t i = 0; i < count; i++)
        exchange(pool, (const float *)pictures->data + i * each, (float *)given->data + i * each, each);
    return GAN_OK;
}

gan_status gan_image_pool_store(const gan_image_pool *pool, gan_tensors *state, const char *prefix)
{
    if (pool == NULL || state == NULL || prefix == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_pool_store: an argument is NULL");
    gan_status status = gan_state_set_count(state, prefix, "queries", pool->queries);
    if (status == GAN_OK)
        status = gan_state_set_count(state, prefix, "count", pool->count);
    if (status == GAN_OK && pool->count > 0)
        status = gan_state_add_copy(state, prefix, "pictures", pool->pictures);
    return status;
}

static gan_status take_pictures(const gan_image_pool *pool, const gan_tensors *state, const char *prefix,
                                gan_tensor **copy)
{
    const gan_tensor *found;
    gan_status status = gan_state_find(state, prefix, "pictures", &found);
    if (status != GAN_OK)
        return status;
    char text[SHAPE_TEXT_SIZE];
    if (found->shape.rank < 1 || found->shape.size[0] != pool->capacity ||
        (pool->pictures != NULL && !same_pictures(pool->pictures, found)))
        return gan_fail(GAN_ERROR_FORMAT, "\"%s.pictures\" has the shape %s, which is not this pool's",
                        prefix, gan_shape_text(&found->shape, text));
    status = gan_tensor_make(copy, pool->context, GAN_FLOAT32, &found->shape);
    return status == GAN_OK ? gan_tensor_copy(*copy, found) : status;
}

gan_status gan_image_pool_restore(gan_image_pool *pool, const gan_tensors *state, const char *prefix)
{
    if (pool == NULL || state == NULL || prefix == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_pool_restore: an argument is NULL");
    int64_t queries = 0, count = 0;
    gan_tensor *pictures = NULL;
    gan_status status = gan_state_count(state, prefix, "queries", &queries);
    if (status == GAN_OK)
        status = gan_state_count(state, prefix, "count", &count);
    if (status == GAN_OK && count > pool->capacity)
        status = gan_fail(GAN_ERROR_FORMAT, "\"%s.count\" is %lld, this pool has room for %d", prefix,
                          (long long)count, pool->capacity);
    if (status == GAN_OK && count > 0)
        status = take_pictures(pool, state, prefix, &pictures);
    if (status != GAN_OK) {
        gan_tensor_free(pictures);
        return gan_fail_within(status, "gan_image_pool_restore: ");
    }
    if (pictures != NULL) {
        gan_tensor_free(pool->pictures);
        pool->pictures = pictures;
    }
    pool->queries = queries;
    pool->count = (int32_t)count;
    return GAN_OK;
}
