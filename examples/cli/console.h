/* What the program says: errors and progress on standard error, results on standard output. Control
 * characters and bytes that are no UTF-8 come out as \n or \xHH: names and texts of files cannot make up
 * lines, nor drive a terminal. */
#ifndef CLI_CONSOLE_H
#define CLI_CONSOLE_H

#include "gan/context.h"

#include <stdbool.h>

struct console {
    bool quiet; /* errors and warnings only */
    bool json;  /* results and progress as JSON, one object a line, on standard output */
};

/* "gan: ..." on standard error. */
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);

/* The same, and with --json the event "error" too. Returns EXIT_FAILURE. */
__attribute__((format(printf, 2, 3))) int console_fail(const struct console *console, const char *format,
                                                       ...);

/* A line of plain text on standard output; nothing with --quiet or --json. */
__attribute__((format(printf, 2, 3))) void console_say(const struct console *console, const char *format,
                                                       ...);

/* A context with `threads` workers (0: one per processor) that logs to this console; NULL after saying why.
 */
gan_context *console_context(const struct console *console, int64_t threads, uint64_t seed);

/* Progress of long work: a bar on a terminal, now and then a line otherwise. `fraction` in 0..1; `remaining`
 * in seconds, below 0 where unknown. */
enum { PROGRESS_WORDS = 40 }; /* room beside the bar on a terminal, the NUL included */
struct progress_line {
    const struct console *console;
    bool terminal;
    double last; /* seconds: when something was shown */
    bool shown;
};
void progress_begin(struct progress_line *line, const struct console *console);
/* Whether it is time to show something: at once on a terminal, rarely in a log. */
bool progress_due(struct progress_line *line, bool final);
void progress_show(struct progress_line *line, double fraction, double remaining, const char *words);
/* Clear the bar, so that a plain line can follow. */
void progress_end(struct progress_line *line);

/* Seconds since some fixed moment. */
double seconds_now(void);

#endif
