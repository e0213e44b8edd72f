#include "base/processors.h"

#include <sched.h>
#include <unistd.h>

enum { MOST_PROCESSORS = 1024 };

/* A machine may have more processors than the process was given. */
int32_t gan_processor_count(void)
{
    cpu_set_t allowed;
    const long count = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed)
                                                                           : sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > MOST_PROCESSORS ? MOST_PROCESSORS : (int32_t)count;
}

/* The processor that is number `number` in a set which is not empty. */
static size_t nth_processor(const cpu_set_t *set, int32_t number)
{
    int left = number % CPU_COUNT(set);
    for (size_t processor = 0; processor < CPU_SETSIZE; processor++)
        if (CPU_ISSET(processor, set) && left-- == 0)
            return processor;
    return 0;
}

bool gan_processor_pin(pthread_t thread, int32_t number)
{
    cpu_set_t allowed, one;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) == 0)
        return false;
    CPU_ZERO(&one);
    CPU_SET(nth_processor(&allowed, number), &one);
    return pthread_setaffinity_np(thread, sizeof one, &one) == 0;
}
