/* An allocator of the host that counts blocks, and fails when it is told to. */
#ifndef GAN_TESTS_LEDGER_H
#define GAN_TESTS_LEDGER_H

#include "gan/context.h"
#include <stdatomic.h>

struct ledger {
    atomic_int live;       /* blocks given and not yet taken back */
    atomic_llong bytes;    /* in these blocks, the C library's rounding included */
    atomic_int requests;   /* all that was asked for */
    atomic_int fail_at;    /* number of the request that fails, from 1; 0: none */
    atomic_int fail_on;    /* 1: all that follow fail too */
    atomic_int misaligned; /* requests whose alignment is no power of two, and releases of NULL */
    gan_allocator allocator;
};

/* `ledger` must not move while contexts use it. */
void ledger_open(struct ledger *ledger);

/* Let the request after the next `count` ones fail, and where `on` is 1 all that follow; below 0: none. */
void ledger_fail_after(struct ledger *ledger, int count, int on);
/* Whether the failure that was ordered has come. */
int ledger_has_failed(const struct ledger *ledger);

/* A context over this allocator. */
gan_status ledger_context(gan_context **out, struct ledger *ledger, int32_t threads);

#endif
