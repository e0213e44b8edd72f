/* The arithmetic of a session, in words. */
#ifndef CLI_PRECISION_H
#define CLI_PRECISION_H

#include <stdbool.h>
#include <stdint.h>

#define PRECISION_WORDS "exact|default|bf16"

/* `words` as --precision has them; NULL: the default. False, with a message, for others. */
bool precision_read(const char *words, int32_t *precision);

const char *precision_words(int32_t precision);

#endif
