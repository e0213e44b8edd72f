/* A folder for one test's files, which goes away with them. */
#ifndef GAN_TESTS_FOLDER_H
#define GAN_TESTS_FOLDER_H

#include <stddef.h>

struct folder {
    char path[64];
    char names[4][160]; /* of the last calls of folder_file */
    int next;
};

void folder_open(struct folder *folder);
/* Remove the folder; fails the test unless it then held `files` files. */
void folder_close(struct folder *folder, int files);

/* "<folder>/<name>", valid until the next call but three. */
const char *folder_file(struct folder *folder, const char *name);

void write_bytes(const char *path, const void *bytes, size_t size);
/* Size of a file's content, at most `room` bytes of which go into `bytes`; -1 where there is no such file. */
long read_bytes(const char *path, void *bytes, size_t room);

#endif
