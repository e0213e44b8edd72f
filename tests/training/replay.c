#include "training/replay.h"
#include "models/reference.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 256, PATH_SIZE = 4096 };

void replay_open(struct replay *recipe, const char *name)
{
    char path[PATH_SIZE];
    *recipe = (struct replay){.name = name, .context = reference_context()};
    snprintf(path, sizeof path, "%s/tests/training/references/%s.safetensors", getenv("GAN_SOURCE_DIR"),
             name);
    must(gan_tensors_load(&recipe->tensors, recipe->context, path));
}

void replay_close(struct replay *recipe)
{
    printf("%s: at most %.2f of what is allowed\n", recipe->name, recipe->worst);
    gan_tensors_free(recipe->tensors);
    gan_context_free(recipe->context);
}

int32_t replay_steps(const struct replay *recipe)
{
    gan_tensor *losses = reference_take(recipe->tensors, "losses");
    const int32_t steps = (int32_t)gan_tensor_size(losses, 0);
    gan_tensor_free(losses);
    return steps;
}

static gan_tensor *take(const struct replay *recipe, const char *what, const char *network,
                        const char *parameter)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s.%s.%s", what, network, parameter);
    return reference_take(recipe->tensors, name);
}

void replay_start(const struct replay *recipe, gan_model *model, const char *network)
{
    for (int32_t i = 0; i < gan_model_parameter_count(model); i++) {
        gan_tensor *value = take(recipe, "init", network, gan_model_parameter_name(model, i));
        must(gan_model_set_parameter(model, i, value));
        gan_tensor_free(value);
    }
}

/* `difference` is at most `allowed`. */
static void judge(struct replay *recipe, const char *what, double difference, double allowed)
{
    if (difference > recipe->worst * allowed)
        recipe->worst = difference / allowed;
    ck_assert_msg(difference <= allowed, "%s: %s is off by %g, allowed are %g", recipe->name, what,
                  difference, allowed);
}

static double largest_difference(const gan_tensor *a, const gan_tensor *b)
{
    const float *x = gan_tensor_data_const(a), *y = gan_tensor_data_const(b);
    double most = 0;
    for (int64_t i = 0; i < gan_tensor_count(a); i++) {
        const double difference = fabs((double)x[i] - (double)y[i]);
        most = difference <= most ? most : difference;
    }
    return most;
}

void replay_finish(struct replay *recipe, const gan_model *model, const char *network)
{
    for (int32_t i = 0; i < gan_model_parameter_count(model); i++) {
        const char *name = gan_model_parameter_name(model, i);
        gan_tensor *given, *expected = take(recipe, "final", network, name);
        gan_tensor *deviation = take(recipe, "deviation", network, name);
        must(gan_model_get_parameter(model, i, &given));
        ck_assert_int_eq(gan_tensor_count(given), gan_tensor_count(expected));
        judge(recipe, name, largest_difference(given, expected),
              1e-6 + 5 * (double)*(const float *)gan_tensor_data_const(deviation));
        gan_tensor_free(given);
        gan_tensor_free(expected);
        gan_tensor_free(deviation);
    }
}

gan_tensor *replay_batch(const struct replay *recipe, const char *name, int64_t step)
{
    char key[NAME_SIZE];
    int64_t shape[GAN_MAX_RANK];
    snprintf(key, sizeof key, "data.%s", name);
    gan_tensor *batch, *all = reference_take(recipe->tensors, key);
    for (int32_t i = 1; i < gan_tensor_rank(all); i++)
        shape[i - 1] = gan_tensor_size(all, i);
    must(gan_tensor_create(&batch, recipe->context, GAN_FLOAT32, shape, gan_tensor_rank(all) - 1));
    const int64_t count = gan_tensor_count(batch);
    memcpy(gan_tensor_data(batch), (const float *)gan_tensor_data_const(all) + step * count,
           (size_t)count * sizeof(float));
    gan_tensor_free(all);
    return batch;
}

void replay_compare(struct replay *recipe, int64_t step, int64_t index, float given)
{
    gan_tensor *losses = reference_take(recipe->tensors, "losses");
    gan_tensor *deviations = reference_take(recipe->tensors, "loss_deviations");
    const int64_t at = step * gan_tensor_size(losses, 1) + index;
    const double expected = (double)((const float *)gan_tensor_data_const(losses))[at];
    const double deviation = (double)((const float *)gan_tensor_data_const(deviations))[at];
    char what[64];
    snprintf(what, sizeof what, "loss %d of step %d (%g)", (int)index, (int)step, expected);
    ck_assert(isfinite(given));
    judge(recipe, what, fabs((double)given - expected), 5e-6 * fabs(expected) + 5 * deviation);
    gan_tensor_free(losses);
    gan_tensor_free(deviations);
}

gan_optimizer *replay_adam(const struct replay *recipe, float rate, float beta1, float beta2)
{
    const gan_adam_options options = {.struct_size = sizeof options,
                                      .learning_rate = rate,
                                      .beta1 = beta1 > 0 ? beta1 : -1,
                                      .beta2 = beta2};
    gan_optimizer *optimizer;
    must(gan_adam_create(&optimizer, recipe->context, &options));
    return optimizer;
}

gan_objective *replay_objective(gan_layer *loss, gan_layer *const *inputs, int32_t input_count,
                                gan_model *const *models, int32_t model_count, gan_optimizer *optimizer,
                                gan_layer *const *watched, int32_t watched_count)
{
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .precision = GAN_PRECISION_EXACT,
                                           .watched = watched,
                                           .watched_count = watched_count};
    gan_objective *objective;
    must(gan_objective_create(&objective, loss, inputs, input_count, models, model_count, optimizer,
                              &options));
    gan_optimizer_free(optimizer);
    return objective;
}

void replay_step(gan_objective *objective, gan_tensor *const *inputs, int32_t input_count)
{
    must(gan_objective_step(objective, (const gan_tensor *const *)inputs, input_count, NULL));
}

gan_layer *replay_apply(gan_model *model, gan_layer *x, int32_t statistics)
{
    const gan_apply_options options = {.struct_size = sizeof options, .statistics = statistics};
    gan_layer *output = NULL;
    must(gan_apply_many(model, &x, 1, &output, 1, &options));
    return output;
}
