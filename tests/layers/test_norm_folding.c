/* Where a convolution reads a normalization, a session lets the convolution apply it. A model that also gives
 * the normalized picture out cannot do so: both give the same result. */
#include "experiment.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { INPUTS = 3, KINDS = 8, OF_X = 6, OF_NORM = 7, FILTERS = 5 };

static const int64_t picture[] = {2, 7, 6, 5}, style[] = {1, 4, 3, 5}, vector[] = {1, 5};

static gan_layer *normalize(gan_layer *const *inputs, int kind)
{
    switch (kind) {
    case OF_X:
    case OF_NORM:
        return gan_relu(gan_instance_norm(inputs[0], NULL));
    case 0:
        return gan_batch_norm(inputs[0], NULL);
    case 1:
        return gan_relu(gan_instance_norm(inputs[0], NULL));
    case 2:
        return gan_group_norm(inputs[0], &(gan_norm_options){sizeof(gan_norm_options), .groups = 5});
    case 3:
        return gan_layer_norm(inputs[0], NULL);
    case 4:
        return gan_leaky_relu(gan_adain(inputs[0], inputs[1], 0, 0), 0.1f);
    default:
        return gan_relu(gan_adain_affine(inputs[0], inputs[2], inputs[2], 0, 0));
    }
}

struct setting {
    gan_context *context;
    gan_graph *graph;
    gan_layer *inputs[INPUTS], *norm, *conv;
    gan_tensor *values[INPUTS];
};

static void add_input(struct setting *setting, int32_t index, const int64_t *size, int32_t rank)
{
    setting->inputs[index] = gan_input(setting->graph, NULL, size, rank);
    expect_ok("input", gan_tensor_create(&setting->values[index], setting->context, GAN_FLOAT32, size, rank));
    expect_ok("input", gan_tensor_fill_normal(setting->values[index], 40 + (uint64_t)index, 1, 2));
}

static struct setting make_setting(int kind)
{
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .filters = FILTERS,
                                        .kernel = {3, 3},
                                        .padding = GAN_PAD_HALF,
                                        .padding_mode = GAN_PADDING_ZERO};
    struct setting setting = {NULL, NULL, {NULL}, NULL, NULL, {NULL}};
    expect_ok("context", gan_context_create(&setting.context, NULL));
    expect_ok("graph", gan_graph_create(&setting.graph, setting.context));
    add_input(&setting, 0, picture, 4);
    add_input(&setting, 1, style, 4);
    add_input(&setting, 2, vector, 2);
    setting.norm = normalize(setting.inputs, kind);
    setting.conv = gan_conv2d(setting.norm, &options);
    if (kind == OF_X || kind == OF_NORM) /* the convolution adds, too */
        setting.conv = gan_add(setting.conv, kind == OF_X ? setting.inputs[0] : setting.norm);
    expect_ok("graph", gan_graph_status(setting.graph));
    return setting;
}

static void free_setting(struct setting *setting)
{
    for (int32_t i = 0; i < INPUTS; i++)
        gan_tensor_free(setting->values[i]);
    gan_graph_free(setting->graph);
    gan_context_free(setting->context);
}

/* The convolution's output; with `both`, of a model that gives the normalized picture too. */
static gan_tensor *run(const struct setting *setting, bool both, int32_t training)
{
    static const int64_t sizes[] = {2, 7, 6, 5, 1, 4, 3, 5, 1, 5}, out[] = {2, 7, 6, FILTERS};
    const gan_session_options options = {.struct_size = sizeof options, .training = training};
    gan_layer *const outputs[] = {setting->conv, setting->norm};
    gan_tensor *results[] = {NULL, NULL};
    gan_model *model = NULL;
    gan_session *session = NULL;
    expect_ok("model", gan_model_create(&model, "m", setting->inputs, INPUTS, outputs, both ? 2 : 1));
    expect_ok("session", gan_session_create(&session, model, sizes, &options));
    expect_ok("output", gan_tensor_create(&results[0], setting->context, GAN_FLOAT32, out, 4));
    expect_ok("run", gan_session_run(session, (const gan_tensor *const *)setting->values, INPUTS, results,
                                     both ? 2 : 1));
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
    struct setting setting = make_setting(_i);
    for (int32_t training = 0; training <= 1; training++)
        compare(run(&setting, false, training), run(&setting, true, training));
    free_setting(&setting);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("norm folding");
    TCase *tests = tcase_create("norm folding");
    tcase_add_loop_test(tests, folded_and_plain_agree, 0, KINDS);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
