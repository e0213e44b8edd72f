/* Writing y4m video frame by frame, into files and pipes. */
#include "base/status.h"
#include "formats/file.h"
#include "formats/y4m.h"
#include "kernels/accumulate.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <string.h>

struct gan_video_writer {
    gan_context *context;
    char *path;
    struct file_writer file;
    bool open; /* the file is */
    bool spoilt;
    gan_video_format format;
    struct y4m_planes planes;
    uint8_t *frame;
    float *scratch;
};

static gan_status make_room(gan_video_writer *writer, const char *path)
{
    const size_t floats = gan_y4m_scratch(writer->context, &writer->format);
    writer->planes = gan_y4m_planes(&writer->format);
    writer->path = gan_copy_string(writer->context, path);
    writer->frame = gan_allocate(writer->context, (size_t)writer->planes.bytes);
    writer->scratch = gan_allocate_array(writer->context, floats, sizeof(float));
    return writer->path != NULL && writer->frame != NULL && writer->scratch != NULL
               ? GAN_OK
               : gan_fail_memory("a frame of video", (size_t)writer->planes.bytes + floats * sizeof(float));
}

static gan_status open_writer(gan_video_writer *writer, const char *path, const gan_video_format *given)
{
    gan_status status = gan_copy_options(&writer->format, sizeof writer->format, given, "gan_video_format");
    if (status == GAN_OK)
        status = gan_y4m_settle(&writer->format);
    if (status == GAN_OK)
        status = make_room(writer, path);
    if (status == GAN_OK)
        status = gan_file_writer_open(&writer->file, writer->context, writer->path);
    if (status != GAN_OK)
        return status;
    char line[Y4M_LINE];
    const int length = gan_y4m_header(&writer->format, line);
    writer->open = true;
    return gan_file_write(&writer->file, line, (size_t)length);
}

gan_status gan_video_writer_open(gan_video_writer **out, gan_context *context, const char *path,
                                 const gan_video_format *format)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_video_writer_open: out is NULL");
    *out = NULL;
    if (context == NULL || path == NULL || format == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_video_writer_open: %s is NULL",
                        context == NULL ? "context"
                        : path == NULL  ? "path"
                                        : "format");
    gan_video_writer *writer = gan_allocate_zeroed(context, sizeof *writer);
    if (writer == NULL)
        return gan_fail_memory("a video writer", sizeof *writer);
    writer->context = gan_context_retain(context);
    const gan_status status = open_writer(writer, path, format);
    if (status == GAN_OK)
        *out = writer;
    else
        gan_video_writer_free(writer);
    return status;
}

void gan_video_writer_free(gan_video_writer *writer)
{
    if (writer == NULL)
        return;
    gan_context *context = writer->context;
    if (writer->open)
        gan_file_writer_discard(&writer->file);
    gan_release(context, writer->scratch);
    gan_release(context, writer->frame);
    gan_release(context, writer->path);
    gan_release(context, writer);
    gan_context_free(context);
}

static gan_status check_frame(const gan_video_writer *writer, const gan_tensor *frame)
{
    const struct shape expected = gan_shape_4(1, writer->format.height, writer->format.width, 3);
    char given_text[SHAPE_TEXT_SIZE], expected_text[SHAPE_TEXT_SIZE];
    if (frame->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "%s: the frame is a tensor of %s, expected float32", writer->path,
                        gan_type_name(frame->type));
    if (!gan_shape_equal(&frame->shape, &expected))
        return gan_fail(GAN_ERROR_SHAPE, "%s: the frame has shape %s, expected %s", writer->path,
                        gan_shape_text(&frame->shape, given_text), gan_shape_text(&expected, expected_text));
    if (!gan_all_finite(frame->data, gan_shape_count(&frame->shape)))
        return gan_fail(GAN_ERROR_NOT_FINITE, "%s: the frame holds NaN or infinity", writer->path);
    return GAN_OK;
}

static gan_status check_state(const gan_video_writer *writer)
{
    if (!writer->open)
        return gan_fail(GAN_ERROR_STATE, "%s: the video is finished", writer->path);
    if (writer->spoilt)
        return gan_fail(GAN_ERROR_STATE, "%s: a frame could not be written", writer->path);
    return GAN_OK;
}

static gan_status write_frame(gan_video_writer *writer)
{
    static const char begin[] = "FRAME\n";
    const gan_status status = gan_file_write(&writer->file, begin, sizeof begin - 1);
    return status == GAN_OK ? gan_file_write(&writer->file, writer->frame, (size_t)writer->planes.bytes)
                            : status;
}

gan_status gan_video_write(gan_video_writer *writer, const gan_tensor *frame)
{
    if (writer == NULL || frame == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_video_write: %s is NULL",
                        writer == NULL ? "writer" : "frame");
    gan_status status = check_state(writer);
    if (status == GAN_OK)
        status = check_frame(writer, frame);
    if (status != GAN_OK)
        return status;
    gan_y4m_from_rgb(writer->context, &writer->format, frame->data, writer->frame, writer->scratch);
    status = write_frame(writer);
    writer->spoilt = status != GAN_OK;
    return status;
}

gan_status gan_video_writer_finish(gan_video_writer *writer)
{
    if (writer == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_video_writer_finish: writer is NULL");
    const gan_status status = check_state(writer);
    if (status != GAN_OK)
        return status;
    writer->open = false;
    return gan_file_writer_commit(&writer->file);
}
