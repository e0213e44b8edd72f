/* A result that waits in the temporary file until it is asked for. */
#include "streaming/stream.h"

#include <inttypes.h>

static size_t row_bytes(const gan_stream *stream)
{
    int64_t sizes[GAN_MAX_RANK];
    gan_stream_output_shape(stream, sizes);
    return (size_t)(sizes[2] * sizes[3]) * sizeof(float);
}

static int64_t result_height(const gan_stream *stream)
{
    int64_t sizes[GAN_MAX_RANK];
    gan_stream_output_shape(stream, sizes);
    return sizes[1];
}

int64_t gan_stream_result_bytes(const gan_stream *stream)
{
    return result_height(stream) * (int64_t)row_bytes(stream);
}

gan_status gan_stream_keep_rows(gan_stream *stream, int64_t first, int64_t count, const float *rows)
{
    const size_t bytes = row_bytes(stream);
    return gan_row_file_write(&stream->file, rows, (size_t)count * bytes,
                              stream->result_offset + (size_t)first * bytes);
}

void gan_stream_drop_result(gan_stream *stream)
{
    if (stream->kept)
        gan_row_file_close(&stream->file);
    stream->kept = false;
}

static gan_status check_rows(const gan_stream *stream, int64_t first, int64_t count, const float *rows)
{
    if (stream == NULL || rows == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL", stream == NULL ? "stream" : "rows");
    if (!stream->kept)
        return gan_fail(GAN_ERROR_STATE, "%s",
                        stream->options.keep == 0 ? "the stream's options do not say to keep a result"
                                                  : "no run of the stream has succeeded");
    const int64_t height = result_height(stream);
    if (first >= 0 && count >= 0 && first <= height && count <= height - first)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%" PRId64 " rows from %" PRId64 " on, but the result has %" PRId64,
                    count, first, height);
}

gan_status gan_stream_read_result(gan_stream *stream, int64_t first, int64_t count, float *rows)
{
    gan_status status = check_rows(stream, first, count, rows);
    if (status == GAN_OK) {
        const size_t bytes = row_bytes(stream);
        status = gan_row_file_read(&stream->file, rows, (size_t)count * bytes,
                                   stream->result_offset + (size_t)first * bytes);
    }
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_stream_read_result: ");
}
