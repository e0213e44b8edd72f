/* Amounts of memory as people write them. */
#ifndef CLI_MEMORY_SIZE_H
#define CLI_MEMORY_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/* "1G", "512M", "1.5G", "800000K", or bytes; powers of 1024. false: the mistake in `option` was named. NULL
 * gives 0. */
bool memory_size_read(const char *words, const char *option, int64_t *bytes);

/* Mebibytes, rounded up, so that the number as it is said does. */
int64_t memory_size_mebibytes(int64_t bytes);

#endif
