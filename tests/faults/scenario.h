/* A piece of work repeated while its first, second, third ... request for memory fails, alone or with all
 * that follow, until none does. Each time the work must end with GAN_ERROR_OUT_OF_MEMORY, give everything
 * back, and succeed when it is tried again with the same objects. */
#ifndef GAN_TESTS_SCENARIO_H
#define GAN_TESTS_SCENARIO_H

#include "gan/gan.h"

struct scenario {
    /* Objects that exist before; NULL: none. Never made to fail. */
    gan_status (*prepare)(gan_context *context, void **state);
    /* What may fail. Frees all that it makes, on every way out. */
    gan_status (*act)(gan_context *context, void *state);
    void (*clean)(void *state);
    /* Beyond the first forty requests only each so manieth fails; 0: each. For work that takes long. */
    int stride;
};

/* A new, empty folder; in memory where the system has such a place, since files that are made safe on a disk
 * take their time. */
void make_room(char folder[64]);

/* Fails the Check test where anything of this does not hold. */
void exhaust_memory(const struct scenario *scenario);

#endif
