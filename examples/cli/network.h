/* Networks that a command is given. */
#ifndef CLI_NETWORK_H
#define CLI_NETWORK_H

#include "console.h"

#include "gan/gan.h"

/* From a model file or from published weights. Returns an exit code. */
int network_open(gan_model **out, gan_context *context, const struct console *console, const char *path);

/* The feature network of a training: a file, that which comes with libgan (path NULL), or none, *out NULL,
 * where the path is "none". Returns an exit code. */
int network_open_features(gan_model **out, gan_context *context, const struct console *console,
                          const char *path);

/* Only its outputs that are feature maps, or only the one of this name; NULL: all of them. */
gan_status network_select_maps(gan_model **network, const char *name);

#endif
