/* Where a sum follows a convolution, a session lets the convolution add. A model that also gives the
 * convolution's output cannot do so: both give the same result. */
#include "experiment.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* How the convolution of x is made, whose output is added to `other`. */
static const struct kind {
    int32_t channels, filters, kernel, stride, groups, upsample;
    bool sum_first; /* `other` is the sum's first term */
} kinds[] = {
    {5, 4, 3, 1, 1, 1, false},  {5, 4, 3, 2, 1, 1, true},    {48, 32, 3, 1, 1, 1, false},
    {48, 32, 1, 1, 1, 1, true}, {16, 16, 3, 1, 16, 1, true}, {6, 4, 3, 1, 2, 1, false},
    {8, 3, 3, 1, 1, 2, true},   {8, 20, 5, 1, 1, 2, false},
};

enum { SIZE = 12 };

struct setting {
    gan_context *context;
    gan_graph *graph;
    gan_layer *inputs[2], *conv, *sum;
    gan_tensor *values[2];
    int64_t shapes[8];
};

static void add_input(struct setting *setting, int32_t index, int64_t size, int64_t channels)
{
    int64_t *shape = setting->shapes + 4 * index;
    shape[0] = 2;
    shape[1] = shape[2] = size;
    shape[3] = channels;
    setting->inputs[index] = gan_input(setting->graph, NULL, shape, 4);
    expect_ok("input", gan_tensor_create(&setting->values[index], setting->context, GAN_FLOAT32, shape, 4));
    expect_ok("input", gan_tensor_fill_normal(setting->values[index], 70 + (uint64_t)index, 0, 1));
}

static struct setting make_setting(const struct kind *kind)
{
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .filters = kind->filters,
                                        .kernel = {kind->kernel},
                                        .stride = {kind->stride},
                                        .groups = kind->groups,
                                        .padding = GAN_PAD_HALF};
    struct setting setting = {0};
    expect_ok("context", gan_context_create(&setting.context, NULL));
    expect_ok("graph", gan_graph_create(&setting.graph, setting.context));
    add_input(&setting, 0, SIZE, kind->channels);
    add_input(&setting, 1, SIZE * kind->upsample / kind->stride, kind->filters);
    gan_layer *x = setting.inputs[0], *other = setting.inputs[1];
    setting.conv = gan_conv2d(kind->upsample > 1 ? gan_upsample_nearest(x, kind->upsample) : x, &options);
    setting.sum = kind->sum_first ? gan_add(other, setting.conv) : gan_add(setting.conv, other);
    setting.sum = gan_leaky_relu(setting.sum, 0.1f);
    expect_ok("graph", gan_graph_status(setting.graph));
    return setting;
}

static void free_setting(struct setting *setting)
{
    for (int32_t i = 0; i < 2; i++)
        gan_tensor_free(setting->values[i]);
    gan_graph_free(setting->graph);
    gan_context_free(setting->context);
}

/* The sum; with `both`, of a model that gives the convolution's output too. */
static gan_tensor *run(const struct setting *setting, bool both)
{
    gan_layer *const outputs[] = {setting->sum, setting->conv};
    gan_tensor *results[] = {NULL, NULL};
    gan_model *model = NULL;
    gan_session *session = NULL;
    expect_ok("model", gan_model_create(&model, "m", setting->inputs, 2, outputs, both ? 2 : 1));
    expect_ok("session", gan_session_create(&session, model, setting->shapes, NULL));
    expect_ok("output",
              gan_tensor_create(&results[0], setting->context, GAN_FLOAT32, setting->shapes + 4, 4));
    expect_ok("run",
              gan_session_run(session, (const gan_tensor *const *)setting->values, 2, results, both ? 2 : 1));
    gan_session_free(session);
    gan_model_free(model);
    return results[0];
}

static void compare(gan_tensor *folded, gan_tensor *plain)
{
    const float *a = gan_tensor_data_const(folded), *b = gan_tensor_data_const(plain);
    for (int64_t i = 0; i < gan_tensor_count(plain); i++)
        ck_assert_msg(fabsf(a[i] - b[i]) <= 1e-5f, "element %lld is %g, expected %g", (long long)i,
                      (double)a[i], (double)b[i]);
    gan_tensor_free(folded);
    gan_tensor_free(plain);
}

START_TEST(folded_and_plain_agree)
{
    struct setting setting = make_setting(&kinds[_i]);
    compare(run(&setting, false), run(&setting, true));
    free_setting(&setting);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sum folding");
    TCase *tests = tcase_create("sum folding");
    tcase_add_loop_test(tests, folded_and_plain_agree, 0, (int)(sizeof kinds / sizeof kinds[0]));
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
