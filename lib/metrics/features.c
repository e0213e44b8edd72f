/* Features of many pictures: an extractor's output, averaged over the positions. */
#include "gan/networks.h"
#include "gan/session.h"
#include "graph/model.h"
#include "metrics/pictures.h"

#include <inttypes.h>
#include <string.h>

struct gan_features {
    gan_context *context;
    gan_model *extractor; /* with the one output */
    gan_session *session; /* for pictures of this shape; NULL before the first */
    struct shape shape;
    gan_tensor *output;
    int64_t channels, count, capacity;
    float *vectors; /* [capacity, channels] */
};

void gan_features_free(gan_features *features)
{
    if (features == NULL)
        return;
    gan_context *context = features->context;
    gan_session_free(features->session);
    gan_tensor_free(features->output);
    gan_model_free(features->extractor);
    gan_release(context, features->vectors);
    gan_release(context, features);
    gan_context_free(context);
}

static gan_status check_extractor(const gan_model *extractor, int64_t *channels)
{
    int64_t size[GAN_MAX_RANK];
    const char *name = gan_model_name(extractor);
    if (gan_model_input_count(extractor) != 1 || gan_model_input_shape(extractor, 0, size) != 4)
        return gan_fail(GAN_ERROR_SHAPE, "extractor \"%s\": expected one input [N,H,W,C]", name);
    const int32_t rank = gan_model_output_shape(extractor, 0, size);
    *channels = rank == 2 || rank == 4 ? size[rank - 1] : -1;
    if (*channels < 1)
        return gan_fail(GAN_ERROR_SHAPE,
                        "extractor \"%s\": output \"%s\" is neither [N,H,W,C] nor [N,C] with a known C", name,
                        gan_model_output_name(extractor, 0));
    return GAN_OK;
}

gan_status gan_features_create(gan_features **out, gan_model *extractor, const char *output)
{
    if (out == NULL || extractor == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_features_create: %s is NULL",
                        out == NULL ? "out" : "extractor");
    *out = NULL;
    gan_context *context = extractor->graph->context;
    gan_features *features = gan_allocate_zeroed(context, sizeof *features);
    if (features == NULL)
        return gan_fail_memory("features", sizeof *features);
    features->context = gan_context_retain(context);
    if (output == NULL)
        output = gan_model_output_name(extractor, gan_model_output_count(extractor) - 1);
    gan_status status = gan_model_select_outputs(&features->extractor, extractor, &output, 1);
    if (status == GAN_OK)
        status = check_extractor(features->extractor, &features->channels);
    if (status != GAN_OK) {
        gan_features_free(features);
        return gan_fail_within(status, "gan_features_create: ");
    }
    *out = features;
    return GAN_OK;
}

static gan_status compile(gan_features *features, const struct shape *shape)
{
    if (features->session != NULL && gan_shape_equal(shape, &features->shape))
        return GAN_OK;
    gan_session_free(features->session);
    gan_tensor_free(features->output);
    features->session = NULL;
    features->output = NULL;
    gan_status status = gan_session_create(&features->session, features->extractor, shape->size, NULL);
    if (status != GAN_OK)
        return status;
    int64_t size[GAN_MAX_RANK];
    const int32_t rank = gan_session_output_shape(features->session, 0, size);
    status = gan_tensor_create(&features->output, features->context, GAN_FLOAT32, size, rank);
    if (status != GAN_OK) {
        gan_session_free(features->session);
        features->session = NULL;
    }
    features->shape = *shape;
    return status;
}

static gan_status reserve(gan_features *features, int64_t count)
{
    if (features->count + count <= features->capacity)
        return GAN_OK;
    const int64_t capacity = features->count + count + features->capacity;
    const size_t row = (size_t)features->channels * sizeof(float);
    float *vectors = gan_allocate_array(features->context, (size_t)capacity, row);
    if (vectors == NULL)
        return gan_fail_memory("features", (size_t)capacity * row);
    if (features->count > 0)
        memcpy(vectors, features->vectors, (size_t)features->count * row);
    gan_release(features->context, features->vectors);
    features->vectors = vectors;
    features->capacity = capacity;
    return GAN_OK;
}

/* The mean over the positions of one picture, in double. */
static void pool(const gan_tensor *output, int64_t picture, int64_t channels, float *vector)
{
    const int64_t batch = gan_tensor_size(output, 0);
    const int64_t positions = gan_tensor_count(output) / (batch * channels);
    const float *values = (const float *)output->data + picture * positions * channels;
    for (int64_t c = 0; c < channels; c++) {
        double sum = 0;
        for (int64_t i = 0; i < positions; i++)
            sum += (double)values[i * channels + c];
        vector[c] = (float)(sum / (double)positions);
    }
}

gan_status gan_features_add(gan_features *features, const gan_tensor *pictures)
{
    if (features == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_features_add: features is NULL");
    gan_status status = gan_metric_check(pictures, "pictures");
    if (status == GAN_OK && pictures->shape.rank != 4)
        status = gan_fail(GAN_ERROR_SHAPE, "pictures is no batch [N,H,W,C]");
    if (status == GAN_OK)
        status = compile(features, &pictures->shape);
    const int64_t batch = status == GAN_OK ? pictures->shape.size[0] : 0;
    if (status == GAN_OK)
        status = reserve(features, batch);
    if (status == GAN_OK)
        status = gan_session_run(features->session, &pictures, 1, &features->output, 1);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_features_add: ");
    for (int64_t i = 0; i < batch; i++)
        pool(features->output, i, features->channels,
             features->vectors + (features->count + i) * features->channels);
    features->count += batch;
    return GAN_OK;
}

int64_t gan_features_count(const gan_features *features)
{
    return features != NULL ? features->count : 0;
}

gan_status gan_features_get(const gan_features *features, gan_tensor **out)
{
    if (features == NULL || out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_features_get: %s is NULL", out == NULL ? "out" : "features");
    *out = NULL;
    if (features->count == 0)
        return gan_fail(GAN_ERROR_SHAPE, "gan_features_get: no picture was added");
    const int64_t shape[2] = {features->count, features->channels};
    const gan_status status = gan_tensor_create(out, features->context, GAN_FLOAT32, shape, 2);
    if (status == GAN_OK)
        memcpy((*out)->data, features->vectors,
               (size_t)(features->count * features->channels) * sizeof(float));
    return status;
}
