/* Data sets: options, life, queries. */
#include "training/dataset.h"
#include "base/hash.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <string.h>

enum { LARGEST_SIZE = 4096 };

static gan_status check_options(const gan_dataset_options *options)
{
    if (options->size < 0 || options->size > LARGEST_SIZE)
        return gan_fail(GAN_ERROR_ARGUMENT, "size is %" PRId32 ", expected 1 to %d", options->size,
                        (int)LARGEST_SIZE);
    if (options->channels != 0 && options->channels != 1 && options->channels != 3)
        return gan_fail(GAN_ERROR_ARGUMENT, "channels is %" PRId32 ", expected 1 or 3", options->channels);
    if (options->largest_scale != 0 && !(options->largest_scale >= 1.0f && options->largest_scale <= 16.0f))
        return gan_fail(GAN_ERROR_ARGUMENT, "largest_scale is %g, expected 1 to 16",
                        (double)options->largest_scale);
    if (options->crop < GAN_CROP_RANDOM || options->crop > GAN_CROP_CENTRE)
        return gan_fail(GAN_ERROR_ARGUMENT, "crop is %" PRId32 ", expected GAN_CROP_*", options->crop);
    if (options->range < GAN_RANGE_SYMMETRIC || options->range > GAN_RANGE_UNIT)
        return gan_fail(GAN_ERROR_ARGUMENT, "range is %" PRId32 ", expected GAN_RANGE_*", options->range);
    if (options->classes < 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "classes is %" PRId32 ", expected at least 0", options->classes);
    return GAN_OK;
}

/* A context of its own for the thread that works ahead: in the training's one the pool would be taken from
 * under the training. */
static gan_status make_alone(gan_dataset *dataset)
{
    const gan_context_options options = {.struct_size = sizeof options,
                                         .threads = 1,
                                         .kernels = dataset->context->kernels,
                                         .allocator = &dataset->context->allocator};
    return gan_context_create(&dataset->alone, &options);
}

gan_status gan_dataset_make(gan_dataset **out, gan_context *context, const struct dataset_kind *kind,
                            const gan_dataset_options *given)
{
    gan_dataset_options options;
    gan_status status = context != NULL
                            ? gan_copy_options(&options, sizeof options, given, "gan_dataset_options")
                            : gan_fail(GAN_ERROR_ARGUMENT, "context is NULL");
    if (status == GAN_OK)
        status = check_options(&options);
    if (status != GAN_OK)
        return status;
    gan_dataset *dataset = gan_allocate_zeroed(context, sizeof *dataset);
    if (dataset == NULL)
        return gan_fail_memory("a data set", sizeof *dataset);
    dataset->context = gan_context_retain(context);
    dataset->kind = kind;
    dataset->options = options;
    dataset->domains = 1;
    dataset->identity = GAN_HASH_OF_NOTHING;
    pthread_mutex_init(&dataset->ring.mutex, NULL);
    pthread_cond_init(&dataset->ring.changed, NULL);
    *out = dataset;
    return make_alone(dataset);
}

static void free_slots(gan_dataset *dataset)
{
    for (int64_t i = 0; i < dataset->ring.capacity; i++)
        gan_release(dataset->context, dataset->ring.slots[i].values);
    gan_release(dataset->context, dataset->ring.slots);
}

void gan_dataset_free(gan_dataset *dataset)
{
    if (dataset == NULL)
        return;
    gan_context *context = dataset->context;
    gan_dataset_stop(dataset);
    for (int i = 0; i < DATASET_DOMAINS; i++)
        gan_image_folder_free(dataset->folders[i]);
    for (int32_t i = 0; dataset->class_names != NULL && i < dataset->classes; i++)
        gan_release(context, dataset->class_names[i]);
    gan_release(context, dataset->class_names);
    gan_release(context, dataset->labels);
    gan_tensor_free(dataset->pictures);
    gan_tensor_free(dataset->marks);
    free_slots(dataset);
    pthread_mutex_destroy(&dataset->ring.mutex);
    pthread_cond_destroy(&dataset->ring.changed);
    gan_context_free(dataset->alone);
    gan_release(context, dataset);
    gan_context_free(context);
}

/* FNV-1a, 64 bits. */
void gan_dataset_identify(gan_dataset *dataset, const void *bytes, size_t size)
{
    dataset->identity = gan_hash(dataset->identity, bytes, size);
}

static void identify_options(gan_dataset *dataset)
{
    const gan_dataset_options *options = &dataset->options;
    const int32_t numbers[] = {dataset->height,  dataset->width, options->channels, options->crop,
                               options->no_flip, options->range, dataset->paired,   dataset->domains};
    gan_dataset_identify(dataset, dataset->kind->name, strlen(dataset->kind->name));
    gan_dataset_identify(dataset, numbers, sizeof numbers);
    gan_dataset_identify(dataset, &options->largest_scale, sizeof options->largest_scale);
    gan_dataset_identify(dataset, &options->seed, sizeof options->seed);
}

gan_status gan_dataset_finish(gan_dataset **out, gan_dataset *dataset, gan_status status)
{
    if (status != GAN_OK) {
        gan_dataset_free(dataset);
        return status;
    }
    identify_options(dataset);
    if (dataset->options.no_worker == 0)
        gan_dataset_start(dataset);
    *out = dataset;
    return GAN_OK;
}

int64_t gan_dataset_position(const gan_dataset *dataset)
{
    return dataset != NULL ? dataset->position : 0;
}

gan_status gan_dataset_set_position(gan_dataset *dataset, int64_t position)
{
    if (dataset == NULL || position < 0 || position > INT64_C(1) << 50)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_dataset_set_position: %s",
                        dataset == NULL ? "dataset is NULL" : "expected a position from 0 to 2^50");
    if (dataset->position == position)
        return GAN_OK; /* what was made ahead stays */
    gan_dataset_pause(dataset);
    dataset->position = position;
    gan_dataset_resume(dataset, position);
    return GAN_OK;
}

/* What the caller was told need not be in the log too. */
static void forget_reasons(const gan_dataset *dataset)
{
    for (int i = 0; i < DATASET_DOMAINS; i++)
        if (dataset->folders[i] != NULL)
            dataset->folders[i]->reasons_logged = dataset->folders[i]->reason_count;
}

gan_status gan_dataset_check(gan_dataset *dataset, int64_t least, gan_dataset_report report, void *user)
{
    if (dataset == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_dataset_check: dataset is NULL");
    gan_dataset_pause(dataset);
    gan_status status = GAN_OK;
    if (dataset->kind->check != NULL)
        status = dataset->kind->check(dataset, report, user);
    if (report != NULL)
        forget_reasons(dataset);
    gan_dataset_resume(dataset, dataset->position);
    if (status != GAN_OK)
        return status;
    int64_t left = dataset->pictures != NULL ? gan_dataset_count(dataset) : INT64_MAX;
    for (int i = 0; i < DATASET_DOMAINS && dataset->folders[i] != NULL; i++) {
        const int64_t count = gan_image_folder_count(dataset->folders[i]);
        left = count < left ? count : left;
    }
    if (left < least)
        return gan_fail(GAN_ERROR_FORMAT,
                        "the data set has %" PRId64 " usable pictures, expected at least %" PRId64, left,
                        least);
    return GAN_OK;
}

int64_t gan_dataset_count(const gan_dataset *dataset)
{
    if (dataset == NULL)
        return 0;
    if (dataset->pictures != NULL)
        return dataset->pictures->shape.size[0];
    const int64_t first = gan_image_folder_count(dataset->folders[0]);
    const int64_t second = gan_image_folder_count(dataset->folders[1]);
    return first > second ? first : second;
}

int64_t gan_dataset_skipped(const gan_dataset *dataset)
{
    if (dataset == NULL || dataset->pictures != NULL)
        return 0;
    const int64_t first = gan_image_folder_skipped(dataset->folders[0]);
    return first + (dataset->paired ? 0 : gan_image_folder_skipped(dataset->folders[1]));
}

int32_t gan_dataset_domains(const gan_dataset *dataset)
{
    return dataset != NULL ? dataset->domains : 0;
}

int32_t gan_dataset_classes(const gan_dataset *dataset)
{
    return dataset != NULL ? dataset->classes : 0;
}

const char *gan_dataset_class_name(const gan_dataset *dataset, int32_t label)
{
    if (dataset == NULL || dataset->class_names == NULL || label < 0 || label >= dataset->classes)
        return NULL;
    return dataset->class_names[label];
}

int32_t gan_dataset_height(const gan_dataset *dataset)
{
    return dataset != NULL ? dataset->height : 0;
}

int32_t gan_dataset_width(const gan_dataset *dataset)
{
    return dataset != NULL ? dataset->width : 0;
}

int32_t gan_dataset_channels(const gan_dataset *dataset)
{
    return dataset != NULL ? dataset->options.channels : 0;
}

uint64_t gan_dataset_identity(const gan_dataset *dataset)
{
    return dataset != NULL ? dataset->identity : 0;
}
