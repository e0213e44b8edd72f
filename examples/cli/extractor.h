/* The feature network that training compares pictures with. */
#ifndef CLI_EXTRACTOR_H
#define CLI_EXTRACTOR_H

#include "console.h"

#include "gan/gan.h"

/* From a model file or from published weights. Returns an exit code. */
int extractor_open(gan_model **out, gan_context *context, const struct console *console, const char *path);

#endif
