/* What every example does where a call fails: say why, and end. Applications will want to go on instead:
 * after an error each object is as it was before the call. */
#ifndef EXAMPLE_CHECK_H
#define EXAMPLE_CHECK_H

#include <gan/gan.h>
#include <stdio.h>
#include <stdlib.h>

static inline void check(gan_status status)
{
    if (status == GAN_OK)
        return;
    fprintf(stderr, "%s: %s\n", gan_status_name(status), gan_error_message());
    exit(EXIT_FAILURE);
}

#endif
