/* Out of memory in what surrounds a training: averages, pools, logs, augmentation, checks. */
#include "base/suite.h"
#include "faults/scenario.h"

#include <stdlib.h>

struct material {
    gan_model *model;
    gan_tensor *pictures;
};

static gan_status prepare(gan_context *context, void **state)
{
    struct material *material = calloc(1, sizeof *material);
    *state = material;
    const gan_johnson_options small = {.struct_size = sizeof small, .channels = 2, .blocks = 1, .kernel = 3};
    gan_status status = gan_johnson_create(&material->model, context, &small);
    if (status == GAN_OK)
        status =
            gan_tensor_create(&material->pictures, context, GAN_FLOAT32, (const int64_t[]){2, 12, 12, 3}, 4);
    return status == GAN_OK ? gan_tensor_fill_uniform(material->pictures, 1, 0, 1) : status;
}

static void clean(void *state)
{
    struct material *material = state;
    gan_model_free(material->model);
    gan_tensor_free(material->pictures);
    free(material);
}

static gan_status keep_state(gan_context *context, void *state)
{
    const struct material *material = state;
    static const char *const names[] = {"loss"};
    const float loss = 1;
    gan_average *average = NULL;
    gan_image_pool *pool = NULL;
    gan_loss_log *log = NULL;
    gan_health *health = NULL;
    gan_tensors *all = NULL;
    gan_status status = gan_tensors_create(&all, context);
    if (status == GAN_OK)
        status = gan_average_create(&average, material->model, NULL);
    if (status == GAN_OK)
        status = gan_average_update(average);
    if (status == GAN_OK)
        status = gan_average_store(average, all, "average");
    if (status == GAN_OK)
        status = gan_average_restore(average, all, "average");
    if (status == GAN_OK)
        status = gan_image_pool_create(&pool, context, 3, 1);
    if (status == GAN_OK)
        status = gan_image_pool_exchange(pool, material->pictures, material->pictures);
    if (status == GAN_OK)
        status = gan_image_pool_store(pool, all, "pool");
    if (status == GAN_OK)
        status = gan_image_pool_restore(pool, all, "pool");
    if (status == GAN_OK)
        status = gan_loss_log_create(&log, context, names, 1, NULL);
    if (status == GAN_OK)
        status = gan_loss_log_append(log, 1, &loss);
    if (status == GAN_OK)
        status = gan_loss_log_store(log, all, "log");
    if (status == GAN_OK)
        status = gan_loss_log_restore(log, all, "log");
    if (status == GAN_OK)
        status = gan_health_create(&health, context, NULL);
    if (status == GAN_OK)
        status = gan_health_store(health, all, "health");
    if (status == GAN_OK)
        status = gan_health_restore(health, all, "health");
    gan_health_free(health);
    gan_loss_log_free(log);
    gan_image_pool_free(pool);
    gan_average_free(average);
    gan_tensors_free(all);
    return status;
}

START_TEST(states)
{
    exhaust_memory(&(struct scenario){prepare, keep_state, clean, 0});
}
END_TEST

static gan_status watch(gan_context *context, void *state)
{
    const struct material *material = state;
    gan_health *health = NULL;
    gan_tensor *sheet = NULL;
    gan_status status = gan_health_create(&health, context, NULL);
    if (status == GAN_OK)
        status = gan_health_generated(health, 1, material->pictures);
    if (status == GAN_OK)
        status = gan_check_normalization(material->model, material->pictures);
    if (status == GAN_OK)
        status = gan_image_grid_batch(&sheet, material->pictures, 0, 1, 0, 1);
    gan_tensor_free(sheet);
    gan_health_free(health);
    return status;
}

START_TEST(watching)
{
    exhaust_memory(&(struct scenario){prepare, watch, clean, 3});
}
END_TEST

/* An augmented batch through an objective that accumulates. */
static gan_status train(gan_context *context, void *state)
{
    const struct material *material = state;
    gan_graph *graph = NULL;
    gan_optimizer *optimizer = NULL;
    gan_objective *objective = NULL;
    const gan_tensor *input = material->pictures;
    gan_status status = gan_graph_create(&graph, context);
    if (status == GAN_OK)
        status = gan_sgd_create(&optimizer, context, NULL);
    if (status == GAN_OK) {
        gan_layer *x = gan_input(graph, "x", (const int64_t[]){-1, 12, 12, 3}, 4);
        gan_layer *loss = gan_mean_squared_error(gan_diff_augment(gan_apply(material->model, x), NULL), x);
        const gan_objective_options options = {.struct_size = sizeof options, .accumulate = 2};
        gan_model *model = material->model;
        status = gan_graph_status(graph);
        if (status == GAN_OK)
            status = gan_objective_create(&objective, loss, &x, 1, &model, 1, optimizer, &options);
    }
    for (int i = 0; status == GAN_OK && i < 2; i++)
        status = gan_objective_step(objective, &input, 1, NULL);
    gan_objective_free(objective);
    gan_optimizer_free(optimizer);
    gan_graph_free(graph);
    return status;
}

START_TEST(training)
{
    exhaust_memory(&(struct scenario){prepare, train, clean, 5});
}
END_TEST

int main(void)
{
    const TTest *tests[] = {states, watching, training};
    return run_suite("practice", tests, sizeof tests / sizeof tests[0]);
}
