/* The picture files of a folder. */
#ifndef CLI_LISTING_H
#define CLI_LISTING_H

#include "console.h"

struct listing {
    char **paths; /* sorted by name */
    int count;
};

/* Files of the folder itself whose ending says picture. Returns an exit code; an empty folder is a failure.
 */
int listing_open(struct listing *listing, const struct console *console, const char *folder);
void listing_free(struct listing *listing);
/* The file of the same name but for the ending, or NULL. */
const char *listing_find(const struct listing *listing, const char *path);

#endif
