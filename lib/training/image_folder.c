/* Folders of pictures as training data. */
#include "training/image_folder.h"

#include <inttypes.h>
#include <math.h>

enum { DEFAULT_SIZE = 160, LARGEST_SIZE = 4096, AHEAD = 16 };
static const size_t CACHE_BYTES = (size_t)512 << 20;

static gan_status take_options(gan_image_folder_options *options, const gan_image_folder_options *given)
{
    const gan_status status = gan_copy_options(options, sizeof *options, given, "gan_image_folder_options");
    if (status != GAN_OK)
        return status;
    if (options->size == 0)
        options->size = DEFAULT_SIZE;
    if (options->largest_scale == 0)
        options->largest_scale = 1.6f;
    if (options->size < 1 || options->size > LARGEST_SIZE)
        return gan_fail(GAN_ERROR_ARGUMENT, "size is %" PRId32 ", expected 1 to %d", options->size,
                        (int)LARGEST_SIZE);
    if (!(options->largest_scale >= 1.0f && options->largest_scale <= 16.0f))
        return gan_fail(GAN_ERROR_ARGUMENT, "largest_scale is %g, expected 1 to 16",
                        (double)options->largest_scale);
    return GAN_OK;
}

static gan_status create(gan_image_folder **out, gan_context *context,
                         const gan_image_folder_options *options)
{
    gan_image_folder *folder = gan_allocate_zeroed(context, sizeof *folder);
    if (folder == NULL)
        return gan_fail_memory("an image folder", sizeof *folder);
    folder->context = gan_context_retain(context);
    folder->options = *options;
    folder->keep = (int64_t)ceilf((float)options->size * options->largest_scale);
    folder->bound = CACHE_BYTES;
    pthread_mutex_init(&folder->mutex, NULL);
    pthread_cond_init(&folder->changed, NULL);
    *out = folder;
    return GAN_OK;
}

void gan_image_folder_free(gan_image_folder *folder)
{
    if (folder == NULL)
        return;
    gan_context *context = folder->context;
    gan_image_folder_stop_worker(folder);
    for (int64_t i = 0; i < folder->count; i++) {
        gan_release(context, folder->pictures[i].path);
        gan_release(context, folder->pictures[i].pixels);
        gan_release(context, folder->pictures[i].reason);
    }
    gan_release(context, folder->pictures);
    pthread_mutex_destroy(&folder->mutex);
    pthread_cond_destroy(&folder->changed);
    gan_release(context, folder);
    gan_context_free(context);
}

static gan_status fail_unreadable(const gan_image_folder *folder, const char *path)
{
    return gan_fail(GAN_ERROR_FORMAT, "none of the %" PRId64 " pictures of \"%s\" can be read; the first: %s",
                    folder->count, path, folder->reasons[0]);
}

/* One picture at least can be read: better to learn it now than in the middle of work. */
static gan_status find_readable(gan_image_folder *folder, const char *path)
{
    gan_status status = GAN_ERROR_FORMAT;
    pthread_mutex_lock(&folder->mutex);
    for (int64_t i = 0; gan_image_folder_is_unreadable(status) && i < folder->count; i++)
        status = gan_image_folder_fetch(folder, i);
    pthread_mutex_unlock(&folder->mutex);
    return gan_image_folder_is_unreadable(status) ? fail_unreadable(folder, path) : status;
}

gan_status gan_image_folder_make(gan_image_folder **out, gan_context *context, const char *path,
                                 const gan_image_folder_options *given)
{
    gan_image_folder_options options;
    gan_status status = take_options(&options, given);
    gan_image_folder *folder = NULL;
    if (status == GAN_OK)
        status = create(&folder, context, &options);
    if (status == GAN_OK)
        status = gan_image_folder_list(folder, path);
    if (status != GAN_OK) {
        gan_image_folder_free(folder);
        return status;
    }
    *out = folder;
    return GAN_OK;
}

gan_status gan_image_folder_open(gan_image_folder **out, gan_context *context, const char *path,
                                 const gan_image_folder_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_folder_open: out is NULL");
    *out = NULL;
    if (context == NULL || path == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_folder_open: %s is NULL",
                        context == NULL ? "context" : "path");
    gan_image_folder *folder = NULL;
    gan_status status = gan_image_folder_make(&folder, context, path, given);
    if (status == GAN_OK)
        status = find_readable(folder, path);
    if (status != GAN_OK) {
        gan_image_folder_free(folder);
        return status;
    }
    gan_image_folder_start_worker(folder);
    *out = folder;
    return GAN_OK;
}

int64_t gan_image_folder_skipped(const gan_image_folder *folder)
{
    return folder != NULL ? atomic_load(&folder->unreadable) : 0;
}

int64_t gan_image_folder_count(const gan_image_folder *folder)
{
    return folder != NULL ? folder->count - gan_image_folder_skipped(folder) : 0;
}

static gan_status check_batch(const gan_image_folder *folder, int64_t index, const gan_tensor *batch)
{
    if (folder == NULL || batch == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL", folder == NULL ? "folder" : "batch");
    const int64_t size = folder->options.size, count = gan_tensor_size(batch, 0);
    if (gan_tensor_type(batch) != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "the batch is not of float32");
    if (gan_tensor_rank(batch) != 4 || count < 1 || gan_tensor_size(batch, 1) != size ||
        gan_tensor_size(batch, 2) != size || gan_tensor_size(batch, 3) != 3)
        return gan_fail(GAN_ERROR_SHAPE, "the batch's shape is not [N,%" PRId64 ",%" PRId64 ",3]", size,
                        size);
    if (index < 0 || index >= (INT64_MAX - AHEAD) / count)
        return gan_fail(GAN_ERROR_ARGUMENT, "index is %" PRId64 ", expected 0 or more", index);
    return GAN_OK;
}

/* Reasons are found by any thread, but logged by the caller's alone. */
void gan_image_folder_log(gan_image_folder *folder, gan_context *context)
{
    pthread_mutex_lock(&folder->mutex);
    while (folder->reasons_logged < folder->reason_count)
        gan_log(context, GAN_LOG_WARNING, "skipped: %s", folder->reasons[folder->reasons_logged++]);
    pthread_mutex_unlock(&folder->mutex);
}

static void look_ahead(gan_image_folder *folder, int64_t sample)
{
    pthread_mutex_lock(&folder->mutex);
    folder->ahead = sample;
    folder->ahead_end = sample + AHEAD;
    pthread_cond_broadcast(&folder->changed);
    pthread_mutex_unlock(&folder->mutex);
}

gan_status gan_image_folder_batch(gan_image_folder *folder, int64_t index, gan_tensor *batch)
{
    gan_status status = check_batch(folder, index, batch);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_image_folder_batch: ");
    const int64_t count = gan_tensor_size(batch, 0), size = folder->options.size;
    float *to = gan_tensor_data(batch);
    for (int64_t i = 0; status == GAN_OK && i < count; i++)
        status = gan_image_folder_sample(folder, index * count + i, to + i * size * size * 3);
    look_ahead(folder, (index + 1) * count);
    gan_image_folder_log(folder, folder->context);
    return status;
}
