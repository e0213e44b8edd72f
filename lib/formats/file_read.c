#include "formats/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 65536, MOST_PER_CALL = 1 << 30 };

/* A pipe is kept in memory whole. */
static const size_t most_piped = (size_t)4 << 30;

gan_status gan_fail_file(const char *path, const char *action, int number)
{
    char words[128];
    const bool missing = number == ENOENT || number == ENOTDIR;
    /* The GNU variant, which returns the text and may leave `words` alone. */
    return gan_fail(missing ? GAN_ERROR_NOT_FOUND : GAN_ERROR_IO, "%s: %s: %s", path, action,
                    strerror_r(number, words, sizeof words));
}

gan_status gan_file_open(const char *path, int *descriptor, struct stat *status)
{
    *descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (*descriptor < 0)
        return gan_fail_file(path, "cannot open", errno);
    if (fstat(*descriptor, status) == 0 && !S_ISDIR(status->st_mode))
        return GAN_OK;
    const int number = errno;
    close(*descriptor);
    *descriptor = -1;
    if (S_ISDIR(status->st_mode))
        return gan_fail(GAN_ERROR_IO, "%s: is a folder, expected a file", path);
    return gan_fail_file(path, "cannot inspect", number);
}

ssize_t gan_file_read_some(int descriptor, void *to, size_t room)
{
    ssize_t got;
    do
        got = read(descriptor, to, room < MOST_PER_CALL ? room : MOST_PER_CALL);
    while (got < 0 && errno == EINTR);
    return got;
}

struct growing {
    unsigned char *bytes;
    size_t size, capacity;
};

static gan_status grow(gan_context *context, struct growing *content, size_t capacity)
{
    unsigned char *larger = gan_allocate(context, capacity);
    if (larger == NULL)
        return gan_fail_memory("the content of a file", capacity);
    if (content->size > 0)
        memcpy(larger, content->bytes, content->size);
    gan_release(context, content->bytes);
    content->bytes = larger;
    content->capacity = capacity;
    return GAN_OK;
}

/* Read to the end; the capacity keeps one byte more than the content, for the closing NUL. */
static gan_status read_all(gan_context *context, int descriptor, const char *path, size_t most,
                           struct growing *content)
{
    for (;;) {
        if (content->capacity - content->size < 2) {
            const gan_status status = grow(context, content, content->capacity * 2);
            if (status != GAN_OK)
                return status;
        }
        const size_t room = content->capacity - content->size - 1;
        const ssize_t got = gan_file_read_some(descriptor, content->bytes + content->size, room);
        if (got < 0)
            return gan_fail_file(path, "cannot read", errno);
        if (got == 0)
            break;
        content->size += (size_t)got;
        if (content->size > most)
            return gan_fail(GAN_ERROR_FORMAT, "%s: has more than %zu bytes", path, most);
    }
    content->bytes[content->size] = '\0';
    return GAN_OK;
}

/* Files without a true size (pipes, /proc) say 0. */
static gan_status read_open_file(gan_context *context, int descriptor, const char *path, uint64_t expected,
                                 size_t most, struct growing *content)
{
    if (expected > most)
        return gan_fail(GAN_ERROR_FORMAT, "%s: has %" PRIu64 " bytes, expected at most %zu", path, expected,
                        most);
    const size_t capacity = expected > 0 ? (size_t)expected + 2 : FIRST_CAPACITY;
    gan_status status = grow(context, content, capacity);
    if (status == GAN_OK)
        status = read_all(context, descriptor, path, most, content);
    if (status != GAN_OK)
        gan_release(context, content->bytes);
    return status;
}

static uint64_t regular_size(const struct stat *status)
{
    return S_ISREG(status->st_mode) && status->st_size > 0 ? (uint64_t)status->st_size : 0;
}

gan_status gan_file_read(gan_context *context, const char *path, size_t most, unsigned char **bytes,
                         size_t *size)
{
    int descriptor;
    struct stat about = {0};
    struct growing content = {0};
    gan_status status = gan_file_open(path, &descriptor, &about);
    if (status != GAN_OK)
        return status;
    status = read_open_file(context, descriptor, path, regular_size(&about), most, &content);
    close(descriptor);
    if (status == GAN_OK) {
        *bytes = content.bytes;
        *size = content.size;
    }
    return status;
}

gan_status gan_file_reader_open(struct file_reader *reader, gan_context *context, const char *path)
{
    *reader = (struct file_reader){.context = context, .name = path, .descriptor = -1};
    struct stat about = {0};
    gan_status status = gan_file_open(path, &reader->descriptor, &about);
    if (status != GAN_OK)
        return status;
    reader->size = regular_size(&about);
    if (S_ISREG(about.st_mode))
        return GAN_OK;
    struct growing content = {0};
    status = read_open_file(context, reader->descriptor, path, 0, most_piped, &content);
    close(reader->descriptor);
    reader->descriptor = -1;
    if (status == GAN_OK) {
        reader->bytes = reader->owned = content.bytes;
        reader->size = content.size;
    }
    return status;
}

void gan_file_reader_memory(struct file_reader *reader, gan_context *context, const void *bytes, size_t size,
                            const char *name)
{
    *reader = (struct file_reader){
        .context = context, .name = name, .descriptor = -1, .bytes = bytes, .size = size};
}

void gan_file_reader_close(struct file_reader *reader)
{
    if (reader->descriptor >= 0)
        close(reader->descriptor);
    gan_release(reader->context, reader->owned);
    reader->descriptor = -1;
    reader->owned = NULL;
}

static gan_status take_from_file(struct file_reader *reader, unsigned char *to, size_t count)
{
    while (count > 0) {
        const ssize_t got = gan_file_read_some(reader->descriptor, to, count);
        if (got < 0)
            return gan_fail_file(reader->name, "cannot read", errno);
        if (got == 0)
            return gan_fail(GAN_ERROR_FORMAT, "%s: became shorter while it was read", reader->name);
        to += got;
        count -= (size_t)got;
    }
    return GAN_OK;
}

gan_status gan_file_reader_take(struct file_reader *reader, void *to, size_t count)
{
    if (count > reader->size - reader->position)
        return gan_fail(GAN_ERROR_FORMAT,
                        "%s: ends after %" PRIu64 " bytes, expected %zu more at byte %" PRIu64, reader->name,
                        reader->size, count, reader->position);
    if (reader->descriptor >= 0) {
        const gan_status status = take_from_file(reader, to, count);
        if (status != GAN_OK)
            return status;
    } else if (count > 0) {
        memcpy(to, reader->bytes + reader->position, count);
    }
    reader->position += count;
    return GAN_OK;
}
