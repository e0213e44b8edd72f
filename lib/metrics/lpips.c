/* Learned perceptual distance (Zhang et al. 2018) over SqueezeNet's features. The network's own normalization
 * is what the paper's scaling layer does after its pictures went from 0..1 to -1..1. */
#include "gan/networks.h"
#include "gan/session.h"
#include "gan/tensors.h"
#include "graph/model.h"
#include "metrics/pictures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LEVELS = 7 };
static const char *const names[LEVELS] = {"relu1", "fire3", "fire5", "fire6", "fire7", "fire8", "fire9"};

struct gan_lpips {
    gan_context *context;
    gan_model *extractor; /* with the levels as outputs */
    gan_tensor *heads[LEVELS];
    gan_session *session; /* for pictures of this shape; NULL before the first */
    struct shape shape;
    gan_tensor *features[2][LEVELS]; /* of a, of b */
};

static void drop_session(gan_lpips *lpips)
{
    gan_session_free(lpips->session);
    lpips->session = NULL;
    for (int i = 0; i < LEVELS; i++)
        for (int side = 0; side < 2; side++) {
            gan_tensor_free(lpips->features[side][i]);
            lpips->features[side][i] = NULL;
        }
}

void gan_lpips_free(gan_lpips *lpips)
{
    if (lpips == NULL)
        return;
    gan_context *context = lpips->context;
    drop_session(lpips);
    for (int i = 0; i < LEVELS; i++)
        gan_tensor_free(lpips->heads[i]);
    gan_model_free(lpips->extractor);
    gan_release(context, lpips);
    gan_context_free(context);
}

static gan_status take_head(gan_lpips *lpips, const gan_tensors *tensors, int level)
{
    char name[40];
    snprintf(name, sizeof name, "lin%d.model.1.weight", level);
    const int32_t index = gan_tensors_find(tensors, name);
    if (index < 0)
        return gan_fail(GAN_ERROR_FORMAT, "there is no tensor \"%s\"", name);
    const gan_tensor *head = gan_tensors_at(tensors, index);
    int64_t size[GAN_MAX_RANK] = {0};
    const int32_t rank = gan_model_output_shape(lpips->extractor, level, size);
    const int64_t channels = rank == 4 ? size[3] : -1;
    char text[SHAPE_TEXT_SIZE];
    if (gan_tensor_count(head) != channels || gan_tensor_rank(head) != 4 ||
        gan_tensor_size(head, 1) != channels)
        return gan_fail(GAN_ERROR_FORMAT, "\"%s\" has the shape %s, expected [1,%lld,1,1]", name,
                        gan_shape_text(&head->shape, text), (long long)channels);
    const gan_status status = gan_metric_check(head, name);
    return status == GAN_OK ? gan_tensors_get(&lpips->heads[level], tensors, name) : status;
}

static gan_status take_heads(gan_lpips *lpips, const char *path)
{
    gan_tensors *tensors;
    gan_status status = gan_tensors_load(&tensors, lpips->context, path);
    if (status != GAN_OK)
        return status;
    for (int i = 0; status == GAN_OK && i < LEVELS; i++)
        status = take_head(lpips, tensors, i);
    gan_tensors_free(tensors);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "\"%s\": ", path);
}

gan_status gan_lpips_create(gan_lpips **out, gan_model *extractor, const char *heads)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_lpips_create: out is NULL");
    *out = NULL;
    if (extractor == NULL || heads == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_lpips_create: %s is NULL",
                        extractor == NULL ? "extractor" : "heads");
    gan_context *context = extractor->graph->context;
    gan_lpips *lpips = gan_allocate_zeroed(context, sizeof *lpips);
    if (lpips == NULL)
        return gan_fail_memory("a perceptual distance", sizeof *lpips);
    lpips->context = gan_context_retain(context);
    gan_status status = gan_model_select_outputs(&lpips->extractor, extractor, names, LEVELS);
    if (status == GAN_OK)
        status = take_heads(lpips, heads);
    if (status != GAN_OK) {
        gan_lpips_free(lpips);
        return gan_fail_within(status, "gan_lpips_create: ");
    }
    *out = lpips;
    return GAN_OK;
}

int32_t gan_lpips_level_count(const gan_lpips *lpips)
{
    return lpips != NULL ? LEVELS : 0;
}

static gan_status compile(gan_lpips *lpips, const struct shape *shape)
{
    if (lpips->session != NULL && gan_shape_equal(shape, &lpips->shape))
        return GAN_OK;
    drop_session(lpips);
    gan_status status = gan_session_create(&lpips->session, lpips->extractor, shape->size, NULL);
    for (int i = 0; status == GAN_OK && i < 2 * LEVELS; i++) {
        int64_t size[GAN_MAX_RANK];
        const int32_t rank = gan_session_output_shape(lpips->session, i / 2, size);
        status = gan_tensor_create(&lpips->features[i % 2][i / 2], lpips->context, GAN_FLOAT32, size, rank);
    }
    if (status != GAN_OK)
        drop_session(lpips);
    lpips->shape = *shape;
    return status;
}

static double inverse_length(const float *vector, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += (double)vector[i] * (double)vector[i];
    return 1 / (sqrt(sum) + 1e-10);
}

static double level_distance(const gan_tensor *a, const gan_tensor *b, const gan_tensor *head)
{
    const int64_t channels = gan_tensor_count(head), positions = gan_tensor_count(a) / channels;
    const float *weights = head->data;
    double sum = 0;
    for (int64_t i = 0; i < positions; i++) {
        const float *x = (const float *)a->data + i * channels, *y = (const float *)b->data + i * channels;
        const double x_factor = inverse_length(x, channels), y_factor = inverse_length(y, channels);
        for (int64_t c = 0; c < channels; c++) {
            const double difference = (double)x[c] * x_factor - (double)y[c] * y_factor;
            sum += (double)weights[c] * difference * difference;
        }
    }
    return sum / (double)positions;
}

static gan_status check(const gan_lpips *lpips, const gan_tensor *a, const gan_tensor *b,
                        const double *distance)
{
    if (lpips == NULL || distance == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL", lpips == NULL ? "lpips" : "distance");
    const gan_status status = gan_metric_check_pair(a, b);
    if (status == GAN_OK && (a->shape.rank != 4 || a->shape.size[3] != 3))
        return gan_fail(GAN_ERROR_SHAPE, "the pictures are no batch [N,H,W,3]");
    return status;
}

gan_status gan_lpips_distance(gan_lpips *lpips, const gan_tensor *a, const gan_tensor *b, double *distance,
                              double *levels)
{
    gan_status status = check(lpips, a, b, distance);
    if (status == GAN_OK)
        status = compile(lpips, &a->shape);
    if (status == GAN_OK)
        status = gan_session_run(lpips->session, &a, 1, lpips->features[0], LEVELS);
    if (status == GAN_OK)
        status = gan_session_run(lpips->session, &b, 1, lpips->features[1], LEVELS);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_lpips_distance: ");
    *distance = 0;
    for (int i = 0; i < LEVELS; i++) {
        const double part = level_distance(lpips->features[0][i], lpips->features[1][i], lpips->heads[i]);
        *distance += part;
        if (levels != NULL)
            levels[i] = part;
    }
    return GAN_OK;
}
