#include "paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

bool path_is_folder(const char *path)
{
    struct stat information;
    return stat(path, &information) == 0 && S_ISDIR(information.st_mode);
}

bool path_same_file(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

const char *path_name(const char *path, size_t *stem)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    *stem = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    return name;
}

bool path_is_png(const char *path)
{
    const char *ending = strrchr(path, '.');
    return ending != NULL && strcasecmp(ending, ".png") == 0;
}

bool path_is_picture(const char *path)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".bmp", ".tga"};
    size_t stem = 0;
    const char *name = path_name(path, &stem);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (strcasecmp(name + stem, endings[i]) == 0)
            return true;
    return false;
}

bool path_is_style(const char *path)
{
    size_t stem = 0;
    const char *name = path_name(path, &stem);
    return strcasecmp(name + stem, ".safetensors") == 0;
}

char *path_join(const char *folder, const char *name, size_t length, const char *mark, const char *ending)
{
    const size_t size = strlen(folder) + 1 + length + strlen(mark) + strlen(ending) + 1;
    const bool has_slash = folder[0] != '\0' && folder[strlen(folder) - 1] == '/';
    char *path = malloc(size);
    if (path != NULL)
        snprintf(path, size, "%s%s%.*s%s%s", folder, has_slash ? "" : "/", (int)length, name, mark, ending);
    return path;
}

static bool make_one(const char *path)
{
    if (mkdir(path, 0777) == 0)
        return true;
    if (errno == EEXIST && !path_is_folder(path))
        errno = ENOTDIR;
    return path_is_folder(path);
}

bool path_make_folder(const char *path)
{
    char *copy = strdup(path);
    if (copy == NULL)
        return false;
    bool made = true;
    for (char *slash = strchr(copy + 1, '/'); made && slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        made = make_one(copy);
        *slash = '/';
    }
    made = made && make_one(copy);
    const int number = errno;
    free(copy);
    errno = number;
    return made;
}

bool path_is_writable(const char *path)
{
    if (path_is_folder(path)) {
        errno = EISDIR;
        return false;
    }
    if (access(path, F_OK) == 0)
        return access(path, W_OK) == 0;
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return access(".", W_OK | X_OK) == 0;
    char *folder = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    const bool writable = folder != NULL && access(folder, W_OK | X_OK) == 0;
    const int number = errno;
    free(folder);
    errno = number;
    return writable;
}
