/* Finding picture files. */
#include "base/hash.h"
#include "formats/file.h"
#include "training/image_folder.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { DEEPEST = 32 };

static bool has_picture_ending(const char *name)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".bmp", ".tga", ".gif",
                                          ".psd", ".ppm", ".pgm",  ".pnm", NULL};
    const char *dot = strrchr(name, '.');
    for (int i = 0; dot != NULL && endings[i] != NULL; i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    return false;
}

static gan_status grow(gan_image_folder *folder)
{
    if (folder->count < folder->capacity)
        return GAN_OK;
    const int64_t capacity = folder->capacity > 0 ? 2 * folder->capacity : 64;
    struct folder_picture *pictures = gan_allocate_array(folder->context, (size_t)capacity, sizeof *pictures);
    if (pictures == NULL)
        return gan_fail_memory("a list of pictures", (size_t)capacity * sizeof *pictures);
    if (folder->count > 0)
        memcpy(pictures, folder->pictures, (size_t)folder->count * sizeof *pictures);
    gan_release(folder->context, folder->pictures);
    folder->pictures = pictures;
    folder->capacity = capacity;
    return GAN_OK;
}

static gan_status add_file(gan_image_folder *folder, const char *path, int64_t bytes)
{
    const gan_status status = grow(folder);
    if (status != GAN_OK)
        return status;
    char *copy = gan_copy_string(folder->context, path);
    if (copy == NULL)
        return gan_fail_memory("a path", strlen(path));
    folder->pictures[folder->count++] = (struct folder_picture){.path = copy, .bytes = bytes};
    return GAN_OK;
}

static gan_status add_folder(gan_image_folder *folder, const char *path, int depth);

/* Links to folders are not followed: they may lead in circles. */
static gan_status add_entry(gan_image_folder *folder, const char *path, const char *name, int depth)
{
    char entry[PATH_MAX];
    if (name[0] == '.')
        return GAN_OK;
    const char *separator = path[strlen(path) - 1] == '/' ? "" : "/";
    const int length = snprintf(entry, sizeof entry, "%s%s%s", path, separator, name);
    if (length < 0 || (size_t)length >= sizeof entry)
        return gan_fail_file(path, "read", ENAMETOOLONG);
    struct stat information, target;
    if (lstat(entry, &information) != 0)
        return GAN_OK; /* gone since */
    if (S_ISDIR(information.st_mode))
        return depth < DEEPEST ? add_folder(folder, entry, depth + 1) : GAN_OK;
    if (!has_picture_ending(name) || stat(entry, &target) != 0 || !S_ISREG(target.st_mode))
        return GAN_OK;
    return add_file(folder, entry, (int64_t)target.st_size);
}

static gan_status add_folder(gan_image_folder *folder, const char *path, int depth)
{
    DIR *directory = opendir(path);
    if (directory == NULL)
        return gan_fail_file(path, "open", errno);
    gan_status status = GAN_OK;
    for (const struct dirent *entry; status == GAN_OK && (entry = readdir(directory)) != NULL;)
        status = add_entry(folder, path, entry->d_name, depth);
    closedir(directory);
    return status;
}

static int compare_paths(const void *a, const void *b)
{
    const struct folder_picture *first = a, *second = b;
    return strcmp(first->path, second->path);
}

gan_status gan_image_folder_list(gan_image_folder *folder, const char *path)
{
    struct stat information;
    if (path[0] == '\0' || stat(path, &information) != 0)
        return gan_fail_file(path, "open", path[0] == '\0' ? ENOENT : errno);
    if (!S_ISDIR(information.st_mode))
        return add_file(folder, path, (int64_t)information.st_size);
    const gan_status status = add_folder(folder, path, 0);
    if (status != GAN_OK)
        return status;
    if (folder->count == 0)
        return gan_fail(
            GAN_ERROR_FORMAT,
            "\"%s\" holds no pictures: no file in it or its subfolders ends in .png, .jpg, .jpeg, "
            ".bmp, .tga, .gif, .psd, .ppm, .pgm or .pnm",
            path);
    qsort(folder->pictures, (size_t)folder->count, sizeof *folder->pictures, compare_paths);
    return GAN_OK;
}

const char *gan_image_folder_below(const char *path, const char *root)
{
    path += strlen(root);
    while (*path == '/')
        path++;
    return path;
}

uint64_t gan_image_folder_hash(const gan_image_folder *folder, const char *root, uint64_t hash)
{
    for (int64_t i = 0; i < folder->count; i++) {
        const struct folder_picture *picture = &folder->pictures[i];
        const char *name = gan_image_folder_below(picture->path, root);
        hash = gan_hash(hash, name, strlen(name) + 1);
        hash = gan_hash(hash, &picture->bytes, sizeof picture->bytes);
    }
    return hash;
}
