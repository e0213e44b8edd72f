/* Graphs put together at random: folding, reuse of memory and the summing of gradients must not change what
 * comes out, whatever stands beside what. */
#include "base/random.h"
#include "base/suite.h"
#include "graph/networks.h"
#include "graph/objective.h"

#include <math.h>
#include <string.h>

enum { GRAPHS = 60, LAYERS = 25, CHANNELS = 4, SIDE = 6 };

/* All values are [N, SIDE, SIDE, CHANNELS], so that any layer can follow any other. */
struct garden {
    struct random_stream random;
    bool walls; /* gradients stop here and there */
    gan_layer *layers[2 * LAYERS];
    int32_t count;
};

/* One of the layers so far; the latest ones are likelier, which makes chains. */
static gan_layer *pick(struct garden *garden)
{
    const int64_t back = gan_random_below(&garden->random, 3) > 0 ? 2 : garden->count;
    const int64_t range = back < garden->count ? back : garden->count;
    return garden->layers[garden->count - 1 - gan_random_below(&garden->random, range)];
}

static gan_layer *resample(gan_layer *x)
{
    const gan_pool_options pool = {.struct_size = sizeof pool};
    return convolve(gan_average_pool(gan_upsample_nearest(x, 2), &pool), NULL, CHANNELS, 1, 1);
}

/* Upsampling in front of a convolution, and back to the size. */
static gan_layer *enlarge(gan_layer *x)
{
    return convolve(convolve(gan_upsample_nearest(x, 2), NULL, CHANNELS, 3, 1), NULL, CHANNELS, 3, 2);
}

static gan_layer *turn(gan_layer *x)
{
    const int64_t flat[] = {-1, SIDE * SIDE, CHANNELS}, square[] = {-1, SIDE, SIDE, CHANNELS};
    return gan_reshape(gan_tanh(gan_reshape(x, flat, 3)), square, 4);
}

static gan_layer *exchange(gan_layer *a, gan_layer *b)
{
    gan_layer *halves[] = {gan_slice(a, -1, 0, CHANNELS / 2), gan_slice(b, -1, CHANNELS / 2, CHANNELS / 2)};
    return gan_concat(halves, 2, -1);
}

static gan_layer *grow_one(struct garden *garden)
{
    gan_layer *x = pick(garden);
    switch (gan_random_below(&garden->random, 15)) {
    case 0:
    case 1:
        return convolve(x, NULL, CHANNELS, 3, 1);
    case 2:
        return convolve(x, NULL, CHANNELS, 1, 1);
    case 3:
        return gan_relu(x);
    case 4:
        return gan_leaky_relu(x, 0.2f);
    case 5:
        return gan_silu(x);
    case 6:
        return gan_instance_norm(x, NULL);
    case 7:
        return gan_batch_norm(x, NULL);
    case 8:
        return gan_add(x, pick(garden));
    case 9:
        return gan_multiply(gan_tanh(x), gan_sigmoid(pick(garden)));
    case 10:
        return exchange(x, pick(garden));
    case 11:
        return resample(x);
    case 12:
        return enlarge(x);
    case 13:
        return turn(x);
    default:
        return gan_add(garden->walls ? gan_stop_gradient(x) : x, gan_scale(pick(garden), 0.5f, 0.1f));
    }
}

/* The loss looks at the last layer and at a few others. */
static gan_layer *grow(struct garden *garden, gan_graph *graph, gan_layer **input)
{
    *input = gan_input(graph, "input", (const int64_t[]){-1, SIDE, SIDE, CHANNELS}, 4);
    garden->layers[garden->count++] = convolve(*input, "first", CHANNELS, 3, 1);
    for (int i = 0; i < LAYERS; i++) {
        garden->layers[garden->count] = grow_one(garden);
        garden->count++;
    }
    gan_layer *last = garden->layers[garden->count - 1];
    for (int i = 0; i < 3; i++)
        last = gan_add(last, gan_multiply(gan_tanh(pick(garden)), gan_tanh(pick(garden))));
    garden->layers[garden->count] = last;
    return gan_mean(gan_tanh(last));
}

static gan_objective *make_objective(gan_context *context, gan_layer *loss, gan_layer *input,
                                     gan_model *model, gan_layer *const *watched, int32_t watched_count)
{
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .precision = GAN_PRECISION_EXACT,
                                           .watched = watched,
                                           .watched_count = watched_count};
    gan_optimizer *optimizer;
    gan_objective *objective;
    succeed(gan_sgd_create(&optimizer, context, NULL));
    succeed(gan_objective_create(&objective, loss, &input, 1, &model, 1, optimizer, &options));
    gan_optimizer_free(optimizer);
    return objective;
}

/* Its gradients one after the other, as they lie in the slab; run on poisoned memory where a plan is there.
 */
static gan_tensor *gradients_of(gan_context *context, gan_objective *objective, const gan_tensor *batch)
{
    if (objective->plan != NULL)
        memset(objective->plan->arena, 0xff, objective->plan->arena_size);
    succeed(gan_objective_gradients(objective, &batch, 1, NULL));
    gan_tensor *all = make_zeros(context, (const int64_t[]){(int64_t)objective->gradient_count}, 1);
    memcpy(gan_tensor_data(all), objective->gradients, objective->gradient_count * sizeof(float));
    return all;
}

static void forbid_reuse(struct plan *plan)
{
    for (int32_t i = 0; i < plan->block_count; i++) {
        plan->blocks[i].first = 0;
        plan->blocks[i].last = 2 * plan->step_count;
    }
    gan_release(plan->context, plan->arena);
    succeed(gan_plan_place(plan));
}

static double size_of(const gan_tensor *tensor)
{
    const float *values = gan_tensor_data_const(tensor);
    double sum = 0;
    for (int64_t i = 0; i < gan_tensor_count(tensor); i++)
        sum += (double)values[i] * (double)values[i];
    return sqrt(sum);
}

static void check_graph(gan_context *context, uint64_t seed)
{
    struct garden garden = {.random = {seed, 1, 0}, .walls = true};
    gan_graph *graph = make_graph(context);
    gan_layer *input, *loss = grow(&garden, graph, &input);
    gan_model *model = make_model("garden", input, loss);
    gan_objective *tight = make_objective(context, loss, input, model, NULL, 0);
    gan_objective *watched = make_objective(context, loss, input, model, garden.layers, garden.count);
    gan_tensor *batch = make_normal(context, (const int64_t[]){2, SIDE, SIDE, CHANNELS}, 4, seed);
    gan_tensor *results[4];
    results[0] = gradients_of(context, tight, batch);
    results[1] = gradients_of(context, tight, batch);
    results[2] = gradients_of(context, watched, batch);
    forbid_reuse(tight->plan);
    results[3] = gradients_of(context, tight, batch);
    ck_assert_msg(same_bits(results[0], results[1]), "graph %d: poison shows", (int)seed);
    ck_assert_msg(same_bits(results[0], results[3]), "graph %d: reused memory shows", (int)seed);
    const double difference = largest_difference(results[0], results[2]);
    ck_assert_msg(difference <= 1e-4 * size_of(results[0]) + 1e-9,
                  "graph %d: folding changes gradients by %g of %g", (int)seed, difference,
                  size_of(results[0]));
    for (int i = 0; i < 4; i++)
        gan_tensor_free(results[i]);
    gan_tensor_free(batch);
    gan_objective_free(tight);
    gan_objective_free(watched);
    gan_model_free(model);
    gan_graph_free(graph);
}

START_TEST(plans_of_any_graph_agree)
{
    gan_context *context = make_context(2);
    for (uint64_t seed = 1; seed <= GRAPHS; seed++)
        check_graph(context, seed);
    gan_context_free(context);
}
END_TEST

/* The directional derivative along the gradient itself is the gradient's squared norm. */
static void check_slope(gan_context *context, uint64_t seed)
{
    struct garden garden = {.random = {seed, 2, 0}};
    gan_graph *graph = make_graph(context);
    gan_layer *input, *loss = grow(&garden, graph, &input);
    gan_model *model = make_model("garden", input, loss);
    gan_objective *objective = make_objective(context, loss, input, model, NULL, 0);
    gan_tensor *batch = make_normal(context, (const int64_t[]){2, SIDE, SIDE, CHANNELS}, 4, seed), *gradient;
    const gan_tensor *inputs[] = {batch};
    succeed(gan_objective_request_input_gradient(objective, 0));
    succeed(gan_objective_gradients(objective, inputs, 1, NULL));
    succeed(gan_objective_input_gradient(objective, 0, &gradient));
    const double norm = size_of(gradient), step = 2e-3;
    float *pixels = gan_tensor_data(batch), losses[2];
    const float *slopes = gan_tensor_data(gradient);
    for (int side = 0; norm > 1e-3 && side < 2; side++) {
        const double move = (side == 0 ? 1 : -2) * step / norm;
        for (int64_t i = 0; i < gan_tensor_count(batch); i++)
            pixels[i] += (float)(move * (double)slopes[i]);
        succeed(gan_objective_evaluate(objective, inputs, 1, &losses[side]));
    }
    if (norm > 1e-3) {
        const double slope = ((double)losses[0] - (double)losses[1]) / (2 * step);
        ck_assert_msg(fabs(slope - norm) < 0.05 * norm + 2e-4, "graph %d: slope %g, gradient %g", (int)seed,
                      slope, norm);
    }
    gan_tensor_free(batch);
    gan_tensor_free(gradient);
    gan_objective_free(objective);
    gan_model_free(model);
    gan_graph_free(graph);
}

START_TEST(gradients_of_any_graph_are_slopes)
{
    gan_context *context = make_context(2);
    for (uint64_t seed = 1; seed <= GRAPHS; seed++)
        check_slope(context, seed);
    gan_context_free(context);
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        plans_of_any_graph_agree,
        gradients_of_any_graph_are_slopes,
    };
    return run_suite("random_graphs", tests, sizeof tests / sizeof tests[0]);
}
