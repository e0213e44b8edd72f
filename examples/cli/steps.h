/* The steps of a session's plan: their times, and where their results lie. */
#ifndef CLI_STEPS_H
#define CLI_STEPS_H

#include "console.h"
#include "json.h"

#include "gan/gan.h"

/* A table of the profiled runs, times of one run on average: for each step its share, rate and bytes. The
 * rate counts the operations of the plain definition, so that methods which need fewer exceed the
 * processor's. */
void steps_print_times(const struct console *console, const gan_session *session);

/* Time of one run, and where each step's result, scratch memory and packed weights are, in bytes. */
void steps_print_places(const struct console *console, const gan_session *session);

/* The list "steps", of all that is known. */
void steps_json(const gan_session *session, struct json *json);

#endif
