#include "formats/foreign.h"

#include <setjmp.h>
#include <stdalign.h>
#include <string.h>

/* Lies before each piece of memory. */
struct block {
    alignas(64) struct block *previous;
    struct block *next;
    size_t size;
};

struct foreign {
    gan_context *context;
    struct block *blocks;
    size_t most, used;
    gan_status status;
    jmp_buf escape;
};

static _Thread_local struct foreign *current;

static _Noreturn void leave(gan_status status)
{
    current->status = status;
    longjmp(current->escape, 1);
}

void gan_foreign_give_up(void)
{
    leave(gan_fail(GAN_ERROR_FORMAT, "the content contradicts itself"));
}

static void link_block(struct block *block)
{
    block->previous = NULL;
    block->next = current->blocks;
    if (block->next != NULL)
        block->next->previous = block;
    current->blocks = block;
    current->used += block->size;
}

static void unlink_block(struct block *block)
{
    if (block->next != NULL)
        block->next->previous = block->previous;
    if (block->previous != NULL)
        block->previous->next = block->next;
    else
        current->blocks = block->next;
    current->used -= block->size;
}

void *gan_foreign_allocate(size_t size)
{
    if (size > current->most - current->used)
        leave(gan_fail(GAN_ERROR_FORMAT, "the content wants more memory than such a content can need"));
    struct block *block = gan_allocate_zeroed(current->context, sizeof *block + size);
    if (block == NULL)
        leave(gan_fail_memory("decoding or encoding", size));
    block->size = size;
    link_block(block);
    return block + 1;
}

void *gan_foreign_resize(void *memory, size_t size)
{
    void *moved = gan_foreign_allocate(size);
    if (memory == NULL)
        return moved;
    const struct block *block = (struct block *)memory - 1;
    memcpy(moved, memory, block->size < size ? block->size : size);
    gan_foreign_release(memory);
    return moved;
}

void gan_foreign_release(void *memory)
{
    if (memory == NULL)
        return;
    struct block *block = (struct block *)memory - 1;
    unlink_block(block);
    gan_release(current->context, block);
}

static void run_guarded(struct foreign *foreign, void (*work)(void *argument), void *argument)
{
    if (setjmp(foreign->escape) == 0)
        work(argument);
}

gan_status gan_foreign_run(gan_context *context, size_t most, void (*work)(void *argument), void *argument)
{
    struct foreign *outer = current;
    struct foreign foreign = {.context = context, .most = most, .status = GAN_OK};
    current = &foreign;
    run_guarded(&foreign, work, argument);
    while (foreign.blocks != NULL)
        gan_foreign_release(foreign.blocks + 1);
    current = outer;
    return foreign.status;
}
