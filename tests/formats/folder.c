#include "formats/folder.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void folder_open(struct folder *folder)
{
    *folder = (struct folder){.path = "/tmp/gan-test-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(folder->path));
}

void folder_close(struct folder *folder, int files)
{
    int found = 0;
    DIR *directory = opendir(folder->path);
    ck_assert_ptr_nonnull(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char path[400];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder->path, entry->d_name);
        ck_assert_int_eq(unlink(path), 0);
        found++;
    }
    closedir(directory);
    ck_assert_int_eq(rmdir(folder->path), 0);
    ck_assert_int_eq(found, files);
}

const char *folder_file(struct folder *folder, const char *name)
{
    char *path = folder->names[folder->next++ % 4];
    ck_assert_uint_lt(strlen(folder->path) + strlen(name) + 1, sizeof folder->names[0]);
    stpcpy(stpcpy(stpcpy(path, folder->path), "/"), name);
    return path;
}

void write_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

long read_bytes(const char *path, void *bytes, size_t room)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return -1;
    long size = (long)fread(bytes, 1, room, file);
    while (fgetc(file) != EOF)
        size++;
    fclose(file);
    return size;
}
