/* From samples to batches. */
#include "kernels/luma.h"
#include "tensor/tensor.h"
#include "training/dataset.h"

#include <inttypes.h>
#include <string.h>

enum { LOOK_AHEAD = 2, LEAST_AHEAD = 8 };

/* ---- Samples ---- */

int64_t gan_dataset_sample_size(const gan_dataset *dataset)
{
    return (int64_t)dataset->domains * dataset->height * dataset->width * dataset->options.channels;
}

/* From 0..1 and 1 or 3 channels to what a batch has. */
static void convert(const gan_dataset *dataset, const gan_tensor *piece, float *to)
{
    const int64_t has = gan_tensor_size(piece, 3), wants = dataset->options.channels;
    const float *from = gan_tensor_data_const(piece);
    const float factor = dataset->options.range == GAN_RANGE_SYMMETRIC ? 2.0f : 1.0f;
    for (int64_t i = 0; i < (int64_t)dataset->height * dataset->width; i++)
        for (int64_t c = 0; c < wants; c++) {
            const float value = has == wants ? from[i * has + c]
                                : has == 1   ? from[i]
                                             : luma_of(from + i * has);
            *to++ = value * factor - (factor - 1);
        }
}

gan_status gan_dataset_make_sample(gan_dataset *dataset, int64_t number, float *values, int32_t *label)
{
    struct dataset_pieces pieces = {.label = 0};
    const int64_t each = gan_dataset_sample_size(dataset) / dataset->domains;
    gan_status status = dataset->kind->sample(dataset, number, &pieces);
    for (int32_t i = 0; i < dataset->domains; i++) {
        gan_tensor *piece = pieces.piece[i], *scaled = NULL;
        if (status == GAN_OK &&
            (gan_tensor_size(piece, 1) != dataset->height || gan_tensor_size(piece, 2) != dataset->width)) {
            status = gan_image_resize(&scaled, piece, dataset->height, dataset->width);
            gan_tensor_free(piece);
            piece = scaled;
        }
        if (status == GAN_OK)
            convert(dataset, piece, values + i * each);
        gan_tensor_free(piece);
    }
    *label = pieces.label;
    return status;
}

/* ---- Batches ---- */

static gan_status check_pictures(const gan_dataset *dataset, const gan_tensor *batch, const char *name)
{
    char text[SHAPE_TEXT_SIZE];
    if (batch == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL", name);
    if (batch->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "%s is a tensor of %s, expected float32", name,
                        gan_type_name(batch->type));
    const int64_t *size = batch->shape.size;
    if (batch->shape.rank != 4 || size[0] < 1 || size[1] != dataset->height || size[2] != dataset->width ||
        size[3] != dataset->options.channels)
        return gan_fail(GAN_ERROR_SHAPE, "%s has the shape %s, expected [N,%d,%d,%d]", name,
                        gan_shape_text(&batch->shape, text), dataset->height, dataset->width,
                        dataset->options.channels);
    return GAN_OK;
}

static gan_status check_batch(const gan_dataset *dataset, const gan_tensor *first, const gan_tensor *second,
                              const gan_tensor *labels)
{
    if (dataset == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "dataset is NULL");
    gan_status status = check_pictures(dataset, first, "first");
    if (status == GAN_OK && dataset->domains == 2)
        status = check_pictures(dataset, second, "second");
    if (status != GAN_OK)
        return status;
    if (dataset->domains == 1 && second != NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "second is given, but these pictures have no partners");
    if (second != NULL && !gan_shape_equal(&first->shape, &second->shape))
        return gan_fail(GAN_ERROR_SHAPE, "first and second have different shapes");
    if (labels == NULL)
        return GAN_OK;
    if (dataset->classes == 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "labels is given, but these pictures have none");
    if (labels->type != GAN_INT32)
        return gan_fail(GAN_ERROR_TYPE, "labels is a tensor of %s, expected int32",
                        gan_type_name(labels->type));
    if (labels->shape.rank != 1 || labels->shape.size[0] != first->shape.size[0])
        return gan_fail(GAN_ERROR_SHAPE, "labels is not [%" PRId64 "]", first->shape.size[0]);
    return GAN_OK;
}

/* Room for two batches, and a buffer for the sample at hand. */
static gan_status prepare(gan_dataset *dataset, int64_t count, float **sample)
{
    const int64_t ahead = LOOK_AHEAD * count;
    const gan_status status = gan_dataset_reserve(dataset, ahead > LEAST_AHEAD ? ahead : LEAST_AHEAD);
    if (status != GAN_OK)
        return status;
    const size_t size = (size_t)gan_dataset_sample_size(dataset);
    *sample = gan_allocate_array(dataset->context, size, sizeof **sample);
    return *sample != NULL ? GAN_OK : gan_fail_memory("a sample", size * sizeof **sample);
}

static void store(const gan_dataset *dataset, const float *sample, gan_tensor *const batches[2], int64_t i)
{
    const size_t each = (size_t)(gan_dataset_sample_size(dataset) / dataset->domains);
    for (int32_t k = 0; k < dataset->domains; k++)
        memcpy((float *)batches[k]->data + (size_t)i * each, sample + (size_t)k * each,
               each * sizeof *sample);
}

static void log_reasons(gan_dataset *dataset)
{
    for (int i = 0; i < DATASET_DOMAINS; i++)
        if (dataset->folders[i] != NULL)
            gan_image_folder_log(dataset->folders[i], dataset->context);
}

/* After a failure the samples that were taken already are made again. */
static void finish_batch(gan_dataset *dataset, float *sample, int64_t count)
{
    gan_release(dataset->context, sample);
    log_reasons(dataset);
    dataset->position += count;
    if (count > 0)
        return;
    gan_dataset_pause(dataset);
    gan_dataset_resume(dataset, dataset->position);
}

gan_status gan_dataset_next(gan_dataset *dataset, gan_tensor *first, gan_tensor *second, gan_tensor *labels)
{
    float *sample = NULL;
    gan_status status = check_batch(dataset, first, second, labels);
    const int64_t count = status == GAN_OK ? first->shape.size[0] : 0;
    if (status == GAN_OK)
        status = prepare(dataset, count, &sample);
    gan_tensor *const batches[2] = {first, second};
    for (int64_t i = 0; status == GAN_OK && i < count; i++) {
        int32_t label = 0;
        status = gan_dataset_take(dataset, dataset->position + i, sample, &label);
        if (status == GAN_OK)
            store(dataset, sample, batches, i);
        if (status == GAN_OK && labels != NULL)
            ((int32_t *)labels->data)[i] = label;
    }
    if (sample != NULL)
        finish_batch(dataset, sample, status == GAN_OK ? count : 0);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_dataset_next: ");
}
