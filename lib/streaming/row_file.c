#include "streaming/row_file.h"
#include "base/threads.h"
#include "formats/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { PIECE = 1 << 20 };

static gan_status fail(const struct row_file *file, const char *action, int number)
{
    const gan_status status = gan_fail_file(file->folder, action, number);
    return gan_fail_within(
        status, "the temporary file of %zu MiB for the values between passes: ", (file->size >> 20) + 1);
}

static const char *choose_folder(const char *folder)
{
    if (folder == NULL)
        folder = getenv("TMPDIR");
    return folder != NULL && folder[0] != '\0' ? folder : "/tmp";
}

/* A file that is too large for its disk fails early, not after minutes. */
static gan_status check_room(const struct row_file *file)
{
    struct statvfs about;
    if (statvfs(file->folder, &about) != 0)
        return GAN_OK; /* who does not say how much is free may have enough */
    const uint64_t room = (uint64_t)about.f_bavail * about.f_frsize;
    if (room >= file->size)
        return GAN_OK;
    return gan_fail(GAN_ERROR_IO,
                    "%s: has %" PRIu64 " MiB left, expected room for a temporary file of %zu MiB: set TMPDIR "
                    "to another folder",
                    file->folder, room >> 20, (file->size >> 20) + 1);
}

/* The name goes at once: whatever happens, nothing is left behind. */
static gan_status create(struct row_file *file, int *descriptor)
{
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/gan-XXXXXX", file->folder);
    if (length < 0 || (size_t)length >= sizeof path)
        return fail(file, "cannot write", ENAMETOOLONG);
    *descriptor = mkostemp(path, O_CLOEXEC);
    if (*descriptor < 0)
        return fail(file, "cannot write", errno);
    unlink(path);
    return GAN_OK;
}

gan_status gan_row_file_open(struct row_file *file, gan_context *context, const char *folder, size_t size)
{
    *file = (struct row_file){.context = context, .size = size};
    for (int i = 0; i < ROW_FILE_PARTS; i++)
        file->descriptors[i] = -1;
    if (size == 0)
        return GAN_OK;
    snprintf(file->folder, sizeof file->folder, "%s", choose_folder(folder));
    gan_status status = check_room(file);
    for (int i = 0; status == GAN_OK && i < ROW_FILE_PARTS; i++)
        status = create(file, &file->descriptors[i]);
    if (status != GAN_OK)
        gan_row_file_close(file);
    return status;
}

void gan_row_file_close(struct row_file *file)
{
    for (int i = 0; i < ROW_FILE_PARTS; i++) {
        if (file->descriptors[i] >= 0)
            close(file->descriptors[i]);
        file->descriptors[i] = -1;
    }
}

/* Some bytes on their way: exactly one of `from` and `to` is there. */
struct transfer {
    const struct row_file *file;
    const unsigned char *from;
    unsigned char *to;
    size_t size, offset;
    atomic_int error; /* errno of one that failed */
};

static ssize_t move_some(const struct transfer *transfer, int descriptor, size_t at, size_t size,
                         size_t offset)
{
    ssize_t done;
    do
        done = transfer->from != NULL ? pwrite(descriptor, transfer->from + at, size, (off_t)offset)
                                      : pread(descriptor, transfer->to + at, size, (off_t)offset);
    while (done < 0 && errno == EINTR);
    return done;
}

/* `size` bytes from position `at` of the transfer on, all of one piece of the file. */
static int move_piece(const struct transfer *transfer, size_t at, size_t size)
{
    const size_t place = transfer->offset + at, piece = place / PIECE;
    const int descriptor = transfer->file->descriptors[piece % ROW_FILE_PARTS];
    size_t offset = piece / ROW_FILE_PARTS * PIECE + place % PIECE;
    while (size > 0) {
        const ssize_t done = move_some(transfer, descriptor, at, size, offset);
        if (done <= 0)
            return done < 0 ? errno : transfer->from != NULL ? ENOSPC : EIO;
        at += (size_t)done;
        offset += (size_t)done;
        size -= (size_t)done;
    }
    return 0;
}

static void move_task(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    struct transfer *transfer = argument;
    const size_t first_piece = transfer->offset / PIECE + (size_t)index;
    const size_t begin = index == 0 ? transfer->offset : first_piece * PIECE;
    const size_t end = (first_piece + 1) * PIECE, all = transfer->offset + transfer->size;
    const int error = move_piece(transfer, begin - transfer->offset, (end < all ? end : all) - begin);
    if (error != 0)
        atomic_store(&transfer->error, error);
}

static int move(struct transfer *transfer)
{
    const size_t last = transfer->offset + transfer->size;
    if (transfer->size > 0)
        gan_parallel(transfer->file->context,
                     (int64_t)((last + PIECE - 1) / PIECE - transfer->offset / PIECE), move_task, transfer);
    return atomic_load(&transfer->error);
}

gan_status gan_row_file_write(struct row_file *file, const void *bytes, size_t size, size_t offset)
{
    struct transfer transfer = {.file = file, .from = bytes, .size = size, .offset = offset};
    const int error = move(&transfer);
    return error == 0 ? GAN_OK : fail(file, "cannot write", error);
}

gan_status gan_row_file_read(struct row_file *file, void *bytes, size_t size, size_t offset)
{
    struct transfer transfer = {.file = file, .to = bytes, .size = size, .offset = offset};
    const int error = move(&transfer);
    return error == 0 ? GAN_OK : fail(file, "cannot read", error);
}
