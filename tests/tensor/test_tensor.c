/* Tensors: making, copying between types, transposing, DLPack. */
#include "base/suite.h"
#include "tensor/exchanged.h"
#include "tensor/tensor.h"

#include <math.h>
#include <string.h>

static gan_context *context;

static void begin(void)
{
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
}

static gan_tensor *make(int32_t type, const int64_t *shape, int32_t rank)
{
    gan_tensor *tensor;
    ck_assert_int_eq(gan_tensor_create(&tensor, context, type, shape, rank), GAN_OK);
    return tensor;
}

START_TEST(new_tensors_are_zero_and_aligned)
{
    begin();
    gan_tensor *tensor = make(GAN_FLOAT32, (int64_t[]){2, 3, 5}, 3);
    const float *values = gan_tensor_data(tensor);
    ck_assert_uint_eq((uintptr_t)values % 64, 0);
    ck_assert_int_eq(gan_tensor_count(tensor), 30);
    for (int i = 0; i < 30; i++)
        ck_assert(values[i] == 0.0f);
    ck_assert_int_eq(gan_tensor_size(tensor, 2), 5);
    ck_assert_int_eq(gan_tensor_size(tensor, 3), 0);
    ck_assert_int_eq(gan_tensor_size(tensor, -1), 0);
    gan_context_free(context); /* the tensor keeps it */
    ck_assert_ptr_eq(gan_tensor_retain(tensor), tensor);
    gan_tensor_free(tensor);
    gan_tensor_free(tensor);
    gan_tensor_free(NULL);
    ck_assert_ptr_null(gan_tensor_data(NULL));
}
END_TEST

START_TEST(impossible_tensors_are_refused)
{
    begin();
    gan_tensor *tensor;
    const int64_t negative[] = {2, -1}, huge[] = {1 << 24, 1 << 24}, fine[] = {1};
    float value;
    ck_assert_int_eq(gan_tensor_create(&tensor, context, GAN_FLOAT32, negative, 2), GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_tensor_create(&tensor, context, GAN_FLOAT32, huge, 2), GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_tensor_create(&tensor, context, GAN_FLOAT32, fine, 7), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_tensor_create(&tensor, context, 4, fine, 1), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_tensor_create(&tensor, NULL, GAN_FLOAT32, fine, 1), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_tensor_create(NULL, context, GAN_FLOAT32, fine, 1), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_tensor_wrap(&tensor, context, GAN_FLOAT32, fine, 1, NULL, NULL, NULL),
                     GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_tensor_wrap(&tensor, context, GAN_FLOAT32, fine, 1, (char *)&value + 1, NULL, NULL),
                     GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(tensor);
    gan_context_free(context);
}
END_TEST

static void count_release(void *user)
{
    ++*(int *)user;
}

START_TEST(wrapped_memory_is_released_once)
{
    begin();
    float values[4] = {1, 2, 3, 4};
    int released = 0;
    gan_tensor *tensor;
    ck_assert_int_eq(gan_tensor_wrap(&tensor, context, GAN_FLOAT32, (int64_t[]){2, 2}, 2, values,
                                     count_release, &released),
                     GAN_OK);
    ck_assert_ptr_eq(gan_tensor_data(tensor), values);
    gan_tensor_retain(tensor);
    gan_tensor_free(tensor);
    ck_assert_int_eq(released, 0);
    gan_tensor_free(tensor);
    ck_assert_int_eq(released, 1);
    gan_context_free(context);
}
END_TEST

START_TEST(copies_convert_round_and_clamp)
{
    begin();
    const float given[] = {0.5f, 1.5f, -0.6f, 255.4f, 1e10f, -1e10f, NAN, INFINITY};
    const int32_t integers[] = {0, 2, -1, 255, INT32_MAX, INT32_MIN, 0, INT32_MAX};
    const uint8_t bytes[] = {0, 2, 0, 255, 255, 0, 0, 255};
    const int64_t shape[] = {8};
    gan_tensor *from = make(GAN_FLOAT32, shape, 1);
    gan_tensor *to[] = {make(GAN_INT32, shape, 1), make(GAN_UINT8, shape, 1), make(GAN_FLOAT32, shape, 1)};
    memcpy(gan_tensor_data(from), given, sizeof given);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(gan_tensor_copy(to[i], from), GAN_OK);
    ck_assert_mem_eq(gan_tensor_data(to[0]), integers, sizeof integers);
    ck_assert_mem_eq(gan_tensor_data(to[1]), bytes, sizeof bytes);
    ck_assert_mem_eq(gan_tensor_data(to[2]), given, sizeof given);
    ck_assert_int_eq(gan_tensor_copy(to[1], to[0]), GAN_OK);
    ck_assert_mem_eq(gan_tensor_data(to[1]), bytes, sizeof bytes);
    gan_tensor *other = make(GAN_FLOAT32, (int64_t[]){2, 4}, 2);
    ck_assert_int_eq(gan_tensor_copy(other, from), GAN_ERROR_SHAPE);
    gan_tensor_free(other);
    gan_tensor_free(from);
    for (int i = 0; i < 3; i++)
        gan_tensor_free(to[i]);
    gan_context_free(context);
}
END_TEST

START_TEST(long_copies_reach_the_end)
{
    begin();
    const int64_t shape[] = {100001};
    gan_tensor *from = make(GAN_INT32, shape, 1), *half = make(GAN_FLOAT16, shape, 1);
    gan_tensor *to = make(GAN_INT32, shape, 1);
    int32_t *values = gan_tensor_data(from);
    for (int32_t i = 0; i < shape[0]; i++)
        values[i] = i % 2049;
    ck_assert_int_eq(gan_tensor_copy(half, from), GAN_OK);
    ck_assert_int_eq(gan_tensor_copy(to, half), GAN_OK);
    ck_assert_mem_eq(gan_tensor_data(to), values, 100001 * 4);
    gan_tensor_free(from);
    gan_tensor_free(half);
    gan_tensor_free(to);
    gan_context_free(context);
}
END_TEST

START_TEST(transposing_moves_every_element)
{
    begin();
    for (int32_t type = GAN_FLOAT32; type <= GAN_UINT8; type++) {
        gan_tensor *from = make(type, (int64_t[]){2, 3, 4, 5}, 4), *to;
        const size_t size = gan_type_size(type);
        unsigned char *bytes = gan_tensor_data(from);
        for (size_t i = 0; i < 120 * size; i++)
            bytes[i] = (unsigned char)(i * 7);
        ck_assert_int_eq(gan_tensor_transpose(&to, from, (int32_t[]){0, 2, 3, 1}), GAN_OK);
        const unsigned char *moved = gan_tensor_data(to);
        for (size_t i = 0; i < 120; i++) {
            const size_t c = i % 3, x = i / 3 % 5, y = i / 15 % 4, n = i / 60;
            ck_assert_int_eq(memcmp(moved + i * size, bytes + (((n * 3 + c) * 4 + y) * 5 + x) * size, size),
                             0);
        }
        ck_assert_int_eq(gan_tensor_size(to, 3), 3);
        gan_tensor_free(to);
        ck_assert_int_eq(gan_tensor_transpose(&to, from, (int32_t[]){0, 2, 2, 1}), GAN_ERROR_ARGUMENT);
        ck_assert_int_eq(gan_tensor_transpose(&to, from, (int32_t[]){0, 2, 4, 1}), GAN_ERROR_ARGUMENT);
        gan_tensor_free(from);
    }
    gan_tensor *scalar = make(GAN_FLOAT32, NULL, 0), *empty = make(GAN_FLOAT32, (int64_t[]){3, 0}, 2), *to;
    ck_assert_int_eq(gan_tensor_transpose(&to, scalar, NULL), GAN_OK);
    gan_tensor_free(to);
    ck_assert_int_eq(gan_tensor_transpose(&to, empty, (int32_t[]){1, 0}), GAN_OK);
    gan_tensor_free(to);
    gan_tensor_free(scalar);
    gan_tensor_free(empty);
    gan_context_free(context);
}
END_TEST

START_TEST(halves_go_to_float_and_back)
{
    for (uint32_t half = 0; half < 65536; half++) {
        const float value = gan_half_to_float((uint16_t)half);
        const uint16_t back = gan_half_from_float(value);
        if (isnan(value))
            ck_assert_uint_eq(back, half | 0x200u);
        else
            ck_assert_uint_eq(back, half);
    }
    ck_assert(gan_half_to_float(0x3555) == 0.333251953125f);
}
END_TEST

/* Between each two neighbours lies a value that is a tie, and goes to the even one. */
START_TEST(halves_round_to_nearest_even)
{
    for (uint32_t half = 0; half < 0x7BFF; half++) {
        const float low = gan_half_to_float((uint16_t)half), high = gan_half_to_float((uint16_t)(half + 1));
        const float middle = (low + high) / 2.0f;
        ck_assert_uint_eq(gan_half_from_float(middle), half % 2 == 0 ? half : half + 1);
        ck_assert_uint_eq(gan_half_from_float(nextafterf(middle, 0.0f)), half);
        ck_assert_uint_eq(gan_half_from_float(nextafterf(-middle, -1e9f)), 0x8000u + half + 1);
    }
    ck_assert_uint_eq(gan_half_from_float(65519.996f), 0x7BFF);
    ck_assert_uint_eq(gan_half_from_float(65520.0f), 0x7C00);
    ck_assert_uint_eq(gan_half_from_float(-1e30f), 0xFC00);
}
END_TEST

START_TEST(random_fills_depend_on_the_seed_alone)
{
    begin();
    gan_tensor *a = make(GAN_FLOAT32, (int64_t[]){1000}, 1), *b = make(GAN_FLOAT32, (int64_t[]){10, 100}, 2);
    ck_assert_int_eq(gan_tensor_fill_normal(a, 3, 1.0f, 2.0f), GAN_OK);
    ck_assert_int_eq(gan_tensor_fill_normal(b, 3, 1.0f, 2.0f), GAN_OK);
    ck_assert_mem_eq(gan_tensor_data(a), gan_tensor_data(b), 4000);
    ck_assert_int_eq(gan_tensor_fill_uniform(b, 4, -1.0f, 1.0f), GAN_OK);
    const float *values = gan_tensor_data(b);
    for (int i = 0; i < 1000; i++)
        ck_assert(values[i] >= -1.0f && values[i] < 1.0f);
    gan_tensor *bytes = make(GAN_UINT8, (int64_t[]){4}, 1);
    ck_assert_int_eq(gan_tensor_fill_uniform(bytes, 4, 0.0f, 1.0f), GAN_ERROR_TYPE);
    gan_tensor_free(a);
    gan_tensor_free(b);
    gan_tensor_free(bytes);
    gan_context_free(context);
}
END_TEST

START_TEST(dlpack_goes_out_and_in_without_a_copy)
{
    begin();
    gan_tensor *tensor = make(GAN_FLOAT32, (int64_t[]){2, 3}, 2), *back;
    void *managed;
    ck_assert_int_eq(gan_tensor_to_dlpack(tensor, &managed), GAN_OK);
    const struct exchanged *view = managed;
    ck_assert_ptr_eq(view->data, gan_tensor_data(tensor));
    ck_assert_int_eq(view->code, 2);
    ck_assert_int_eq(view->bits, 32);
    ck_assert_int_eq(view->strides[0], 3);
    gan_tensor_free(tensor);
    ck_assert_int_eq(gan_tensor_from_dlpack(&back, context, managed), GAN_OK);
    ck_assert_ptr_eq(gan_tensor_data(back), view->data);
    ck_assert_int_eq(gan_tensor_size(back, 1), 3);
    gan_tensor_free(back);
    gan_context_free(context);
}
END_TEST

static int deleted;

static void delete_exchanged(struct exchanged *self)
{
    (void)self;
    deleted++;
}

START_TEST(dlpack_of_others_is_checked)
{
    begin();
    float values[8] = {0};
    int64_t shape[] = {2, 1, 2}, strides[] = {2, 99, 1};
    gan_tensor *tensor;
    struct exchanged given = {values, 1, 0, 3, 2, 32, 1, shape, strides, 16, NULL, delete_exchanged};
    ck_assert_int_eq(gan_tensor_from_dlpack(&tensor, context, &given), GAN_OK);
    ck_assert_ptr_eq(gan_tensor_data(tensor), values + 4);
    gan_tensor_free(tensor);
    ck_assert_int_eq(deleted, 1);
    strides[0] = 4;
    ck_assert_int_eq(gan_tensor_from_dlpack(&tensor, context, &given), GAN_ERROR_UNSUPPORTED);
    given.strides = NULL;
    given.device_type = 2;
    ck_assert_int_eq(gan_tensor_from_dlpack(&tensor, context, &given), GAN_ERROR_UNSUPPORTED);
    given.device_type = 1;
    given.bits = 64;
    ck_assert_int_eq(gan_tensor_from_dlpack(&tensor, context, &given), GAN_ERROR_TYPE);
    given.bits = 32;
    given.rank = 7;
    ck_assert_int_eq(gan_tensor_from_dlpack(&tensor, context, &given), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(deleted, 1);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        new_tensors_are_zero_and_aligned,
        impossible_tensors_are_refused,
        wrapped_memory_is_released_once,
        copies_convert_round_and_clamp,
        long_copies_reach_the_end,
        transposing_moves_every_element,
        halves_go_to_float_and_back,
        halves_round_to_nearest_even,
        random_fills_depend_on_the_seed_alone,
        dlpack_goes_out_and_in_without_a_copy,
        dlpack_of_others_is_checked,
    };
    return run_suite("tensor", tests, sizeof tests / sizeof tests[0]);
}
