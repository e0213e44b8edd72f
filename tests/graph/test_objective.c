/* Objectives: who changes, who does not, and what is told about it. */
#include "base/suite.h"
#include "graph/duel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

START_TEST(each_objective_changes_its_own_model)
{
    struct duel *duel = start_duel(1, 0.05f);
    struct snapshot *g = take_snapshot(duel->generator), *d = take_snapshot(duel->discriminator);
    succeed(step_discriminator(duel, NULL));
    ck_assert(unchanged(g, 1) && !unchanged(d, 1));
    free_snapshot(d);
    d = take_snapshot(duel->discriminator);
    succeed(step_generator(duel, NULL));
    ck_assert(!unchanged(g, 1) && unchanged(d, 1));
    free_snapshot(g);
    free_snapshot(d);
    end_duel(duel);
}
END_TEST

START_TEST(every_parameter_of_the_model_learns)
{
    struct duel *duel = start_duel(1, 0.05f);
    struct snapshot *before = take_snapshot(duel->generator);
    for (int i = 0; i < 2; i++) /* the first steps move norms off their symmetric start */
        succeed(step_generator(duel, NULL));
    for (int32_t i = 0; i < gan_model_parameter_count(duel->generator); i++) {
        const char *name = gan_model_parameter_name(duel->generator, i);
        gan_tensor *value;
        succeed(gan_model_get_parameter(duel->generator, i, &value));
        /* An instance norm takes away any constant, so the bias before it has no gradient to speak of. */
        const bool moved = !same_bits(value, before->values[i]);
        ck_assert_msg(moved || strstr(name, "up.bias") != NULL || strstr(name, "down.bias") != NULL,
                      "%s did not move", name);
        gan_tensor_free(value);
    }
    free_snapshot(before);
    end_duel(duel);
}
END_TEST

START_TEST(training_goes_somewhere)
{
    struct duel *duel = start_duel(2, 0.1f);
    float first, last = 0;
    succeed(step_discriminator(duel, &first));
    for (int i = 0; i < 60; i++)
        succeed(step_discriminator(duel, &last));
    ck_assert_float_lt(last, 0.5f * first);
    succeed(step_generator(duel, &first));
    for (int i = 0; i < 60; i++)
        succeed(step_generator(duel, &last));
    ck_assert_float_lt(last, 0.7f * first);
    end_duel(duel);
}
END_TEST

START_TEST(trainable_is_settled_when_the_objective_is_made)
{
    struct duel *duel = start_duel(1, 0.05f);
    gan_model_set_trainable(duel->generator, 0); /* too late for this objective */
    struct snapshot *before = take_snapshot(duel->generator);
    succeed(step_generator(duel, NULL));
    ck_assert(!unchanged(before, 1));
    gan_layer *x = open_pictures(duel->graph, "x", 3);
    gan_layer *loss = gan_mean(gan_apply(duel->discriminator, gan_apply(duel->generator, x)));
    gan_model *models[] = {duel->generator, duel->discriminator};
    gan_optimizer *optimizer;
    gan_objective *both;
    const gan_tensor *inputs[] = {duel->source};
    succeed(gan_sgd_create(&optimizer, duel->context, NULL));
    fails_with(gan_objective_create(&both, loss, &x, 1, models, 1, optimizer, NULL), GAN_ERROR_ARGUMENT,
               "trainable");
    succeed(gan_objective_create(&both, loss, &x, 1, models, 2, optimizer, NULL));
    free_snapshot(before);
    before = take_snapshot(duel->generator);
    struct snapshot *other = take_snapshot(duel->discriminator);
    succeed(gan_objective_step(both, inputs, 1, NULL));
    ck_assert(unchanged(before, 1) && !unchanged(other, 1));
    ck_assert_int_eq(gan_model_trainable(duel->generator), 0);
    free_snapshot(before);
    free_snapshot(other);
    gan_objective_free(both);
    gan_optimizer_free(optimizer);
    end_duel(duel);
}
END_TEST

START_TEST(evaluating_changes_nothing)
{
    struct duel *duel = start_duel(1, 0.05f);
    struct snapshot *g = take_snapshot(duel->generator), *d = take_snapshot(duel->discriminator);
    const gan_tensor *inputs[] = {duel->source, duel->real};
    float evaluated, differentiated, stepped;
    succeed(gan_objective_evaluate(duel->discriminator_objective, inputs, 2, &evaluated));
    succeed(gan_objective_gradients(duel->discriminator_objective, inputs, 2, &differentiated));
    ck_assert(unchanged(g, -1) && unchanged(d, -1));
    ck_assert_int_eq(gan_optimizer_step_count(duel->discriminator_optimizer), 0);
    succeed(gan_objective_step(duel->discriminator_objective, inputs, 2, &stepped));
    ck_assert(evaluated == stepped && differentiated == stepped);
    ck_assert_int_eq(gan_optimizer_step_count(duel->discriminator_optimizer), 1);
    free_snapshot(g);
    free_snapshot(d);
    end_duel(duel);
}
END_TEST

START_TEST(watched_layers_can_be_read)
{
    struct duel *duel = start_duel(1, 0.05f);
    const gan_objective *objective = duel->discriminator_objective;
    gan_tensor *value;
    float loss;
    ck_assert(isnan(gan_objective_scalar(objective, 0)));
    fails_with(gan_objective_value(objective, 0, &value), GAN_ERROR_ARGUMENT, "watched");
    succeed(step_discriminator(duel, &loss));
    const float on_real = gan_objective_scalar(objective, 0), on_fake = gan_objective_scalar(objective, 1);
    ck_assert_float_eq_tol(on_real + on_fake, loss, 1e-6f);
    succeed(gan_objective_value(objective, 1, &value));
    ck_assert_int_eq(gan_tensor_count(value), 1);
    ck_assert(((const float *)gan_tensor_data(value))[0] == on_fake);
    gan_tensor_free(value);
    ck_assert(isnan(gan_objective_scalar(objective, 2)));
    ck_assert(isnan(gan_objective_scalar(objective, -1)));
    ck_assert(isnan(gan_objective_scalar(NULL, 0)));
    end_duel(duel);
}
END_TEST

START_TEST(shapes_may_alternate)
{
    struct duel *duel = start_duel(1, 0);
    gan_tensor *small = make_pictures(duel->context, 1, 8, 8, 3);
    const gan_tensor *large_inputs[] = {duel->source}, *small_inputs[] = {small};
    float first, again, other, other_again;
    gan_objective *objective = duel->generator_objective;
    succeed(gan_objective_evaluate(objective, large_inputs, 1, &first));
    const int64_t large_memory = gan_objective_memory(objective);
    succeed(gan_objective_gradients(objective, small_inputs, 1, &other));
    ck_assert_int_lt(gan_objective_memory(objective), large_memory);
    succeed(gan_objective_gradients(objective, large_inputs, 1, &again));
    succeed(gan_objective_evaluate(objective, small_inputs, 1, &other_again));
    ck_assert(first == again && other == other_again && first != other);
    gan_tensor_free(small);
    end_duel(duel);
}
END_TEST

START_TEST(a_shape_that_fails_leaves_the_objective_usable)
{
    struct duel *duel = start_duel(1, 0);
    gan_tensor *grey = make_normal(duel->context, (const int64_t[]){2, 12, 16, 1}, 4, 1);
    gan_tensor *odd = make_pictures(duel->context, 2, 12, 14, 1);
    const gan_tensor *inputs[] = {duel->source, grey};
    gan_objective *objective = duel->discriminator_objective;
    fails_with(gan_objective_step(objective, inputs, 2, NULL), GAN_ERROR_SHAPE, "real");
    inputs[1] = odd; /* its own shape is welcome: D sees each batch alone */
    succeed(gan_objective_step(objective, inputs, 2, NULL));
    inputs[1] = NULL;
    fails_with(gan_objective_step(objective, inputs, 2, NULL), GAN_ERROR_ARGUMENT, "real");
    fails_with(gan_objective_step(objective, inputs, 1, NULL), GAN_ERROR_ARGUMENT, "inputs");
    ck_assert_int_eq(gan_objective_step(NULL, inputs, 2, NULL), GAN_ERROR_ARGUMENT);
    succeed(step_discriminator(duel, NULL));
    gan_tensor_free(grey);
    gan_tensor_free(odd);
    end_duel(duel);
}
END_TEST

/* A dense layer after dropout, learning for two steps in a context that has already made `others` things. */
static gan_tensor *learn_with_dropout(int others, uint64_t random_seed)
{
    gan_context *context = make_context(1);
    for (int i = 0; i < others; i++)
        gan_model_free(make_generator(context));
    gan_graph *graph = make_graph(context);
    gan_layer *x = gan_input(graph, "x", (const int64_t[]){4, 16}, 2);
    gan_layer *y = densely(gan_dropout(x, 0.5f), "dense", 3);
    gan_model *model = make_model("m", x, y);
    gan_tensor *value, *batch = make_normal(context, (const int64_t[]){4, 16}, 2, 7);
    const gan_tensor *inputs[] = {batch};
    const gan_objective_options options = {.struct_size = sizeof options, .random_seed = random_seed};
    gan_optimizer *optimizer;
    gan_objective *objective;
    succeed(gan_model_initialize(model, 3));
    succeed(gan_sgd_create(&optimizer, context, NULL));
    succeed(gan_objective_create(&objective, gan_mean(gan_tanh(y)), &x, 1, &model, 1, optimizer, &options));
    for (int step = 0; step < 2; step++)
        succeed(gan_objective_step(objective, inputs, 1, NULL));
    succeed(gan_model_get_parameter(model, 0, &value));
    gan_objective_free(objective);
    gan_optimizer_free(optimizer);
    gan_tensor_free(batch);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
    return value;
}

START_TEST(a_random_seed_makes_steps_independent_of_the_context)
{
    gan_tensor *a = learn_with_dropout(0, 11), *b = learn_with_dropout(2, 11), *c = learn_with_dropout(0, 12);
    ck_assert(same_bits(a, b));
    ck_assert(!same_bits(a, c));
    gan_tensor_free(a);
    gan_tensor_free(b);
    gan_tensor_free(c);
}
END_TEST

START_TEST(creation_checks_its_arguments)
{
    struct duel *duel = start_duel(1, 0.1f);
    gan_layer *x = open_pictures(duel->graph, "x", 3), *z = open_pictures(duel->graph, "z", 3);
    gan_layer *y = gan_apply(duel->generator, x), *loss = gan_mean(y);
    gan_optimizer *optimizer;
    gan_objective *objective;
    gan_model **g = &duel->generator, **d = &duel->discriminator;
    succeed(gan_sgd_create(&optimizer, duel->context, NULL));
    fails_with(gan_objective_create(&objective, y, &x, 1, g, 1, optimizer, NULL), GAN_ERROR_SHAPE, "loss");
    fails_with(gan_objective_create(&objective, loss, &z, 1, g, 1, optimizer, NULL), GAN_ERROR_ARGUMENT, "x");
    fails_with(gan_objective_create(&objective, loss, &x, 1, d, 1, optimizer, NULL), GAN_ERROR_ARGUMENT,
               "influences");
    fails_with(gan_objective_create(&objective, loss, &x, 1, g, 0, optimizer, NULL), GAN_ERROR_ARGUMENT,
               "models");
    fails_with(gan_objective_create(&objective, loss, &x, 1, g, 1, NULL, NULL), GAN_ERROR_ARGUMENT,
               "optimizer");
    fails_with(gan_objective_create(&objective, NULL, &x, 1, g, 1, optimizer, NULL), GAN_ERROR_ARGUMENT,
               "loss");
    fails_with(gan_objective_create(&objective, loss, &x, 1, g, 1, duel->discriminator_optimizer, NULL),
               GAN_ERROR_ARGUMENT, "optimizer");
    const gan_objective_options negative = {.struct_size = sizeof negative, .clip_norm = -1};
    fails_with(gan_objective_create(&objective, loss, &x, 1, g, 1, optimizer, &negative), GAN_ERROR_ARGUMENT,
               "clip_norm");
    ck_assert_ptr_null(objective);
    succeed(gan_objective_create(&objective, loss, &x, 1, g, 1, optimizer, NULL));
    gan_objective_free(objective);
    gan_objective_free(NULL);
    gan_optimizer_free(optimizer);
    end_duel(duel);
}
END_TEST

/* All parameters after three steps of both, in plain memory. */
static float *train_with_threads(int32_t threads, size_t *size)
{
    struct duel *duel = start_duel(threads, 0.05f);
    float losses[2], *copy = NULL;
    *size = 0;
    for (int i = 0; i < 3; i++)
        duel_step(duel, losses);
    gan_model *const models[] = {duel->generator, duel->discriminator};
    for (int m = 0; m < 2; m++)
        for (int32_t i = 0; i < gan_model_parameter_count(models[m]); i++) {
            gan_tensor *value;
            succeed(gan_model_get_parameter(models[m], i, &value));
            const size_t bytes = (size_t)gan_tensor_count(value) * sizeof(float);
            copy = realloc(copy, *size + bytes);
            memcpy((char *)copy + *size, gan_tensor_data(value), bytes);
            *size += bytes;
            gan_tensor_free(value);
        }
    end_duel(duel);
    return copy;
}

START_TEST(any_number_of_threads_trains_the_same_bits)
{
    const int32_t threads[] = {2, 3, 8};
    size_t size, other_size;
    float *alone = train_with_threads(1, &size);
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        float *together = train_with_threads(threads[i], &other_size);
        ck_assert_uint_eq(size, other_size);
        ck_assert_mem_eq(alone, together, size);
        free(together);
    }
    free(alone);
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        each_objective_changes_its_own_model,
        every_parameter_of_the_model_learns,
        training_goes_somewhere,
        trainable_is_settled_when_the_objective_is_made,
        evaluating_changes_nothing,
        watched_layers_can_be_read,
        shapes_may_alternate,
        a_shape_that_fails_leaves_the_objective_usable,
        a_random_seed_makes_steps_independent_of_the_context,
        creation_checks_its_arguments,
        any_number_of_threads_trains_the_same_bits,
    };
    return run_suite("objective", tests, sizeof tests / sizeof tests[0]);
}
