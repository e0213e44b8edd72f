#include "network.h"

#include <stdlib.h>
#include <string.h>

/* What is no model of libgan may be published weights; where it is neither, both reasons help. */
int network_open(gan_model **out, gan_context *context, const struct console *console, const char *path)
{
    const gan_status status = gan_model_load(out, context, path);
    if (status == GAN_OK)
        return EXIT_SUCCESS;
    char *reason = strdup(gan_error_message());
    int code = EXIT_SUCCESS;
    if (status != GAN_ERROR_FORMAT)
        code = console_fail(console, "%s", reason != NULL ? reason : "out of memory");
    else if (gan_import(out, context, path, NULL) != GAN_OK)
        code = console_fail(console, "%s: neither a model (%s) nor known weights (%s)", path,
                            reason != NULL ? reason : "out of memory", gan_error_message());
    free(reason);
    return code;
}
