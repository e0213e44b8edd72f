#include "models/reference.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATHS = 4, PATH_SIZE = 1024 };

const char *reference_folder(void)
{
    const char *folder = getenv("GAN_SHARED_DATA");
    if (folder == NULL || folder[0] == '\0') {
        printf("GAN_SHARED_DATA is not set: references are skipped\n");
        return NULL;
    }
    return folder;
}

void must(gan_status status)
{
    if (status != GAN_OK)
        ck_abort_msg("%s: %s", gan_status_name(status), gan_error_message());
}

gan_context *reference_context(void)
{
    gan_context *context;
    must(gan_context_create(&context, NULL));
    return context;
}

const char *reference_path(const char *path)
{
    static char paths[PATHS][PATH_SIZE];
    static int next;
    char *chosen = paths[next++ % PATHS];
    snprintf(chosen, PATH_SIZE, "%s/%s", getenv("GAN_SHARED_DATA"), path);
    return chosen;
}

gan_tensors *reference_load(gan_context *context, const char *path)
{
    gan_tensors *tensors;
    must(gan_tensors_load(&tensors, context, reference_path(path)));
    return tensors;
}

gan_tensor *reference_take(const gan_tensors *tensors, const char *name)
{
    gan_tensor *tensor;
    must(gan_tensors_get(&tensor, tensors, name));
    return tensor;
}

gan_tensor *reference_picture(const gan_tensors *tensors, const char *name)
{
    static const int32_t order[4] = {0, 2, 3, 1};
    gan_tensor *picture, *tensor = reference_take(tensors, name);
    must(gan_tensor_transpose(&picture, tensor, order));
    gan_tensor_free(tensor);
    return picture;
}

gan_model *reference_import(gan_context *context, const char *path)
{
    gan_model *model;
    must(gan_import(&model, context, reference_path(path), NULL));
    return model;
}

void reference_run(gan_model *model, const gan_tensor *input, int32_t precision, gan_tensor **outputs)
{
    reference_run_many(model, &input, precision, outputs);
}

void reference_run_many(gan_model *model, const gan_tensor *const *inputs, int32_t precision,
                        gan_tensor **outputs)
{
    enum { MOST_INPUTS = 4 };
    const gan_session_options options = {.struct_size = sizeof options, .precision = precision};
    const int32_t input_count = gan_model_input_count(model);
    int64_t shapes[MOST_INPUTS * GAN_MAX_RANK], *next = shapes;
    for (int32_t i = 0; i < input_count; i++)
        for (int32_t k = 0; k < gan_tensor_rank(inputs[i]); k++)
            *next++ = gan_tensor_size(inputs[i], k);
    gan_session *session;
    gan_context *context = reference_context();
    must(gan_session_create(&session, model, shapes, &options));
    for (int32_t i = 0; i < gan_model_output_count(model); i++) {
        int64_t sizes[GAN_MAX_RANK];
        const int32_t rank = gan_session_output_shape(session, i, sizes);
        must(gan_tensor_create(&outputs[i], context, GAN_FLOAT32, sizes, rank));
    }
    must(gan_session_run(session, inputs, input_count, outputs, gan_model_output_count(model)));
    gan_session_free(session);
    gan_context_free(context);
}

double reference_largest(const gan_tensor *tensor)
{
    const float *values = gan_tensor_data_const(tensor);
    double largest = 0;
    for (int64_t i = 0; i < gan_tensor_count(tensor); i++)
        largest = fmax(largest, fabs((double)values[i]));
    return largest;
}

static void judge(const char *label, double error, double bound)
{
    printf("%-44s error %.3g, bound %.3g\n", label, error, bound);
    ck_assert_msg(error <= bound, "%s: error %g is above %g", label, error, bound);
}

void reference_compare(const char *label, const gan_tensor *given, const gan_tensor *expected, double bound)
{
    ck_assert_int_eq(gan_tensor_rank(given), gan_tensor_rank(expected));
    for (int32_t i = 0; i < gan_tensor_rank(given); i++)
        ck_assert_int_eq(gan_tensor_size(given, i), gan_tensor_size(expected, i));
    const float *a = gan_tensor_data_const(given), *b = gan_tensor_data_const(expected);
    double error = 0;
    for (int64_t i = 0; i < gan_tensor_count(given); i++) {
        const double difference = fabs((double)a[i] - (double)b[i]);
        if (!(difference <= error))
            error = difference;
    }
    judge(label, error, bound);
}

void reference_compare_number(const char *label, double given, double expected, double bound)
{
    judge(label, fabs(given - expected), bound);
}

/* Mean, sample standard deviation, smallest, largest. */
static void statistics_of(const gan_tensor *tensor, double statistics[4])
{
    const float *values = gan_tensor_data_const(tensor);
    const int64_t count = gan_tensor_count(tensor);
    double sum = 0, squares = 0, least = INFINITY, most = -INFINITY;
    for (int64_t i = 0; i < count; i++) {
        sum += (double)values[i];
        least = fmin(least, (double)values[i]);
        most = fmax(most, (double)values[i]);
    }
    for (int64_t i = 0; i < count; i++)
        squares += pow((double)values[i] - sum / (double)count, 2);
    statistics[0] = sum / (double)count;
    statistics[1] = sqrt(squares / (double)(count - 1));
    statistics[2] = least;
    statistics[3] = most;
}

void reference_compare_statistics(const char *label, const gan_tensor *given, const gan_tensor *expected,
                                  double bound)
{
    const float *values = gan_tensor_data_const(expected);
    double statistics[4], error = 0;
    statistics_of(given, statistics);
    for (int i = 0; i < 4; i++)
        error = fmax(error, fabs(statistics[i] - (double)values[i]));
    judge(label, error, bound);
}
