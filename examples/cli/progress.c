/* The progress bar, and its plain form where there is no terminal. */
#include "console.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 24 };

/* Seconds between two showings. */
static const double ON_TERMINAL = 0.1, IN_LOG = 15.0, IN_JSON = 1.0;

double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void progress_begin(struct progress_line *line, const struct console *console)
{
    *line = (struct progress_line){.console = console, .terminal = isatty(STDERR_FILENO) == 1};
}

bool progress_due(struct progress_line *line, bool final)
{
    const struct console *console = line->console;
    if (console->quiet && !console->json)
        return false;
    const double pause = console->json ? IN_JSON : line->terminal ? ON_TERMINAL : IN_LOG;
    const double now = seconds_now();
    if (!final && line->shown && now - line->last < pause)
        return false;
    line->shown = true;
    line->last = now;
    return true;
}

static void write_duration(char *text, size_t size, double seconds)
{
    const long whole = seconds > 0 ? (long)(seconds + 0.5) : 0;
    if (seconds < 0)
        snprintf(text, size, "--:--");
    else if (whole >= 3600)
        snprintf(text, size, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(text, size, "%ld:%02ld", whole / 60, whole % 60);
}

static void write_bar(char *bar, double fraction)
{
    const int full = (int)(fraction * BAR_WIDTH + 0.5);
    for (int i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < full ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
}

void progress_show(struct progress_line *line, double fraction, double remaining, const char *words)
{
    char bar[BAR_WIDTH + 1], rest[32];
    fraction = fraction < 0 ? 0 : fraction > 1 ? 1 : fraction;
    write_duration(rest, sizeof rest, remaining);
    if (line->terminal) {
        write_bar(bar, fraction);
        fprintf(stderr, "\r\033[K[%s] %3.0f%% %s left  %.*s", bar, 100 * fraction, rest, PROGRESS_WORDS - 1,
                words);
        fflush(stderr);
    } else {
        fprintf(stderr, "%3.0f%%  %s left  %s\n", 100 * fraction, rest, words);
    }
}

void progress_end(struct progress_line *line)
{
    if (line->terminal && line->shown && !line->console->quiet && !line->console->json)
        fputs("\r\033[K", stderr);
}
