/* Models against what is expected of them. */
#include "base/suite.h"
#include "faults/scenario.h"
#include "graph/networks.h"

#include <math.h>

/* The model that gives its first input, and the sum of both. */
static gan_model *make_sum(gan_context *context)
{
    gan_graph *graph = make_graph(context);
    gan_layer *inputs[2] = {open_pictures(graph, "a", 2), open_pictures(graph, "b", 2)};
    gan_layer *outputs[2] = {gan_scale(inputs[0], 1, 0), gan_add(inputs[0], inputs[1])};
    gan_model *model;
    succeed(gan_model_create(&model, "sum", inputs, 2, outputs, 2));
    gan_graph_free(graph);
    return model;
}

static const int64_t shape[4] = {1, 3, 5, 2};

/* 1 + 2, of which one element is expected to be 3.5 and another 2.75. */
START_TEST(errors_are_measured)
{
    gan_context *context = make_context(1);
    gan_model *model = make_sum(context);
    gan_tensor *inputs[2] = {make_filled(context, shape, 4, 1), make_filled(context, shape, 4, 2)};
    gan_tensor *expected[2] = {make_filled(context, shape, 4, 1), make_filled(context, shape, 4, 3)};
    gan_replay replay = {.struct_size = sizeof replay};
    float *values = gan_tensor_data(expected[1]);
    values[7] = 3.5f;
    values[29] = 2.75f;
    succeed(gan_model_replay(model, (const gan_tensor *const *)inputs, 2, (const gan_tensor *const *)expected,
                             2, &replay));
    ck_assert(replay.largest_error == 0.5);
    ck_assert(replay.largest_value == 3.5);
    ck_assert_double_eq_tol(replay.mean_error, 0.75 / 60, 1e-15);
    const gan_tensor *const second[2] = {NULL, expected[1]};
    succeed(gan_model_replay(model, (const gan_tensor *const *)inputs, 2, second, 2, &replay));
    ck_assert_double_eq_tol(replay.mean_error, 0.75 / 30, 1e-15);
    succeed(gan_model_replay(model, (const gan_tensor *const *)inputs, 2, (const gan_tensor *const *)expected,
                             1, &replay));
    ck_assert(replay.largest_error == 0 && replay.largest_value == 1);
    for (int i = 0; i < 2; i++) {
        gan_tensor_free(inputs[i]);
        gan_tensor_free(expected[i]);
    }
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* Each mistake is named, and leaves the result alone. */
START_TEST(mistakes_are_named)
{
    gan_context *context = make_context(1);
    gan_model *model = make_sum(context);
    gan_tensor *good = make_filled(context, shape, 4, 1);
    gan_tensor *wide = make_filled(context, (const int64_t[]){1, 3, 6, 2}, 4, 1);
    gan_tensor *flat = make_filled(context, (const int64_t[]){30}, 1, 1);
    gan_tensor *spoilt = make_filled(context, shape, 4, 1), *bytes;
    succeed(gan_tensor_create(&bytes, context, GAN_UINT8, shape, 4));
    ((float *)gan_tensor_data(spoilt))[4] = NAN;
    const gan_tensor *pair[2] = {good, good}, *nothing[2] = {NULL, NULL}, *one[1] = {good};
    gan_replay replay = {.struct_size = sizeof replay, .largest_error = 7};

    fails_with(gan_model_replay(NULL, pair, 2, one, 1, &replay), GAN_ERROR_ARGUMENT, "model");
    fails_with(gan_model_replay(model, NULL, 2, one, 1, &replay), GAN_ERROR_ARGUMENT, "inputs");
    fails_with(gan_model_replay(model, pair, 2, NULL, 1, &replay), GAN_ERROR_ARGUMENT, "expected");
    fails_with(gan_model_replay(model, pair, 2, one, 1, NULL), GAN_ERROR_ARGUMENT, "result");
    fails_with(gan_model_replay(model, pair, 2, one, 1, &(gan_replay){.struct_size = 0}), GAN_ERROR_ARGUMENT,
               "struct_size");
    fails_with(gan_model_replay(model, pair, 1, one, 1, &replay), GAN_ERROR_ARGUMENT, "has 2");
    fails_with(gan_model_replay(model, pair, 2, pair, 3, &replay), GAN_ERROR_ARGUMENT, "has 2");
    fails_with(gan_model_replay(model, pair, 2, pair, 0, &replay), GAN_ERROR_ARGUMENT, "has 2");
    fails_with(gan_model_replay(model, pair, 2, nothing, 2, &replay), GAN_ERROR_ARGUMENT, "no output");
    fails_with(gan_model_replay(model, nothing, 2, one, 1, &replay), GAN_ERROR_ARGUMENT, "\"a\"");
    fails_with(gan_model_replay(model, (const gan_tensor *[]){good, flat}, 2, one, 1, &replay),
               GAN_ERROR_SHAPE, "\"b\"");
    fails_with(gan_model_replay(model, (const gan_tensor *[]){good, wide}, 2, one, 1, &replay),
               GAN_ERROR_SHAPE, "add");
    fails_with(gan_model_replay(model, (const gan_tensor *[]){good, bytes}, 2, one, 1, &replay),
               GAN_ERROR_TYPE, "\"b\"");
    fails_with(gan_model_replay(model, (const gan_tensor *[]){spoilt, good}, 2, one, 1, &replay),
               GAN_ERROR_NOT_FINITE, "element 4");
    fails_with(gan_model_replay(model, pair, 2, (const gan_tensor *[]){wide}, 1, &replay), GAN_ERROR_SHAPE,
               "expected");
    fails_with(gan_model_replay(model, pair, 2, (const gan_tensor *[]){spoilt}, 1, &replay),
               GAN_ERROR_NOT_FINITE, "element 4");
    ck_assert(replay.largest_error == 7);

    gan_tensor *huge = make_filled(context, shape, 4, 3e38f);
    fails_with(gan_model_replay(model, (const gan_tensor *[]){huge, huge}, 2, pair, 2, &replay),
               GAN_ERROR_NOT_FINITE, "output");
    gan_tensor_free(huge);
    gan_tensor_free(good);
    gan_tensor_free(wide);
    gan_tensor_free(flat);
    gan_tensor_free(spoilt);
    gan_tensor_free(bytes);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

static gan_status replay_without_memory(gan_context *context, void *state)
{
    gan_model *model = state;
    gan_tensor *picture = NULL;
    gan_replay replay = {.struct_size = sizeof replay};
    gan_status status = gan_tensor_create(&picture, context, GAN_FLOAT32, shape, 4);
    const gan_tensor *const pair[2] = {picture, picture};
    if (status == GAN_OK)
        status = gan_model_replay(model, pair, 2, pair, 2, &replay);
    gan_tensor_free(picture);
    return status;
}

static gan_status prepare(gan_context *context, void **state)
{
    *state = make_sum(context);
    return GAN_OK;
}

static void clean(void *state)
{
    gan_model_free(state);
}

START_TEST(memory_may_be_out)
{
    exhaust_memory(&(struct scenario){.prepare = prepare, .act = replay_without_memory, .clean = clean});
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {errors_are_measured, mistakes_are_named, memory_may_be_out};
    return run_suite("replay", tests, sizeof tests / sizeof tests[0]);
}
