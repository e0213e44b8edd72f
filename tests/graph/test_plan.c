/* Plans: reuse of memory and folding of layers must not be seen in the results. */
#include "base/suite.h"
#include "graph/model.h"
#include "graph/networks.h"
#include "graph/objective.h"

#include <string.h>

/* Every float of the arena a signalling pattern: whoever reads what nobody wrote spreads it. */
static void poison(struct plan *plan)
{
    memset(plan->arena, 0xff, plan->arena_size);
}

/* Give each block a place of its own, for ever. */
static void forbid_reuse(struct plan *plan)
{
    for (int32_t i = 0; i < plan->block_count; i++) {
        plan->blocks[i].first = 0;
        plan->blocks[i].last = 2 * plan->step_count;
    }
    gan_release(plan->context, plan->arena);
    succeed(gan_plan_place(plan));
}

static struct plan *compile(const gan_model *model, const struct shape *shape, int32_t precision)
{
    const struct plan_request request = {.context = model->graph->context,
                                         .layers = model->layers,
                                         .layer_count = model->layer_count,
                                         .inputs = model->inputs,
                                         .input_shapes = shape,
                                         .input_count = 1,
                                         .roots = model->outputs,
                                         .root_count = model->output_count,
                                         .precision = precision};
    struct plan *plan;
    succeed(gan_plan_create(&plan, &request));
    return plan;
}

static gan_tensor *run_plan(struct plan *plan, const gan_model *model, const gan_tensor *picture)
{
    struct plan_run run = {.random_seed = 1};
    poison(plan);
    gan_plan_bind_input(plan, 0, gan_tensor_data_const(picture));
    gan_plan_forward(plan, &run);
    const struct plan_value *value = gan_plan_value(plan, model->outputs[0]);
    gan_tensor *result = make_zeros(plan->context, value->shape.size, value->shape.rank);
    memcpy(gan_tensor_data(result), value->data, (size_t)gan_tensor_count(result) * sizeof(float));
    return result;
}

/* Residual blocks keep values alive over others. */
static gan_model *make_residual(gan_context *context)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3);
    gan_layer *y = gan_relu(gan_instance_norm(convolve(x, NULL, 8, 3, 2), NULL));
    for (int i = 0; i < 3; i++) {
        gan_layer *inner = gan_relu(gan_instance_norm(convolve(y, NULL, 8, 3, 1), NULL));
        y = gan_add(y, gan_instance_norm(convolve(inner, NULL, 8, 3, 1), NULL));
    }
    y = convolve(gan_upsample_nearest(y, 2), NULL, 3, 3, 1);
    gan_layer *wide = gan_concat((gan_layer *[]){gan_sigmoid(y), gan_softplus(y), x}, 3, -1);
    gan_model *model = make_model("residual", x, convolve(wide, NULL, 3, 5, 1));
    gan_graph_free(graph);
    return model;
}

START_TEST(reused_memory_does_not_show)
{
    gan_context *context = make_context(2);
    gan_model *models[] = {make_generator(context), make_residual(context), make_discriminator(context)};
    const struct shape shape = {4, {2, 14, 10, 3}};
    gan_tensor *picture = make_pictures(context, 2, 14, 10, 1);
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        struct plan *tight = compile(models[i], &shape, 0), *roomy = compile(models[i], &shape, 0);
        forbid_reuse(roomy);
        ck_assert_uint_lt(tight->arena_size, roomy->arena_size);
        gan_tensor *a = run_plan(tight, models[i], picture), *b = run_plan(roomy, models[i], picture);
        gan_tensor *again = run_plan(tight, models[i], picture);
        ck_assert_double_le(largest_difference(a, b), 0);
        ck_assert(same_bits(a, b) && same_bits(a, again));
        gan_tensor_free(a);
        gan_tensor_free(b);
        gan_tensor_free(again);
        gan_plan_free(tight);
        gan_plan_free(roomy);
        gan_model_free(models[i]);
    }
    gan_tensor_free(picture);
    gan_context_free(context);
}
END_TEST

static gan_objective *make_training(gan_context *context, gan_model **model)
{
    *model = make_residual(context);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3);
    gan_layer *y = gan_apply(*model, gan_apply(*model, x));
    gan_layer *loss = gan_mean(gan_multiply(y, gan_add(y, x)));
    gan_optimizer *optimizer;
    gan_objective *objective;
    succeed(gan_sgd_create(&optimizer, context, NULL));
    succeed(gan_objective_create(&objective, loss, &x, 1, model, 1, optimizer, NULL));
    gan_optimizer_free(optimizer);
    gan_graph_free(graph);
    return objective;
}

START_TEST(reused_memory_does_not_show_in_gradients)
{
    gan_context *context = make_context(2);
    gan_model *model;
    gan_objective *objective = make_training(context, &model);
    gan_tensor *picture = make_pictures(context, 2, 14, 10, 1), *tight, *poisoned, *roomy;
    const gan_tensor *inputs[] = {picture};
    for (int32_t i = 0; i < gan_model_parameter_count(model); i++) {
        if (i == 0)
            succeed(gan_objective_gradients(objective, inputs, 1, NULL));
        succeed(gan_objective_gradient(objective, model, i, &tight));
        poison(objective->plan);
        succeed(gan_objective_gradients(objective, inputs, 1, NULL));
        succeed(gan_objective_gradient(objective, model, i, &poisoned));
        if (i == 0)
            forbid_reuse(objective->plan);
        poison(objective->plan);
        succeed(gan_objective_gradients(objective, inputs, 1, NULL));
        succeed(gan_objective_gradient(objective, model, i, &roomy));
        ck_assert(same_bits(tight, poisoned) && same_bits(tight, roomy));
        gan_tensor_free(tight);
        gan_tensor_free(poisoned);
        gan_tensor_free(roomy);
    }
    gan_tensor_free(picture);
    gan_objective_free(objective);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

typedef gan_layer *(*pointwise)(gan_layer *x);

static gan_layer *leaky(gan_layer *x)
{
    return gan_leaky_relu(x, 0.2f);
}

static gan_layer *elu(gan_layer *x)
{
    return gan_elu(x, 1);
}

static const pointwise functions[] = {gan_relu,    leaky,    elu,      gan_tanh,
                                      gan_sigmoid, gan_gelu, gan_silu, gan_softplus};
enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

/* Convolution or norm, function, upsampling, convolution: all may be folded, or, where the values between are
 * asked for as well, none. */
static gan_tensor *run_chain(gan_context *context, pointwise function, bool norm, bool apart, int32_t *steps)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3), *outputs[4];
    outputs[1] = convolve(x, "a", 7, 3, 1);
    if (norm)
        outputs[1] = gan_instance_norm(outputs[1], NULL);
    outputs[2] = function(outputs[1]);
    outputs[3] = gan_upsample_nearest(outputs[2], 2);
    outputs[0] = convolve(outputs[3], "b", 5, 3, 1);
    gan_model *model;
    succeed(gan_model_create(&model, NULL, &x, 1, outputs, apart ? 4 : 1));
    for (int32_t i = 0; i < gan_model_parameter_count(model); i++) { /* the same in both contexts' models */
        int64_t shape[GAN_MAX_RANK];
        const int32_t rank = gan_model_parameter_shape(model, i, shape);
        gan_tensor *value = make_normal(context, shape, rank, 10 + (uint64_t)i);
        succeed(gan_model_set_parameter(model, i, value));
        gan_tensor_free(value);
    }
    gan_tensor *picture = make_pictures(context, 1, 11, 9, 1);
    const struct shape shape = {4, {1, 11, 9, 3}};
    struct plan *plan = compile(model, &shape, GAN_PRECISION_EXACT);
    *steps = plan->step_count;
    gan_tensor *result = run_plan(plan, model, picture);
    gan_plan_free(plan);
    gan_tensor_free(picture);
    gan_model_free(model);
    gan_graph_free(graph);
    return result;
}

START_TEST(folded_layers_compute_the_same)
{
    gan_context *context = make_context(1);
    for (int i = 0; i < 2 * FUNCTIONS; i++) {
        int32_t few, many;
        gan_tensor *folded = run_chain(context, functions[i / 2], i % 2 == 1, false, &few);
        gan_tensor *apart = run_chain(context, functions[i / 2], i % 2 == 1, true, &many);
        ck_assert_int_eq(many, 4 + i % 2);
        ck_assert_int_lt(few, many);
        ck_assert_double_le(largest_difference(folded, apart), 2e-4);
        gan_tensor_free(folded);
        gan_tensor_free(apart);
    }
    gan_context_free(context);
}
END_TEST

/* The gradient of the chain's sum of squares, folded or with everything watched. */
static gan_tensor *differentiate_chain(gan_context *context, pointwise function, bool watched)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3), *between[3];
    between[0] = convolve(x, "a", 7, 3, 1);
    between[1] = function(between[0]);
    between[2] = gan_upsample_nearest(between[1], 2);
    gan_layer *y = convolve(between[2], "b", 5, 3, 1), *loss = gan_mean(gan_multiply(y, y));
    gan_model *model = make_model(NULL, x, y);
    gan_tensor *weights = make_normal(context, (const int64_t[]){7, 3, 3, 3}, 4, 1), *gradient;
    gan_tensor *last = make_normal(context, (const int64_t[]){5, 3, 3, 7}, 4, 2);
    succeed(gan_model_set_parameter(model, 0, weights));
    succeed(gan_model_set_parameter(model, 2, last));
    gan_optimizer *optimizer;
    gan_objective *objective;
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .precision = GAN_PRECISION_EXACT,
                                           .watched = watched ? between : NULL,
                                           .watched_count = watched ? 3 : 0};
    succeed(gan_sgd_create(&optimizer, context, NULL));
    succeed(gan_objective_create(&objective, loss, &x, 1, &model, 1, optimizer, &options));
    gan_tensor *picture = make_pictures(context, 1, 11, 9, 1);
    const gan_tensor *inputs[] = {picture};
    succeed(gan_objective_gradients(objective, inputs, 1, NULL));
    succeed(gan_objective_gradient(objective, model, 0, &gradient));
    gan_tensor_free(weights);
    gan_tensor_free(last);
    gan_tensor_free(picture);
    gan_objective_free(objective);
    gan_optimizer_free(optimizer);
    gan_model_free(model);
    gan_graph_free(graph);
    return gradient;
}

START_TEST(folded_layers_differentiate_the_same)
{
    gan_context *context = make_context(1);
    for (int i = 0; i < FUNCTIONS; i++) {
        gan_tensor *folded = differentiate_chain(context, functions[i], false);
        gan_tensor *apart = differentiate_chain(context, functions[i], true);
        gan_tensor *zero = make_zeros(context, (const int64_t[]){7, 3, 3, 3}, 4);
        const double size = largest_difference(folded, zero);
        ck_assert_double_gt(size, 0);
        ck_assert_double_le(largest_difference(folded, apart), 1e-5 * size);
        gan_tensor_free(folded);
        gan_tensor_free(apart);
        gan_tensor_free(zero);
    }
    gan_context_free(context);
}
END_TEST

/* Views (reshape, stop_gradient) share memory with what they show, on both sides of a folding. */
START_TEST(views_share_memory_and_gradients)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = gan_input(graph, NULL, (const int64_t[]){2, 6}, 2);
    gan_layer *y = densely(x, "one", 6);
    gan_layer *turned = gan_relu(gan_reshape(y, (const int64_t[]){3, 4}, 2));
    gan_layer *back = gan_reshape(turned, (const int64_t[]){2, 6}, 2);
    gan_model *model = make_model(NULL, x, gan_add(back, gan_stop_gradient(y)));
    gan_layer *loss = gan_sum(gan_add(back, gan_stop_gradient(y)));
    gan_optimizer *optimizer;
    gan_objective *objective;
    succeed(gan_sgd_create(&optimizer, context, NULL));
    succeed(gan_objective_create(&objective, loss, &x, 1, &model, 1, optimizer, NULL));
    gan_tensor *input = make_normal(context, (const int64_t[]){2, 6}, 2, 3), *result, *gradient;
    const gan_tensor *inputs[] = {input};
    float sum;
    succeed(gan_model_run(model, input, &result));
    succeed(gan_objective_gradients(objective, inputs, 1, &sum));
    succeed(gan_objective_gradient(objective, model, 1, &gradient));
    const float *values = gan_tensor_data(result), *bias = gan_tensor_data(gradient);
    double expected = 0, positive = 0, found = 0;
    for (int i = 0; i < 12; i++) { /* relu(v) + v is 2v or v, and has v's sign */
        expected += (double)values[i];
        positive += values[i] > 0;
    }
    for (int i = 0; i < 6; i++)
        found += (double)bias[i];
    ck_assert_double_eq_tol((double)sum, expected, 1e-5);
    ck_assert_double_eq_tol(found, positive, 1e-6);
    gan_tensor_free(input);
    gan_tensor_free(result);
    gan_tensor_free(gradient);
    gan_objective_free(objective);
    gan_optimizer_free(optimizer);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        reused_memory_does_not_show,      reused_memory_does_not_show_in_gradients,
        folded_layers_compute_the_same,   folded_layers_differentiate_the_same,
        views_share_memory_and_gradients,
    };
    return run_suite("plan", tests, sizeof tests / sizeof tests[0]);
}
