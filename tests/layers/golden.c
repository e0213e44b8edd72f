#include "golden.h"
#include "gan/tensors.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

/* ---- The file ---- */

/* False where there is no shared data. */
static bool find_path(char path[PATH_SIZE])
{
    const char *folder = getenv("GAN_SHARED_DATA");
    if (folder == NULL || folder[0] == '\0')
        return false;
    snprintf(path, PATH_SIZE, "%s/golden/ops/ops.safetensors", folder);
    return access(path, R_OK) == 0;
}

bool golden_available(void)
{
    char path[PATH_SIZE];
    const bool available = find_path(path);
    if (!available)
        printf("skipped: GAN_SHARED_DATA names no folder with golden/ops/ops.safetensors\n");
    return available;
}

static gan_tensor *read_tensor(gan_context *context, const char *name)
{
    char path[PATH_SIZE];
    gan_tensors *all = NULL;
    gan_tensor *tensor = NULL;
    ck_assert(find_path(path));
    expect_ok(path, gan_tensors_load(&all, context, path));
    if (gan_tensors_find(all, name) >= 0)
        expect_ok(name, gan_tensors_get(&tensor, all, name));
    gan_tensors_free(all);
    return tensor;
}

/* ---- Layouts ---- */

/* Parameters of layer norm are [C, H, W]; as a layer they are one picture. */
static gan_tensor *as_picture(gan_context *context, gan_tensor *tensor)
{
    const int64_t size[] = {1, gan_tensor_size(tensor, 0), gan_tensor_size(tensor, 1),
                            gan_tensor_size(tensor, 2)};
    gan_tensor *picture = NULL;
    expect_ok("golden", gan_tensor_create(&picture, context, GAN_FLOAT32, size, 4));
    memcpy(gan_tensor_data(picture), gan_tensor_data(tensor),
           (size_t)gan_tensor_count(tensor) * sizeof(float));
    gan_tensor_free(tensor);
    return picture;
}

static gan_tensor *transposed(gan_tensor *tensor, const int32_t *order)
{
    gan_tensor *result = NULL;
    expect_ok("golden", gan_tensor_transpose(&result, tensor, order));
    gan_tensor_free(tensor);
    return result;
}

gan_tensor *golden_tensor(gan_context *context, const char *name, const char *what)
{
    static const int32_t channels_last[] = {0, 2, 3, 1}, channels_last_of_three[] = {1, 2, 0};
    char full[256];
    snprintf(full, sizeof full, "%s.%s", name, what);
    gan_tensor *tensor = read_tensor(context, full);
    const bool parameter = strstr(what, "weight") != NULL || strstr(what, "bias") != NULL;
    if (tensor != NULL && gan_tensor_rank(tensor) == 4)
        return transposed(tensor, channels_last);
    if (tensor != NULL && gan_tensor_rank(tensor) == 3 && parameter)
        return as_picture(context, transposed(tensor, channels_last_of_three));
    return tensor;
}

/* ---- Comparing ---- */

struct parameter_name {
    const char *ours, *golden;
};

static const struct parameter_name parameter_names[] = {{"weight", "weight"},
                                                        {"bias", "bias"},
                                                        {"running_mean", "running_mean"},
                                                        {"running_variance", "running_var"}};
enum { PARAMETER_NAMES = sizeof parameter_names / sizeof parameter_names[0] };

static void set_parameters(struct experiment *experiment, const struct golden_case *golden)
{
    for (int32_t i = 0; i < PARAMETER_NAMES; i++) {
        gan_tensor *value = golden_tensor(experiment->context, golden->name, parameter_names[i].golden);
        if (value != NULL && experiment_find(experiment, parameter_names[i].ours) >= 0)
            experiment_set_parameter(experiment, parameter_names[i].ours, value);
        gan_tensor_free(value);
    }
}

/* The larger of `worst` and the error of `got`, which is freed. NULL: nothing to compare. */
static double compare(const struct golden_case *golden, gan_context *context, const char *what,
                      gan_tensor *got, double worst)
{
    gan_tensor *expected = golden_tensor(context, golden->name, what);
    double error = 0;
    if (got != NULL && expected != NULL)
        error =
            expect_near(golden->name, what, got, expected, golden->tolerance > 0 ? golden->tolerance : 1e-5);
    ck_assert_msg(got == NULL || expected != NULL, "%s: no array %s", golden->name, what);
    gan_tensor_free(expected);
    gan_tensor_free(got);
    return error > worst ? error : worst;
}

static const char *input_name(const struct golden_case *golden, int32_t input)
{
    return input == 0 ? "x" : golden->others[input - 1];
}

static double compare_all(const struct experiment *e, const struct golden_case *golden)
{
    char what[64];
    double worst = compare(golden, e->context, "y", gan_tensor_retain(e->output), 0);
    for (int32_t i = 0; i < e->input_count; i++) {
        snprintf(what, sizeof what, "d%s", input_name(golden, i));
        worst = compare(golden, e->context, what, experiment_input_gradient(e, i), worst);
    }
    for (int32_t i = 0; i < 2; i++) {
        snprintf(what, sizeof what, "d%s", parameter_names[i].golden);
        worst = compare(golden, e->context, what, experiment_parameter_gradient(e, parameter_names[i].ours),
                        worst);
    }
    return worst;
}

static double check_on_kernels(const struct golden_case *golden, const struct layer_case *layer,
                               int32_t kernels, gan_tensor *const *inputs, const gan_tensor *g)
{
    struct experiment experiment;
    experiment_create(&experiment, layer, kernels, 2, inputs, g);
    set_parameters(&experiment, golden);
    experiment_run(&experiment);
    const double worst = compare_all(&experiment, golden);
    experiment_free(&experiment);
    return worst;
}

void check_golden(const struct golden_case *golden)
{
    gan_context *context = NULL;
    gan_tensor *inputs[MOST_INPUTS] = {NULL};
    struct layer_case layer = {.name = golden->name, .build = golden->build, .argument = golden->argument};
    expect_ok(golden->name, gan_context_create(&context, NULL));
    for (int32_t i = 0; i < MOST_INPUTS && input_name(golden, i) != NULL; i++) {
        inputs[i] = golden_tensor(context, golden->name, input_name(golden, i));
        ck_assert_msg(inputs[i] != NULL, "%s: no array %s", golden->name, input_name(golden, i));
        layer.inputs[i].rank = gan_tensor_rank(inputs[i]);
    }
    gan_tensor *g = golden_tensor(context, golden->name, "g");
    double worst = 0;
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++) {
        const double error = kernels_run(kernels) ? check_on_kernels(golden, &layer, kernels, inputs, g) : 0;
        worst = error > worst ? error : worst;
    }
    printf("%-32s worst error %.1e\n", golden->name, worst);
    gan_tensor_free(g);
    for (int32_t i = 0; i < MOST_INPUTS; i++)
        gan_tensor_free(inputs[i]);
    gan_context_free(context);
}
