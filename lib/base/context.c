#include "base/context.h"
#include "base/pages.h"
#include "base/threads.h"
#include "kernels/microkernel.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, MOST_THREADS = 1024 };

static void *system_allocate(void *user, size_t size, size_t alignment)
{
    (void)user;
    void *memory = NULL;
    return posix_memalign(&memory, alignment, size) == 0 ? memory : NULL;
}

static void system_release(void *user, void *memory)
{
    (void)user;
    free(memory);
}

static const gan_allocator system_allocator = {sizeof(gan_allocator), NULL, system_allocate, system_release};

const char *gan_version(void)
{
    return GAN_VERSION;
}

gan_status gan_copy_options(void *copy, size_t size, const void *options, const char *name)
{
    memset(copy, 0, size);
    if (options == NULL)
        return GAN_OK;
    size_t given;
    memcpy(&given, options, sizeof given);
    if (given < sizeof given || given > 65536)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: struct_size is %zu, expected sizeof(%s) = %zu", name, given,
                        name, size);
    const unsigned char *bytes = options;
    for (size_t i = size; i < given; i++)
        if (bytes[i] != 0)
            return gan_fail(GAN_ERROR_UNSUPPORTED, "%s: a member past byte %zu is set, which libgan %s lacks",
                            name, size, gan_version());
    memcpy(copy, options, given < size ? given : size);
    return GAN_OK;
}

gan_status gan_check_result(const void *result, size_t size, const char *name)
{
    size_t given = 0;
    if (result != NULL)
        memcpy(&given, result, sizeof given);
    if (given < sizeof given || given > 65536)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: struct_size is %zu, expected sizeof(%s) = %zu", name, given,
                        name, size);
    return GAN_OK;
}

void gan_give_result(void *result, const void *found, size_t size)
{
    size_t given;
    memcpy(&given, result, sizeof given);
    memset(result, 0, given);
    memcpy(result, found, given < size ? given : size);
    memcpy(result, &given, sizeof given);
}

static gan_status check_options(const gan_context_options *options)
{
    if (options->threads < 0 || options->threads > MOST_THREADS)
        return gan_fail(GAN_ERROR_ARGUMENT, "threads is %d, expected 0 to %d", options->threads,
                        MOST_THREADS);
    return GAN_OK;
}

/* *pool is NULL where there is none, else `copy`. */
static gan_status take_host_pool(gan_host_pool *copy, const gan_host_pool **pool,
                                 const gan_context_options *options)
{
    *pool = NULL;
    if (options->host_pool == NULL)
        return GAN_OK;
    const gan_status status = gan_copy_options(copy, sizeof *copy, options->host_pool, "gan_host_pool");
    if (status != GAN_OK)
        return status;
    if (copy->parallel_for == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "host_pool lacks its parallel_for function");
    if (copy->workers < 1 || copy->workers > MOST_THREADS)
        return gan_fail(GAN_ERROR_ARGUMENT, "host_pool: workers is %d, expected 1 to %d", copy->workers,
                        MOST_THREADS);
    if (options->threads != 0 || options->pin_threads != 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is %d, expected 0 with a host_pool",
                        options->threads != 0 ? "threads" : "pin_threads",
                        options->threads != 0 ? options->threads : options->pin_threads);
    *pool = copy;
    return GAN_OK;
}

static gan_status take_allocator(gan_allocator *allocator, const gan_allocator *given)
{
    *allocator = system_allocator;
    if (given == NULL)
        return GAN_OK;
    const gan_status status = gan_copy_options(allocator, sizeof *allocator, given, "gan_allocator");
    if (status == GAN_OK && (allocator->allocate == NULL || allocator->release == NULL))
        return gan_fail(GAN_ERROR_ARGUMENT, "allocator lacks its allocate or release function");
    return status;
}

gan_status gan_context_create(gan_context **out, const gan_context_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_context_create: out is NULL");
    *out = NULL;
    gan_context_options options;
    gan_allocator allocator;
    gan_host_pool pool_copy;
    const gan_host_pool *host_pool;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_context_options");
    if (status == GAN_OK)
        status = check_options(&options);
    if (status == GAN_OK)
        status = take_allocator(&allocator, options.allocator);
    if (status == GAN_OK)
        status = take_host_pool(&pool_copy, &host_pool, &options);
    int32_t kernels = options.kernels;
    if (status == GAN_OK)
        status = gan_kernels_choose(&kernels);
    if (status != GAN_OK)
        return status;
    gan_context *context = allocator.allocate(allocator.user, sizeof *context, ALIGNMENT);
    if (context == NULL)
        return gan_fail_memory("a context", sizeof *context);
    memset(context, 0, sizeof *context);
    atomic_init(&context->references, 1);
    context->allocator = allocator;
    context->log = options.log;
    context->log_user = options.log_user;
    context->seed = options.seed;
    context->kernels = kernels;
    pthread_mutex_init(&context->mutex, NULL);
    status = gan_pool_create(&context->pool, context, &options, host_pool);
    if (status != GAN_OK) {
        pthread_mutex_destroy(&context->mutex);
        allocator.release(allocator.user, context);
        return status;
    }
    *out = context;
    return GAN_OK;
}

gan_context *gan_context_retain(gan_context *context)
{
    atomic_fetch_add(&context->references, 1);
    return context;
}

void gan_context_free(gan_context *context)
{
    if (context == NULL || atomic_fetch_sub(&context->references, 1) != 1)
        return;
    gan_pool_free(context->pool, context);
    pthread_mutex_destroy(&context->mutex);
    const gan_allocator allocator = context->allocator;
    allocator.release(allocator.user, context);
}

int32_t gan_context_threads(const gan_context *context)
{
    return context != NULL ? gan_pool_threads(context->pool) : 0;
}

int32_t gan_context_kernels(const gan_context *context)
{
    return context != NULL ? context->kernels : GAN_KERNELS_AUTO;
}

uint64_t gan_context_next_stream(gan_context *context)
{
    return atomic_fetch_add(&context->streams, 1);
}

void *gan_allocate(gan_context *context, size_t size)
{
    return context->allocator.allocate(context->allocator.user, size > 0 ? size : 1, ALIGNMENT);
}

/* From this size on, memory that is written at once is better backed by huge pages. */
enum { LARGE = 1 << 22 };

void *gan_allocate_zeroed(gan_context *context, size_t size)
{
    void *memory = gan_allocate(context, size);
    if (memory == NULL)
        return NULL;
    if (size >= LARGE)
        gan_advise_huge_pages(memory, size);
    memset(memory, 0, size);
    return memory;
}

void gan_release(gan_context *context, void *memory)
{
    if (memory != NULL)
        context->allocator.release(context->allocator.user, memory);
}

void *gan_allocate_array(gan_context *context, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return gan_allocate_zeroed(context, count * size);
}

char *gan_copy_string(gan_context *context, const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = gan_allocate(context, size);
    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

void gan_log(const gan_context *context, int32_t severity, const char *format, ...)
{
    if (context->log == NULL)
        return;
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    context->log(context->log_user, severity, text);
}
