/* PatchNCE and its parts: random positions, gathered pixels, unit vectors, InfoNCE; feature matching. */
#include "base/suite.h"
#include "gan/losses.h"
#include "gan/networks.h"
#include "gradient_check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Positions from a constant. */
static gan_layer *build_gather(gan_layer *const *inputs, const void *argument)
{
    gan_context *context = NULL;
    gan_tensor *positions = NULL;
    expect_ok("gather", gan_context_create(&context, NULL));
    expect_ok("gather", gan_tensor_create(&positions, context, GAN_FLOAT32, (const int64_t[]){6}, 1));
    memcpy(gan_tensor_data(positions), argument, 6 * sizeof(float));
    gan_layer *at = gan_constant(gan_layer_graph(inputs[0]), "positions", positions);
    gan_tensor_free(positions);
    gan_context_free(context);
    return gan_gather(inputs[0], at);
}

static gan_layer *build_unit_length(gan_layer *const *inputs, const void *argument)
{
    return gan_unit_length(inputs[0], *(const float *)argument);
}

static gan_layer *build_info_nce(gan_layer *const *inputs, const void *argument)
{
    return gan_info_nce(inputs[0], inputs[1], *(const float *)argument);
}

static gan_layer *build_feature_matching(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_feature_matching_loss(&inputs[0], &inputs[2], 2);
}

static const float usual = 0, large = 0.5f, warm = 2;
static const struct layer_case cases[] = {
    {"unit length", build_unit_length, &usual, {{3, {2, 3, 7}}}, 0},
    {"unit length, large epsilon", build_unit_length, &large, {{2, {5, 9}}}, 0},
    {"info nce", build_info_nce, &warm, {{3, {2, 6, 5}}, {3, {2, 6, 5}}}, 0},
    {"info nce of one patch", build_info_nce, &warm, {{3, {3, 1, 4}}, {3, {3, 1, 4}}}, 0},
};
enum { CASES = 3 };

START_TEST(gradients)
{
    check_layer(&cases[_i]);
}
END_TEST

/* From the definition, in double. */
START_TEST(info_nce_value)
{
    enum { BATCH = 2, PATCHES = 6, CHANNELS = 5 };
    struct experiment e;
    double total = 0;
    experiment_create(&e, &cases[2], 0, 2, NULL, NULL);
    experiment_run(&e);
    const float *q = gan_tensor_data_const(e.inputs[0]), *k = gan_tensor_data_const(e.inputs[1]);
    for (int n = 0; n < BATCH; n++)
        for (int i = 0; i < PATCHES; i++) {
            double own = 0, all = 0;
            for (int j = 0; j < PATCHES; j++) {
                double dot = 0;
                for (int c = 0; c < CHANNELS; c++)
                    dot += (double)q[(n * PATCHES + i) * CHANNELS + c] *
                           (double)k[(n * PATCHES + j) * CHANNELS + c];
                all += exp(dot / 2);
                own = i == j ? dot / 2 : own;
            }
            total += log(all) - own;
        }
    expect_values("info nce", "loss", e.output, &(double){total / (BATCH * PATCHES)}, 1e-6);
    experiment_free(&e);
}
END_TEST

/* One patch has no negatives: the loss is 0. */
START_TEST(info_nce_of_one)
{
    struct experiment e;
    experiment_create(&e, &cases[3], 0, 2, NULL, NULL);
    experiment_run(&e);
    ck_assert_float_eq_tol(*(const float *)gan_tensor_data_const(e.output), 0, 1e-6f);
    experiment_free(&e);
}
END_TEST

/* ---- Positions and pixels ---- */

static gan_layer *build_positions(gan_layer *const *inputs, const void *argument)
{
    return gan_random_positions(inputs[0], *(const int32_t *)argument);
}

static gan_tensor *run_positions(gan_context *context, int32_t count, int32_t training, gan_session **session)
{
    gan_graph *graph = NULL;
    gan_model *model = NULL;
    gan_tensor *output = NULL;
    const gan_session_options options = {.struct_size = sizeof options, .training = training};
    const int64_t length = count < 35 ? count : 35;
    expect_ok("positions", gan_graph_create(&graph, context));
    gan_layer *x = gan_input(graph, NULL, (const int64_t[]){-1, -1, -1, 2}, 4);
    gan_layer *y = build_positions(&x, &count);
    expect_ok("positions", gan_model_create(&model, "positions", &x, 1, &y, 1));
    expect_ok("positions", gan_session_create_2d(session, model, 1, 5, 7, &options));
    expect_ok("positions", gan_tensor_create(&output, context, GAN_FLOAT32, &length, 1));
    gan_model_free(model);
    gan_graph_free(graph);
    return output;
}

static void run(gan_context *context, gan_session *session, gan_tensor *output)
{
    gan_tensor *picture = NULL;
    expect_ok("run", gan_tensor_create(&picture, context, GAN_FLOAT32, (const int64_t[]){1, 5, 7, 2}, 4));
    memset(gan_tensor_data(picture), 0, (size_t)gan_tensor_count(picture) * sizeof(float));
    expect_ok("run", gan_session_run(session, (const gan_tensor *const *)&picture, 1, &output, 1));
    gan_tensor_free(picture);
}

/* Whole numbers from 0 to 34, each at most once. */
static void expect_positions(const gan_tensor *positions)
{
    bool seen[35] = {false};
    const float *values = gan_tensor_data_const(positions);
    for (int64_t i = 0; i < gan_tensor_count(positions); i++) {
        ck_assert(values[i] >= 0 && values[i] <= 34 && values[i] == floorf(values[i]));
        ck_assert(!seen[(int)values[i]]);
        seen[(int)values[i]] = true;
    }
}

START_TEST(positions)
{
    for (int32_t count = 1; count <= 64; count += 7)
        for (int32_t training = 0; training < 2; training++) {
            gan_context *context = NULL;
            gan_session *session = NULL;
            float first[35];
            expect_ok("positions", gan_context_create(&context, NULL));
            gan_tensor *given = run_positions(context, count, training, &session);
            const size_t size = (size_t)gan_tensor_count(given) * sizeof(float);
            run(context, session, given);
            expect_positions(given);
            memcpy(first, gan_tensor_data(given), size);
            run(context, session, given);
            expect_positions(given);
            if (count > 7)
                ck_assert_int_eq(memcmp(first, gan_tensor_data(given), size) == 0, !training);
            gan_session_free(session);
            gan_tensor_free(given);
            gan_context_free(context);
        }
}
END_TEST

/* Two pictures; a position twice, one off each end, and one between two. */
START_TEST(gathered_pixels)
{
    static const float at[6] = {3, 0, 3, 99, -5, 0.5f};
    static const int expected[6] = {3, 0, 3, 5, 0, 0};
    struct experiment e;
    const struct layer_case layer = {"gather", build_gather, at, {{4, {2, 2, 3, 4}}}, 0};
    experiment_create(&e, &layer, 0, 2, NULL, NULL);
    experiment_run(&e);
    const float *x = gan_tensor_data_const(e.inputs[0]), *y = gan_tensor_data_const(e.output);
    const float *g = gan_tensor_data_const(e.inputs[1]);
    gan_tensor *gradient = experiment_input_gradient(&e, 0);
    double sums[2 * 6 * 4] = {0};
    for (int i = 0; i < 2 * 6 * 4; i++) {
        const int from = (i / 24 * 6 + expected[i / 4 % 6]) * 4 + i % 4;
        ck_assert(y[i] == x[from]);
        sums[from] += (double)g[i];
    }
    expect_values("gather", "gradient", gradient, sums, 1e-6);
    gan_tensor_free(gradient);
    experiment_free(&e);
}
END_TEST

/* ---- Whole losses ---- */

/* A mean over levels of mean absolute differences; nothing flows to the real ones. */
START_TEST(feature_matching)
{
    const struct layer_case layer = {"feature matching",
                                     build_feature_matching,
                                     NULL,
                                     {{2, {3, 4}}, {2, {2, 5}}, {2, {3, 4}}, {2, {2, 5}}},
                                     0};
    struct experiment e;
    experiment_create(&e, &layer, 0, 2, NULL, NULL);
    experiment_run(&e);
    double sums[2] = {0, 0};
    for (int level = 0; level < 2; level++) {
        const float *a = gan_tensor_data_const(e.inputs[level]),
                    *b = gan_tensor_data_const(e.inputs[level + 2]);
        const int64_t count = gan_tensor_count(e.inputs[level]);
        for (int64_t i = 0; i < count; i++)
            sums[level] += fabs((double)a[i] - (double)b[i]) / (double)count;
    }
    expect_values("feature matching", "loss", e.output, &(double){(sums[0] + sums[1]) / 2}, 1e-6);
    gan_tensor *to_generated = experiment_input_gradient(&e, 0);
    ck_assert(fabsf(*(const float *)gan_tensor_data_const(to_generated)) > 0);
    gan_tensor_free(to_generated);
    experiment_free(&e);
}
END_TEST

/* Pictures that agree with their sources have a lower loss than pictures that do not. */
START_TEST(patch_nce)
{
    gan_context *context = NULL;
    gan_graph *graph = NULL;
    gan_model *projection = NULL, *model = NULL;
    gan_session *session = NULL;
    expect_ok("patch nce", gan_context_create(&context, NULL));
    expect_ok("patch nce", gan_graph_create(&graph, context));
    expect_ok("patch nce", gan_patch_projection_create(&projection, context, 8, 16));
    gan_layer *x[3], *losses[2];
    for (int i = 0; i < 3; i++)
        x[i] = gan_input(graph, NULL, (const int64_t[]){2, 6, 6, 8}, 4);
    losses[0] = gan_patch_nce_loss(&x[0], &x[1], &projection, NULL, 1, 20, 0);
    losses[1] = gan_patch_nce_loss(&x[0], &x[2], &projection, NULL, 1, 20, 0);
    expect_ok("patch nce", gan_model_create(&model, "losses", x, 3, losses, 2));
    ck_assert_int_eq(gan_model_parameter_count(model), 4);
    expect_ok("patch nce", gan_session_create(&session, model,
                                              (const int64_t[]){2, 6, 6, 8, 2, 6, 6, 8, 2, 6, 6, 8}, NULL));
    gan_tensor *pictures[3], *values[2];
    for (int i = 0; i < 3; i++) {
        expect_ok("patch nce",
                  gan_tensor_create(&pictures[i], context, GAN_FLOAT32, (const int64_t[]){2, 6, 6, 8}, 4));
        float *elements = gan_tensor_data(pictures[i]);
        for (int k = 0; k < 2 * 6 * 6 * 8; k++)
            elements[k] = sinf((float)(k * k % 1009) * (i < 2 ? 1.7f : 2.9f));
    }
    for (int i = 0; i < 2; i++)
        expect_ok("patch nce", gan_tensor_create(&values[i], context, GAN_FLOAT32, NULL, 0));
    expect_ok("patch nce", gan_session_run(session, (const gan_tensor *const *)pictures, 3, values, 2));
    const float same = *(const float *)gan_tensor_data_const(values[0]),
                other = *(const float *)gan_tensor_data_const(values[1]);
    printf("patch nce: %g of the same picture, %g of another\n", (double)same, (double)other);
    ck_assert(same > 0 && same < 0.5f * other);
    for (int i = 0; i < 3; i++)
        gan_tensor_free(pictures[i]);
    gan_tensor_free(values[0]);
    gan_tensor_free(values[1]);
    gan_session_free(session);
    gan_model_free(model);
    gan_model_free(projection);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    TCase *all = tcase_create("patch nce");
    tcase_set_timeout(all, TEST_SECONDS);
    tcase_add_loop_test(all, gradients, 0, CASES);
    tcase_add_test(all, info_nce_value);
    tcase_add_test(all, info_nce_of_one);
    tcase_add_test(all, positions);
    tcase_add_test(all, gathered_pixels);
    tcase_add_test(all, feature_matching);
    tcase_add_test(all, patch_nce);
    Suite *suite = suite_create("patch nce");
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
