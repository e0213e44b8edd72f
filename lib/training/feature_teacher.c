/* What a feature network is taught: a teacher's level along its principal axes. */
#include "gan/layers.h"
#include "gan/networks.h"
#include "kernels/symmetric.h"
#include "training/feature_trainer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* SqueezeNet's first convolution and its pools pad nothing: its features number i lie at pixel 8 i + 7, those
 * of the network at 8 i. */
const struct taught_level gan_taught_levels[TAUGHT_LEVELS] = {
    {"level1", "vgg19", "relu1_1", 0},
    {"level2", "vgg19", "relu2_1", 0},
    {"level3", "vgg19", "relu3_1", 0},
    {"level4", "squeezenet1.1", "fire5", 1},
};

/* Moments of a level, the principal axes, and room to find them. */
struct axes {
    int64_t channels;
    int32_t features;
    double *moments, *vectors; /* [channels, channels] */
    double *values, *scratch, *mean;
    int64_t *order; /* of the eigenvectors, the largest first */
};

static gan_status open_axes(struct axes *axes, gan_context *context, int64_t channels, int32_t features)
{
    const size_t n = (size_t)channels;
    *axes = (struct axes){.channels = channels, .features = features};
    double *room = gan_allocate_array(context, 2 * n * n + 5 * n, sizeof(double));
    axes->order = gan_allocate_array(context, n, sizeof(int64_t));
    axes->moments = room;
    if (room == NULL || axes->order == NULL)
        return gan_fail_memory("principal axes", (2 * n * n + 6 * n) * sizeof(double));
    axes->vectors = room + n * n;
    axes->values = room + 2 * n * n;
    axes->scratch = axes->values + n;
    axes->mean = axes->scratch + 3 * n;
    return GAN_OK;
}

static void close_axes(struct axes *axes, gan_context *context)
{
    gan_release(context, axes->moments);
    gan_release(context, axes->order);
}

/* Of each picture of a batch, the products of features and their means. */
static gan_status build_moments(gan_model **out, gan_model *teacher, gan_context *context)
{
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    gan_layer *input = gan_input(graph, "picture", (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *features = gan_apply(teacher, input);
    gan_layer *outputs[2] = {gan_gram_matrix(features, GAN_GRAM_PER_POSITION),
                             gan_global_average_pool(features)};
    status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_model_create(out, "moments", &input, 1, outputs, 2);
    gan_graph_free(graph);
    return status;
}

static void add(double *sum, const gan_tensor *batch, int64_t size, double share)
{
    const float *values = gan_tensor_data_const(batch);
    for (int64_t i = 0; i < gan_tensor_count(batch); i++)
        sum[i % size] += share * (double)values[i];
}

static gan_status add_batches(struct axes *axes, gan_session *session, struct feature_pictures *pictures,
                              gan_tensor *batch, int32_t batches)
{
    const int64_t n = axes->channels, count = pictures->batch;
    const double share = 1.0 / ((double)batches * (double)count);
    const gan_tensor *input = batch;
    gan_tensor *moments[2] = {NULL, NULL};
    gan_status status =
        gan_tensor_create(&moments[0], pictures->context, GAN_FLOAT32, (const int64_t[]){count, n, n}, 3);
    if (status == GAN_OK)
        status = gan_tensor_create(&moments[1], pictures->context, GAN_FLOAT32,
                                   (const int64_t[]){count, 1, 1, n}, 4);
    for (int32_t i = 0; status == GAN_OK && i < batches; i++) {
        status = gan_feature_pictures_disturbed(pictures, i, batch);
        if (status == GAN_OK)
            status = gan_session_run(session, &input, 1, moments, 2);
        if (status != GAN_OK)
            break;
        add(axes->moments, moments[0], n * n, share);
        add(axes->mean, moments[1], n, share);
    }
    gan_tensor_free(moments[0]);
    gan_tensor_free(moments[1]);
    return status;
}

static gan_status measure(struct axes *axes, gan_model *teacher, struct feature_pictures *pictures,
                          gan_tensor *batch, int32_t batches)
{
    const int64_t n = axes->channels;
    memset(axes->moments, 0, (size_t)(n * n) * sizeof(double));
    memset(axes->mean, 0, (size_t)n * sizeof(double));
    gan_model *model = NULL;
    gan_session *session = NULL;
    gan_status status = build_moments(&model, teacher, pictures->context);
    if (status == GAN_OK)
        status =
            gan_session_create_2d(&session, model, pictures->batch, pictures->size, pictures->size, NULL);
    if (status == GAN_OK)
        status = add_batches(axes, session, pictures, batch, batches);
    gan_session_free(session);
    gan_model_free(model);
    return status;
}

static gan_status find(struct axes *axes)
{
    const int64_t n = axes->channels;
    memcpy(axes->vectors, axes->moments, (size_t)(n * n) * sizeof(double));
    if (!gan_symmetric_eigen(axes->vectors, n, true, axes->values, axes->scratch))
        return gan_fail(GAN_ERROR_NOT_FINITE, "the teacher's features are not finite");
    for (int64_t i = 0; i < n; i++) {
        int64_t at = i;
        for (; at > 0 && axes->values[axes->order[at - 1]] < axes->values[i]; at--)
            axes->order[at] = axes->order[at - 1];
        axes->order[at] = i;
    }
    return GAN_OK;
}

/* Mean and variance of a feature: those of an axis. */
static double feature_mean(const struct axes *axes, int32_t feature)
{
    const double *vector = axes->vectors + axes->order[feature] * axes->channels;
    double mean = 0;
    for (int64_t c = 0; c < axes->channels; c++)
        mean += vector[c] * axes->mean[c];
    return mean;
}

static double feature_deviation(const struct axes *axes, int32_t feature)
{
    const double mean = feature_mean(axes, feature);
    return sqrt(fmax(axes->values[axes->order[feature]] - mean * mean, 0));
}

static gan_status set_scales(struct feature_lesson *lesson, const struct axes *axes, double *power)
{
    double deviations = 0;
    *power = 0;
    for (int32_t i = 0; i < axes->features; i++) {
        *power += axes->values[axes->order[i]] / axes->features;
        deviations += feature_deviation(axes, i) / axes->features;
    }
    if (!(*power > 0) || !(deviations > 0))
        return gan_fail(GAN_ERROR_ARGUMENT, "all pictures look the same to the teacher");
    const double least = 1e-3 * deviations;
    for (int32_t i = 0; i < axes->features; i++) {
        lesson->mean[i] = feature_mean(axes, i) / sqrt(*power);
        lesson->stretch[i] = sqrt(*power / (fmax(feature_deviation(axes, i), least) * deviations));
    }
    return GAN_OK;
}

/* The axes as weights of a 1x1 convolution. */
static gan_status write_axes(struct feature_lesson *lesson, const struct axes *axes)
{
    const int32_t index = gan_model_parameter_find(lesson->model, "axes.weight");
    double power;
    gan_tensor *weight;
    gan_status status = set_scales(lesson, axes, &power);
    if (status == GAN_OK)
        status = gan_model_get_parameter(lesson->model, index, &weight);
    if (status != GAN_OK)
        return status;
    float *to = gan_tensor_data(weight);
    for (int32_t i = 0; i < axes->features; i++)
        for (int64_t c = 0; c < axes->channels; c++)
            *to++ = (float)(axes->vectors[axes->order[i] * axes->channels + c] / sqrt(power) *
                            lesson->stretch[i]);
    status = gan_model_set_parameter(lesson->model, index, weight);
    gan_tensor_free(weight);
    return status;
}

static gan_status write_offsets(const struct feature_lesson *lesson)
{
    const int32_t index = gan_model_parameter_find(lesson->model, "axes.bias");
    gan_tensor *bias;
    gan_status status = gan_model_get_parameter(lesson->model, index, &bias);
    if (status != GAN_OK)
        return status;
    float *to = gan_tensor_data(bias);
    for (int32_t i = 0; i < lesson->features; i++)
        to[i] = (float)(-lesson->mean[i] * lesson->stretch[i]);
    status = gan_model_set_parameter(lesson->model, index, bias);
    gan_tensor_free(bias);
    return status;
}

/* The teacher with a 1x1 convolution behind it. */
static gan_status build(gan_model **out, gan_model *teacher, gan_context *context, int32_t features)
{
    const gan_conv2d_options axes = {
        .struct_size = sizeof axes, .name = "axes", .filters = features, .kernel = {1, 1}};
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    gan_layer *input = gan_input(graph, "picture", (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *output = gan_conv2d(gan_apply(teacher, input), &axes);
    status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_model_create(out, "lesson", &input, 1, &output, 1);
    gan_graph_free(graph);
    return status;
}

static gan_status make_session(struct feature_lesson *lesson, const struct feature_pictures *pictures)
{
    int64_t shape[GAN_MAX_RANK];
    const gan_status status = gan_session_create_2d(&lesson->session, lesson->model, pictures->batch,
                                                    pictures->size, pictures->size, NULL);
    if (status != GAN_OK)
        return status;
    const int32_t rank = gan_session_output_shape(lesson->session, 0, shape);
    return gan_tensor_create(&lesson->target, pictures->context, GAN_FLOAT32, shape, rank);
}

static gan_status make(struct feature_lesson *lesson, gan_model *teacher, int32_t features,
                       struct feature_pictures *pictures, gan_tensor *batch, int32_t batches)
{
    int64_t shape[GAN_MAX_RANK];
    struct axes axes;
    gan_model_output_shape(teacher, 0, shape);
    lesson->features = features;
    if (features > shape[3] || features > MOST_FEATURES)
        return gan_fail(GAN_ERROR_ARGUMENT, "%" PRId32 " features, but the teacher has %" PRId64, features,
                        shape[3]);
    gan_status status = open_axes(&axes, pictures->context, shape[3], features);
    if (status == GAN_OK)
        status = measure(&axes, teacher, pictures, batch, batches);
    if (status == GAN_OK)
        status = find(&axes);
    if (status == GAN_OK)
        status = build(&lesson->model, teacher, pictures->context, features);
    if (status == GAN_OK)
        status = write_axes(lesson, &axes);
    if (status == GAN_OK)
        status = write_offsets(lesson);
    if (status == GAN_OK)
        status = make_session(lesson, pictures);
    close_axes(&axes, pictures->context);
    return status;
}

gan_status gan_feature_lesson_make(struct feature_lesson *lesson, gan_model *teacher,
                                   const struct taught_level *level, int32_t features,
                                   struct feature_pictures *pictures, gan_tensor *batch, int32_t batches)
{
    gan_model *selected;
    gan_status status = gan_model_select_outputs(&selected, teacher, &level->output, 1);
    if (status == GAN_OK)
        status = make(lesson, selected, features, pictures, batch, batches);
    gan_model_free(selected);
    return status == GAN_OK ? GAN_OK
                            : gan_fail_within(status, "%s of %s: ", level->output, level->architecture);
}

/* (x + bias) / stretch + mean, row by row of the weights. */
static void unstretch(const struct feature_lesson *lesson, gan_tensor *weight, gan_tensor *bias)
{
    const int64_t inputs = gan_tensor_size(weight, 3);
    float *w = gan_tensor_data(weight), *b = gan_tensor_data(bias);
    for (int32_t i = 0; i < lesson->features; i++) {
        for (int64_t c = 0; c < inputs; c++)
            w[i * inputs + c] = (float)((double)w[i * inputs + c] / lesson->stretch[i]);
        b[i] = (float)((double)b[i] / lesson->stretch[i] + lesson->mean[i]);
    }
}

gan_status gan_feature_lesson_finish(const struct feature_lesson *lesson, gan_model *network,
                                     const char *name)
{
    char names[2][32];
    snprintf(names[0], sizeof names[0], "%s.weight", name);
    snprintf(names[1], sizeof names[1], "%s.bias", name);
    const int32_t weight_index = gan_model_parameter_find(network, names[0]);
    const int32_t bias_index = gan_model_parameter_find(network, names[1]);
    gan_tensor *weight = NULL, *bias = NULL;
    gan_status status = gan_model_get_parameter(network, weight_index, &weight);
    if (status == GAN_OK)
        status = gan_model_get_parameter(network, bias_index, &bias);
    if (status == GAN_OK)
        unstretch(lesson, weight, bias);
    if (status == GAN_OK)
        status = gan_model_set_parameter(network, weight_index, weight);
    if (status == GAN_OK)
        status = gan_model_set_parameter(network, bias_index, bias);
    gan_tensor_free(weight);
    gan_tensor_free(bias);
    return status;
}

void gan_feature_lesson_free(struct feature_lesson *lesson)
{
    gan_session_free(lesson->session);
    gan_tensor_free(lesson->target);
    gan_model_free(lesson->model);
}
