#include "descent.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void ok(gan_status status)
{
    ck_assert_msg(status == GAN_OK, "%s: %s", gan_status_name(status), gan_error_message());
}

void descent_create(struct descent *descent, int64_t count, int32_t threads, optimizer_maker make,
                    const void *optimizer_options, const gan_objective_options *objective_options)
{
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads};
    const gan_dense_options dense = {
        .struct_size = sizeof dense, .name = "p", .units = (int32_t)count, .no_bias = 1};
    const int64_t one[] = {1, 1}, row[] = {1, count};
    memset(descent, 0, sizeof *descent);
    descent->count = count;
    ok(gan_context_create(&descent->context, &options));
    ok(gan_graph_create(&descent->graph, descent->context));
    gan_layer *const inputs[] = {gan_input(descent->graph, "one", one, 2),
                                 gan_input(descent->graph, "g", row, 2)};
    gan_layer *p = gan_dense(inputs[0], &dense);
    gan_layer *loss = gan_sum(gan_multiply(p, inputs[1]));
    ok(gan_model_create(&descent->model, "p", inputs, 1, &p, 1));
    descent->optimizer = make(descent->context, optimizer_options);
    ok(gan_objective_create(&descent->objective, loss, inputs, 2, &descent->model, 1, descent->optimizer,
                            objective_options));
    ok(gan_tensor_create(&descent->one, descent->context, GAN_FLOAT32, one, 2));
    ok(gan_tensor_create(&descent->gradient, descent->context, GAN_FLOAT32, row, 2));
    ((float *)gan_tensor_data(descent->one))[0] = 1;
}

void descent_free(struct descent *descent)
{
    gan_objective_free(descent->objective);
    gan_optimizer_free(descent->optimizer);
    gan_model_free(descent->model);
    gan_graph_free(descent->graph);
    gan_tensor_free(descent->one);
    gan_tensor_free(descent->gradient);
    gan_context_free(descent->context);
}

void descent_set(struct descent *descent, const float *values)
{
    const int64_t shape[] = {descent->count, 1};
    gan_tensor *tensor = NULL;
    ok(gan_tensor_create(&tensor, descent->context, GAN_FLOAT32, shape, 2));
    memcpy(gan_tensor_data(tensor), values, (size_t)descent->count * sizeof *values);
    ok(gan_model_set_parameter(descent->model, 0, tensor));
    gan_tensor_free(tensor);
}

void descent_step(struct descent *descent, const float *gradient)
{
    const gan_tensor *const inputs[] = {descent->one, descent->gradient};
    memcpy(gan_tensor_data(descent->gradient), gradient, (size_t)descent->count * sizeof *gradient);
    ok(gan_objective_step(descent->objective, inputs, 2, NULL));
}

void descent_get(const struct descent *descent, float *values)
{
    gan_tensor *tensor = NULL;
    ok(gan_model_get_parameter(descent->model, 0, &tensor));
    memcpy(values, gan_tensor_data_const(tensor), (size_t)descent->count * sizeof *values);
    gan_tensor_free(tensor);
}

gan_optimizer *make_adam(gan_context *context, const void *options)
{
    gan_optimizer *optimizer = NULL;
    ok(gan_adam_create(&optimizer, context, options));
    return optimizer;
}

gan_optimizer *make_sgd(gan_context *context, const void *options)
{
    gan_optimizer *optimizer = NULL;
    ok(gan_sgd_create(&optimizer, context, options));
    return optimizer;
}

double test_gradient(int64_t step, int64_t index)
{
    return (double)(float)(sin((double)(index * 7 + step * 13)) * (index % 5 == 0 ? 1e-3 : 1.0));
}

double test_start(int64_t index)
{
    return (double)(float)cos((double)index);
}

enum { COUNT = 40000, STEPS = 5 };

static void run(optimizer_maker make, const void *options, int32_t threads, float *values)
{
    struct descent descent;
    float *gradient = calloc(COUNT, sizeof *gradient);
    ck_assert_ptr_nonnull(gradient);
    descent_create(&descent, COUNT, threads, make, options, NULL);
    for (int64_t i = 0; i < COUNT; i++)
        values[i] = (float)test_start(i);
    descent_set(&descent, values);
    for (int64_t step = 1; step <= STEPS; step++) {
        for (int64_t i = 0; i < COUNT; i++)
            gradient[i] = (float)test_gradient(step, i);
        descent_step(&descent, gradient);
    }
    ck_assert_int_eq(gan_optimizer_step_count(descent.optimizer), STEPS);
    descent_get(&descent, values);
    descent_free(&descent);
    free(gradient);
}

void check_descent(optimizer_maker make, const void *options, naive_step step)
{
    float *values = calloc(COUNT, sizeof *values), *others = calloc(COUNT, sizeof *others);
    ck_assert(values != NULL && others != NULL);
    run(make, options, 1, values);
    for (int32_t threads = 2; threads <= 3; threads++) {
        run(make, options, threads, others);
        ck_assert_msg(memcmp(values, others, COUNT * sizeof *values) == 0, "%d threads give other bits",
                      threads);
    }
    for (int64_t i = 0; i < COUNT; i++) {
        double value = test_start(i), state[2] = {0, 0};
        for (int64_t t = 1; t <= STEPS; t++)
            step(options, t, test_gradient(t, i), &value, state);
        ck_assert_msg(fabs((double)values[i] - value) <= 1e-6, "element %lld is %.9g, expected %.9g",
                      (long long)i, (double)values[i], value);
    }
    free(values);
    free(others);
}
