#include "formats/csv.h"
#include "formats/file.h"
#include "formats/json_write.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Tables longer than this are no tables of losses. */
static const size_t most_bytes = (size_t)1 << 30;

struct line {
    char text[CSV_MOST_LINE];
    size_t size;
};

static void put(struct line *line, const char *text)
{
    const size_t size = strlen(text);
    if (size <= sizeof line->text - line->size) {
        memcpy(line->text + line->size, text, size);
        line->size += size;
    }
}

/* Names with commas or quotation marks are quoted, by RFC 4180. */
static void put_name(struct line *line, const char *name)
{
    if (strpbrk(name, ",\"\r\n") == NULL) {
        put(line, name);
        return;
    }
    put(line, "\"");
    for (; *name != '\0'; name++) {
        const char character[3] = {*name, *name == '"' ? '"' : '\0', '\0'};
        put(line, character);
    }
    put(line, "\"");
}

static gan_status write_line(struct csv *csv, const struct line *line)
{
    for (size_t done = 0; done < line->size;) {
        const ssize_t written = write(csv->descriptor, line->text + done, line->size - done);
        if (written < 0 && errno != EINTR)
            return gan_fail_file(csv->path, "cannot write", errno);
        done += written > 0 ? (size_t)written : 0;
    }
    return GAN_OK;
}

/* The step that a line begins with, or -1. */
static int64_t line_step(const char *text, const char *end)
{
    int64_t step = 0;
    const char *at = text;
    for (; at < end && *at >= '0' && *at <= '9' && step < INT64_MAX / 10 - 1; at++)
        step = step * 10 + (*at - '0');
    return at > text && at < end && (*at == ',' || *at == '\n') ? step : -1;
}

/* Length of the part to keep: the header and whole lines of steps before the first new one. */
static size_t kept_size(const char *text, size_t size, size_t header, int64_t first_step)
{
    size_t kept = header;
    while (kept < size) {
        const char *end = memchr(text + kept, '\n', size - kept);
        if (end == NULL)
            break;
        const int64_t step = line_step(text + kept, end + 1);
        if (step < 0 || step >= first_step)
            break;
        kept = (size_t)(end - text) + 1;
    }
    return kept;
}

static gan_status measure(struct csv *csv, gan_context *context, const struct line *header,
                          int64_t first_step, size_t *kept)
{
    unsigned char *bytes;
    size_t size;
    *kept = 0;
    gan_status status = gan_file_read(context, csv->path, most_bytes, &bytes, &size);
    if (status != GAN_OK || size == 0) {
        if (status == GAN_OK)
            gan_release(context, bytes);
        return status == GAN_ERROR_NOT_FOUND ? GAN_OK : status;
    }
    if (size >= header->size && memcmp(bytes, header->text, header->size) == 0)
        *kept = kept_size((const char *)bytes, size, header->size, first_step);
    else
        status = gan_fail(GAN_ERROR_FORMAT,
                          "%s: has other columns, so lines from step %" PRId64 " on cannot be added",
                          csv->path, first_step);
    gan_release(context, bytes);
    return status;
}

static gan_status open_at(struct csv *csv, const struct line *header, size_t kept)
{
    csv->descriptor = open(csv->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
    if (csv->descriptor < 0)
        return gan_fail_file(csv->path, "cannot write", errno);
    struct stat about;
    gan_status status = GAN_OK;
    if (fstat(csv->descriptor, &about) == 0 && S_ISREG(about.st_mode) &&
        ftruncate(csv->descriptor, (off_t)kept) != 0)
        status = gan_fail_file(csv->path, "cannot write", errno);
    if (status == GAN_OK && kept == 0)
        status = write_line(csv, header);
    if (status != GAN_OK)
        close(csv->descriptor);
    return status;
}

static gan_status make_header(struct line *header, const char *path, const char *const *names,
                              int32_t columns)
{
    if (columns < 0 || columns > CSV_MOST_COLUMNS)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: %d columns, expected at most %d", path, columns,
                        CSV_MOST_COLUMNS);
    size_t longest = 16;
    for (int32_t i = 0; i < columns; i++)
        longest += 2 * strlen(names[i]) + 3;
    if (longest > sizeof header->text)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: the names of the columns are too long", path);
    header->size = 0;
    put(header, "step");
    for (int32_t i = 0; i < columns; i++) {
        put(header, ",");
        put_name(header, names[i]);
    }
    put(header, "\n");
    return GAN_OK;
}

gan_status gan_csv_open(struct csv *csv, gan_context *context, const char *path, const char *const *names,
                        int32_t columns, int64_t first_step)
{
    *csv = (struct csv){.path = path, .descriptor = -1, .columns = columns};
    struct line header;
    size_t kept = 0;
    gan_status status = make_header(&header, path, names, columns);
    if (status == GAN_OK && first_step > 0)
        status = measure(csv, context, &header, first_step, &kept);
    return status == GAN_OK ? open_at(csv, &header, kept) : status;
}

gan_status gan_csv_append(struct csv *csv, int64_t step, const double *values)
{
    struct line line = {.size = 0};
    char text[NUMBER_TEXT_SIZE];
    snprintf(text, sizeof text, "%" PRId64, step);
    put(&line, text);
    for (int32_t i = 0; i < csv->columns; i++) {
        put(&line, ",");
        if (!isnan(values[i]))
            put(&line, gan_number_text(values[i], true, text));
    }
    put(&line, "\n");
    return write_line(csv, &line);
}

gan_status gan_csv_close(struct csv *csv)
{
    if (csv->descriptor < 0)
        return GAN_OK;
    const int result = close(csv->descriptor);
    csv->descriptor = -1;
    return result == 0 ? GAN_OK : gan_fail_file(csv->path, "cannot write", errno);
}
