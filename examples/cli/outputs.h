/* Where the results of "gan stylize" go. */
#ifndef CLI_OUTPUTS_H
#define CLI_OUTPUTS_H

#include "arguments.h"
#include "console.h"

/* One path for each photograph and model, photographs outside. */
struct outputs {
    char **paths;
    int count;
};

/* Decide all names before anything is computed, and make the folder if there is one. Refuses names that
 * clash, name a photograph, or cannot be written. Returns an exit code; outputs_free after any outcome. */
int outputs_plan(struct outputs *outputs, const struct console *console, const struct texts *photos,
                 const struct texts *models, const char *target);
void outputs_free(struct outputs *outputs);

#endif
