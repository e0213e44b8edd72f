/* Pictures in memory: decoded once, scaled down, as bytes; the one not wanted longest goes first. */
#include "base/threads.h"
#include "training/image_folder.h"

#include <math.h>
#include <string.h>

static gan_status scale_down(gan_tensor **picture, int64_t keep)
{
    const int64_t height = gan_tensor_size(*picture, 1), width = gan_tensor_size(*picture, 2);
    const int64_t shorter = height < width ? height : width;
    if (shorter <= keep)
        return GAN_OK;
    const double factor = (double)keep / (double)shorter;
    const int64_t new_height = height == shorter ? keep : llround((double)height * factor);
    const int64_t new_width = width == shorter ? keep : llround((double)width * factor);
    gan_tensor *scaled;
    const gan_status status = gan_image_resize(&scaled, *picture, new_height, new_width);
    if (status != GAN_OK)
        return status;
    gan_tensor_free(*picture);
    *picture = scaled;
    return GAN_OK;
}

/* Each half by itself: scaled together, they would run into each other at the seam. */
static gan_status scale_halves(gan_tensor **picture, int64_t keep)
{
    const int64_t height = gan_tensor_size(*picture, 1), width = gan_tensor_size(*picture, 2) / 2;
    gan_tensor *halves[2] = {NULL, NULL}, *joined = NULL;
    gan_status status = GAN_OK;
    for (int i = 0; status == GAN_OK && i < 2; i++) {
        status = gan_image_crop(&halves[i], *picture, 0, i * width, height, width);
        if (status == GAN_OK)
            status = scale_down(&halves[i], keep);
    }
    if (status == GAN_OK)
        status = gan_image_grid(&joined, (const gan_tensor *const *)halves, 2, 2, 0);
    gan_tensor_free(halves[0]);
    gan_tensor_free(halves[1]);
    if (status != GAN_OK)
        return status;
    gan_tensor_free(*picture);
    *picture = joined;
    return GAN_OK;
}

static unsigned char byte_of(float value)
{
    const float scaled = value * 255.0f + 0.5f;
    return scaled >= 255.0f ? 255 : scaled > 0.0f ? (unsigned char)scaled : 0;
}

struct decoded {
    int64_t height, width, full_height, full_width;
    unsigned char *pixels;
};

static gan_status to_bytes(struct decoded *decoded, gan_context *context, const gan_tensor *picture)
{
    const size_t count = (size_t)gan_tensor_count(picture);
    const float *values = gan_tensor_data_const(picture);
    decoded->pixels = gan_allocate(context, count);
    if (decoded->pixels == NULL)
        return gan_fail_memory("a picture", count);
    for (size_t i = 0; i < count; i++)
        decoded->pixels[i] = byte_of(values[i]);
    decoded->height = gan_tensor_size(picture, 1);
    decoded->width = gan_tensor_size(picture, 2);
    return GAN_OK;
}

static gan_status check_halves(const struct decoded *decoded, const char *path)
{
    if (decoded->full_width % 2 == 0)
        return GAN_OK;
    return gan_fail(GAN_ERROR_FORMAT, "\"%s\" is %lld pixels wide: it cannot be two pictures side by side",
                    path, (long long)decoded->full_width);
}

static gan_status decode(struct decoded *decoded, const gan_image_folder *folder, const char *path)
{
    gan_tensor *picture = NULL;
    gan_status status = gan_image_load(&picture, NULL, folder->context, path);
    decoded->full_height = gan_tensor_size(picture, 1);
    decoded->full_width = gan_tensor_size(picture, 2);
    if (status == GAN_OK && folder->halves)
        status = check_halves(decoded, path);
    if (status == GAN_OK)
        status = folder->halves ? scale_halves(&picture, folder->keep) : scale_down(&picture, folder->keep);
    if (status == GAN_OK)
        status = to_bytes(decoded, folder->context, picture);
    gan_tensor_free(picture);
    return status;
}

static size_t bytes_of(const struct folder_picture *picture)
{
    return (size_t)(picture->height * picture->width * 3);
}

static void drop(gan_image_folder *folder, struct folder_picture *picture)
{
    folder->cached -= bytes_of(picture);
    gan_release(folder->context, picture->pixels);
    picture->pixels = NULL;
    picture->state = PICTURE_ABSENT;
}

/* Make room, but never by dropping `kept`. */
static void shrink(gan_image_folder *folder, const struct folder_picture *kept)
{
    while (folder->cached > folder->bound) {
        struct folder_picture *oldest = NULL;
        for (int64_t i = 0; i < folder->count; i++) {
            struct folder_picture *picture = &folder->pictures[i];
            if (picture->state == PICTURE_READY && picture != kept &&
                (oldest == NULL || picture->used < oldest->used))
                oldest = picture;
        }
        if (oldest == NULL)
            return;
        drop(folder, oldest);
    }
}

static void note_unreadable(gan_image_folder *folder, struct folder_picture *picture)
{
    picture->state = PICTURE_UNREADABLE;
    picture->reason = gan_copy_string(folder->context, gan_error_message());
    folder->unreadable++;
    if (folder->reason_count < FOLDER_REASONS) {
        char *reason = folder->reasons[folder->reason_count++];
        strncpy(reason, gan_error_message(), FOLDER_REASON_SIZE - 1);
    }
}

static void store(gan_image_folder *folder, struct folder_picture *picture, const struct decoded *decoded)
{
    picture->pixels = decoded->pixels;
    picture->height = decoded->height;
    picture->width = decoded->width;
    picture->full_height = decoded->full_height;
    picture->full_width = decoded->full_width;
    picture->state = PICTURE_READY;
    folder->cached += bytes_of(picture);
    shrink(folder, picture);
}

void gan_image_folder_refuse(gan_image_folder *folder, int64_t index)
{
    struct folder_picture *picture = &folder->pictures[index];
    if (picture->state == PICTURE_UNREADABLE)
        return;
    if (picture->state == PICTURE_READY)
        drop(folder, picture);
    note_unreadable(folder, picture);
}

/* Memory that is short, or a disk that fails, says nothing of the picture. */
bool gan_image_folder_is_unreadable(gan_status status)
{
    return status == GAN_ERROR_FORMAT || status == GAN_ERROR_UNSUPPORTED || status == GAN_ERROR_SHAPE;
}

static gan_status load(gan_image_folder *folder, struct folder_picture *picture)
{
    picture->state = PICTURE_BUSY;
    pthread_mutex_unlock(&folder->mutex);
    struct decoded decoded = {0};
    const gan_status status = decode(&decoded, folder, picture->path);
    pthread_mutex_lock(&folder->mutex);
    if (status == GAN_OK)
        store(folder, picture, &decoded);
    else if (gan_image_folder_is_unreadable(status))
        note_unreadable(folder, picture);
    else
        picture->state = PICTURE_ABSENT;
    pthread_cond_broadcast(&folder->changed);
    return status;
}

gan_status gan_image_folder_fetch(gan_image_folder *folder, int64_t index)
{
    struct folder_picture *picture = &folder->pictures[index];
    picture->used = ++folder->clock;
    while (picture->state == PICTURE_BUSY)
        pthread_cond_wait(&folder->changed, &folder->mutex);
    if (picture->state == PICTURE_READY)
        return GAN_OK;
    if (picture->state == PICTURE_UNREADABLE)
        return picture->reason != NULL
                   ? gan_fail(GAN_ERROR_FORMAT, "%s", picture->reason)
                   : gan_fail(GAN_ERROR_FORMAT, "\"%s\" could not be read", picture->path);
    return load(folder, picture);
}

static void *work(void *argument)
{
    gan_image_folder *folder = argument;
    pthread_mutex_lock(&folder->mutex);
    while (!folder->stop) {
        const bool wanted = folder->ahead < folder->ahead_end;
        const int64_t index = wanted ? gan_image_folder_choose(folder, folder->ahead) : -1;
        if (index < 0)
            pthread_cond_wait(&folder->changed, &folder->mutex);
        else if (gan_image_folder_fetch(folder, index) != GAN_ERROR_FORMAT)
            folder->ahead++;
    }
    pthread_mutex_unlock(&folder->mutex);
    return NULL;
}

void gan_image_folder_start_worker(gan_image_folder *folder)
{
    folder->worker_runs = gan_thread_start(&folder->worker, work, folder) == 0;
}

void gan_image_folder_stop_worker(gan_image_folder *folder)
{
    if (!folder->worker_runs)
        return;
    pthread_mutex_lock(&folder->mutex);
    folder->stop = true;
    pthread_cond_broadcast(&folder->changed);
    pthread_mutex_unlock(&folder->mutex);
    pthread_join(folder->worker, NULL);
    folder->worker_runs = false;
}
