#include "memory_size.h"
#include "console.h"

#include <stdlib.h>
#include <string.h>

/* -1: no such unit. */
static double unit_of(const char *letters)
{
    static const struct {
        const char *letters;
        double bytes;
    } units[] = {{"", 1}, {"K", 1024.0}, {"M", 1048576.0}, {"G", 1073741824.0}, {"T", 1099511627776.0}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(letters, units[i].letters) == 0)
            return units[i].bytes;
    return -1;
}

bool memory_size_read(const char *words, const char *option, int64_t *bytes)
{
    *bytes = 0;
    if (words == NULL)
        return true;
    char *end = NULL;
    const double number = strtod(words, &end), unit = unit_of(end);
    const double product = number * unit;
    if (end != words && unit > 0 && product >= 1 && product < 1e15) {
        *bytes = (int64_t)product;
        return true;
    }
    complain("--%s=%s: expected an amount such as 512M or 1G", option, words);
    return false;
}

int64_t memory_size_mebibytes(int64_t bytes)
{
    return (bytes + (1 << 20) - 1) >> 20;
}
