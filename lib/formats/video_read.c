/* Reading y4m video frame by frame, from files and pipes. */
#include "base/status.h"
#include "formats/file.h"
#include "formats/y4m.h"
#include "tensor/tensor.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_SIZE = 65536 };
static const int64_t most_pixels = (int64_t)1 << 28;

struct gan_video_reader {
    gan_context *context;
    char *path;
    int descriptor;
    gan_video_format format;
    struct y4m_planes planes;
    uint8_t *frame;
    float *scratch;
    int64_t frames;    /* read so far */
    size_t begin, end; /* what is left in the buffer */
    uint8_t buffer[BUFFER_SIZE];
};

/* Fill the empty buffer; end == begin at the end of the file. */
static gan_status refill(gan_video_reader *reader)
{
    const ssize_t got = gan_file_read_some(reader->descriptor, reader->buffer, BUFFER_SIZE);
    if (got < 0)
        return gan_fail_file(reader->path, "cannot read", errno);
    reader->begin = 0;
    reader->end = (size_t)got;
    return GAN_OK;
}

/* A line without its end. *length: -1 at the end of the file. Errors: FORMAT (no end in sight), IO. */
static gan_status read_line(gan_video_reader *reader, char line[Y4M_LINE], int *length)
{
    *length = 0;
    for (;;) {
        if (reader->begin == reader->end) {
            const gan_status status = refill(reader);
            if (status != GAN_OK)
                return status;
        }
        if (reader->begin == reader->end && *length == 0) {
            *length = -1;
            return GAN_OK;
        }
        if (reader->begin == reader->end || *length == Y4M_LINE - 1)
            return gan_fail(GAN_ERROR_FORMAT, "%s: a line of the header is cut off or longer than %d bytes",
                            reader->path, Y4M_LINE - 1);
        const char letter = (char)reader->buffer[reader->begin++];
        if (letter == '\n') {
            line[*length] = '\0';
            return GAN_OK;
        }
        line[(*length)++] = letter;
    }
}

/* As many of `count` bytes as there are. */
static gan_status read_bytes(gan_video_reader *reader, uint8_t *to, size_t count, size_t *got)
{
    *got = 0;
    while (*got < count) {
        if (reader->begin == reader->end) {
            const gan_status status = refill(reader);
            if (status != GAN_OK || reader->end == 0)
                return status;
        }
        const size_t there = reader->end - reader->begin, wanted = count - *got;
        const size_t taken = there < wanted ? there : wanted;
        memcpy(to + *got, reader->buffer + reader->begin, taken);
        reader->begin += taken;
        *got += taken;
    }
    return GAN_OK;
}

static gan_status read_header(gan_video_reader *reader)
{
    char line[Y4M_LINE] = "";
    int length;
    const gan_status status = read_line(reader, line, &length);
    if (status != GAN_OK)
        return status;
    if (length < 0)
        return gan_fail(GAN_ERROR_FORMAT, "%s: is empty, expected y4m video", reader->path);
    return gan_y4m_parse(&reader->format, line, reader->path);
}

static gan_status make_room(gan_video_reader *reader)
{
    const size_t floats = gan_y4m_scratch(reader->context, &reader->format);
    reader->planes = gan_y4m_planes(&reader->format);
    reader->frame = gan_allocate(reader->context, (size_t)reader->planes.bytes);
    reader->scratch = gan_allocate_array(reader->context, floats, sizeof(float));
    return reader->frame != NULL && reader->scratch != NULL
               ? GAN_OK
               : gan_fail_memory("a frame of video", (size_t)reader->planes.bytes + floats * sizeof(float));
}

/* What the header says is believed as far as the file can hold it. Of a pipe nothing is known: a frame is at
 * most as large as a picture. */
static gan_status check_size(const gan_video_reader *reader, const struct stat *found)
{
    const int64_t bytes = gan_y4m_planes(&reader->format).bytes;
    const int64_t pixels = (int64_t)reader->format.width * reader->format.height;
    const int64_t rest = S_ISREG(found->st_mode) ? (int64_t)found->st_size : INT64_MAX;
    if (pixels > most_pixels)
        return gan_fail(GAN_ERROR_UNSUPPORTED,
                        "%s: frames are %" PRId32 "x%" PRId32 ", expected at most %" PRId64 " pixels",
                        reader->path, reader->format.width, reader->format.height, most_pixels);
    if (reader->begin < reader->end && bytes > rest)
        return gan_fail(GAN_ERROR_FORMAT,
                        "%s: frame 1 is cut off: the file has %" PRId64 " bytes, a frame %" PRId64,
                        reader->path, rest, bytes);
    return GAN_OK;
}

static gan_status open_reader(gan_video_reader *reader, const char *path)
{
    struct stat found;
    reader->path = gan_copy_string(reader->context, path);
    if (reader->path == NULL)
        return gan_fail_memory("a path", strlen(path) + 1);
    gan_status status = gan_file_open(reader->path, &reader->descriptor, &found);
    if (status == GAN_OK)
        status = read_header(reader);
    if (status == GAN_OK)
        status = check_size(reader, &found);
    return status == GAN_OK ? make_room(reader) : status;
}

gan_status gan_video_reader_open(gan_video_reader **out, gan_context *context, const char *path)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_video_reader_open: out is NULL");
    *out = NULL;
    if (context == NULL || path == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_video_reader_open: %s is NULL",
                        context == NULL ? "context" : "path");
    gan_video_reader *reader = gan_allocate_zeroed(context, sizeof *reader);
    if (reader == NULL)
        return gan_fail_memory("a video reader", sizeof *reader);
    reader->context = gan_context_retain(context);
    reader->descriptor = -1;
    const gan_status status = open_reader(reader, path);
    if (status == GAN_OK)
        *out = reader;
    else
        gan_video_reader_free(reader);
    return status;
}

void gan_video_reader_free(gan_video_reader *reader)
{
    if (reader == NULL)
        return;
    gan_context *context = reader->context;
    if (reader->descriptor >= 0)
        close(reader->descriptor);
    gan_release(context, reader->scratch);
    gan_release(context, reader->frame);
    gan_release(context, reader->path);
    gan_release(context, reader);
    gan_context_free(context);
}

gan_status gan_video_reader_format(const gan_video_reader *reader, gan_video_format *out)
{
    if (reader == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_video_reader_format: reader is NULL");
    const gan_status status = gan_check_result(out, sizeof *out, "gan_video_format");
    if (status == GAN_OK)
        gan_give_result(out, &reader->format, sizeof reader->format);
    return status;
}

/* The bytes of the next frame; *there: whether there is one. */
static gan_status read_frame(gan_video_reader *reader, bool *there)
{
    char line[Y4M_LINE] = "";
    int length;
    const int64_t number = reader->frames + 1;
    gan_status status = read_line(reader, line, &length);
    *there = length >= 0;
    if (status != GAN_OK || !*there)
        return status;
    if (strncmp(line, "FRAME", 5) != 0 || (line[5] != '\0' && line[5] != ' '))
        return gan_fail(GAN_ERROR_FORMAT, "%s: frame %" PRId64 " does not begin with FRAME", reader->path,
                        number);
    size_t got;
    status = read_bytes(reader, reader->frame, (size_t)reader->planes.bytes, &got);
    if (status == GAN_OK && got < (size_t)reader->planes.bytes)
        status = gan_fail(GAN_ERROR_FORMAT, "%s: frame %" PRId64 " is cut off: %zu bytes, expected %" PRId64,
                          reader->path, number, got, reader->planes.bytes);
    return status;
}

gan_status gan_video_read(gan_video_reader *reader, gan_tensor **frame)
{
    if (reader == NULL || frame == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_video_read: %s is NULL",
                        reader == NULL ? "reader" : "frame");
    *frame = NULL;
    bool there = false;
    gan_tensor *made;
    const struct shape shape = gan_shape_4(1, reader->format.height, reader->format.width, 3);
    gan_status status = gan_tensor_make(&made, reader->context, GAN_FLOAT32, &shape);
    if (status != GAN_OK)
        return status; /* nothing is read yet: it may be tried again */
    status = read_frame(reader, &there);
    if (status != GAN_OK || !there) {
        gan_tensor_free(made);
        return status;
    }
    gan_y4m_to_rgb(reader->context, &reader->format, reader->frame, made->data, reader->scratch);
    reader->frames++;
    *frame = made;
    return GAN_OK;
}
