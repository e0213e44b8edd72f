/* Differentiable augmentation: the kernel against the paper's steps in double, its transpose, and the layer.
 */
#include "base/suite.h"
#include "gan/gan.h"
#include "kernels/augmentation.h"
#include "models/reference.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HEIGHT = 9, WIDTH = 7, CHANNELS = 3, COUNT = HEIGHT * WIDTH * CHANNELS };
static const struct augmented_shape shape = {HEIGHT, WIDTH, CHANNELS};

static const struct augmentation cases[] = {
    {0, 1, 1, 0, 0, 0, 0, 0, 0},    {0.3f, 1, 1, 0, 0, 0, 0, 0, 0},        {0, 1.7f, 1, 0, 0, 0, 0, 0, 0},
    {0, 1, 0.6f, 0, 0, 0, 0, 0, 0}, {-0.2f, 0.4f, 1.3f, 0, 0, 0, 0, 0, 0}, {0, 1, 1, 2, -3, 0, 0, 0, 0},
    {0, 1, 1, 0, 0, 2, 6, 0, 3},    {0.1f, 0, 1.5f, -1, 2, 3, 9, 1, 5},    {0.1f, 2, 0.5f, 9, 0, 0, 0, 0, 0},
};

static void fill(float *values, int count, uint64_t seed)
{
    gan_context *context = reference_context();
    gan_tensor *numbers;
    const int64_t size = count;
    must(gan_tensor_create(&numbers, context, GAN_FLOAT32, &size, 1));
    must(gan_tensor_fill_normal(numbers, seed, 0, 1));
    memcpy(values, gan_tensor_data(numbers), (size_t)count * sizeof *values);
    gan_tensor_free(numbers);
    gan_context_free(context);
}

static double mean(const double *values, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += values[i];
    return sum / count;
}

/* Brightness, saturation, contrast, translation, cutout, one after the other. */
static void by_the_paper(const struct augmentation *a, const float *x, double *y)
{
    double z[COUNT];
    for (int i = 0; i < COUNT; i++)
        z[i] = (double)x[i] + (double)a->brightness;
    for (int p = 0; p < COUNT; p += CHANNELS) {
        const double m = mean(z + p, CHANNELS);
        for (int c = 0; c < CHANNELS; c++)
            z[p + c] = (z[p + c] - m) * (double)a->saturation + m;
    }
    const double m = mean(z, COUNT);
    for (int i = 0; i < COUNT; i++)
        z[i] = (z[i] - m) * (double)a->contrast + m;
    for (int64_t i = 0; i < COUNT; i++) {
        const int64_t row = i / CHANNELS / WIDTH, column = i / CHANNELS % WIDTH;
        const int64_t from_row = row - a->down, from_column = column - a->right;
        const bool inside = from_row >= 0 && from_row < HEIGHT && from_column >= 0 && from_column < WIDTH;
        const bool cut =
            row >= a->cut_top && row < a->cut_bottom && column >= a->cut_left && column < a->cut_right;
        y[i] = inside && !cut ? z[(from_row * WIDTH + from_column) * CHANNELS + i % CHANNELS] : 0;
    }
}

START_TEST(the_kernel_does_what_the_paper_says)
{
    float x[COUNT], y[COUNT];
    double expected[COUNT];
    fill(x, COUNT, 1);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        gan_augment(&cases[k], &shape, x, y);
        by_the_paper(&cases[k], x, expected);
        for (int i = 0; i < COUNT; i++)
            ck_assert_msg(fabs((double)y[i] - expected[i]) < 1e-6, "case %d, element %d: %g, expected %g",
                          (int)k, i, (double)y[i], expected[i]);
    }
}
END_TEST

/* <A x - A 0, g> = <x, A^T g> for all x and g. */
START_TEST(backward_is_the_transpose)
{
    float x[COUNT], y[COUNT], zero[COUNT] = {0}, of_zero[COUNT], g[COUNT], dx[COUNT];
    fill(x, COUNT, 2);
    fill(g, COUNT, 3);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        double left = 0, right = 0;
        gan_augment(&cases[k], &shape, x, y);
        gan_augment(&cases[k], &shape, zero, of_zero);
        gan_augment_backward(&cases[k], &shape, g, dx);
        for (int i = 0; i < COUNT; i++) {
            left += ((double)y[i] - (double)of_zero[i]) * (double)g[i];
            right += (double)x[i] * (double)dx[i];
        }
        ck_assert_msg(fabs(left - right) < 1e-4, "case %d: %g and %g", (int)k, left, right);
    }
}
END_TEST

/* ---- The layer ---- */

enum { BATCH = 48, SIDE = 16 };

struct rig {
    gan_context *context;
    gan_model *judge;
    gan_optimizer *optimizer;
    gan_objective *objective;
    gan_tensor *picture, *target;
};

/* mean (conv(augment(x)) - target)^2, with the augmented pictures watched; a second augmentation follows the
 * first where they share their draws. */
static struct rig make_rig(const gan_diff_augment_options *options, int32_t threads)
{
    struct rig rig;
    const gan_context_options context = {.struct_size = sizeof context, .threads = threads, .seed = 5};
    must(gan_context_create(&rig.context, &context));
    gan_graph *graph;
    must(gan_graph_create(&graph, rig.context));
    const int64_t sizes[4] = {-1, SIDE, SIDE, 3}, of_target[4] = {-1, SIDE, SIDE, 1};
    gan_layer *inputs[2] = {gan_input(graph, "x", sizes, 4), gan_input(graph, "target", of_target, 4)};
    gan_layer *first = gan_diff_augment(inputs[0], options), *second = gan_diff_augment(inputs[0], options);
    const gan_conv2d_options conv = {.struct_size = sizeof conv, .filters = 1, .kernel = {1, 1}};
    gan_layer *score = gan_conv2d(first, &conv), *watched[2] = {first, second};
    must(gan_model_create(&rig.judge, "judge", &inputs[0], 1, &score, 1));
    const gan_sgd_options sgd = {.struct_size = sizeof sgd, .learning_rate = 1e-3f};
    must(gan_sgd_create(&rig.optimizer, rig.context, &sgd));
    const gan_objective_options objective = {
        .struct_size = sizeof objective, .watched = watched, .watched_count = 2};
    must(gan_objective_create(&rig.objective, gan_mean_squared_error(score, inputs[1]), inputs, 2, &rig.judge,
                              1, rig.optimizer, &objective));
    must(gan_tensor_create(&rig.picture, rig.context, GAN_FLOAT32, (const int64_t[]){BATCH, SIDE, SIDE, 3},
                           4));
    must(
        gan_tensor_create(&rig.target, rig.context, GAN_FLOAT32, (const int64_t[]){BATCH, SIDE, SIDE, 1}, 4));
    must(gan_tensor_fill_uniform(rig.picture, 1, -1, 1));
    must(gan_tensor_fill_uniform(rig.target, 2, -1, 1));
    gan_graph_free(graph);
    return rig;
}

static void free_rig(struct rig *rig)
{
    gan_tensor_free(rig->picture);
    gan_tensor_free(rig->target);
    gan_objective_free(rig->objective);
    gan_optimizer_free(rig->optimizer);
    gan_model_free(rig->judge);
    gan_context_free(rig->context);
}

static gan_tensor *step(struct rig *rig, int32_t watched)
{
    const gan_tensor *const inputs[2] = {rig->picture, rig->target};
    gan_tensor *value;
    must(gan_objective_step(rig->objective, inputs, 2, NULL));
    must(gan_objective_value(rig->objective, watched, &value));
    return value;
}

static bool same(const gan_tensor *a, const gan_tensor *b)
{
    return memcmp(gan_tensor_data_const(a), gan_tensor_data_const(b), (size_t)gan_tensor_count(a) * 4) == 0;
}

START_TEST(each_step_draws_anew_and_threads_do_not_matter)
{
    struct rig one = make_rig(NULL, 1), three = make_rig(NULL, 3);
    gan_tensor *a = step(&one, 0), *b = step(&three, 0), *c = step(&one, 0);
    ck_assert(same(a, b));
    ck_assert(!same(a, c));
    gan_tensor_free(a);
    gan_tensor_free(b);
    gan_tensor_free(c);
    free_rig(&one);
    free_rig(&three);
}
END_TEST

START_TEST(layers_draw_apart_or_together_as_asked)
{
    for (int32_t shared = 0; shared < 2; shared++) {
        const gan_diff_augment_options options = {.struct_size = sizeof options, .shared_draw = shared};
        struct rig rig = make_rig(&options, 2);
        gan_tensor *first = step(&rig, 0), *second;
        must(gan_objective_value(rig.objective, 1, &second));
        ck_assert_int_eq(same(first, second), shared);
        gan_tensor_free(first);
        gan_tensor_free(second);
        free_rig(&rig);
    }
}
END_TEST

/* Of pictures that are 1 everywhere, brightness can be read off; its draws fill their range. */
START_TEST(colours_stay_in_the_papers_ranges)
{
    const gan_diff_augment_options options = {.struct_size = sizeof options, .policy = GAN_AUGMENT_COLOUR};
    struct rig rig = make_rig(&options, 2);
    float *x = gan_tensor_data(rig.picture);
    for (int64_t i = 0; i < gan_tensor_count(rig.picture); i++)
        x[i] = 1;
    gan_tensor *result = step(&rig, 0);
    const float *y = gan_tensor_data(result);
    float low = 2, high = 0;
    for (int i = 0; i < BATCH; i++) {
        const float value = y[i * SIDE * SIDE * 3];
        low = fminf(low, value);
        high = fmaxf(high, value);
        ck_assert_float_eq_tol(y[i * SIDE * SIDE * 3 + 100], value, 1e-5f);
    }
    ck_assert(low >= 0.5f && low < 0.6f && high <= 1.5f && high > 1.4f);
    gan_tensor_free(result);
    free_rig(&rig);
}
END_TEST

/* Of pictures that are 1 everywhere, zeros are what was cut or moved in. */
static int count_zeros(int32_t policy, int *most)
{
    const gan_diff_augment_options options = {.struct_size = sizeof options, .policy = policy};
    struct rig rig = make_rig(&options, 2);
    float *x = gan_tensor_data(rig.picture);
    for (int64_t i = 0; i < gan_tensor_count(rig.picture); i++)
        x[i] = 1;
    gan_tensor *result = step(&rig, 0);
    const float *y = gan_tensor_data(result);
    int all = 0;
    *most = 0;
    for (int i = 0; i < BATCH; i++) {
        int zeros = 0;
        for (int k = 0; k < SIDE * SIDE; k++)
            zeros += y[(i * SIDE * SIDE + k) * 3] == 0;
        *most = zeros > *most ? zeros : *most;
        all += zeros;
    }
    gan_tensor_free(result);
    free_rig(&rig);
    return all;
}

START_TEST(cutout_and_translation_take_what_they_should)
{
    int most;
    ck_assert_int_eq(count_zeros(GAN_AUGMENT_COLOUR, &most), 0);
    const int cut = count_zeros(GAN_AUGMENT_CUTOUT, &most);
    ck_assert_int_eq(most, 64); /* half of each side */
    ck_assert(cut > BATCH * 25 && cut < BATCH * 64);
    const int moved = count_zeros(GAN_AUGMENT_TRANSLATION, &most);
    ck_assert(moved > 0 && most <= 2 * 16 * 2 - 4); /* by two rows and columns at most */
}
END_TEST

/* The loss is of second degree in x: central differences are exact but for rounding. */
START_TEST(gradients_agree_with_finite_differences)
{
    struct rig rig = make_rig(NULL, 2);
    const gan_tensor *const inputs[2] = {rig.picture, rig.target};
    gan_tensor *gradient;
    float loss;
    must(gan_objective_request_input_gradient(rig.objective, 0));
    must(gan_objective_gradients(rig.objective, inputs, 2, &loss));
    must(gan_objective_input_gradient(rig.objective, 0, &gradient));
    const float *g = gan_tensor_data(gradient);
    float *x = gan_tensor_data(rig.picture);
    double largest = 0, worst = 0;
    for (int64_t i = 0; i < gan_tensor_count(gradient); i++)
        largest = fmax(largest, fabs((double)g[i]));
    for (int64_t i = 5; i < gan_tensor_count(gradient); i += 997) {
        const float before = x[i];
        float above, below;
        x[i] = before + 8;
        must(gan_objective_evaluate(rig.objective, inputs, 2, &above));
        x[i] = before - 8;
        must(gan_objective_evaluate(rig.objective, inputs, 2, &below));
        x[i] = before;
        worst = fmax(worst, fabs(((double)above - (double)below) / 16 - (double)g[i]));
    }
    ck_assert_msg(worst <= 0.01 * largest, "off by %g of %g", worst, largest);
    gan_tensor_free(gradient);
    free_rig(&rig);
}
END_TEST

START_TEST(outside_of_training_pictures_pass_as_they_are)
{
    struct rig rig = make_rig(NULL, 1);
    gan_graph *graph;
    gan_model *model;
    gan_tensor *out;
    must(gan_graph_create(&graph, rig.context));
    gan_layer *x = gan_input(graph, "x", (const int64_t[]){-1, -1, -1, 3}, 4), *y = gan_diff_augment(x, NULL);
    must(gan_model_create(&model, "augment", &x, 1, &y, 1));
    must(gan_model_run(model, rig.picture, &out));
    ck_assert(same(rig.picture, out));
    gan_tensor_free(out);
    gan_model_free(model);
    gan_graph_free(graph);
    free_rig(&rig);
}
END_TEST

START_TEST(options_out_of_range_are_refused)
{
    static const gan_diff_augment_options bad[] = {{.struct_size = sizeof bad[0], .policy = 8},
                                                   {.struct_size = sizeof bad[0], .cutout = 1.5f},
                                                   {.struct_size = sizeof bad[0], .translation = -1},
                                                   {.struct_size = sizeof bad[0], .shared_draw = 1001}};
    for (int i = 0; i < 4; i++) {
        gan_context *context = reference_context();
        gan_graph *graph;
        must(gan_graph_create(&graph, context));
        gan_layer *x = gan_input(graph, "x", (const int64_t[]){-1, -1, -1, 3}, 4);
        ck_assert_ptr_null(gan_diff_augment(x, &bad[i]));
        ck_assert_int_eq(gan_graph_status(graph), GAN_ERROR_ARGUMENT);
        gan_graph_free(graph);
        gan_context_free(context);
    }
    ck_assert_ptr_null(gan_diff_augment(NULL, NULL));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_kernel_does_what_the_paper_says,
        backward_is_the_transpose,
        each_step_draws_anew_and_threads_do_not_matter,
        layers_draw_apart_or_together_as_asked,
        colours_stay_in_the_papers_ranges,
        cutout_and_translation_take_what_they_should,
        gradients_agree_with_finite_differences,
        outside_of_training_pictures_pass_as_they_are,
        options_out_of_range_are_refused,
    };
    return run_suite("diff_augment", tests, sizeof tests / sizeof tests[0]);
}
