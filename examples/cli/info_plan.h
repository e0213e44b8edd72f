/* What a run of a model on one picture takes: memory, time, and the steps that it consists of. */
#ifndef CLI_INFO_PLAN_H
#define CLI_INFO_PLAN_H

#include "info.h"

struct plan {
    gan_session *session;
    int64_t width, height;
    int64_t memory, packed; /* bytes; those of packed weights are part of the memory */
    double seconds;
};

/* Compile for the size and run twice, the second time with the clock. Returns an exit code. */
int plan_make(struct plan *plan, const struct info *info, gan_model *model);
void plan_free(struct plan *plan);

void plan_print(const struct console *console, const struct plan *plan);
void plan_json(const struct plan *plan, struct json *json);

#endif
