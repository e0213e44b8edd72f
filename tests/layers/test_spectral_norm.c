/* Spectral normalization: sigma against known values, one step of the iteration against double arithmetic,
 * gradients where the iteration has converged, what moves u and v and what does not. */
#include "base/suite.h"
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static gan_layer *build_dense(gan_layer *const *inputs, const void *argument)
{
    return gan_dense(inputs[0], argument);
}

static gan_layer *build_convolution(gan_layer *const *inputs, const void *argument)
{
    return gan_leaky_relu(gan_conv2d(inputs[0], argument), 0.2f);
}

static gan_layer *build_transpose(gan_layer *const *inputs, const void *argument)
{
    return gan_conv2d_transpose(inputs[0], argument);
}

static const gan_dense_options dense = {.struct_size = sizeof dense, .units = 5, .spectral_norm = 1};
static const gan_dense_options matrix = {
    .struct_size = sizeof matrix, .units = 8, .no_bias = 1, .spectral_norm = 1};
static const gan_conv2d_options convolution = {.struct_size = sizeof convolution,
                                               .filters = 6,
                                               .kernel = {4},
                                               .stride = {2},
                                               .pad = {1, 1, 1, 1},
                                               .spectral_norm = 1};
static const gan_conv2d_transpose_options transpose = {.struct_size = sizeof transpose,
                                                       .filters = 3,
                                                       .kernel = {4},
                                                       .stride = {2},
                                                       .pad = {1, 1, 1, 1},
                                                       .spectral_norm = 1};

static const struct layer_case cases[] = {
    {"dense", build_dense, &dense, {{2, {3, 7}}}, 0},
    {"dense without bias", build_dense, &matrix, {{2, {4, 9}}}, 0},
    {"convolution and leaky relu", build_convolution, &convolution, {{4, {2, 6, 8, 5}}}, 0},
    {"transposed convolution", build_transpose, &transpose, {{4, {2, 3, 4, 4}}}, 0},
};
enum { CASES = sizeof cases / sizeof cases[0], TURNS = 400 };

/* Many steps of the power iteration. */
static void converge(struct experiment *e)
{
    gan_session *session = experiment_session(e);
    for (int i = 0; i < TURNS; i++)
        experiment_run_session(e, session);
    gan_session_free(session);
}

/* Once u and v have converged their change is of no influence on sigma, so that differences agree. */
START_TEST(gradients)
{
    for (int32_t threads = 1; threads <= 3; threads += 2) {
        struct experiment e;
        experiment_create(&e, &cases[_i], 0, threads, NULL, NULL);
        converge(&e);
        experiment_run(&e);
        check_finite_differences(&e, 1e-2);
        experiment_free(&e);
    }
}
END_TEST

/* The vectors after the iteration have length 1, and y is that of weights with largest singular value 1. */
START_TEST(known_singular_value)
{
    if (!golden_available())
        return;
    struct experiment e;
    const struct layer_case wide = {"golden", build_dense, &matrix, {{2, {1, 27}}}, 0};
    experiment_create(&e, &wide, 0, 0, NULL, NULL);
    gan_tensor *weight = golden_tensor(e.context, "spectral", "weight");
    gan_tensor *sigma = golden_tensor(e.context, "spectral", "sigma");
    experiment_set_parameter(&e, "weight", weight);
    converge(&e);
    const float *w = gan_tensor_data_const(weight), *x = gan_tensor_data_const(e.inputs[0]);
    double expected[8];
    for (int i = 0; i < 8; i++) {
        expected[i] = 0;
        for (int j = 0; j < 27; j++)
            expected[i] += (double)w[i * 27 + j] * (double)x[j];
        expected[i] /= (double)*(const float *)gan_tensor_data_const(sigma);
    }
    expect_values("golden", "output", e.output, expected, 1e-6);
    gan_tensor_free(weight);
    gan_tensor_free(sigma);
    experiment_free(&e);
}
END_TEST

static double unit(double *vector, int64_t count)
{
    double squares = 0;
    for (int64_t i = 0; i < count; i++)
        squares += vector[i] * vector[i];
    for (int64_t i = 0; i < count; i++)
        vector[i] /= sqrt(squares);
    return sqrt(squares);
}

/* v = W^T u and u = W v, both made unit vectors, in double; returns sigma = |W v|. */
static double step(const float *w, const float *u_before, double u[5], double v[7])
{
    for (int j = 0; j < 7; j++) {
        v[j] = 0;
        for (int i = 0; i < 5; i++)
            v[j] += (double)w[i * 7 + j] * (double)u_before[i];
    }
    unit(v, 7);
    for (int i = 0; i < 5; i++) {
        u[i] = 0;
        for (int j = 0; j < 7; j++)
            u[i] += (double)w[i * 7 + j] * v[j];
    }
    return unit(u, 5);
}

/* One training run is one step, an inference run none; both use the same sigma = u W v. */
START_TEST(one_step_a_run)
{
    struct experiment e;
    double u[5], v[7];
    experiment_create(&e, &cases[0], 0, 0, NULL, NULL);
    gan_tensor *weight = experiment_parameter(&e, "weight"), *before = experiment_parameter(&e, "u");
    gan_session *session = experiment_session(&e);
    experiment_run_session(&e, session);
    gan_session_free(session);
    gan_tensor *trained = gan_tensor_retain(e.output);
    const double sigma = step(gan_tensor_data_const(weight), gan_tensor_data_const(before), u, v);
    gan_tensor *u_after = experiment_parameter(&e, "u"), *v_after = experiment_parameter(&e, "v");
    expect_values("one step", "u", u_after, u, 1e-6);
    expect_values("one step", "v", v_after, v, 1e-6);
    ck_assert(sigma > 0);

    const int64_t sizes[] = {3, 7}, output_sizes[] = {3, 5};
    gan_tensor *output = NULL;
    expect_ok("inference", gan_tensor_create(&output, e.context, GAN_FLOAT32, output_sizes, 2));
    expect_ok("inference", gan_session_create(&session, e.model, sizes, NULL));
    expect_ok("inference", gan_session_run(session, (const gan_tensor *const *)e.inputs, 1, &output, 1));
    expect_near("inference", "output", output, trained, 1e-6);
    gan_tensor *u_later = experiment_parameter(&e, "u");
    ck_assert_mem_eq(gan_tensor_data(u_later), gan_tensor_data(u_after), 5 * sizeof(float));
    gan_session_free(session);
    gan_tensor *all[] = {weight, before, trained, u_after, v_after, output, u_later};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        gan_tensor_free(all[i]);
    experiment_free(&e);
}
END_TEST

static gan_tensor *run_with(struct experiment *e, const gan_session_options *options)
{
    gan_session *session = NULL;
    gan_tensor *output = NULL;
    expect_ok("run", gan_tensor_create(&output, e->context, GAN_FLOAT32, (const int64_t[]){3, 5}, 2));
    expect_ok("run", gan_session_create(&session, e->model, (const int64_t[]){3, 7}, options));
    expect_ok("run", gan_session_run(session, (const gan_tensor *const *)e->inputs, 1, &output, 1));
    gan_session_free(session);
    return output;
}

/* Batches that measure running statistics are not training: sigma is that of inference, u and v stay. */
START_TEST(measuring_statistics_steps_nothing)
{
    struct experiment e;
    const gan_session_options measuring = {.struct_size = sizeof measuring, .measure_statistics = 1};
    experiment_create(&e, &cases[0], 0, 0, NULL, NULL);
    gan_tensor *u = experiment_parameter(&e, "u"), *v = experiment_parameter(&e, "v");
    gan_tensor *measured = run_with(&e, &measuring), *inferred = run_with(&e, NULL);
    gan_tensor *u_after = experiment_parameter(&e, "u"), *v_after = experiment_parameter(&e, "v");
    ck_assert_mem_eq(gan_tensor_data(u), gan_tensor_data(u_after), 5 * sizeof(float));
    ck_assert_mem_eq(gan_tensor_data(v), gan_tensor_data(v_after), 7 * sizeof(float));
    ck_assert_mem_eq(gan_tensor_data(measured), gan_tensor_data(inferred), 15 * sizeof(float));
    gan_tensor *all[] = {u, v, measured, inferred, u_after, v_after};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        gan_tensor_free(all[i]);
    experiment_free(&e);
}
END_TEST

/* u and v start as unit vectors, no gradient changes them, and gradients alone do not move them. */
START_TEST(vectors)
{
    gan_context *context = NULL;
    gan_graph *graph = NULL;
    gan_model *model = NULL;
    expect_ok("vectors", gan_context_create(&context, NULL));
    expect_ok("vectors", gan_graph_create(&graph, context));
    gan_layer *x = gan_input(graph, NULL, (const int64_t[]){-1, -1, -1, 5}, 4);
    gan_conv2d_options named = convolution;
    named.name = "conv";
    gan_layer *y = gan_conv2d(x, &named);
    expect_ok("vectors", gan_model_create(&model, "model", &x, 1, &y, 1));
    ck_assert_int_eq(gan_model_parameter_count(model), 4);
    ck_assert_int_ge(gan_model_parameter_find(model, "conv.weight"), 0);
    ck_assert_int_ge(gan_model_parameter_find(model, "conv_scaled.bias"), 0);
    const char *const names[] = {"conv_spectral_norm.u", "conv_spectral_norm.v"};
    const int64_t lengths[] = {6, 4 * 4 * 5};
    for (int i = 0; i < 2; i++) {
        gan_tensor *vector = NULL;
        double squares = 0;
        const int32_t index = gan_model_parameter_find(model, names[i]);
        expect_ok(names[i], gan_model_get_parameter(model, index, &vector));
        ck_assert_int_eq(gan_tensor_count(vector), lengths[i]);
        const float *values = gan_tensor_data_const(vector);
        for (int64_t k = 0; k < lengths[i]; k++)
            squares += (double)values[k] * (double)values[k];
        ck_assert_msg(fabs(squares - 1) < 1e-5, "%s has length %g", names[i], sqrt(squares));
        ck_assert_int_eq(gan_model_parameter_trainable(model, index), 0);
        gan_tensor_free(vector);
    }
    gan_graph_free(graph);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

static gan_tensor *run_once(gan_context *context, gan_model *model, const gan_tensor *x)
{
    gan_session *session = NULL;
    gan_tensor *y = NULL;
    expect_ok("run", gan_tensor_create(&y, context, GAN_FLOAT32, (const int64_t[]){2, 3, 4, 6}, 4));
    expect_ok("run", gan_session_create_2d(&session, model, 2, 6, 8, NULL));
    expect_ok("run", gan_session_run(session, &x, 1, &y, 1));
    gan_session_free(session);
    return y;
}

/* Shared weights stay shared in a file. */
START_TEST(saved_and_loaded)
{
    const char *path = "spectral_norm_test.safetensors";
    struct experiment e;
    gan_model *loaded = NULL;
    experiment_create(&e, &cases[2], 0, 0, NULL, NULL);
    experiment_run(&e);
    expect_ok("save", gan_model_save(e.model, path, GAN_STORE_FLOAT32));
    expect_ok("load", gan_model_load(&loaded, e.context, path));
    remove(path);
    ck_assert_int_eq(gan_model_parameter_count(loaded), gan_model_parameter_count(e.model));
    gan_tensor *one = run_once(e.context, e.model, e.inputs[0]),
               *other = run_once(e.context, loaded, e.inputs[0]);
    ck_assert_mem_eq(gan_tensor_data(one), gan_tensor_data(other),
                     (size_t)gan_tensor_count(one) * sizeof(float));
    gan_tensor_free(one);
    gan_tensor_free(other);
    gan_model_free(loaded);
    experiment_free(&e);
}
END_TEST

int main(void)
{
    TCase *all = tcase_create("spectral norm");
    tcase_set_timeout(all, TEST_SECONDS);
    tcase_add_loop_test(all, gradients, 0, CASES);
    tcase_add_test(all, known_singular_value);
    tcase_add_test(all, one_step_a_run);
    tcase_add_test(all, measuring_statistics_steps_nothing);
    tcase_add_test(all, vectors);
    tcase_add_test(all, saved_and_loaded);
    Suite *suite = suite_create("spectral norm");
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
