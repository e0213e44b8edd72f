#include "graph/packed.h"
#include "base/pages.h"

#include <pthread.h>
#include <string.h>

#define NEVER_FILLED UINT64_MAX

/* What tells two layouts apart, but for the parameter and the context's kernel set. */
struct packed_key {
    const struct gan_op *op;
    enum op_pass pass;
    int32_t precision;
    size_t size;
    const char *method;
    struct packed_layout layout;
};

struct packed_weights {
    struct packed_weights *next; /* of the same parameter; as `references`, guarded by the context's mutex */
    struct parameter *parameter;
    int32_t references;
    struct packed_key key;
    pthread_mutex_t filling;
    atomic_uint_least64_t version; /* of the parameter, when it was packed */
    void *memory;
};

static struct packed_key key_of(const struct gan_op *op, const struct op_call *call, enum op_pass pass)
{
    struct packed_key key = {.op = op,
                             .pass = pass,
                             .precision = call->precision,
                             .size = op->packed_size != NULL ? op->packed_size(call, pass) : 0,
                             .method = op->method != NULL ? op->method(call, pass) : ""};
    if (key.size > 0 && op->packed_layout != NULL)
        op->packed_layout(call, pass, &key.layout);
    return key;
}

/* A layout that says nothing of itself is like no other. */
static bool same_layout(const struct packed_layout *a, const struct packed_layout *b)
{
    return a->count > 0 && a->count == b->count &&
           memcmp(a->numbers, b->numbers, (size_t)a->count * sizeof a->numbers[0]) == 0;
}

static bool same_key(const struct packed_key *a, const struct packed_key *b)
{
    return a->op == b->op && a->pass == b->pass && a->precision == b->precision && a->size == b->size &&
           strcmp(a->method, b->method) == 0 && same_layout(&a->layout, &b->layout);
}

static struct packed_weights *find(const struct parameter *parameter, const struct packed_key *key)
{
    struct packed_weights *packed = parameter->packed;
    while (packed != NULL && !same_key(&packed->key, key))
        packed = packed->next;
    return packed;
}

/* A new entry at the head of the parameter's list; NULL: out of memory. */
static struct packed_weights *create(struct parameter *parameter, const struct packed_key *key)
{
    gan_context *context = parameter->context;
    struct packed_weights *packed = gan_allocate_zeroed(context, sizeof *packed);
    void *memory = gan_allocate(context, key->size);
    if (packed == NULL || memory == NULL) {
        gan_release(context, packed);
        gan_release(context, memory);
        return NULL;
    }
    gan_advise_huge_pages(memory, key->size);
    packed->parameter = gan_parameter_retain(parameter);
    packed->key = *key;
    packed->memory = memory;
    pthread_mutex_init(&packed->filling, NULL);
    atomic_init(&packed->version, NEVER_FILLED);
    packed->next = parameter->packed;
    parameter->packed = packed;
    return packed;
}

gan_status gan_packed_acquire(struct packed_weights **out, struct parameter *parameter,
                              const struct gan_op *op, const struct op_call *call, enum op_pass pass)
{
    const struct packed_key key = key_of(op, call, pass);
    *out = NULL;
    if (key.size == 0)
        return GAN_OK;
    pthread_mutex_t *mutex = &parameter->context->mutex;
    pthread_mutex_lock(mutex);
    struct packed_weights *packed = find(parameter, &key);
    if (packed == NULL)
        packed = create(parameter, &key);
    if (packed != NULL)
        packed->references++;
    pthread_mutex_unlock(mutex);
    *out = packed;
    return packed != NULL ? GAN_OK : gan_fail_memory("packed weights", key.size);
}

struct packed_weights *gan_packed_join(struct parameter *parameter, const struct gan_op *op,
                                       const struct op_call *call, enum op_pass pass)
{
    const struct packed_key key = key_of(op, call, pass);
    pthread_mutex_t *mutex = &parameter->context->mutex;
    pthread_mutex_lock(mutex);
    struct packed_weights *packed = key.size > 0 ? find(parameter, &key) : NULL;
    if (packed != NULL)
        packed->references++;
    pthread_mutex_unlock(mutex);
    return packed;
}

static void unlink_from_parameter(const struct packed_weights *packed)
{
    struct packed_weights **link = &packed->parameter->packed;
    while (*link != packed)
        link = &(*link)->next;
    *link = packed->next;
}

void gan_packed_release(struct packed_weights *packed)
{
    if (packed == NULL)
        return;
    gan_context *context = packed->parameter->context;
    pthread_mutex_lock(&context->mutex);
    const bool last = --packed->references == 0;
    if (last)
        unlink_from_parameter(packed);
    pthread_mutex_unlock(&context->mutex);
    if (!last)
        return;
    pthread_mutex_destroy(&packed->filling);
    gan_parameter_free(packed->parameter);
    gan_release(context, packed->memory);
    gan_release(context, packed);
}

const void *gan_packed_fill(struct packed_weights *packed, const struct op_call *call)
{
    const uint64_t version = atomic_load(&packed->parameter->version);
    if (atomic_load(&packed->version) == version)
        return packed->memory;
    pthread_mutex_lock(&packed->filling);
    if (atomic_load(&packed->version) != version) {
        packed->key.op->pack(call, packed->key.pass, packed->memory);
        atomic_store(&packed->version, version);
    }
    pthread_mutex_unlock(&packed->filling);
    return packed->memory;
}

size_t gan_packed_bytes(const struct packed_weights *packed)
{
    return packed != NULL ? packed->key.size : 0;
}
