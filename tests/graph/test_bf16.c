/* Sessions in bfloat16: what really computes, how far results move, and who may not use it. */
#include "base/suite.h"
#include "graph/networks.h"
#include "kernels/tile_emulator.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static gan_session *compile(gan_model *model, int64_t height, int64_t width, int32_t precision)
{
    const gan_session_options options = {.struct_size = sizeof options, .precision = precision};
    gan_session *session;
    succeed(gan_session_create_2d(&session, model, 1, height, width, &options));
    return session;
}

static gan_tensor *run(gan_context *context, gan_session *session, const gan_tensor *input)
{
    int64_t shape[GAN_MAX_RANK];
    const int32_t rank = gan_session_output_shape(session, 0, shape);
    gan_tensor *output = make_zeros(context, shape, rank);
    succeed(gan_session_run(session, &input, 1, &output, 1));
    return output;
}

static gan_tensor *run_model(gan_context *context, gan_model *model, const gan_tensor *picture,
                             int32_t precision)
{
    gan_session *session =
        compile(model, gan_tensor_size(picture, 1), gan_tensor_size(picture, 2), precision);
    ck_assert_int_eq(gan_session_precision(session), precision);
    gan_tensor *output = run(context, session, picture);
    gan_session_free(session);
    return output;
}

/* A context whose sessions compute with tiles; NULL where its kernels go without. */
static gan_context *tile_context(int32_t threads)
{
    gan_context *context = make_context(threads);
    if (tile_emulator_serve(context))
        return context;
    gan_context_free(context);
    return NULL;
}

static gan_context *context_of(int32_t kernels)
{
    const gan_context_options options = {.struct_size = sizeof options, .threads = 1, .kernels = kernels};
    gan_context *context = NULL;
    gan_context_create(&context, &options);
    return context;
}

/* Other kernels, and machines without tiles, compute as by default. */
START_TEST(kernels_without_tiles_compute_as_by_default)
{
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX2; kernels++) {
        gan_context *context = context_of(kernels);
        if (context == NULL)
            continue;
        gan_model *model = make_generator(context);
        gan_tensor *picture = make_pictures(context, 1, 16, 20, 1);
        gan_session *session = compile(model, 16, 20, GAN_PRECISION_BF16);
        ck_assert_int_eq(gan_session_precision(session), GAN_PRECISION_DEFAULT);
        gan_tensor *given = run(context, session, picture);
        gan_tensor *expected = run_model(context, model, picture, GAN_PRECISION_DEFAULT);
        ck_assert(same_bits(given, expected));
        gan_tensor_free(given);
        gan_tensor_free(expected);
        gan_session_free(session);
        gan_tensor_free(picture);
        gan_model_free(model);
        gan_context_free(context);
    }
    ck_assert_int_eq(gan_session_precision(NULL), -1);
}
END_TEST

/* Whatever this machine has. */
START_TEST(every_machine_runs_it)
{
    gan_context *context = make_context(2);
    gan_model *model = make_generator(context);
    gan_tensor *picture = make_pictures(context, 1, 16, 20, 1);
    gan_session *session = compile(model, 16, 20, GAN_PRECISION_BF16);
    const int32_t precision = gan_session_precision(session);
    ck_assert(precision == GAN_PRECISION_BF16 || precision == GAN_PRECISION_DEFAULT);
    gan_tensor *given = run(context, session, picture);
    gan_tensor *expected = run_model(context, model, picture, precision);
    ck_assert(same_bits(given, expected));
    gan_tensor_free(given);
    gan_tensor_free(expected);
    gan_session_free(session);
    gan_tensor_free(picture);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(training_is_refused)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3);
    gan_model *model = make_model(NULL, x, convolve(x, "c", 4, 3, 1));
    gan_session *session;
    const gan_session_options training = {
        .struct_size = sizeof training, .precision = GAN_PRECISION_BF16, .training = 1};
    fails_with(gan_session_create_2d(&session, model, 1, 8, 8, &training), GAN_ERROR_UNSUPPORTED,
               "inference");
    const gan_objective_options options = {.struct_size = sizeof options, .precision = GAN_PRECISION_BF16};
    gan_objective *objective;
    gan_layer *loss = gan_mean(gan_apply(model, x));
    gan_optimizer *optimizer;
    succeed(gan_sgd_create(&optimizer, context, NULL));
    fails_with(gan_objective_create(&objective, loss, &x, 1, &model, 1, optimizer, &options),
               GAN_ERROR_UNSUPPORTED, "inference");
    gan_optimizer_free(optimizer);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

static bool computes_with_tiles(const gan_session *session, const char *kind)
{
    int32_t found = 0;
    for (int32_t i = 0; i < gan_session_step_count(session); i++) {
        gan_step_information step = {.struct_size = sizeof step};
        succeed(gan_session_step(session, i, &step));
        if (strcmp(step.kind, kind) != 0)
            continue;
        if (strstr(step.method, "AMX bf16") == NULL)
            return false;
        found++;
    }
    return found > 0;
}

/* Dense layers over pixels, a transposed and a plain convolution, each by its op. */
START_TEST(layers_compute_with_tiles)
{
    gan_context *context = tile_context(2);
    if (context == NULL)
        return;
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3);
    const gan_conv2d_transpose_options up = {
        .struct_size = sizeof up, .filters = 20, .kernel = {4, 4}, .stride = {2, 2}, .padding = GAN_PAD_SAME};
    gan_layer *y = gan_relu(densely(gan_relu(convolve(x, "c", 24, 3, 1)), "d", 40));
    gan_model *model = make_model(NULL, x, densely(gan_tanh(gan_conv2d_transpose(y, &up)), "e", 5));
    gan_session *session = compile(model, 9, 21, GAN_PRECISION_BF16);
    ck_assert(computes_with_tiles(session, "conv2d"));
    ck_assert(computes_with_tiles(session, "conv2d_transpose"));
    ck_assert(computes_with_tiles(session, "dense"));
    gan_tensor *picture = make_pictures(context, 1, 9, 21, 3);
    gan_tensor *given = run(context, session, picture);
    gan_tensor *expected = run_model(context, model, picture, GAN_PRECISION_EXACT);
    const double difference = largest_difference(given, expected);
    ck_assert_double_gt(difference, 0);
    ck_assert_double_le(difference, 0.02);
    ck_assert(tile_emulator_is_released());
    gan_tensor_free(given);
    gan_tensor_free(expected);
    gan_tensor_free(picture);
    gan_session_free(session);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

struct distance {
    double largest, mean, scale; /* scale: the largest output */
};

static struct distance compare(const gan_tensor *given, const gan_tensor *expected)
{
    const float *a = gan_tensor_data_const(given), *b = gan_tensor_data_const(expected);
    const int64_t count = gan_tensor_count(expected);
    struct distance distance = {0, 0, 0};
    for (int64_t i = 0; i < count; i++) {
        const double difference = fabs((double)a[i] - (double)b[i]);
        distance.largest = fmax(distance.largest, difference);
        distance.mean += difference / (double)count;
        distance.scale = fmax(distance.scale, fabs((double)b[i]));
    }
    return distance;
}

/* A whole network keeps the bounds that gan_session_precision states, with the same bits for any threads. */
START_TEST(a_johnson_network_stays_close)
{
    static const int32_t threads[] = {1, 2, 3, 8};
    gan_tensor *first = NULL;
    gan_context *contexts[4] = {NULL};
    for (int i = 0; i < 4; i++) {
        gan_context *context = contexts[i] = tile_context(threads[i]);
        if (context == NULL)
            return;
        gan_model *model;
        const gan_johnson_options options = {.struct_size = sizeof options};
        succeed(gan_johnson_create(&model, context, &options));
        gan_tensor *picture = make_pictures(context, 1, 44, 72, 5);
        gan_tensor *given = run_model(context, model, picture, GAN_PRECISION_BF16);
        if (first == NULL) {
            gan_tensor *expected = run_model(context, model, picture, GAN_PRECISION_EXACT);
            const struct distance distance = compare(given, expected);
            printf("bf16: largest difference %.2g, mean %.2g, of %.3g\n", distance.largest, distance.mean,
                   distance.scale);
            ck_assert_double_le(distance.largest, 0.05 * distance.scale);
            ck_assert_double_le(distance.mean, 0.005 * distance.scale);
            gan_tensor_free(expected);
            first = given;
        } else {
            ck_assert(same_bits(given, first));
            gan_tensor_free(given);
        }
        gan_tensor_free(picture);
        gan_model_free(model);
    }
    gan_tensor_free(first);
    for (int i = 0; i < 4; i++)
        gan_context_free(contexts[i]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {kernels_without_tiles_compute_as_by_default, every_machine_runs_it,
                                  training_is_refused, layers_compute_with_tiles,
                                  a_johnson_network_stays_close};
    return run_suite("bf16", tests, sizeof tests / sizeof tests[0]);
}
