/* IDX, the format of the MNIST files: two zero bytes, the element type, the rank, the sizes (32 bits, big
 * endian), the elements (big endian). (Y. LeCun, C. Cortes, C. Burges: The MNIST database.) */
#include "formats/file.h"
#include "formats/zlib_stream.h"
#include "gan/dataset.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <string.h>

enum { TYPE_BYTE = 0x08, TYPE_INT32 = 0x0C, TYPE_FLOAT32 = 0x0D };
/* Deflate makes at most 1032 bytes of one: no file can hold more. */
enum { MOST_EXPANSION = 1032 };
static const size_t MOST_BYTES = (size_t)4 << 30;

/* Bytes from front to back, compressed or not. */
struct source {
    const unsigned char *bytes;
    size_t left;
    bool compressed, ended;
    z_stream stream;
};

static gan_status open_source(struct source *source, gan_context *context, const unsigned char *bytes,
                              size_t size)
{
    *source = (struct source){.bytes = bytes, .left = size};
    source->compressed = size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
    if (!source->compressed)
        return GAN_OK;
    source->stream = gan_zlib_stream(context);
    const int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&source->stream, gzip_only) != Z_OK)
        return gan_fail_memory("decompression", sizeof source->stream);
    return GAN_OK;
}

static void close_source(struct source *source)
{
    if (source->compressed)
        inflateEnd(&source->stream);
}

static unsigned int part_of(size_t size)
{
    return size < (1u << 30) ? (unsigned int)size : 1u << 30;
}

/* Inflate up to `count` bytes; *made says how many there were before the stream ended. */
static gan_status inflate_some(struct source *source, unsigned char *to, size_t count, size_t *made)
{
    z_stream *stream = &source->stream;
    *made = 0;
    while (*made < count && !source->ended) {
        const unsigned int given = part_of(source->left), room = part_of(count - *made);
        stream->next_in = (unsigned char *)(uintptr_t)source->bytes;
        stream->avail_in = given;
        stream->next_out = to + *made;
        stream->avail_out = room;
        const int result = inflate(stream, Z_NO_FLUSH);
        source->bytes += given - stream->avail_in;
        source->left -= given - stream->avail_in;
        *made += room - stream->avail_out;
        source->ended = result == Z_STREAM_END;
        if (result == Z_MEM_ERROR)
            return gan_fail_memory("decompression", sizeof *stream);
        if (result == Z_BUF_ERROR && source->left == 0)
            return GAN_OK;
        if (result != Z_OK && result != Z_STREAM_END)
            return gan_fail(GAN_ERROR_FORMAT, "its gzip stream is damaged (%s)",
                            stream->msg != NULL ? stream->msg : "unexpected end");
    }
    return GAN_OK;
}

static gan_status take(struct source *source, void *to, size_t count, const char *what)
{
    size_t made = count < source->left ? count : source->left;
    gan_status status = GAN_OK;
    if (source->compressed) {
        status = inflate_some(source, to, count, &made);
    } else if (made > 0) {
        memcpy(to, source->bytes, made);
        source->bytes += made;
        source->left -= made;
    }
    if (status == GAN_OK && made < count)
        return gan_fail(GAN_ERROR_FORMAT, "it ends within its %s: %zu of %zu bytes", what, made, count);
    return status;
}

static gan_status expect_end(struct source *source)
{
    unsigned char more;
    size_t made = 0;
    gan_status status = GAN_OK;
    if (source->compressed)
        status = inflate_some(source, &more, 1, &made);
    if (status != GAN_OK)
        return status;
    if (source->compressed && made == 0 && !source->ended)
        return gan_fail(GAN_ERROR_FORMAT, "its gzip stream has no end");
    if (made > 0 || source->left > 0)
        return gan_fail(GAN_ERROR_FORMAT, "more bytes follow than its sizes say");
    return GAN_OK;
}

static gan_status take_type(unsigned char code, int32_t *type)
{
    switch (code) {
    case TYPE_BYTE:
        *type = GAN_UINT8;
        return GAN_OK;
    case TYPE_INT32:
        *type = GAN_INT32;
        return GAN_OK;
    case TYPE_FLOAT32:
        *type = GAN_FLOAT32;
        return GAN_OK;
    case 0x09:
    case 0x0B:
    case 0x0E:
        return gan_fail(GAN_ERROR_TYPE, "its element type is 0x%02x, expected 0x08, 0x0c or 0x0d", code);
    default:
        return gan_fail(GAN_ERROR_FORMAT, "its element type is 0x%02x, which the format does not know", code);
    }
}

static uint32_t big_endian(const unsigned char bytes[4])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Type and shape; their elements fit into what the file can hold. */
static gan_status take_header(struct source *source, int32_t *type, struct shape *shape)
{
    const size_t possible = source->compressed ? source->left * MOST_EXPANSION : source->left;
    unsigned char magic[4], sizes[4 * GAN_MAX_RANK];
    gan_status status = take(source, magic, sizeof magic, "header");
    if (status == GAN_OK && (magic[0] != 0 || magic[1] != 0))
        status = gan_fail(GAN_ERROR_FORMAT, "it begins with %02x %02x, expected 00 00", magic[0], magic[1]);
    if (status == GAN_OK)
        status = take_type(magic[2], type);
    if (status == GAN_OK && (magic[3] < 1 || magic[3] > GAN_MAX_RANK))
        status =
            gan_fail(GAN_ERROR_FORMAT, "it has %d dimensions, expected 1 to %d", magic[3], (int)GAN_MAX_RANK);
    if (status == GAN_OK)
        status = take(source, sizes, 4u * magic[3], "header");
    if (status != GAN_OK)
        return status;
    shape->rank = magic[3];
    size_t count = gan_type_size(*type);
    for (int32_t i = 0; i < shape->rank; i++) {
        shape->size[i] = big_endian(sizes + 4 * i);
        if (shape->size[i] != 0 && count > possible / (size_t)shape->size[i])
            return gan_fail(GAN_ERROR_FORMAT, "its sizes speak of more elements than the file can hold");
        count *= (size_t)shape->size[i];
    }
    return GAN_OK;
}

static void swap_words(gan_tensor *tensor)
{
    unsigned char *bytes = tensor->data;
    for (int64_t i = 0; i < gan_tensor_count(tensor); i++) {
        const uint32_t word = big_endian(bytes + 4 * i);
        memcpy(bytes + 4 * i, &word, sizeof word);
    }
}

static gan_status read_tensor(gan_tensor **out, gan_context *context, struct source *source)
{
    int32_t type = GAN_UINT8;
    struct shape shape = {0};
    gan_tensor *tensor = NULL;
    gan_status status = take_header(source, &type, &shape);
    if (status == GAN_OK)
        status = gan_tensor_make(&tensor, context, type, &shape);
    if (status == GAN_OK)
        status =
            take(source, tensor->data, (size_t)gan_tensor_count(tensor) * gan_type_size(type), "elements");
    if (status == GAN_OK)
        status = expect_end(source);
    if (status != GAN_OK) {
        gan_tensor_free(tensor);
        return status;
    }
    if (type != GAN_UINT8)
        swap_words(tensor);
    *out = tensor;
    return GAN_OK;
}

gan_status gan_idx_decode(gan_tensor **out, gan_context *context, const void *bytes, size_t size,
                          const char *name)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_idx_decode: out is NULL");
    *out = NULL;
    if (context == NULL || bytes == NULL || name == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_idx_decode: an argument is NULL");
    struct source source;
    gan_status status = open_source(&source, context, bytes, size);
    if (status == GAN_OK) {
        status = read_tensor(out, context, &source);
        close_source(&source);
    }
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "IDX file \"%s\": ", name);
}

gan_status gan_idx_load(gan_tensor **out, gan_context *context, const char *path)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_idx_load: out is NULL");
    *out = NULL;
    if (context == NULL || path == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_idx_load: %s is NULL", context == NULL ? "context" : "path");
    unsigned char *bytes;
    size_t size;
    gan_status status = gan_file_read(context, path, MOST_BYTES, &bytes, &size);
    if (status != GAN_OK)
        return status;
    status = gan_idx_decode(out, context, bytes, size, path);
    gan_release(context, bytes);
    return status;
}
