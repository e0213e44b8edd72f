/* Out of memory while contexts, tensors, graphs, models and sessions are made and run. */
#include "base/suite.h"
#include "faults/ledger.h"
#include "faults/scenario.h"

#include <stdlib.h>
#include <string.h>

START_TEST(contexts)
{
    struct ledger ledger;
    for (int request = 0;; request++) {
        gan_context *context = NULL;
        ledger_open(&ledger);
        ledger_fail_after(&ledger, request, request % 2);
        const gan_status status = ledger_context(&context, &ledger, 3);
        ck_assert_int_eq(status, ledger_has_failed(&ledger) ? GAN_ERROR_OUT_OF_MEMORY : GAN_OK);
        gan_context_free(context);
        ck_assert_int_eq(atomic_load(&ledger.live), 0);
        if (status == GAN_OK)
            break;
    }
}
END_TEST

/* As DLPack 0.8 lays it out on 64-bit machines: the tensor itself, its manager, the call that frees it. */
struct managed_tensor {
    struct {
        void *data;
        int32_t device[2], rank;
        uint8_t type[4];
        int64_t *shape, *strides;
        uint64_t offset;
    } tensor;
    void *manager;
    void (*deleter)(struct managed_tensor *self);
};

static gan_status move_tensors(gan_context *context, void *state)
{
    (void)state;
    gan_tensor *first = NULL, *turned = NULL, *halves = NULL, *imported = NULL;
    void *managed = NULL;
    gan_status status = gan_tensor_create(&first, context, GAN_FLOAT32, (const int64_t[]){1, 4, 5, 3}, 4);
    if (status == GAN_OK)
        status = gan_tensor_transpose(&turned, first, (const int32_t[]){0, 3, 1, 2});
    if (status == GAN_OK)
        status = gan_tensor_create(&halves, context, GAN_FLOAT16, (const int64_t[]){1, 4, 5, 3}, 4);
    if (status == GAN_OK)
        status = gan_tensor_copy(halves, first);
    if (status == GAN_OK)
        status = gan_tensor_to_dlpack(turned, &managed);
    if (status == GAN_OK)
        status = gan_tensor_from_dlpack(&imported, context, managed);
    if (managed != NULL && imported == NULL) /* not taken over: it is still ours */
        ((struct managed_tensor *)managed)->deleter(managed);
    gan_tensor_free(first);
    gan_tensor_free(turned);
    gan_tensor_free(halves);
    gan_tensor_free(imported);
    return status;
}

START_TEST(tensors)
{
    exhaust_memory(&(struct scenario){.act = move_tensors});
}
END_TEST

static gan_layer *convolve(gan_layer *x, int32_t filters, int32_t kernel, int32_t stride)
{
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .filters = filters,
                                        .kernel = {kernel},
                                        .stride = {stride},
                                        .padding = GAN_PAD_HALF};
    return gan_conv2d(x, &options);
}

/* Every kind of layer that allocates in a way of its own. */
static gan_layer *build_layers(gan_layer *x)
{
    const gan_conv2d_transpose_options up = {
        .struct_size = sizeof up, .filters = 4, .kernel = {4}, .stride = {2}, .padding = GAN_PAD_HALF};
    const gan_pool_options pool = {.struct_size = sizeof pool};
    gan_layer *y = gan_relu(gan_batch_norm(convolve(x, 4, 3, 2), NULL));
    y = gan_leaky_relu(gan_instance_norm(gan_conv2d_transpose(y, &up), NULL), 0.2f);
    y = gan_add(y, gan_tanh(convolve(y, 4, 1, 1)));
    y = gan_concat((gan_layer *[]){y, gan_prelu(y, NULL, 0)}, 2, -1);
    y = gan_upsample_nearest(gan_max_pool(gan_pad(y, 1, 1, 1, 1, GAN_PADDING_REFLECT), &pool), 2);
    y = gan_crop(gan_pixel_unshuffle(gan_pixel_shuffle(y, 2), 2), 1, 1, 1, 1);
    y = gan_adain(gan_layer_norm(y, NULL), convolve(x, 8, 3, 1), 0, 0);
    gan_layer *gram = gan_flatten(gan_gram_matrix(y, GAN_GRAM_COVARIANCE));
    const gan_dense_options dense = {.struct_size = sizeof dense, .units = 3};
    gan_layer *scores = gan_softmax(gan_dropout(gan_dense(gram, &dense), 0.5f));
    return gan_multiply(scores, gan_reshape(gan_total_variation(y, 1), (const int64_t[]){-1, 1}, 2));
}

static gan_status build_model(gan_context *context, gan_model **model)
{
    gan_graph *graph = NULL;
    gan_status status = gan_graph_create(&graph, context);
    gan_layer *x = gan_input(graph, NULL, (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *y = build_layers(x);
    if (status == GAN_OK)
        status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_model_create(model, "everything", &x, 1, &y, 1);
    gan_graph_free(graph);
    return status;
}

static gan_status build_and_drop(gan_context *context, void *state)
{
    (void)state;
    gan_model *model = NULL;
    gan_tensor *weights = NULL;
    gan_status status = build_model(context, &model);
    if (status == GAN_OK)
        status = gan_model_get_parameter(model, 0, &weights);
    if (status == GAN_OK)
        status = gan_model_set_metadata(model, "key", "value");
    if (status == GAN_OK)
        status = gan_model_set_metadata(model, "key", "another value");
    gan_tensor_free(weights);
    gan_model_free(model);
    return status;
}

START_TEST(models)
{
    exhaust_memory(&(struct scenario){.act = build_and_drop});
}
END_TEST

/* A model with its session and a picture. */
struct running {
    gan_model *model;
    gan_session *session;
    gan_tensor *picture;
};

static gan_status prepare_running(gan_context *context, void **state)
{
    struct running *running = calloc(1, sizeof *running);
    *state = running;
    gan_status status = build_model(context, &running->model);
    if (status == GAN_OK)
        status = gan_tensor_create(&running->picture, context, GAN_FLOAT32, (const int64_t[]){2, 8, 8, 3}, 4);
    if (status == GAN_OK)
        status = gan_tensor_fill_normal(running->picture, 1, 0, 1);
    if (status == GAN_OK)
        status = gan_session_create_2d(&running->session, running->model, 2, 8, 8, NULL);
    return status;
}

static void clean_running(void *state)
{
    struct running *running = state;
    gan_session_free(running->session);
    gan_model_free(running->model);
    gan_tensor_free(running->picture);
    free(running);
}

/* Another session fails; the one made before still gives what it gave. */
static gan_status compile_another(gan_context *context, void *state)
{
    const struct running *running = state;
    gan_tensor *result = NULL, *expected = NULL;
    const gan_tensor *inputs[] = {running->picture};
    gan_status status = gan_model_run(running->model, running->picture, &result);
    if (status == GAN_OK)
        status = gan_tensor_create(&expected, context, GAN_FLOAT32, (const int64_t[]){2, 3}, 2);
    if (status == GAN_OK)
        status = gan_session_run(running->session, inputs, 1, &expected, 1);
    if (status == GAN_OK)
        ck_assert_mem_eq(gan_tensor_data(result), gan_tensor_data(expected), 6 * sizeof(float));
    gan_tensor_free(result);
    gan_tensor_free(expected);
    return status;
}

START_TEST(sessions)
{
    exhaust_memory(&(struct scenario){prepare_running, compile_another, clean_running, 0});
}
END_TEST

static gan_status apply_model(gan_context *context, void *state)
{
    const struct running *running = state;
    gan_graph *graph = NULL;
    gan_model *outer = NULL;
    gan_tensor *result = NULL;
    gan_status status = gan_graph_create(&graph, context);
    gan_layer *x = gan_input(graph, NULL, (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *y = gan_scale(gan_apply(running->model, x), 2, 1);
    if (status == GAN_OK)
        status = gan_model_create(&outer, "outer", &x, 1, &y, 1);
    if (status == GAN_ERROR_ARGUMENT)
        status = gan_graph_status(graph); /* x itself is NULL */
    if (status == GAN_OK)
        status = gan_model_run(outer, running->picture, &result);
    gan_tensor_free(result);
    gan_model_free(outer);
    gan_graph_free(graph);
    return status;
}

START_TEST(applications)
{
    exhaust_memory(&(struct scenario){prepare_running, apply_model, clean_running, 0});
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        contexts, tensors, models, sessions, applications,
    };
    return run_suite("building", tests, sizeof tests / sizeof tests[0]);
}
