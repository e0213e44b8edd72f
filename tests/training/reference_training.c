#include "training/reference_training.h"
#include "formats/file.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_BYTES = 1 << 20, NAME_SIZE = 128 };

void training_reference_open(struct training_reference *reference, const char *name)
{
    char path[NAME_SIZE];
    size_t size;
    reference->context = reference_context();
    snprintf(path, sizeof path, "golden/training/%s/%s.safetensors", name, name);
    reference->tensors = reference_load(reference->context, path);
    snprintf(path, sizeof path, "golden/training/%s/%s.json", name, name);
    must(gan_file_read(reference->context, reference_path(path), MOST_BYTES, &reference->text, &size));
    must(gan_json_open(&reference->json, reference->context, (const char *)reference->text, size, name));
}

void training_reference_close(struct training_reference *reference)
{
    gan_json_close(&reference->json);
    gan_release(reference->context, reference->text);
    gan_tensors_free(reference->tensors);
    gan_context_free(reference->context);
}

/* The same numbers under another shape. */
static gan_tensor *with_shape(gan_context *context, gan_tensor *from, const int64_t *shape, int32_t rank)
{
    gan_tensor *to;
    must(gan_tensor_create(&to, context, GAN_FLOAT32, shape, rank));
    ck_assert_int_eq(gan_tensor_count(to), gan_tensor_count(from));
    memcpy(gan_tensor_data(to), gan_tensor_data(from), (size_t)gan_tensor_count(from) * sizeof(float));
    gan_tensor_free(from);
    return to;
}

static gan_tensor *transposed(gan_tensor *from, const int32_t *order)
{
    gan_tensor *to;
    must(gan_tensor_transpose(&to, from, order));
    gan_tensor_free(from);
    return to;
}

static gan_tensor *convert(const struct training_reference *reference, gan_tensor *value,
                           const struct parameter_map *map, const int64_t *shape, int32_t rank)
{
    static const int32_t channels_last[4] = {0, 2, 3, 1}, start[4] = {2, 3, 1, 0};
    if (map->kind == PARAMETER_CONVOLUTION)
        return transposed(value, channels_last);
    if (map->kind == PARAMETER_VECTOR)
        return value;
    if (map->kind == PARAMETER_START)
        return with_shape(reference->context, transposed(value, start), shape, rank);
    const int64_t unflattened[4] = {gan_tensor_size(value, 0), map->channels, map->height, map->width};
    value = with_shape(reference->context, value, unflattened, 4);
    return with_shape(reference->context, transposed(value, channels_last), shape, rank);
}

static gan_tensor *take_parameter(const struct training_reference *reference, const gan_model *model,
                                  int32_t index, const char *when, const char *network,
                                  const struct parameter_map *map)
{
    char name[NAME_SIZE];
    int64_t shape[GAN_MAX_RANK];
    const int32_t rank = gan_model_parameter_shape(model, index, shape);
    snprintf(name, sizeof name, "%s.%s.%s", when, network, map->reference);
    return convert(reference, reference_take(reference->tensors, name), map, shape, rank);
}

static int32_t find(const gan_model *model, const char *name)
{
    const int32_t index = gan_model_parameter_find(model, name);
    ck_assert_msg(index >= 0, "there is no parameter %s", name);
    return index;
}

void training_reference_start(const struct training_reference *reference, gan_model *model,
                              const char *network, const struct parameter_map *map, size_t count)
{
    ck_assert_int_eq(gan_model_parameter_count(model), (int)count);
    for (size_t i = 0; i < count; i++) {
        const int32_t index = find(model, map[i].name);
        gan_tensor *value = take_parameter(reference, model, index, "init", network, &map[i]);
        must(gan_model_set_parameter(model, index, value));
        gan_tensor_free(value);
    }
}

static double json_number(const struct json *json, int32_t object, const char *key)
{
    double number;
    must(gan_json_double(json, gan_json_find(json, object, key), &number));
    return number;
}

void training_reference_finish(const struct training_reference *reference, const gan_model *model,
                               const char *network, const struct parameter_map *map, size_t count)
{
    const struct json *json = &reference->json;
    const int32_t deviations = gan_json_find(json, 0, "final_parameter_max_abs_deviation_of_float32_runs");
    for (size_t i = 0; i < count; i++) {
        char key[NAME_SIZE];
        gan_tensor *given;
        const int32_t index = find(model, map[i].name);
        snprintf(key, sizeof key, "%s.%s", network, map[i].reference);
        gan_tensor *expected = take_parameter(reference, model, index, "final", network, &map[i]);
        must(gan_model_get_parameter(model, index, &given));
        reference_compare(key, given, expected, 1e-6 + 5 * json_number(json, deviations, key));
        gan_tensor_free(given);
        gan_tensor_free(expected);
    }
}

gan_tensor *training_reference_batch(const struct training_reference *reference, const char *name,
                                     int64_t index, int64_t size)
{
    char key[NAME_SIZE];
    snprintf(key, sizeof key, "data.%s", name);
    gan_tensor *all = reference_take(reference->tensors, key);
    if (gan_tensor_rank(all) == 4) {
        gan_tensor_free(all);
        all = reference_picture(reference->tensors, key);
    }
    int64_t shape[GAN_MAX_RANK] = {size};
    for (int32_t i = 1; i < gan_tensor_rank(all); i++)
        shape[i] = gan_tensor_size(all, i);
    gan_tensor *batch;
    must(gan_tensor_create(&batch, reference->context, GAN_FLOAT32, shape, gan_tensor_rank(all)));
    const int64_t count = gan_tensor_count(batch);
    memcpy(gan_tensor_data(batch), (const float *)gan_tensor_data(all) + index * count,
           (size_t)count * sizeof(float));
    gan_tensor_free(all);
    return batch;
}

int32_t training_reference_steps(const struct training_reference *reference)
{
    return gan_json_count(&reference->json, gan_json_find(&reference->json, 0, "losses_float64"));
}

/* The objects of a step, found by walking on from the step before. */
static void go_to(struct training_reference *reference, int32_t step)
{
    const struct json *json = &reference->json;
    if (step == 0) {
        reference->loss = gan_json_first(json, gan_json_find(json, 0, "losses_float64"));
        reference->deviation =
            gan_json_first(json, gan_json_find(json, 0, "loss_max_abs_deviation_of_float32_runs"));
        return;
    }
    reference->loss = gan_json_next(json, reference->loss);
    reference->deviation = gan_json_next(json, reference->deviation);
}

void training_reference_compare(struct training_reference *reference, int32_t step, const char *name,
                                float given)
{
    if (strcmp(name, "d_real") == 0)
        go_to(reference, step);
    const double expected = json_number(&reference->json, reference->loss, name);
    const double deviation = json_number(&reference->json, reference->deviation, name);
    char label[NAME_SIZE];
    snprintf(label, sizeof label, "step %d, %s = %.6f", step, name, expected);
    reference_compare_number(label, (double)given, expected, 5e-6 * fabs(expected) + 5 * deviation);
}
