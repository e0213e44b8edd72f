/* Errors: a status code and, per thread, words for it. */
#ifndef GAN_BASE_STATUS_H
#define GAN_BASE_STATUS_H

#include "gan/types.h"

#if defined(__GNUC__)
#define GAN_PRINTF(format_index, first_argument) __attribute__((format(printf, format_index, first_argument)))
#else
#define GAN_PRINTF(format_index, first_argument)
#endif

/* Record the message for this thread and return `status`, so that callers write `return gan_fail(...)`. */
gan_status gan_fail(gan_status status, const char *format, ...) GAN_PRINTF(2, 3);

/* Put words before the message that is already recorded ("layer \"conv1\": " + message). */
gan_status gan_fail_within(gan_status status, const char *format, ...) GAN_PRINTF(2, 3);

/* The message for an allocation of `size` bytes for `what` that failed. */
gan_status gan_fail_memory(const char *what, size_t size);

#endif
