/* Samples made ahead by a thread of the data set's own. Only this thread makes samples while it runs, so
 * sources need no care for others. */
#include "base/threads.h"
#include "training/dataset.h"

#include <string.h>

static bool has_work(const gan_dataset *dataset)
{
    const struct dataset_ring *ring = &dataset->ring;
    return ring->next >= 0 && ring->capacity > 0 && ring->slots[ring->next % ring->capacity].number < 0;
}

/* With the mutex held, which is released meanwhile. */
static void make_next(gan_dataset *dataset)
{
    struct dataset_ring *ring = &dataset->ring;
    const int64_t number = ring->next;
    struct dataset_slot *slot = &ring->slots[number % ring->capacity];
    ring->busy = true;
    pthread_mutex_unlock(&ring->mutex);
    slot->status = gan_dataset_make_sample(dataset, number, slot->values, &slot->label);
    if (slot->status != GAN_OK)
        strncpy(slot->message, gan_error_message(), DATASET_MESSAGE - 1);
    pthread_mutex_lock(&ring->mutex);
    ring->busy = false;
    slot->number = number;
    ring->next = slot->status == GAN_OK ? number + 1 : -1; /* until somebody takes it */
    pthread_cond_broadcast(&ring->changed);
}

static void *work(void *argument)
{
    gan_dataset *dataset = argument;
    struct dataset_ring *ring = &dataset->ring;
    pthread_mutex_lock(&ring->mutex);
    while (!ring->stop) {
        if (has_work(dataset))
            make_next(dataset);
        else
            pthread_cond_wait(&ring->changed, &ring->mutex);
    }
    pthread_mutex_unlock(&ring->mutex);
    return NULL;
}

void gan_dataset_start(gan_dataset *dataset)
{
    dataset->ring.runs = gan_thread_start(&dataset->ring.thread, work, dataset) == 0;
}

void gan_dataset_stop(gan_dataset *dataset)
{
    struct dataset_ring *ring = &dataset->ring;
    if (!ring->runs)
        return;
    pthread_mutex_lock(&ring->mutex);
    ring->stop = true;
    pthread_cond_broadcast(&ring->changed);
    pthread_mutex_unlock(&ring->mutex);
    pthread_join(ring->thread, NULL);
    ring->runs = false;
}

static void empty_slots(struct dataset_ring *ring)
{
    for (int64_t i = 0; i < ring->capacity; i++)
        ring->slots[i].number = -1;
}

void gan_dataset_pause(gan_dataset *dataset)
{
    struct dataset_ring *ring = &dataset->ring;
    pthread_mutex_lock(&ring->mutex);
    ring->next = -1;
    while (ring->busy)
        pthread_cond_wait(&ring->changed, &ring->mutex);
    ring->next = -1;
    empty_slots(ring);
    pthread_mutex_unlock(&ring->mutex);
}

void gan_dataset_resume(gan_dataset *dataset, int64_t number)
{
    struct dataset_ring *ring = &dataset->ring;
    pthread_mutex_lock(&ring->mutex);
    ring->next = number;
    pthread_cond_broadcast(&ring->changed);
    pthread_mutex_unlock(&ring->mutex);
}

static gan_status make_slots(gan_dataset *dataset, int64_t count)
{
    gan_context *context = dataset->context;
    const size_t size = (size_t)gan_dataset_sample_size(dataset);
    struct dataset_slot *slots = gan_allocate_array(context, (size_t)count, sizeof *slots);
    if (slots == NULL)
        return gan_fail_memory("samples ahead", (size_t)count * sizeof *slots);
    for (int64_t i = 0; i < count; i++)
        slots[i].number = -1;
    for (int64_t i = 0; i < dataset->ring.capacity; i++)
        gan_release(context, dataset->ring.slots[i].values);
    gan_release(context, dataset->ring.slots);
    dataset->ring.slots = slots;
    dataset->ring.capacity = count;
    for (int64_t i = 0; i < count; i++) {
        slots[i].values = gan_allocate_array(context, size, sizeof(float));
        if (slots[i].values != NULL)
            continue;
        dataset->ring.capacity = i;
        return i > 0 ? GAN_OK : gan_fail_memory("samples ahead", size * sizeof(float));
    }
    return GAN_OK;
}

gan_status gan_dataset_reserve(gan_dataset *dataset, int64_t count)
{
    if (!dataset->ring.runs || dataset->ring.capacity >= count)
        return GAN_OK;
    gan_dataset_pause(dataset);
    const gan_status status = make_slots(dataset, count);
    gan_dataset_resume(dataset, dataset->position);
    return status;
}

static gan_status take_slot(struct dataset_slot *slot, size_t size, float *values, int32_t *label)
{
    const gan_status status = slot->status;
    if (status != GAN_OK)
        return gan_fail(status, "%s", slot->message);
    memcpy(values, slot->values, size);
    *label = slot->label;
    slot->number = -1;
    return GAN_OK;
}

gan_status gan_dataset_take(gan_dataset *dataset, int64_t number, float *values, int32_t *label)
{
    struct dataset_ring *ring = &dataset->ring;
    if (!ring->runs)
        return gan_dataset_make_sample(dataset, number, values, label);
    pthread_mutex_lock(&ring->mutex);
    struct dataset_slot *slot = &ring->slots[number % ring->capacity];
    while (slot->number != number)
        pthread_cond_wait(&ring->changed, &ring->mutex);
    const size_t size = (size_t)gan_dataset_sample_size(dataset) * sizeof(float);
    const gan_status status = take_slot(slot, size, values, label);
    pthread_cond_broadcast(&ring->changed);
    pthread_mutex_unlock(&ring->mutex);
    return status;
}
