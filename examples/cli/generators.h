/* The generators that a command paints with, and what is told of them in a result's file. */
#ifndef CLI_GENERATORS_H
#define CLI_GENERATORS_H

#include "arguments.h"
#include "console.h"
#include "saving.h"

#include "gan/gan.h"

struct generator {
    const char *path;
    gan_model *model;
    gan_stylizer *stylizer;
    char digest[DIGEST_SIZE];       /* of the model's file */
    char style_digest[DIGEST_SIZE]; /* of the picture whose style it learned; "": not known */
};

struct generators {
    struct generator *items;
    int count;
};

/* What they are opened for. */
struct generators_request {
    const struct texts *paths;
    const char *style; /* of generators of several: as of styles_choose */
    int32_t precision;
    bool tileable;
    const struct saving *saving;
};

/* Returns an exit code; what went wrong was named. generators_close after any outcome. */
int generators_open(struct generators *generators, const struct generators_request *request,
                    const struct console *console, gan_context *context);
void generators_close(struct generators *generators);

#endif
