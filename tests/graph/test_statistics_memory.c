/* Sessions that carry the statistics of norms from run to run. */
#include "base/suite.h"
#include "graph/networks.h"

#include <math.h>
#include <string.h>

enum { SIDE = 6, PIXELS = SIDE * SIDE, CHANNELS = 4 };
static const double epsilon = 1e-5;

static const float *values_of(const gan_tensor *tensor)
{
    return gan_tensor_data_const(tensor);
}

/* A norm of `groups` groups of channels. */
static gan_model *make_norm(gan_context *context, int32_t groups)
{
    const gan_norm_options options = {
        .struct_size = sizeof options, .groups = groups, .epsilon = (float)epsilon, .no_affine = 1};
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, CHANNELS);
    gan_layer *y = groups == CHANNELS ? gan_instance_norm(x, &options)
                   : groups == 1      ? gan_layer_norm(x, &options)
                                      : gan_group_norm(x, &options);
    gan_model *model = make_model("norm", x, y);
    gan_graph_free(graph);
    return model;
}

static gan_tensor *make_values(gan_context *context, uint64_t seed, float scale, float shift)
{
    gan_tensor *values = make_normal(context, (const int64_t[]){1, SIDE, SIDE, CHANNELS}, 4, seed);
    float *data = gan_tensor_data(values);
    for (int64_t i = 0; i < PIXELS * CHANNELS; i++)
        data[i] = data[i] * scale + shift;
    return values;
}

static gan_session *compile(gan_model *model, float memory)
{
    const gan_session_options options = {.struct_size = sizeof options, .statistics_memory = memory};
    gan_session *session;
    succeed(gan_session_create_2d(&session, model, 1, SIDE, SIDE, &options));
    return session;
}

static gan_tensor *run(gan_context *context, gan_session *session, const gan_tensor *input)
{
    int64_t sizes[GAN_MAX_RANK];
    const int32_t rank = gan_session_output_shape(session, 0, sizes);
    gan_tensor *result = make_zeros(context, sizes, rank);
    succeed(gan_session_run(session, &input, 1, &result, 1));
    return result;
}

struct statistics {
    double mean, variance;
};

static struct statistics measure(const gan_tensor *input, int32_t groups, int64_t group)
{
    const int64_t width = CHANNELS / groups;
    struct statistics found = {0, 0};
    for (int pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i < PIXELS; i++)
            for (int64_t c = group * width; c < (group + 1) * width; c++) {
                const double value = (double)values_of(input)[i * CHANNELS + c];
                if (pass == 0)
                    found.mean += value / (double)(PIXELS * width);
                else
                    found.variance += (value - found.mean) * (value - found.mean) / (double)(PIXELS * width);
            }
    return found;
}

/* `result` is `input` normalized with moving averages over `inputs`. */
static void expect_average(const gan_tensor *result, gan_tensor *const *inputs, int count, int32_t groups,
                           double memory)
{
    for (int64_t group = 0; group < groups; group++) {
        struct statistics moving = measure(inputs[0], groups, group);
        for (int k = 1; k < count; k++) {
            const struct statistics next = measure(inputs[k], groups, group);
            moving.mean = memory * moving.mean + (1 - memory) * next.mean;
            moving.variance = memory * moving.variance + (1 - memory) * next.variance;
        }
        for (int64_t i = 0; i < PIXELS; i++)
            for (int64_t c = group * CHANNELS / groups; c < (group + 1) * CHANNELS / groups; c++) {
                const double value = (double)values_of(inputs[count - 1])[i * CHANNELS + c];
                const double expected = (value - moving.mean) / sqrt(moving.variance + epsilon);
                ck_assert(fabs(expected - (double)values_of(result)[i * CHANNELS + c]) < 1e-5);
            }
    }
}

START_TEST(norms_use_moving_averages)
{
    static const int32_t kinds[] = {CHANNELS, 2, 1};
    gan_context *context = make_context(2);
    for (size_t kind = 0; kind < 3; kind++) {
        gan_model *model = make_norm(context, kinds[kind]);
        gan_session *session = compile(model, 0.75f);
        gan_tensor *inputs[] = {make_values(context, 1, 1, 0), make_values(context, 2, 3, 1),
                                make_values(context, 3, 0.5f, -2)};
        for (int k = 0; k < 3; k++) {
            gan_tensor *result = run(context, session, inputs[k]);
            expect_average(result, inputs, k + 1, kinds[kind], 0.75);
            gan_tensor_free(result);
        }
        for (int k = 0; k < 3; k++)
            gan_tensor_free(inputs[k]);
        gan_session_free(session);
        gan_model_free(model);
    }
    gan_context_free(context);
}
END_TEST

/* Convolution, norm, ReLU, convolution: the norm is measured by the first and applied by the second. */
static gan_model *make_folded(gan_context *context)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, CHANNELS);
    gan_layer *y = gan_relu(gan_instance_norm(convolve(x, "first", 16, 3, 1), NULL));
    gan_model *model = make_model("folded", x, convolve(y, "second", 3, 3, 1));
    gan_graph_free(graph);
    return model;
}

START_TEST(scenes_are_forgotten_and_settle)
{
    gan_context *context = make_context(2);
    gan_model *model = make_folded(context);
    gan_session *plain = compile(model, 0), *session = compile(model, 0.5f);
    gan_tensor *a = make_values(context, 1, 1, 0), *b = make_values(context, 2, 3, 1);
    gan_tensor *expected = run(context, plain, b), *first = run(context, session, a);
    gan_tensor *second = run(context, session, b), *last = NULL;
    ck_assert(largest_difference(second, expected) > 0.01);
    for (int i = 0; i < 40; i++) {
        gan_tensor_free(last);
        last = run(context, session, b);
    }
    ck_assert(largest_difference(last, expected) < 1e-5);
    gan_session_forget(session);
    gan_tensor *again = run(context, session, a);
    ck_assert(same_bits(first, again));
    gan_session_forget(NULL);
    gan_tensor *const all[] = {a, b, expected, first, second, last, again};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        gan_tensor_free(all[i]);
    gan_session_free(session);
    gan_session_free(plain);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* A picture with NaN spoils its own result and no later one. */
START_TEST(what_is_not_finite_is_forgotten)
{
    gan_context *context = make_context(1);
    gan_model *model = make_norm(context, CHANNELS);
    gan_session *session = compile(model, 0.9f);
    gan_tensor *bad = make_values(context, 2, 1, 0), *good = make_values(context, 2, 1, 0);
    gan_tensor *inputs[] = {good};
    ((float *)gan_tensor_data(bad))[3] = NAN;
    gan_tensor_free(run(context, session, good));
    gan_tensor_free(run(context, session, bad));
    gan_tensor *result = run(context, session, good);
    for (int64_t i = 0; i < PIXELS; i++) /* the channel of the NaN begins anew */
        ck_assert(isfinite(values_of(result)[i * CHANNELS + 3]));
    expect_average(result, inputs, 1, CHANNELS, 0.9);
    gan_tensor_free(result);
    gan_tensor_free(bad);
    gan_tensor_free(good);
    gan_session_free(session);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(shares_out_of_range_are_refused)
{
    static const float bad[] = {1, -0.1f, 2, NAN};
    gan_context *context = make_context(1);
    gan_model *model = make_norm(context, CHANNELS);
    gan_session_options options = {.struct_size = sizeof options};
    gan_session *session;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        options.statistics_memory = bad[i];
        fails_with(gan_session_create_2d(&session, model, 1, SIDE, SIDE, &options), GAN_ERROR_ARGUMENT,
                   "statistics_memory");
    }
    options.statistics_memory = 0.5f;
    options.training = 1;
    fails_with(gan_session_create_2d(&session, model, 1, SIDE, SIDE, &options), GAN_ERROR_UNSUPPORTED,
               "trains");
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        norms_use_moving_averages,
        scenes_are_forgotten_and_settle,
        what_is_not_finite_is_forgotten,
        shares_out_of_range_are_refused,
    };
    return run_suite("statistics_memory", tests, sizeof tests / sizeof tests[0]);
}
