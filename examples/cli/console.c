#include "console.h"
#include "characters.h"
#include "json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What files say must not move the cursor, nor look like lines of ours. */
static void put_text(FILE *to, const char *text)
{
    while (*text != '\0') {
        const int length = character_printable(text);
        if (length > 0)
            fwrite(text, 1, (size_t)length, to);
        else if (*text == '\n')
            fputs("\\n", to);
        else
            fprintf(to, "\\x%02x", (unsigned)(unsigned char)*text);
        text += length > 0 ? length : 1;
    }
}

/* Where there is no memory for a long line, its beginning. */
static void put_line(FILE *to, const char *format, va_list list)
{
    char some[2048], *all = NULL;
    va_list again;
    va_copy(again, list);
    const int length = vsnprintf(some, sizeof some, format, list);
    if (length >= (int)sizeof some)
        all = malloc((size_t)length + 1);
    if (all != NULL)
        vsnprintf(all, (size_t)length + 1, format, again);
    va_end(again);
    put_text(to, all != NULL ? all : some);
    fputc('\n', to);
    free(all);
}

void complain(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fputs("gan: ", stderr);
    put_line(stderr, format, list);
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
    put_line(stdout, format, list);
    va_end(list);
}

static void on_log(void *user, int32_t severity, const char *message)
{
    const struct console *console = user;
    if (severity >= GAN_LOG_WARNING)
        complain("warning: %s", message);
    else if (!console->quiet && !console->json) {
        put_text(stderr, message);
        fputc('\n', stderr);
    }
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
