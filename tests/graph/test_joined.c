/* Channels that are joined: convolutions write them side by side, with the bits that copying would give. */
#include "base/suite.h"
#include "models/reference.h"

#include <stdlib.h>
#include <string.h>

/* What the parts are: filters, kernel, stride of all, groups of the last. */
struct network {
    const char *name;
    int64_t height, width, channels;
    int32_t stride, filters[3], kernels[3], groups;
};

static const struct network networks[] = {
    {"as SqueezeNet", 15, 15, 16, 1, {64, 64, 5}, {1, 3, 1}, 1},
    {"wide rows", 9, 130, 8, 1, {8, 3, 33}, {3, 1, 3}, 1},
    {"strides and groups", 20, 22, 16, 2, {7, 32, 32}, {3, 3, 5}, 16},
    {"depthwise", 12, 11, 12, 1, {1, 40, 12}, {5, 2, 3}, 12},
    {"one pixel", 1, 1, 3, 1, {3, 2, 4}, {1, 1, 1}, 1},
    {"tall kernels", 40, 50, 16, 1, {16, 16, 3}, {9, 3, 9}, 1},
};
enum { NETWORKS = sizeof networks / sizeof networks[0], PARTS = 3, MOST_OUTPUTS = 4 };

static gan_layer *make_part(gan_layer *x, const struct network *network, int part)
{
    const gan_conv2d_options options = {
        .struct_size = sizeof options,
        .filters = network->filters[part],
        .kernel = {network->kernels[part], network->kernels[part]},
        .stride = {network->stride, network->stride},
        .groups = part == PARTS - 1 ? network->groups : 1,
        .padding = GAN_PAD_SAME,
    };
    gan_layer *y = gan_conv2d(x, &options);
    return part == 1 ? gan_leaky_relu(y, 0.2f) : y;
}

/* What the parts are joined for: outputs 0 and 1 read the whole. With `apart` the parts are outputs too,
 * which keeps them where they are. */
static gan_model *make_model(gan_context *context, const struct network *network, bool apart)
{
    const int64_t shape[4] = {-1, -1, -1, network->channels};
    gan_graph *graph;
    gan_model *model;
    must(gan_graph_create(&graph, context));
    gan_layer *x = gan_input(graph, "x", shape, 4), *parts[PARTS], *outputs[MOST_OUTPUTS + 1];
    for (int i = 0; i < PARTS; i++)
        parts[i] = make_part(x, network, i);
    gan_layer *whole = gan_concat(parts, PARTS, -1);
    outputs[0] = gan_relu(whole);
    outputs[1] = whole;
    memcpy(outputs + 2, parts, sizeof parts);
    must(gan_model_create(&model, "joined", &x, 1, outputs, apart ? 2 + PARTS : 2));
    must(gan_model_initialize(model, 5));
    gan_graph_free(graph);
    return model;
}

static int32_t count_steps(const gan_session *session, const char *kind)
{
    int32_t count = 0;
    for (int32_t i = 0; i < gan_session_step_count(session); i++) {
        gan_step_information step = {.struct_size = sizeof step};
        must(gan_session_step(session, i, &step));
        count += strcmp(step.kind, kind) == 0;
    }
    return count;
}

static void make_outputs(gan_context *context, const gan_session *session, int32_t count,
                         gan_tensor **outputs)
{
    for (int32_t i = 0; i < count; i++) {
        int64_t sizes[GAN_MAX_RANK];
        const int32_t rank = gan_session_output_shape(session, i, sizes);
        must(gan_tensor_create(&outputs[i], context, GAN_FLOAT32, sizes, rank));
    }
}

static gan_session *make_session(gan_model *model, const gan_tensor *x, int32_t precision)
{
    const gan_session_options options = {.struct_size = sizeof options, .precision = precision};
    const int64_t shape[4] = {gan_tensor_size(x, 0), gan_tensor_size(x, 1), gan_tensor_size(x, 2),
                              gan_tensor_size(x, 3)};
    gan_session *session;
    must(gan_session_create(&session, model, shape, &options));
    return session;
}

static bool same_bits(const gan_tensor *a, const gan_tensor *b)
{
    return memcmp(gan_tensor_data_const(a), gan_tensor_data_const(b),
                  (size_t)gan_tensor_count(a) * sizeof(float)) == 0;
}

static void compare(const struct network *network, int32_t kernels, int32_t threads, int32_t precision)
{
    const gan_context_options options = {
        .struct_size = sizeof options, .threads = threads, .kernels = kernels, .seed = 1};
    const int64_t shape[4] = {2, network->height, network->width, network->channels};
    gan_context *context;
    if (gan_context_create(&context, &options) != GAN_OK)
        return; /* this processor lacks the kernels */
    gan_model *models[2] = {make_model(context, network, false), make_model(context, network, true)};
    gan_tensor *x, *outputs[2][MOST_OUTPUTS + 1];
    must(gan_tensor_create(&x, context, GAN_FLOAT32, shape, 4));
    must(gan_tensor_fill_normal(x, 3, 0, 1));
    for (int i = 0; i < 2; i++) {
        const int32_t count = gan_model_output_count(models[i]);
        gan_session *session = make_session(models[i], x, precision);
        ck_assert_int_eq(count_steps(session, "concat"), i);
        make_outputs(context, session, count, outputs[i]);
        must(gan_session_run(session, (const gan_tensor *const[]){x}, 1, outputs[i], count));
        must(gan_session_run(session, (const gan_tensor *const[]){x}, 1, outputs[i], count));
        gan_session_free(session);
    }
    for (int i = 0; i < 2; i++)
        ck_assert_msg(same_bits(outputs[0][i], outputs[1][i]), "%s, output %d, kernels %d, threads %d",
                      network->name, i, kernels, threads);
    for (int i = 0; i < 2; i++) {
        for (int32_t k = 0; k < gan_model_output_count(models[i]); k++)
            gan_tensor_free(outputs[i][k]);
        gan_model_free(models[i]);
    }
    gan_tensor_free(x);
    gan_context_free(context);
}

START_TEST(joined_as_copied)
{
    static const int32_t threads[] = {1, 2, 3, 8};
    for (size_t i = 0; i < NETWORKS; i++) {
        for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++)
            compare(&networks[i], kernels, 2, GAN_PRECISION_EXACT);
        for (size_t k = 0; k < sizeof threads / sizeof threads[0]; k++)
            compare(&networks[i], GAN_KERNELS_AUTO, threads[k], GAN_PRECISION_EXACT);
    }
}
END_TEST

/* Other precisions agree with the exact one, whether they join or not. */
START_TEST(precisions)
{
    for (size_t i = 0; i < NETWORKS; i++) {
        gan_context *context = reference_context();
        gan_model *model = make_model(context, &networks[i], false);
        const int64_t shape[4] = {1, networks[i].height, networks[i].width, networks[i].channels};
        gan_tensor *x, *exact[2], *given[2];
        must(gan_tensor_create(&x, context, GAN_FLOAT32, shape, 4));
        must(gan_tensor_fill_normal(x, 3, 0, 1));
        reference_run(model, x, GAN_PRECISION_EXACT, exact);
        for (int32_t precision = GAN_PRECISION_DEFAULT; precision <= GAN_PRECISION_BF16; precision++) {
            reference_run(model, x, precision, given);
            for (int k = 0; k < 2; k++) {
                const double bound = precision == GAN_PRECISION_BF16 ? 2e-2 : 2e-5;
                reference_compare(networks[i].name, given[k], exact[k], bound * reference_largest(exact[k]));
                gan_tensor_free(given[k]);
            }
        }
        gan_tensor_free(exact[0]);
        gan_tensor_free(exact[1]);
        gan_tensor_free(x);
        gan_model_free(model);
        gan_context_free(context);
    }
}
END_TEST

/* What has to be copied in part or as a whole: parts that are read elsewhere, that occur twice, that get a
 * sum, that are inputs or joined themselves; joins along other axes. */
static gan_layer *join_otherwise(gan_layer *x, gan_layer *const parts[3], int which)
{
    gan_layer *a = parts[0], *b = parts[1], *c = parts[2];
    switch (which) {
    case 0:
        return gan_multiply(gan_concat((gan_layer *[]){a, b}, 2, 3), gan_concat((gan_layer *[]){c, x}, 2, 3));
    case 1:
        return gan_concat((gan_layer *[]){a, a}, 2, 3);
    case 2:
        return gan_concat((gan_layer *[]){gan_add(a, x), gan_relu(gan_add(b, c))}, 2, 3);
    case 3:
        return gan_concat((gan_layer *[]){gan_concat((gan_layer *[]){a, b}, 2, 3), c}, 2, 3);
    case 4:
        return gan_add(gan_concat((gan_layer *[]){a, b}, 2, 3),
                       gan_conv2d(x, &(gan_conv2d_options){
                                         .struct_size = sizeof(gan_conv2d_options),
                                         .filters = 8,
                                         .kernel = {1},
                                     }));
    case 5:
        return gan_instance_norm(gan_concat((gan_layer *[]){a, b, c}, 3, 3), NULL);
    case 6:
        return gan_reshape(gan_concat((gan_layer *[]){a, b}, 2, -1), (const int64_t[]){-1, 28, 12}, 3);
    default:
        return gan_concat((gan_layer *[]){a, b}, 2, 1);
    }
}
enum { OTHERWISE = 8 };

static void compare_otherwise(int which)
{
    const int64_t open[4] = {-1, -1, -1, 4}, shape[4] = {1, 6, 7, 4};
    const gan_conv2d_options options = {
        .struct_size = sizeof options, .filters = 4, .kernel = {3}, .padding = GAN_PAD_SAME};
    gan_context *context = reference_context();
    gan_graph *graph;
    gan_model *model, *apart;
    must(gan_graph_create(&graph, context));
    gan_layer *x = gan_input(graph, "x", open, 4), *outputs[4];
    for (int i = 1; i < 4; i++)
        outputs[i] = gan_conv2d(x, &options);
    outputs[0] = join_otherwise(x, outputs + 1, which);
    must(gan_model_create(&model, "joined", &x, 1, outputs, 1));
    must(gan_model_create(&apart, "apart", &x, 1, outputs, 4));
    gan_tensor *input, *given, *expected[4];
    must(gan_tensor_create(&input, context, GAN_FLOAT32, shape, 4));
    must(gan_tensor_fill_normal(input, 4, 0, 1));
    reference_run(model, input, GAN_PRECISION_EXACT, &given);
    reference_run(apart, input, GAN_PRECISION_EXACT, expected);
    /* A sum or norm that is folded elsewhere may round otherwise. */
    reference_compare("joined otherwise", given, expected[0], 2e-6 * reference_largest(expected[0]));
    for (int i = 0; i < 4; i++)
        gan_tensor_free(expected[i]);
    gan_tensor_free(given);
    gan_tensor_free(input);
    gan_model_free(apart);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}

START_TEST(other_joins)
{
    for (int which = 0; which < OTHERWISE; which++)
        compare_otherwise(which);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {joined_as_copied, precisions, other_joins};
    return run_suite("joined", tests, sizeof tests / sizeof tests[0]);
}
