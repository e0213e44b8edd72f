/* Out of memory while critics with spectral norm, penalties on their gradients
 * and PatchNCE are built and run. */
#include "base/suite.h"
#include "faults/scenario.h"

static gan_layer *judge(gan_layer *x)
{
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .filters = 2,
                                     .kernel = {4},
                                     .stride = {2},
                                     .pad = {1, 1, 1, 1},
                                     .spectral_norm = 1};
    const gan_dense_options dense = {.struct_size = sizeof dense, .units = 1};
    gan_layer *y = gan_average_pool(gan_leaky_relu(gan_conv2d(x, &conv), 0.2f), NULL);
    return gan_dense(gan_flatten(y), &dense);
}

/* A penalty at a mixture of two pictures, and InfoNCE between them. */
static gan_layer *build_loss(gan_layer *const *x)
{
    gan_layer *mixed = gan_random_interpolation(x[0], x[1]);
    gan_layer *verdict = judge(mixed);
    gan_layer *losses[] = {gan_gradient_penalty(verdict, mixed),
                           gan_patch_nce_loss(&x[0], &x[1], NULL, NULL, 1, 5, 0)};
    return gan_weighted_sum(losses, (const float[]){1, 1}, 2);
}

static gan_status step(gan_context *context, gan_graph *graph)
{
    const int64_t shape[4] = {2, 8, 8, 3};
    gan_layer *x[2] = {gan_input(graph, "a", shape, 4), gan_input(graph, "b", shape, 4)};
    gan_layer *loss = build_loss(x);
    gan_model *model = NULL;
    gan_optimizer *optimizer = NULL;
    gan_objective *objective = NULL;
    gan_tensor *pictures[2] = {NULL, NULL};
    gan_status status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_model_create(&model, "critic", x, 2, &loss, 1);
    if (status == GAN_OK)
        status = gan_adam_create(&optimizer, context, NULL);
    if (status == GAN_OK)
        status = gan_objective_create(&objective, loss, x, 2, &model, 1, optimizer, NULL);
    for (int i = 0; i < 2 && status == GAN_OK; i++)
        status = gan_tensor_create(&pictures[i], context, GAN_FLOAT32, shape, 4);
    for (int k = 0; status == GAN_OK && k < 2 * 2 * 8 * 8 * 3; k++)
        ((float *)gan_tensor_data(pictures[k % 2]))[k / 2] = (float)(k * k % 17) / 17;
    if (status == GAN_OK)
        status = gan_objective_step(objective, (const gan_tensor *const *)pictures, 2, NULL);
    gan_objective_free(objective);
    gan_optimizer_free(optimizer);
    gan_model_free(model);
    gan_tensor_free(pictures[0]);
    gan_tensor_free(pictures[1]);
    return status;
}

static gan_status penalize(gan_context *context, void *state)
{
    (void)state;
    gan_graph *graph = NULL;
    gan_status status = gan_graph_create(&graph, context);
    if (status == GAN_OK)
        status = step(context, graph);
    gan_graph_free(graph);
    return status;
}

START_TEST(penalties)
{
    exhaust_memory(&(struct scenario){.act = penalize, .stride = 3});
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {penalties};
    return run_suite("penalties", tests, sizeof tests / sizeof tests[0]);
}
