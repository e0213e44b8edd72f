#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_SIZE = 1024 };

static _Thread_local char message[MESSAGE_SIZE];

static const char *const names[] = {
    "GAN_OK",
    "GAN_ERROR_OUT_OF_MEMORY",
    "GAN_ERROR_ARGUMENT",
    "GAN_ERROR_SHAPE",
    "GAN_ERROR_TYPE",
    "GAN_ERROR_IO",
    "GAN_ERROR_FORMAT",
    "GAN_ERROR_UNSUPPORTED",
    "GAN_ERROR_STATE",
    "GAN_ERROR_NOT_FINITE",
    "GAN_ERROR_CANCELLED",
    "GAN_ERROR_NOT_FOUND",
};

const char *gan_error_message(void)
{
    return message;
}

const char *gan_status_name(gan_status status)
{
    const int64_t index = -(int64_t)status;
    const int64_t count = (int64_t)(sizeof names / sizeof names[0]);
    return index >= 0 && index < count ? names[index] : "unknown status";
}

gan_status gan_fail(gan_status status, const char *format, ...)
{
    /* An argument may be the old message itself, so the new one is put together apart. */
    char text[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    memcpy(message, text, sizeof text);
    return status;
}

gan_status gan_fail_within(gan_status status, const char *format, ...)
{
    char text[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    const int used = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (used >= 0 && (size_t)used < sizeof text) {
        const size_t room = sizeof text - (size_t)used;
        snprintf(text + used, room, "%.*s", (int)(room - 1), message);
    }
    memcpy(message, text, sizeof text);
    return status;
}

gan_status gan_fail_memory(const char *what, size_t size)
{
    return gan_fail(GAN_ERROR_OUT_OF_MEMORY, "no memory for %s (%zu bytes)", what, size);
}
