#include "faults/scenario.h"
#include "faults/ledger.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { ALL_OF_THE_FIRST = 40 };

void make_room(char folder[64])
{
    strcpy(folder, "/dev/shm/gan-faults-XXXXXX");
    if (mkdtemp(folder) != NULL)
        return;
    strcpy(folder, "/tmp/gan-faults-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void expect(gan_status found, gan_status expected, const char *when, int request)
{
    ck_assert_msg(found == expected, "request %d, %s: %s, expected %s; message: %s", request, when,
                  gan_status_name(found), gan_status_name(expected), gan_error_message());
}

/* Returns 0 when the work went through before its request number `request` (from 0) could fail. */
static int try_once(const struct scenario *scenario, int request, int on)
{
    struct ledger ledger;
    gan_context *context;
    void *state = NULL;
    ledger_open(&ledger);
    expect(ledger_context(&context, &ledger, 1), GAN_OK, "making the context", request);
    if (scenario->prepare != NULL)
        expect(scenario->prepare(context, &state), GAN_OK, "preparing", request);
    const int live = atomic_load(&ledger.live);
    ledger_fail_after(&ledger, request, on);
    const gan_status status = scenario->act(context, state);
    const int failed = ledger_has_failed(&ledger);
    expect(status, failed ? GAN_ERROR_OUT_OF_MEMORY : GAN_OK, "acting", request);
    if (failed)
        ck_assert_msg(gan_error_message()[0] != '\0', "request %d: no message", request);
    ck_assert_msg(scenario->prepare != NULL || atomic_load(&ledger.live) == live,
                  "request %d: %d blocks were not given back", request, atomic_load(&ledger.live) - live);
    ledger_fail_after(&ledger, -1, 0);
    expect(scenario->act(context, state), GAN_OK, "acting again", request);
    if (scenario->clean != NULL)
        scenario->clean(state);
    gan_context_free(context);
    ck_assert_msg(atomic_load(&ledger.live) == 0, "request %d: %d blocks are left in the end", request,
                  atomic_load(&ledger.live));
    ck_assert_int_eq(atomic_load(&ledger.misaligned), 0);
    return failed;
}

void exhaust_memory(const struct scenario *scenario)
{
    int request = 0;
    while (try_once(scenario, request, 0) && try_once(scenario, request, 1))
        request += request < ALL_OF_THE_FIRST || scenario->stride == 0 ? 1 : scenario->stride;
    ck_assert_msg(request > 0, "the work asks for no memory");
}
