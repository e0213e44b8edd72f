/* The history of generated pictures: what goes in and what comes out, and its state. */
#include "base/suite.h"
#include "gan/gan.h"
#include "models/reference.h"
#include "training/image_pool.h"

#include <string.h>

static gan_tensor *batch(gan_context *context, int64_t count, int64_t width)
{
    gan_tensor *made;
    must(gan_tensor_create(&made, context, GAN_FLOAT32, (const int64_t[]){count, 2, width, 1}, 4));
    return made;
}

/* A picture that is `number` everywhere goes in; the number that comes out. */
static int exchange(gan_image_pool *pool, gan_tensor *picture, int number)
{
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        values[i] = (float)number;
    must(gan_image_pool_exchange(pool, picture, picture));
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        ck_assert(values[i] == values[0]);
    return (int)values[0];
}

/* Each picture comes out at most twice: at once while the pool fills, or when it leaves; half of the later
 * ones come out at once. */
START_TEST(half_of_the_pictures_are_old_ones)
{
    enum { CAPACITY = 10, ALL = 1010 };
    gan_context *context = reference_context();
    gan_image_pool *pool;
    must(gan_image_pool_create(&pool, context, CAPACITY, 3));
    gan_tensor *picture = batch(context, 1, 3);
    int given[ALL] = {0}, at_once = 0;
    for (int i = 0; i < ALL; i++) {
        const int out = exchange(pool, picture, i);
        ck_assert(out <= i && (i >= CAPACITY || out == i));
        ck_assert_int_le(++given[out], out < CAPACITY ? 2 : 1);
        at_once += i >= CAPACITY && out == i;
        ck_assert_int_eq(gan_image_pool_count(pool), i < CAPACITY ? i + 1 : CAPACITY);
    }
    ck_assert_msg(at_once > 440 && at_once < 560, "%d of 1000 came out at once", at_once);
    gan_tensor_free(picture);
    gan_image_pool_free(pool);
    gan_context_free(context);
}
END_TEST

START_TEST(a_batch_is_so_many_single_pictures)
{
    gan_context *context = reference_context();
    gan_image_pool *single, *whole;
    must(gan_image_pool_create(&single, context, 3, 9));
    must(gan_image_pool_create(&whole, context, 3, 9));
    gan_tensor *one = batch(context, 1, 4), *many = batch(context, 20, 4), *given = batch(context, 20, 4);
    for (int i = 0; i < 20 * 8; i++)
        ((float *)gan_tensor_data(many))[i] = (float)(i / 8);
    must(gan_image_pool_exchange(whole, many, given));
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(exchange(single, one, i), (int)((float *)gan_tensor_data(given))[8 * i]);
    gan_tensor_free(one);
    gan_tensor_free(many);
    gan_tensor_free(given);
    gan_image_pool_free(single);
    gan_image_pool_free(whole);
    gan_context_free(context);
}
END_TEST

START_TEST(a_restored_pool_goes_on_as_it_would_have)
{
    for (int before = 0; before < 40; before += 13) {
        gan_context *context = reference_context();
        gan_image_pool *pool, *restored;
        gan_tensors *state;
        gan_tensor *picture = batch(context, 1, 3);
        must(gan_image_pool_create(&pool, context, 20, 4));
        must(gan_image_pool_create(&restored, context, 20, 4));
        for (int i = 0; i < before; i++)
            exchange(pool, picture, i);
        must(gan_tensors_create(&state, context));
        must(gan_image_pool_store(pool, state, "pool"));
        exchange(restored, picture, 77);
        must(gan_image_pool_restore(restored, state, "pool"));
        for (int i = 0; i < 50; i++)
            ck_assert_int_eq(exchange(pool, picture, 100 + i), exchange(restored, picture, 100 + i));
        gan_tensor_free(picture);
        gan_tensors_free(state);
        gan_image_pool_free(pool);
        gan_image_pool_free(restored);
        gan_context_free(context);
    }
}
END_TEST

START_TEST(mistakes_are_named)
{
    gan_context *context = reference_context();
    gan_image_pool *pool, *smaller;
    gan_tensors *state;
    ck_assert_int_eq(gan_image_pool_create(&pool, context, -1, 0), GAN_ERROR_ARGUMENT);
    must(gan_image_pool_create(&pool, context, 4, 0));
    must(gan_image_pool_create(&smaller, context, 3, 0));
    gan_tensor *picture = batch(context, 4, 3), *other = batch(context, 4, 5);
    ck_assert_int_eq(gan_image_pool_exchange(pool, picture, other), GAN_ERROR_SHAPE);
    must(gan_image_pool_exchange(pool, picture, picture));
    ck_assert_int_eq(gan_image_pool_exchange(pool, other, other), GAN_ERROR_SHAPE);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "[4,2,5,1]"));
    must(gan_tensors_create(&state, context));
    must(gan_image_pool_store(pool, state, "pool"));
    ck_assert_int_eq(gan_image_pool_restore(smaller, state, "pool"), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "room for 3"));
    ck_assert_int_eq(gan_image_pool_restore(pool, state, "none"), GAN_ERROR_FORMAT);
    gan_image_pool *empty;
    must(gan_image_pool_create(&empty, context, 4, 0));
    must(gan_image_pool_settle(empty, other));
    ck_assert_int_eq(gan_image_pool_restore(empty, state, "pool"), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "not this pool's"));
    must(gan_image_pool_exchange(empty, other, other));
    gan_image_pool_free(empty);
    gan_tensors_free(state);
    gan_tensor_free(picture);
    gan_tensor_free(other);
    gan_image_pool_free(pool);
    must(gan_image_pool_create(&pool, context, 0, 0));
    picture = batch(context, 1, 3);
    ck_assert_int_eq(exchange(pool, picture, 5), 5);
    gan_tensor_free(picture);
    gan_image_pool_free(pool);
    gan_image_pool_free(smaller);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        half_of_the_pictures_are_old_ones,
        a_batch_is_so_many_single_pictures,
        a_restored_pool_goes_on_as_it_would_have,
        mistakes_are_named,
    };
    return run_suite("image_pool", tests, sizeof tests / sizeof tests[0]);
}
