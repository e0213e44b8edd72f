#include "formats/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_SIZE = 65536, MOST_PER_CALL = 1 << 30, MOST_LINKS = 40, MOST_NAMES = 10000 };

/* These names stand for open descriptors: whatever is behind them is appended to, never replaced. */
static bool names_descriptor(const char *path)
{
    static const char *const places[] = {"/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strncmp(path, places[i], strlen(places[i])) == 0)
            return true;
    return false;
}

/* Length of the folder part of a path, its last slash included; 0 where there is none. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

/* Replace the target by what its symbolic link says, which is relative to the link's folder. */
static int follow_link(char target[PATH_MAX], const char *link, size_t length)
{
    const size_t folder = link[0] == '/' ? 0 : folder_length(target);
    if (folder + length + 1 > PATH_MAX)
        return ENAMETOOLONG;
    memcpy(target + folder, link, length);
    target[folder + length] = '\0';
    return 0;
}

/* Follow links by hand, because the file at their end need not exist yet. Returns an errno. */
static int resolve(const char *path, char target[PATH_MAX])
{
    if (strlen(path) >= PATH_MAX)
        return ENAMETOOLONG;
    memcpy(target, path, strlen(path) + 1);
    for (int i = 0; i < MOST_LINKS; i++) {
        char link[PATH_MAX];
        const ssize_t length = readlink(target, link, sizeof link);
        if (length < 0)
            return errno == EINVAL || errno == ENOENT ? 0 : errno;
        const int number = follow_link(target, link, (size_t)length);
        if (number != 0)
            return number;
    }
    return ELOOP;
}

/* Write ".gan-PROCESS-NUMBER.tmp" into the target's folder under the first number that is free. */
static int create_temporary(struct file_writer *writer)
{
    const size_t folder = folder_length(writer->target);
    memcpy(writer->temporary, writer->target, folder);
    for (int number = 0; number < MOST_NAMES; number++) {
        const int length = snprintf(writer->temporary + folder, PATH_MAX - folder, ".gan-%ld-%d.tmp",
                                    (long)getpid(), number);
        if ((size_t)length >= PATH_MAX - folder)
            return ENAMETOOLONG;
        writer->descriptor = open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (writer->descriptor >= 0)
            return 0;
        if (errno != EEXIST)
            return errno;
    }
    return EEXIST;
}

static gan_status open_temporary(struct file_writer *writer, const struct stat *former)
{
    int number = resolve(writer->path, writer->target);
    /* Renaming would get around a file's own write protection. */
    if (number == 0 && former != NULL && access(writer->target, W_OK) != 0)
        number = errno;
    if (number == 0)
        number = create_temporary(writer);
    if (number != 0)
        return gan_fail_file(writer->path, "cannot write", number);
    if (former != NULL)
        (void)!fchmod(writer->descriptor, former->st_mode & 07777);
    return GAN_OK;
}

static gan_status open_direct(struct file_writer *writer)
{
    writer->direct = true;
    writer->descriptor = open(writer->path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
    return writer->descriptor >= 0 ? GAN_OK : gan_fail_file(writer->path, "cannot write", errno);
}

static gan_status open_target(struct file_writer *writer)
{
    struct stat former;
    if (stat(writer->path, &former) != 0)
        return errno == ENOENT ? open_temporary(writer, NULL)
                               : gan_fail_file(writer->path, "cannot write", errno);
    if (S_ISDIR(former.st_mode))
        return gan_fail(GAN_ERROR_IO, "%s: is a folder, expected the name of a file to write", writer->path);
    if (!S_ISREG(former.st_mode) || names_descriptor(writer->path))
        return open_direct(writer);
    return open_temporary(writer, &former);
}

gan_status gan_file_writer_open(struct file_writer *writer, gan_context *context, const char *path)
{
    writer->context = context;
    writer->path = path;
    writer->descriptor = -1;
    writer->direct = false;
    writer->buffered = 0;
    writer->buffer = gan_allocate(context, BUFFER_SIZE);
    if (writer->buffer == NULL)
        return gan_fail_memory("a file's buffer", BUFFER_SIZE);
    const gan_status status = open_target(writer);
    if (status != GAN_OK)
        gan_file_writer_discard(writer);
    return status;
}

static gan_status write_out(struct file_writer *writer, const unsigned char *bytes, size_t size)
{
    while (size > 0) {
        const ssize_t written = write(writer->descriptor, bytes, size < MOST_PER_CALL ? size : MOST_PER_CALL);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return gan_fail_file(writer->path, "cannot write", errno);
        bytes += written;
        size -= (size_t)written;
    }
    return GAN_OK;
}

static gan_status flush(struct file_writer *writer)
{
    const size_t buffered = writer->buffered;
    writer->buffered = 0;
    return write_out(writer, writer->buffer, buffered);
}

gan_status gan_file_write(struct file_writer *writer, const void *bytes, size_t size)
{
    if (size > BUFFER_SIZE - writer->buffered) {
        const gan_status status = flush(writer);
        if (status != GAN_OK)
            return status;
    }
    if (size > BUFFER_SIZE)
        return write_out(writer, bytes, size);
    if (size > 0)
        memcpy(writer->buffer + writer->buffered, bytes, size);
    writer->buffered += size;
    return GAN_OK;
}

/* Some file systems cannot do it and say so; that is no failure of the write. */
static int synchronise(int descriptor)
{
    return fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EROFS ? 0 : errno;
}

/* The new name is safe only when the folder is on the disk. */
static int synchronise_folder(const char *target)
{
    char folder[PATH_MAX] = ".";
    const size_t length = folder_length(target);
    if (length > 0) {
        memcpy(folder, target, length);
        folder[length] = '\0';
    }
    const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return 0; /* a folder may be writable and not readable */
    const int number = synchronise(descriptor);
    close(descriptor);
    return number;
}

static int close_descriptor(struct file_writer *writer)
{
    const int result = close(writer->descriptor);
    writer->descriptor = -1;
    return result == 0 || errno == EINTR ? 0 : errno;
}

static int finish(struct file_writer *writer)
{
    int number = writer->direct ? 0 : synchronise(writer->descriptor);
    const int closed = close_descriptor(writer);
    if (number == 0)
        number = closed;
    if (writer->direct || number != 0)
        return number;
    if (rename(writer->temporary, writer->target) != 0)
        return errno;
    return synchronise_folder(writer->target);
}

gan_status gan_file_writer_commit(struct file_writer *writer)
{
    gan_status status = flush(writer);
    if (status == GAN_OK) {
        const int number = finish(writer);
        if (number != 0) {
            if (!writer->direct)
                unlink(writer->temporary);
            status = gan_fail_file(writer->path, "cannot write", number);
        }
    }
    gan_file_writer_discard(writer);
    return status;
}

void gan_file_writer_discard(struct file_writer *writer)
{
    if (writer->descriptor >= 0) {
        close(writer->descriptor);
        if (!writer->direct)
            unlink(writer->temporary);
    }
    gan_release(writer->context, writer->buffer);
    writer->descriptor = -1;
    writer->buffer = NULL;
}

gan_status gan_file_save(gan_context *context, const char *path, const void *bytes, size_t size)
{
    struct file_writer writer;
    gan_status status = gan_file_writer_open(&writer, context, path);
    if (status != GAN_OK)
        return status;
    status = gan_file_write(&writer, bytes, size);
    if (status == GAN_OK)
        return gan_file_writer_commit(&writer);
    gan_file_writer_discard(&writer);
    return status;
}
