#include "listing.h"
#include "paths.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int is_picture(const struct dirent *entry)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".bmp", ".tga",
                                          ".gif", ".psd", ".ppm",  ".pgm", ".pnm"};
    const char *dot = strrchr(entry->d_name, '.');
    for (size_t i = 0; dot != NULL && entry->d_name[0] != '.' && i < sizeof endings / sizeof endings[0]; i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return 1;
    return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool take(struct listing *listing, struct dirent **entries, int count, const char *folder)
{
    listing->paths = calloc((size_t)count + 1, sizeof *listing->paths);
    bool complete = listing->paths != NULL;
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        if (complete)
            listing->paths[i] = path_join(folder, name, strlen(name), "", "");
        complete = complete && listing->paths[i] != NULL;
        listing->count += complete;
        free(entries[i]);
    }
    free(entries);
    return complete;
}

int listing_open(struct listing *listing, const struct console *console, const char *folder)
{
    *listing = (struct listing){NULL, 0};
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, is_picture, by_name);
    if (count < 0)
        return console_fail(console, "%s: cannot read this folder: %s", folder, strerror(errno));
    if (!take(listing, entries, count, folder))
        return console_fail(console, "out of memory");
    if (count == 0)
        return console_fail(console, "%s: there is no picture in this folder", folder);
    return EXIT_SUCCESS;
}

void listing_free(struct listing *listing)
{
    for (int i = 0; i < listing->count; i++)
        free(listing->paths[i]);
    free(listing->paths);
}

const char *listing_find(const struct listing *listing, const char *path)
{
    size_t stem = 0, other_stem = 0;
    const char *name = path_name(path, &stem);
    for (int i = 0; i < listing->count; i++) {
        const char *other = path_name(listing->paths[i], &other_stem);
        if (stem == other_stem && strncmp(name, other, stem) == 0)
            return listing->paths[i];
    }
    return NULL;
}
