/* The moving average of parameters, and its state. */
#include "base/suite.h"
#include "gan/gan.h"
#include "models/reference.h"

#include <math.h>
#include <string.h>

struct rig {
    gan_context *context;
    gan_model *model, *copy;
};

static struct rig make_rig(void)
{
    struct rig rig = {.context = reference_context()};
    const gan_dcgan_options options = {.struct_size = sizeof options, .size = 28, .width = 2, .noise = 3};
    must(gan_dcgan_generator_create(&rig.model, rig.context, &options));
    must(gan_dcgan_generator_create(&rig.copy, rig.context, &options));
    return rig;
}

static void free_rig(struct rig *rig)
{
    gan_model_free(rig->model);
    gan_model_free(rig->copy);
    gan_context_free(rig->context);
}

/* All numbers of all parameters. */
static void set_all(gan_model *model, float value)
{
    for (int32_t i = 0; i < gan_model_parameter_count(model); i++) {
        gan_tensor *tensor;
        must(gan_model_get_parameter(model, i, &tensor));
        for (int64_t k = 0; k < gan_tensor_count(tensor); k++)
            ((float *)gan_tensor_data(tensor))[k] = value;
        must(gan_model_set_parameter(model, i, tensor));
        gan_tensor_free(tensor);
    }
}

static void expect_all(const gan_model *model, double learned, double statistic)
{
    for (int32_t i = 0; i < gan_model_parameter_count(model); i++) {
        const double expected = gan_model_parameter_trainable(model, i) ? learned : statistic;
        gan_tensor *tensor;
        must(gan_model_get_parameter(model, i, &tensor));
        for (int64_t k = 0; k < gan_tensor_count(tensor); k++)
            ck_assert_double_eq_tol((double)((float *)gan_tensor_data(tensor))[k], expected, 1e-6);
        gan_tensor_free(tensor);
    }
}

START_TEST(the_plain_average_begins_with_the_start)
{
    struct rig rig = make_rig();
    gan_average *average;
    const gan_average_options options = {.struct_size = sizeof options, .decay = 0.75f};
    set_all(rig.model, 8);
    must(gan_average_create(&average, rig.model, &options));
    for (int i = 0; i < 2; i++) {
        set_all(rig.model, (float)(i + 1));
        must(gan_average_update(average));
    }
    must(gan_average_apply(average, rig.copy));
    expect_all(rig.copy, 0.75 * (0.75 * 8 + 0.25 * 1) + 0.25 * 2, 2);
    expect_all(rig.model, 2, 2);
    ck_assert_int_eq(gan_average_updates(average), 2);
    gan_average_free(average);
    free_rig(&rig);
}
END_TEST

START_TEST(a_short_memory_grows_to_the_decay)
{
    struct rig rig = make_rig();
    gan_average *average;
    gan_average_options options = {.struct_size = sizeof options, .decay = 0.15f, .short_at_first = 1};
    set_all(rig.model, 4);
    must(gan_average_create(&average, rig.model, &options));
    double expected = 4;
    for (int i = 0; i < 3; i++) {
        static const double kept[] = {1.0 / 10, 0.15, 0.15}; /* 2/11 and 3/12 are more */
        set_all(rig.model, (float)(i + 1));
        must(gan_average_update(average));
        expected = kept[i] * expected + (1 - kept[i]) * (i + 1);
        must(gan_average_apply(average, rig.copy));
        expect_all(rig.copy, expected, i + 1);
    }
    gan_average_free(average);
    options.bias_corrected = 1;
    ck_assert_int_eq(gan_average_create(&average, rig.model, &options), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(average);
    free_rig(&rig);
}
END_TEST

START_TEST(the_corrected_average_forgets_the_start)
{
    struct rig rig = make_rig();
    gan_average *average;
    const gan_average_options options = {.struct_size = sizeof options, .decay = 0.9f, .bias_corrected = 1};
    set_all(rig.model, 100);
    must(gan_average_create(&average, rig.model, &options));
    double sum = 0, weight = 0;
    for (int i = 0; i < 7; i++) {
        set_all(rig.model, (float)(i * i));
        must(gan_average_update(average));
        sum = 0.9 * sum + 0.1 * i * i;
        weight = 0.9 * weight + 0.1;
    }
    must(gan_average_apply(average, rig.copy));
    const double expected = sum / weight;
    gan_tensor *first;
    must(gan_model_get_parameter(rig.copy, 0, &first));
    ck_assert_double_eq_tol((double)*(float *)gan_tensor_data(first), expected, 1e-4);
    gan_tensor_free(first);
    gan_average_free(average);
    free_rig(&rig);
}
END_TEST

START_TEST(a_restored_average_goes_on_with_the_same_bits)
{
    struct rig rig = make_rig();
    gan_average *one, *two;
    gan_tensors *state;
    const gan_average_options options = {.struct_size = sizeof options, .bias_corrected = 1};
    must(gan_average_create(&one, rig.model, &options));
    must(gan_average_update(one));
    must(gan_tensors_create(&state, rig.context));
    must(gan_average_store(one, state, "average"));
    set_all(rig.model, 0.25f);
    must(gan_average_create(&two, rig.model, &options));
    must(gan_average_restore(two, state, "average"));
    gan_model *models[2] = {rig.model, rig.copy};
    gan_average *averages[2] = {one, two};
    for (int i = 0; i < 2; i++)
        must(gan_average_update(averages[i]));
    gan_average_apply(two, rig.copy);
    gan_average_apply(one, rig.model);
    for (int32_t i = 0; i < gan_model_parameter_count(rig.model); i++) {
        gan_tensor *values[2];
        for (int k = 0; k < 2; k++)
            must(gan_model_get_parameter(models[k], i, &values[k]));
        ck_assert_mem_eq(gan_tensor_data(values[0]), gan_tensor_data(values[1]),
                         (size_t)gan_tensor_count(values[0]) * sizeof(float));
        gan_tensor_free(values[0]);
        gan_tensor_free(values[1]);
    }
    ck_assert_int_eq(gan_average_restore(two, state, "other"), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "other.updates"));
    gan_tensors_free(state);
    gan_average_free(one);
    gan_average_free(two);
    free_rig(&rig);
}
END_TEST

START_TEST(mistakes_are_named)
{
    struct rig rig = make_rig();
    gan_average *average;
    gan_average_options options = {.struct_size = sizeof options, .decay = 1};
    ck_assert_int_eq(gan_average_create(&average, rig.model, &options), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(average);
    ck_assert_int_eq(gan_average_create(&average, NULL, NULL), GAN_ERROR_ARGUMENT);
    must(gan_average_create(&average, rig.model, NULL));
    const gan_dcgan_options wider = {.struct_size = sizeof wider, .size = 28, .width = 4, .noise = 3};
    gan_model *other;
    must(gan_dcgan_generator_create(&other, rig.context, &wider));
    ck_assert_int_eq(gan_average_apply(average, other), GAN_ERROR_SHAPE);
    gan_model_free(other);
    gan_average_free(average);
    free_rig(&rig);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_plain_average_begins_with_the_start,
        a_short_memory_grows_to_the_decay,
        the_corrected_average_forgets_the_start,
        a_restored_average_goes_on_with_the_same_bits,
        mistakes_are_named,
    };
    return run_suite("average", tests, sizeof tests / sizeof tests[0]);
}
