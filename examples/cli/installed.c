#include "installed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

/* The folder of the program's own file. */
static int find_folder(char folder[PATH_SIZE])
{
    const ssize_t length = readlink("/proc/self/exe", folder, PATH_SIZE - 1);
    if (length <= 0)
        return 0;
    folder[length] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = '\0';
    return slash != NULL;
}

char *installed_network(const char *name)
{
    static const char *const places[] = {"../share/gan/networks", "share/gan/networks"};
    char folder[PATH_SIZE], path[2 * PATH_SIZE];
    if (!find_folder(folder))
        return NULL;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const int length = snprintf(path, sizeof path, "%s/%s/%s", folder, places[i], name);
        if (length > 0 && (size_t)length < sizeof path && access(path, R_OK) == 0)
            return strdup(path);
    }
    return NULL;
}
