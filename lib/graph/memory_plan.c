#include "graph/memory_plan.h"

#include <stdbool.h>
#include <stdlib.h>

enum { LINE = 64, READ_PAST = 128 /* vector code may read, never write, so far past the end */ };

static size_t padded(size_t size)
{
    return (size + READ_PAST + LINE - 1) / LINE * LINE;
}

static int larger_first(const void *a, const void *b)
{
    const struct memory_block *const *left = a, *const *right = b;
    if ((*left)->size != (*right)->size)
        return (*left)->size > (*right)->size ? -1 : 1;
    return *left < *right ? -1 : 1; /* blocks of one size in their order, so that plans repeat */
}

static bool alive_together(const struct memory_block *a, const struct memory_block *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* Keep `placed` sorted by offset. */
static void insert_sorted(struct memory_block **placed, int32_t count, struct memory_block *block)
{
    int32_t i = count;
    for (; i > 0 && placed[i - 1]->offset > block->offset; i--)
        placed[i] = placed[i - 1];
    placed[i] = block;
}

/* The smallest gap between the blocks alive together with this one that holds it. */
static size_t best_gap(struct memory_block *const *placed, int32_t count, const struct memory_block *block)
{
    const size_t size = padded(block->size);
    size_t end = 0, best = SIZE_MAX, best_room = SIZE_MAX;
    for (int32_t i = 0; i < count; i++) {
        const struct memory_block *other = placed[i];
        if (!alive_together(other, block))
            continue;
        if (other->offset >= end + size && other->offset - end < best_room) {
            best = end;
            best_room = other->offset - end;
        }
        if (other->offset + padded(other->size) > end)
            end = other->offset + padded(other->size);
    }
    return best != SIZE_MAX ? best : end;
}

gan_status gan_memory_plan(gan_context *context, struct memory_block *blocks, int32_t count, size_t *total)
{
    struct memory_block **order = gan_allocate_array(context, (size_t)count, sizeof(struct memory_block *));
    struct memory_block **placed = gan_allocate_array(context, (size_t)count, sizeof(struct memory_block *));
    *total = 0;
    if (order == NULL || placed == NULL) {
        gan_release(context, order);
        gan_release(context, placed);
        return gan_fail_memory("a memory plan", (size_t)count * 2 * sizeof(struct memory_block *));
    }
    int32_t needed = 0;
    for (int32_t i = 0; i < count; i++)
        if (blocks[i].size > 0)
            order[needed++] = &blocks[i];
    if (needed > 1)
        qsort(order, (size_t)needed, sizeof(struct memory_block *), larger_first);
    for (int32_t i = 0; i < needed; i++) {
        order[i]->offset = best_gap(placed, i, order[i]);
        insert_sorted(placed, i, order[i]);
        const size_t end = order[i]->offset + padded(order[i]->size);
        *total = end > *total ? end : *total;
    }
    gan_release(context, order);
    gan_release(context, placed);
    return GAN_OK;
}
