#include "graph/parameter.h"
#include "graph/initializer.h"

#include <string.h>

enum { FLOATS_PER_LINE = 16 };

gan_status gan_parameter_create(struct parameter **out, gan_context *context,
                                const struct parameter_specification *specification)
{
    *out = NULL;
    struct parameter *parameter = gan_allocate_zeroed(context, sizeof *parameter);
    if (parameter == NULL)
        return gan_fail_memory("a parameter", sizeof *parameter);
    atomic_init(&parameter->references, 1);
    parameter->context = context;
    parameter->specification = *specification;
    parameter->count = gan_shape_count(&specification->shape);
    parameter->identity = atomic_fetch_add(&context->identities, 1);
    *out = parameter;
    return GAN_OK;
}

struct parameter *gan_parameter_retain(struct parameter *parameter)
{
    atomic_fetch_add(&parameter->references, 1);
    return parameter;
}

void gan_parameter_free(struct parameter *parameter)
{
    if (parameter == NULL || atomic_fetch_sub(&parameter->references, 1) != 1)
        return;
    gan_parameter_store_free(parameter->store);
    gan_release(parameter->context, parameter);
}

float *gan_parameter_values(const struct parameter *parameter)
{
    return parameter->store->values + parameter->offset;
}

void gan_parameter_mark_changed(struct parameter *parameter)
{
    atomic_fetch_add(&parameter->version, 1);
}

size_t gan_parameter_padded_count(const struct parameter *parameter)
{
    const size_t count = (size_t)parameter->count;
    return (count + FLOATS_PER_LINE - 1) / FLOATS_PER_LINE * FLOATS_PER_LINE;
}

static struct parameter_store *create_store(gan_context *context, size_t count)
{
    struct parameter_store *store = gan_allocate_zeroed(context, sizeof *store);
    float *values = gan_allocate_array(context, count, sizeof *values);
    if (store == NULL || values == NULL) {
        gan_release(context, store);
        gan_release(context, values);
        return NULL;
    }
    atomic_init(&store->references, 1);
    store->context = context;
    store->values = values;
    store->count = count;
    return store;
}

gan_status gan_parameters_allocate(gan_context *context, struct parameter *const *parameters, int32_t count)
{
    size_t total = 0;
    for (int32_t i = 0; i < count; i++)
        if (parameters[i]->store == NULL)
            total += gan_parameter_padded_count(parameters[i]);
    if (total == 0)
        return GAN_OK;
    struct parameter_store *store = create_store(context, total);
    if (store == NULL)
        return gan_fail_memory("parameters", total * sizeof(float));
    size_t offset = 0;
    const uint64_t first_stream = gan_context_next_stream(context) << 20;
    for (int32_t i = 0; i < count; i++) {
        struct parameter *parameter = parameters[i];
        if (parameter->store != NULL)
            continue;
        parameter->store = gan_parameter_store_retain(store);
        parameter->offset = offset;
        offset += gan_parameter_padded_count(parameter);
        struct random_stream random = {context->seed, first_stream + (uint64_t)i, 0};
        gan_parameter_initialize(parameter, &random);
    }
    gan_parameter_store_free(store);
    return GAN_OK;
}

struct parameter_store *gan_parameter_store_retain(struct parameter_store *store)
{
    atomic_fetch_add(&store->references, 1);
    return store;
}

void gan_parameter_store_free(struct parameter_store *store)
{
    if (store == NULL || atomic_fetch_sub(&store->references, 1) != 1)
        return;
    gan_context *context = store->context;
    gan_release(context, store->values);
    gan_release(context, store);
}
