/* Reading files within bounds, and writing them so that they appear whole or not at all. */
#ifndef GAN_FORMATS_FILE_H
#define GAN_FORMATS_FILE_H

#include "base/context.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct stat;

/* Record what errno says about a file. A missing file is GAN_ERROR_NOT_FOUND, all else GAN_ERROR_IO. */
gan_status gan_fail_file(const char *path, const char *action, int number);

/* The whole content of a file, pipe or device. Errors: NOT_FOUND, IO (also for a folder), FORMAT (more than
 * `most` bytes), OUT_OF_MEMORY. The bytes are released with gan_release; one NUL follows them. */
gan_status gan_file_read(gan_context *context, const char *path, size_t most, unsigned char **bytes,
                         size_t *size);

/* Open for reading what is no folder. Errors: NOT_FOUND, IO. */
gan_status gan_file_open(const char *path, int *descriptor, struct stat *status);

/* Up to `room` bytes; 0 at the end, -1 on an error, which errno tells. */
ssize_t gan_file_read_some(int descriptor, void *to, size_t room);

/* Bytes read from front to back, of a file or of memory. The size is known from the start: a pipe is read to
 * its end when it is opened. */
struct file_reader {
    gan_context *context;
    const char *name;           /* the caller's; for messages */
    int descriptor;             /* -1: the bytes are in memory */
    const unsigned char *bytes; /* of memory */
    unsigned char *owned;       /* what was read from a pipe */
    uint64_t size, position;
};

gan_status gan_file_reader_open(struct file_reader *reader, gan_context *context, const char *path);
void gan_file_reader_memory(struct file_reader *reader, gan_context *context, const void *bytes, size_t size,
                            const char *name);
void gan_file_reader_close(struct file_reader *reader);

/* The next `count` bytes exactly. Errors: IO, FORMAT (fewer are left). */
gan_status gan_file_reader_take(struct file_reader *reader, void *to, size_t count);

/* A file being written under a temporary name in its folder. What is no regular file (a device, a pipe,
 * /dev/stdout) is written directly. */
struct file_writer {
    gan_context *context;
    const char *path; /* the caller's, who keeps it until commit or discard */
    int descriptor;
    bool direct;
    unsigned char *buffer;
    size_t buffered;
    char target[PATH_MAX]; /* where symbolic links lead */
    char temporary[PATH_MAX];
};

/* Begin. After an error there is nothing to discard. */
gan_status gan_file_writer_open(struct file_writer *writer, gan_context *context, const char *path);
gan_status gan_file_write(struct file_writer *writer, const void *bytes, size_t size);

/* Bring the file to the disk and give it its name. On an error the former file, if any, is untouched. Ends
 * the writer in either case. */
gan_status gan_file_writer_commit(struct file_writer *writer);

/* End the writer and leave nothing behind; does nothing after commit. */
void gan_file_writer_discard(struct file_writer *writer);

/* Open, write, commit. */
gan_status gan_file_save(gan_context *context, const char *path, const void *bytes, size_t size);

#endif
