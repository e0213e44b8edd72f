#include "faults/ledger.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static int fails(const struct ledger *ledger, int number)
{
    const int fail_at = atomic_load(&ledger->fail_at);
    return number == fail_at || (fail_at > 0 && number > fail_at && atomic_load(&ledger->fail_on));
}

static void *allocate(void *user, size_t size, size_t alignment)
{
    struct ledger *ledger = user;
    const int number = atomic_fetch_add(&ledger->requests, 1) + 1;
    if (alignment == 0 || (alignment & (alignment - 1)) != 0)
        atomic_fetch_add(&ledger->misaligned, 1);
    void *memory = NULL;
    if (fails(ledger, number) || posix_memalign(&memory, alignment, size) != 0)
        return NULL;
    memset(memory, 0xa5, size); /* whoever counts on zeros finds none */
    atomic_fetch_add(&ledger->live, 1);
    atomic_fetch_add(&ledger->bytes, (long long)malloc_usable_size(memory));
    return memory;
}

static void release(void *user, void *memory)
{
    struct ledger *ledger = user;
    if (memory == NULL)
        atomic_fetch_add(&ledger->misaligned, 1);
    atomic_fetch_sub(&ledger->live, 1);
    atomic_fetch_sub(&ledger->bytes, (long long)malloc_usable_size(memory));
    free(memory);
}

void ledger_open(struct ledger *ledger)
{
    memset(ledger, 0, sizeof *ledger);
    ledger->allocator = (gan_allocator){sizeof ledger->allocator, ledger, allocate, release};
}

void ledger_fail_after(struct ledger *ledger, int count, int on)
{
    atomic_store(&ledger->fail_on, on);
    atomic_store(&ledger->fail_at, count < 0 ? 0 : atomic_load(&ledger->requests) + count + 1);
}

int ledger_has_failed(const struct ledger *ledger)
{
    const int fail_at = atomic_load(&ledger->fail_at);
    return fail_at > 0 && atomic_load(&ledger->requests) >= fail_at;
}

gan_status ledger_context(gan_context **out, struct ledger *ledger, int32_t threads)
{
    const gan_context_options options = {
        .struct_size = sizeof options, .threads = threads, .seed = 5, .allocator = &ledger->allocator};
    return gan_context_create(out, &options);
}
