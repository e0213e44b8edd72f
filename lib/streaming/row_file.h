/* A temporary file without a name, for values that wait between passes. */
#ifndef GAN_STREAMING_ROW_FILE_H
#define GAN_STREAMING_ROW_FILE_H

#include "base/context.h"

#include <limits.h>

/* The system lets one thread at a time write to a file: pieces of it are dealt out to several. */
enum { ROW_FILE_PARTS = 4 };

struct row_file {
    gan_context *context;
    int descriptors[ROW_FILE_PARTS]; /* -1: none */
    size_t size;                     /* that it may reach, for messages */
    char folder[PATH_MAX];
};

/* In `folder`; NULL: in $TMPDIR, or /tmp. Errors: NOT_FOUND, IO (no room for `size` bytes, no permission). */
gan_status gan_row_file_open(struct row_file *file, gan_context *context, const char *folder, size_t size);
void gan_row_file_close(struct row_file *file);

/* By all threads of the context. Errors: IO. */
gan_status gan_row_file_write(struct row_file *file, const void *bytes, size_t size, size_t offset);
gan_status gan_row_file_read(struct row_file *file, void *bytes, size_t size, size_t offset);

#endif
