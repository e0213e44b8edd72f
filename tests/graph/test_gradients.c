/* Gradients of whole graphs: summed, passed through frozen models, clipped, and those of inputs. */
#include "base/suite.h"
#include "graph/duel.h"

#include <math.h>
#include <string.h>

static gan_objective *make_objective(gan_layer *loss, gan_layer **inputs, int32_t count, gan_model **models,
                                     int32_t model_count, const gan_objective_options *options, float rate,
                                     gan_context *context)
{
    const gan_sgd_options descent = {.struct_size = sizeof descent, .learning_rate = rate};
    gan_optimizer *optimizer;
    gan_objective *objective;
    succeed(gan_sgd_create(&optimizer, context, &descent));
    succeed(gan_objective_create(&objective, loss, inputs, count, models, model_count, optimizer, options));
    gan_optimizer_free(optimizer);
    return objective;
}

static gan_tensor *gradient_of(gan_objective *objective, const gan_tensor *const *inputs, int32_t count,
                               const gan_model *model, int32_t parameter)
{
    gan_tensor *gradient;
    succeed(gan_objective_gradients(objective, inputs, count, NULL));
    succeed(gan_objective_gradient(objective, model, parameter, &gradient));
    return gradient;
}

/* Without batch statistics, so that the parts of a batch do not see each other. */
static gan_model *make_plain(gan_context *context)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3);
    gan_layer *y = gan_tanh(convolve(gan_relu(convolve(x, "a", 6, 3, 2)), "b", 3, 3, 1));
    gan_model *model = make_model("plain", x, y);
    gan_graph_free(graph);
    return model;
}

START_TEST(gradients_of_shared_parameters_are_summed)
{
    gan_context *context = make_context(1);
    gan_model *model = make_plain(context);
    gan_graph *graph = make_graph(context);
    gan_layer *x[] = {open_pictures(graph, "x", 3), open_pictures(graph, "z", 3)}, *losses[3];
    for (int i = 0; i < 2; i++) {
        gan_layer *y = gan_apply(model, x[i]);
        losses[i] = gan_mean(gan_multiply(y, y));
    }
    losses[2] = gan_add(losses[0], losses[1]);
    gan_tensor *pictures[] = {make_pictures(context, 1, 8, 8, 1), make_pictures(context, 2, 10, 8, 2)};
    const gan_tensor *inputs[] = {pictures[0], pictures[1]};
    gan_objective *one = make_objective(losses[0], &x[0], 1, &model, 1, NULL, 0, context);
    gan_objective *two = make_objective(losses[1], &x[1], 1, &model, 1, NULL, 0, context);
    gan_objective *both = make_objective(losses[2], x, 2, &model, 1, NULL, 0, context);
    for (int32_t p = 0; p < gan_model_parameter_count(model); p++) {
        gan_tensor *a = gradient_of(one, &inputs[0], 1, model, p),
                   *b = gradient_of(two, &inputs[1], 1, model, p);
        gan_tensor *sum = gradient_of(both, inputs, 2, model, p);
        for (int64_t i = 0; i < gan_tensor_count(a); i++)
            ((float *)gan_tensor_data(a))[i] += ((const float *)gan_tensor_data(b))[i];
        ck_assert_double_le(largest_difference(a, sum), 1e-7);
        gan_tensor_free(a);
        gan_tensor_free(b);
        gan_tensor_free(sum);
    }
    gan_tensor_free(pictures[0]);
    gan_tensor_free(pictures[1]);
    gan_objective_free(one);
    gan_objective_free(two);
    gan_objective_free(both);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

/* The same gradients reach the generator whether the discriminator learns too or not. */
START_TEST(gradients_pass_through_frozen_models)
{
    struct duel *duel = start_duel(1, 0);
    gan_layer *x = open_pictures(duel->graph, "x", 3);
    gan_layer *loss = gan_mean(gan_apply(duel->discriminator, gan_apply(duel->generator, x)));
    gan_model *models[] = {duel->generator, duel->discriminator};
    gan_objective *frozen = make_objective(loss, &x, 1, models, 1, NULL, 0, duel->context);
    gan_objective *both = make_objective(loss, &x, 1, models, 2, NULL, 0, duel->context);
    const gan_tensor *inputs[] = {duel->source};
    double largest = 0;
    for (int32_t p = 0; p < gan_model_parameter_count(duel->generator); p++) {
        if (!gan_model_parameter_trainable(duel->generator, p))
            continue;
        gan_tensor *a = gradient_of(frozen, inputs, 1, duel->generator, p);
        gan_tensor *b = gradient_of(both, inputs, 1, duel->generator, p);
        ck_assert(same_bits(a, b));
        for (int64_t i = 0; i < gan_tensor_count(a); i++)
            largest = fmax(largest, fabs((double)((const float *)gan_tensor_data(a))[i]));
        gan_tensor_free(a);
        gan_tensor_free(b);
    }
    ck_assert_double_gt(largest, 1e-4);
    gan_tensor *none;
    fails_with(gan_objective_gradient(frozen, duel->discriminator, 0, &none), GAN_ERROR_ARGUMENT, "train");
    gan_objective_free(frozen);
    gan_objective_free(both);
    end_duel(duel);
}
END_TEST

START_TEST(no_gradient_passes_the_wall)
{
    gan_context *context = make_context(1);
    gan_model *first = make_plain(context), *second = make_plain(context);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3);
    gan_layer *loss = gan_mean(gan_apply(second, gan_stop_gradient(gan_apply(first, x))));
    gan_model *models[] = {second, first};
    gan_objective *objective = make_objective(loss, &x, 1, models, 2, NULL, 0.1f, context);
    gan_tensor *picture = make_pictures(context, 1, 8, 8, 1);
    const gan_tensor *inputs[] = {picture};
    struct snapshot *before = take_snapshot(first), *other = take_snapshot(second);
    succeed(gan_objective_step(objective, inputs, 1, NULL));
    ck_assert(unchanged(before, -1) && !unchanged(other, 1));
    free_snapshot(before);
    free_snapshot(other);
    gan_tensor_free(picture);
    gan_objective_free(objective);
    gan_model_free(first);
    gan_model_free(second);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

/* y = w x + b with one input element of 3 and b = 0: the gradient of y at (w, b) is (3, 1). */
static gan_objective *make_line(gan_context *context, const gan_objective_options *options, gan_model **model,
                                float factor)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = gan_input(graph, "x", (const int64_t[]){1, 1}, 2);
    gan_layer *y = densely(x, "line", 1);
    *model = make_model("line", x, y);
    gan_objective *objective =
        make_objective(gan_sum(gan_scale(y, factor, 0)), &x, 1, model, 1, options, 1, context);
    gan_graph_free(graph);
    return objective;
}

static float change_of(gan_model *model, int32_t parameter, const struct snapshot *before)
{
    gan_tensor *value;
    succeed(gan_model_get_parameter(model, parameter, &value));
    const float change = ((const float *)gan_tensor_data(value))[0] -
                         ((const float *)gan_tensor_data(before->values[parameter]))[0];
    gan_tensor_free(value);
    return change;
}

static void check_line(const gan_objective_options *options, float factor, float weight, float bias)
{
    gan_context *context = make_context(1);
    gan_model *model;
    gan_objective *objective = make_line(context, options, &model, factor);
    gan_tensor *three = make_filled(context, (const int64_t[]){1, 1}, 2, 3);
    const gan_tensor *inputs[] = {three};
    struct snapshot *before = take_snapshot(model);
    succeed(gan_objective_step(objective, inputs, 1, NULL));
    ck_assert_float_eq_tol(change_of(model, 0, before), -weight, 1e-5f);
    ck_assert_float_eq_tol(change_of(model, 1, before), -bias, 1e-5f);
    free_snapshot(before);
    gan_tensor_free(three);
    gan_objective_free(objective);
    gan_model_free(model);
    gan_context_free(context);
}

START_TEST(gradients_are_clipped)
{
    const float norm = sqrtf(10);
    gan_objective_options options = {.struct_size = sizeof options};
    check_line(&options, 1, 3, 1);
    options.clip_norm = 100;
    check_line(&options, 1, 3, 1);
    options.clip_norm = 1;
    check_line(&options, 1, 3 / norm, 1 / norm);
    check_line(&options, -1000, -3 / norm, -1 / norm);
    options.clip_norm = 0;
    options.clip_value = 2;
    check_line(&options, 1, 2, 1);
    check_line(&options, -10, -2, -2);
}
END_TEST

START_TEST(inputs_have_gradients_where_asked)
{
    struct duel *duel = start_duel(1, 0);
    gan_layer *x = open_pictures(duel->graph, "x", 3);
    gan_model *model = make_plain(duel->context);
    gan_layer *y = gan_apply(model, x), *loss = gan_sum(gan_multiply(y, y));
    gan_objective *objective = make_objective(loss, &x, 1, &model, 1, NULL, 0, duel->context);
    gan_tensor *picture = make_pictures(duel->context, 1, 6, 6, 4), *gradient;
    const gan_tensor *inputs[] = {picture};
    fails_with(gan_objective_input_gradient(objective, 0, &gradient), GAN_ERROR_ARGUMENT, "requested");
    fails_with(gan_objective_request_input_gradient(objective, 1), GAN_ERROR_ARGUMENT, "1");
    succeed(gan_objective_request_input_gradient(objective, 0));
    fails_with(gan_objective_input_gradient(objective, 0, &gradient), GAN_ERROR_STATE, "run");
    succeed(gan_objective_gradients(objective, inputs, 1, NULL));
    succeed(gan_objective_input_gradient(objective, 0, &gradient));
    float *pixels = gan_tensor_data(picture);
    for (int64_t i = 0; i < gan_tensor_count(picture); i += 7) {
        const float value = pixels[i], step = 1e-2f;
        float above, below;
        pixels[i] = value + step;
        succeed(gan_objective_evaluate(objective, inputs, 1, &above));
        pixels[i] = value - step;
        succeed(gan_objective_evaluate(objective, inputs, 1, &below));
        pixels[i] = value;
        const double slope = ((double)above - (double)below) / (2 * (double)step);
        ck_assert_double_eq_tol((double)((const float *)gan_tensor_data(gradient))[i], slope, 0.02);
    }
    gan_tensor_free(picture);
    gan_tensor_free(gradient);
    gan_objective_free(objective);
    gan_model_free(model);
    end_duel(duel);
}
END_TEST

/* A value read by many: every reader's gradient must arrive, whatever was folded. */
START_TEST(gradients_of_many_readers_are_summed)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = gan_input(graph, "x", (const int64_t[]){1, 2}, 2);
    gan_layer *y = densely(x, "line", 2); /* read by six below, twice by one */
    gan_model *model = make_model("line", x, y);
    gan_layer *sum = gan_add(gan_add(gan_scale(y, 2, 0), gan_scale(y, 3, 1)), gan_add(y, y));
    gan_layer *flat = gan_flatten(y);
    gan_layer *loss = gan_add(gan_sum(sum), gan_add(gan_sum(flat), gan_sum(gan_slice(flat, 1, 0, 1))));
    gan_objective *objective = make_objective(loss, &x, 1, &model, 1, NULL, 0, context);
    gan_tensor *ones = make_filled(context, (const int64_t[]){1, 2}, 2, 1);
    const gan_tensor *inputs[] = {ones};
    gan_tensor *gradient = gradient_of(objective, inputs, 1, model, 1);
    const float *bias = gan_tensor_data(gradient);
    ck_assert_float_eq_tol(bias[0], 2 + 3 + 2 + 1 + 1, 1e-5f);
    ck_assert_float_eq_tol(bias[1], 2 + 3 + 2 + 1, 1e-5f);
    gan_tensor_free(ones);
    gan_tensor_free(gradient);
    gan_objective_free(objective);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

/* Statistics follow the application, not the freezing: a frozen discriminator's still move unless told. */
START_TEST(frozen_models_may_keep_their_statistics_still)
{
    struct duel *duel = start_duel(1, 0.05f);
    struct snapshot *before = take_snapshot(duel->discriminator);
    gan_layer *x = open_pictures(duel->graph, "x", 3), *generated = gan_apply(duel->generator, x), *logits;
    const gan_apply_options still = {.struct_size = sizeof still, .statistics = GAN_STATISTICS_BATCH};
    succeed(gan_apply_many(duel->discriminator, &generated, 1, &logits, 1, &still));
    gan_objective *objective =
        make_objective(gan_mean(logits), &x, 1, &duel->generator, 1, NULL, 0.05f, duel->context);
    const gan_tensor *inputs[] = {duel->source};
    succeed(gan_objective_step(objective, inputs, 1, NULL));
    ck_assert(unchanged(before, -1));
    succeed(step_generator(duel, NULL));
    ck_assert(unchanged(before, 1) && !unchanged(before, 0));
    free_snapshot(before);
    gan_objective_free(objective);
    end_duel(duel);
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        gradients_of_shared_parameters_are_summed,
        gradients_pass_through_frozen_models,
        no_gradient_passes_the_wall,
        gradients_are_clipped,
        inputs_have_gradients_where_asked,
        gradients_of_many_readers_are_summed,
        frozen_models_may_keep_their_statistics_still,
    };
    return run_suite("gradients", tests, sizeof tests / sizeof tests[0]);
}
