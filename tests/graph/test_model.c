/* Models: inputs, parameters by name, values in and out, metadata. */
#include "base/suite.h"
#include "graph/networks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

START_TEST(a_model_tells_what_it_is)
{
    gan_context *context = make_context(1);
    gan_model *model = make_generator(context);
    int64_t shape[GAN_MAX_RANK];
    ck_assert_str_eq(gan_model_name(model), "generator");
    ck_assert_int_eq(gan_model_input_count(model), 1);
    ck_assert_int_eq(gan_model_output_count(model), 1);
    ck_assert_str_eq(gan_model_input_name(model, 0), "input");
    ck_assert_str_eq(gan_model_output_name(model, 0), "tanh");
    ck_assert_int_eq(gan_model_input_shape(model, 0, shape), 4);
    ck_assert_int_eq(shape[3], 3);
    ck_assert_int_eq(gan_model_output_shape(model, 1, shape), -1);
    ck_assert_ptr_null(gan_model_output_name(model, -1));
    ck_assert_ptr_null(gan_model_input_name(model, 1));
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(parameters_have_names_and_shapes)
{
    gan_context *context = make_context(1);
    gan_model *model = make_generator(context);
    const int32_t weight = gan_model_parameter_find(model, "down.weight");
    int64_t shape[GAN_MAX_RANK];
    ck_assert_int_eq(weight, 0);
    ck_assert_int_eq(gan_model_parameter_shape(model, weight, shape), 4);
    ck_assert_int_eq(shape[0] * 1000 + shape[1] * 100 + shape[2] * 10 + shape[3], 6333);
    ck_assert_int_eq(gan_model_parameter_trainable(model, weight), 1);
    const int32_t mean = gan_model_parameter_find(model, "batch_norm.running_mean");
    ck_assert_int_gt(mean, 0);
    ck_assert_int_eq(gan_model_parameter_trainable(model, mean), 0);
    ck_assert_int_eq(gan_model_parameter_find(model, "nothing"), -1);
    ck_assert_ptr_null(gan_model_parameter_name(model, gan_model_parameter_count(model)));
    const int64_t elements = 6 * 9 * 3 + 6 + 4 * 6 + 5 * 9 * 6 + 5 + 2 * 5 + 3 * 9 * 5 + 3;
    ck_assert_int_eq(gan_model_element_count(model), elements);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

static gan_tensor *first_weight(gan_model *model)
{
    gan_tensor *value;
    succeed(gan_model_get_parameter(model, 0, &value));
    return value;
}

START_TEST(a_seed_gives_the_same_parameters_again)
{
    gan_context *context = make_context(1), *other = make_context(2);
    gan_model *model = make_generator(context), *late = make_generator(other);
    gan_model *later = make_generator(other);
    succeed(gan_model_initialize(model, 5));
    succeed(gan_model_initialize(late, 6));
    succeed(gan_model_initialize(later, 5));
    gan_tensor *a = first_weight(model), *b = first_weight(late), *c = first_weight(later);
    ck_assert(same_bits(a, c));
    ck_assert(!same_bits(a, b));
    fails_with(gan_model_initialize(NULL, 5), GAN_ERROR_ARGUMENT, "the model is NULL");
    gan_tensor_free(a);
    gan_tensor_free(b);
    gan_tensor_free(c);
    gan_model_free(model);
    gan_model_free(late);
    gan_model_free(later);
    gan_context_free(context);
    gan_context_free(other);
}
END_TEST

START_TEST(parameters_can_be_read_and_written)
{
    gan_context *context = make_context(1);
    gan_model *model = make_generator(context);
    gan_tensor *value = make_normal(context, (const int64_t[]){6, 3, 3, 3}, 4, 2), *copy;
    succeed(gan_model_set_parameter(model, 0, value));
    succeed(gan_model_get_parameter(model, 0, &copy));
    ck_assert(same_bits(value, copy));
    ((float *)gan_tensor_data(copy))[7] = INFINITY;
    fails_with(gan_model_set_parameter(model, 0, copy), GAN_ERROR_NOT_FINITE, "down.weight");
    fails_with(gan_model_set_parameter(model, 1, value), GAN_ERROR_SHAPE, "down.bias");
    fails_with(gan_model_set_parameter(model, 99, value), GAN_ERROR_ARGUMENT, "99");
    fails_with(gan_model_set_parameter(model, 0, NULL), GAN_ERROR_TYPE, "NULL");
    gan_tensor_free(copy);
    succeed(gan_model_get_parameter(model, 0, &copy));
    ck_assert(same_bits(value, copy));
    gan_tensor_free(copy);
    gan_tensor_free(value);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* Packed weights must follow. */
START_TEST(a_session_sees_new_parameters)
{
    gan_context *context = make_context(1);
    gan_model *model = make_generator(context), *other = make_generator(context);
    gan_tensor *picture = make_pictures(context, 1, 8, 8, 1), *expected;
    gan_tensor *result = make_pictures(context, 1, 8, 8, 0);
    gan_session *session;
    succeed(gan_session_create_2d(&session, model, 1, 8, 8, NULL));
    const gan_tensor *inputs[] = {picture};
    succeed(gan_session_run(session, inputs, 1, &result, 1));
    succeed(gan_model_run(other, picture, &expected));
    ck_assert(!same_bits(result, expected));
    succeed(gan_model_copy_parameters(model, other));
    succeed(gan_session_run(session, inputs, 1, &result, 1));
    ck_assert(same_bits(result, expected));
    gan_session_free(session);
    gan_tensor_free(result);
    gan_tensor_free(expected);
    gan_tensor_free(picture);
    gan_model_free(model);
    gan_model_free(other);
    gan_context_free(context);
}
END_TEST

START_TEST(parameters_are_copied_between_equals_only)
{
    gan_context *context = make_context(1);
    gan_model *generator = make_generator(context), *discriminator = make_discriminator(context);
    struct snapshot *before = take_snapshot(generator);
    ck_assert_int_eq(gan_model_copy_parameters(generator, discriminator), GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_model_copy_parameters(generator, NULL), GAN_ERROR_ARGUMENT);
    succeed(gan_model_copy_parameters(generator, generator));
    ck_assert(unchanged(before, -1));
    free_snapshot(before);
    gan_model_free(generator);
    gan_model_free(discriminator);
    gan_context_free(context);
}
END_TEST

START_TEST(inputs_must_be_complete)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3), *z = open_pictures(graph, "z", 3);
    gan_layer *sum = gan_add(x, z);
    gan_model *model;
    fails_with(gan_model_create(&model, NULL, &x, 1, &sum, 1), GAN_ERROR_ARGUMENT, "\"z\"");
    fails_with(gan_model_create(&model, NULL, &sum, 1, &sum, 1), GAN_ERROR_ARGUMENT, "gan_input");
    fails_with(gan_model_create(&model, NULL, &x, 0, &sum, 1), GAN_ERROR_ARGUMENT, "input");
    fails_with(gan_model_create(&model, NULL, &x, 1, NULL, 0), GAN_ERROR_ARGUMENT, "output");
    gan_layer *both[] = {x, z};
    succeed(gan_model_create(&model, NULL, both, 2, &sum, 1));
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(models_of_one_graph_share_parameters)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3);
    gan_layer *features = convolve(x, "shared", 4, 3, 1);
    gan_model *first = make_model("first", x, features);
    gan_model *second = make_model("second", x, convolve(features, "own", 2, 1, 1));
    gan_tensor *value = make_normal(context, (const int64_t[]){4, 3, 3, 3}, 4, 2), *copy;
    ck_assert_int_eq(gan_model_parameter_count(first), 2);
    ck_assert_int_eq(gan_model_parameter_count(second), 4);
    succeed(gan_model_set_parameter(first, 0, value));
    succeed(gan_model_get_parameter(second, gan_model_parameter_find(second, "shared.weight"), &copy));
    ck_assert(same_bits(value, copy));
    gan_tensor_free(copy);
    gan_tensor_free(value);
    gan_model_free(first);
    gan_model_free(second);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(metadata_is_kept_changed_and_removed)
{
    gan_context *context = make_context(1);
    gan_model *model = make_generator(context);
    ck_assert_ptr_null(gan_model_metadata(model, "method"));
    char key[16];
    for (int i = 0; i < 20; i++) {
        snprintf(key, sizeof key, "key %d", i);
        succeed(gan_model_set_metadata(model, key, i % 2 == 0 ? "even" : "odd"));
    }
    succeed(gan_model_set_metadata(model, "key 3", "changed"));
    succeed(gan_model_set_metadata(model, "key 4", NULL));
    succeed(gan_model_set_metadata(model, "never set", NULL));
    ck_assert_str_eq(gan_model_metadata(model, "key 3"), "changed");
    ck_assert_ptr_null(gan_model_metadata(model, "key 4"));
    ck_assert_str_eq(gan_model_metadata(model, "key 18"), "even");
    ck_assert_int_eq(gan_model_set_metadata(model, "", "empty key"), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_model_set_metadata(NULL, "key", "value"), GAN_ERROR_ARGUMENT);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        a_model_tells_what_it_is,
        parameters_have_names_and_shapes,
        a_seed_gives_the_same_parameters_again,
        parameters_can_be_read_and_written,
        a_session_sees_new_parameters,
        parameters_are_copied_between_equals_only,
        inputs_must_be_complete,
        models_of_one_graph_share_parameters,
        metadata_is_kept_changed_and_removed,
    };
    return run_suite("model", tests, sizeof tests / sizeof tests[0]);
}
