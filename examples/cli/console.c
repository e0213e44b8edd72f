#include "console.h"
#include "json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void complain_list(const char *format, va_list list)
{
    fputs("gan: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
}

void complain(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    complain_list(format, list);
    va_end(list);
}

int console_fail(const struct console *console, const char *format, ...)
{
    char message[2048];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    complain("%s", message);
    if (console->json) {
        struct json json = json_event("error");
        json_text(&json, "message", message);
        json_finish(&json);
    }
    return EXIT_FAILURE;
}

void console_say(const struct console *console, const char *format, ...)
{
    if (console->quiet || console->json)
        return;
    va_list list;
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    putchar('\n');
}

static void on_log(void *user, int32_t severity, const char *message)
{
    const struct console *console = user;
    if (severity >= GAN_LOG_WARNING)
        complain("warning: %s", message);
    else if (!console->quiet && !console->json)
        fprintf(stderr, "%s\n", message);
}

gan_context *console_context(const struct console *console, int64_t threads, uint64_t seed)
{
    gan_context *context = NULL;
    const gan_context_options options = {.struct_size = sizeof options,
                                         .threads = (int32_t)threads,
                                         .seed = seed,
                                         .log = on_log,
                                         .log_user = (void *)(uintptr_t)console};
    if (gan_context_create(&context, &options) != GAN_OK)
        console_fail(console, "%s", gan_error_message());
    return context;
}
