/* Running statistics that a session measures anew: the mean of those of its batches. */
#include "base/suite.h"
#include "graph/networks.h"

#include <string.h>

enum { BATCHES = 5, PICTURES = 3, SIDE = 6 };

/* Two batch norms in a row of layers, so that the second sees what the first makes of the batch. With
 * momentum 1 a training run leaves the statistics of its batch. */
static gan_model *make_network(gan_context *context, float momentum, float dropout)
{
    const gan_norm_options norm = {.struct_size = sizeof norm, .momentum = momentum};
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3);
    gan_layer *y = gan_relu(gan_batch_norm(convolve(x, "first", 4, 3, 1), &norm));
    y = gan_batch_norm(convolve(y, "second", 5, 3, 2), &norm);
    if (dropout > 0)
        y = gan_dropout(y, dropout);
    gan_model *model = make_model("network", x, y);
    gan_graph_free(graph);
    return model;
}

static gan_session *open_session(gan_model *model, int32_t training)
{
    const gan_session_options options = {
        .struct_size = sizeof options, .training = training, .measure_statistics = !training};
    gan_session *session;
    succeed(gan_session_create_2d(&session, model, PICTURES, SIDE, SIDE, &options));
    return session;
}

/* Batch number `index`, each with a spread of its own. */
static void run(gan_context *context, gan_session *session, int32_t index, gan_tensor *out)
{
    gan_tensor *batch = make_pictures(context, PICTURES, SIDE, SIDE, 40 + (uint64_t)index);
    float *values = gan_tensor_data(batch);
    for (int64_t i = 0; i < gan_tensor_count(batch); i++)
        values[i] = values[i] * (float)(1 + index) + 0.5f;
    succeed(gan_session_run(session, (const gan_tensor *const *)&batch, 1, &out, 1));
    gan_tensor_free(batch);
}

/* Add `factor` times the model's running statistics, one after the other, to `sums`. Returns how many. */
static int32_t add_statistics(const gan_model *model, double factor, double *sums)
{
    int32_t count = 0;
    for (int32_t i = 0; i < gan_model_parameter_count(model); i++) {
        gan_tensor *tensor;
        if (gan_model_parameter_trainable(model, i))
            continue;
        succeed(gan_model_get_parameter(model, i, &tensor));
        for (int64_t k = 0; k < gan_tensor_count(tensor); k++)
            sums[count++] += factor * (double)((float *)gan_tensor_data(tensor))[k];
        gan_tensor_free(tensor);
    }
    return count;
}

START_TEST(they_are_the_mean_of_the_batches)
{
    gan_context *context = make_context(1);
    gan_model *model = make_network(context, 1, 0);
    gan_session *training = open_session(model, 1);
    double expected[32] = {0}, measured[32] = {0};
    int32_t count = 0;
    for (int32_t i = 0; i < BATCHES; i++) {
        run(context, training, i, NULL);
        count = add_statistics(model, 1.0 / BATCHES, expected);
    }
    gan_session *measuring = open_session(model, 0);
    for (int32_t i = 0; i < BATCHES; i++)
        run(context, measuring, i, NULL);
    ck_assert_int_eq(count, 2 * (4 + 5));
    ck_assert_int_eq(add_statistics(model, 1, measured), count);
    for (int32_t i = 0; i < count; i++)
        ck_assert_double_eq_tol(measured[i], expected[i], 1e-5 * (1 + expected[i]));
    gan_session_free(measuring);
    gan_session_free(training);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* Whatever the layers' momentum, and whatever the statistics were. */
START_TEST(they_forget_what_was_there)
{
    gan_context *context = make_context(1);
    gan_model *models[2] = {make_network(context, 1, 0), make_network(context, 0.1f, 0)};
    double statistics[2][32] = {{0}};
    gan_session *training = open_session(models[0], 1);
    run(context, training, 7, NULL);
    for (int k = 0; k < 2; k++) {
        succeed(gan_model_initialize(models[k], 3));
        gan_session *session = open_session(models[k], 0);
        if (k == 0)
            run(context, training, 7, NULL);
        for (int32_t i = 0; i < BATCHES; i++)
            run(context, session, i, NULL);
        ck_assert_int_eq(add_statistics(models[k], 1, statistics[k]), 18);
        gan_session_free(session);
    }
    for (int i = 0; i < 18; i++)
        ck_assert(statistics[0][i] == statistics[1][i]);
    gan_session_free(training);
    gan_model_free(models[0]);
    gan_model_free(models[1]);
    gan_context_free(context);
}
END_TEST

/* What a network gives while it is measured: of the batch's statistics, and nothing is dropped. */
START_TEST(pictures_are_those_of_the_batch)
{
    static const int64_t shape[4] = {PICTURES, SIDE / 2, SIDE / 2, 5};
    gan_context *context = make_context(1);
    gan_model *model = make_network(context, 0.1f, 0.5f), *plain = make_network(context, 1, 0);
    gan_session *measuring = open_session(model, 0), *training = open_session(plain, 1);
    gan_tensor *a = make_zeros(context, shape, 4), *b = make_zeros(context, shape, 4);
    succeed(gan_model_initialize(model, 3));
    succeed(gan_model_initialize(plain, 3));
    struct snapshot *before = take_snapshot(model);
    for (int32_t i = 0; i < BATCHES; i++) {
        run(context, measuring, i, a);
        run(context, training, i, b);
        ck_assert(same_bits(a, b));
    }
    ck_assert(unchanged(before, 1));
    ck_assert(!unchanged(before, 0));
    free_snapshot(before);
    gan_tensor_free(a);
    gan_tensor_free(b);
    gan_session_free(measuring);
    gan_session_free(training);
    gan_model_free(model);
    gan_model_free(plain);
    gan_context_free(context);
}
END_TEST

START_TEST(threads_change_nothing)
{
    static const int32_t threads[] = {1, 2, 3, 8};
    double statistics[4][32] = {{0}};
    for (int k = 0; k < 4; k++) {
        gan_context *context = make_context(threads[k]);
        gan_model *model = make_network(context, 0.1f, 0);
        succeed(gan_model_initialize(model, 3));
        gan_session *session = open_session(model, 0);
        for (int32_t i = 0; i < BATCHES; i++)
            run(context, session, i, NULL);
        add_statistics(model, 1, statistics[k]);
        gan_session_free(session);
        gan_model_free(model);
        gan_context_free(context);
        ck_assert(memcmp(statistics[0], statistics[k], sizeof statistics[0]) == 0);
    }
}
END_TEST

START_TEST(training_is_something_else)
{
    gan_context *context = make_context(1);
    gan_model *model = make_network(context, 0.1f, 0);
    gan_session *session;
    gan_session_options options = {.struct_size = sizeof options, .training = 1, .measure_statistics = 1};
    fails_with(gan_session_create_2d(&session, model, 1, SIDE, SIDE, &options), GAN_ERROR_ARGUMENT,
               "measure_statistics");
    options = (gan_session_options){
        .struct_size = sizeof options, .precision = GAN_PRECISION_BF16, .measure_statistics = 1};
    fails_with(gan_session_create_2d(&session, model, 1, SIDE, SIDE, &options), GAN_ERROR_UNSUPPORTED,
               "inference");
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {they_are_the_mean_of_the_batches, they_forget_what_was_there,
                                  pictures_are_those_of_the_batch, threads_change_nothing,
                                  training_is_something_else};
    return run_suite("measured statistics", tests, sizeof tests / sizeof tests[0]);
}
