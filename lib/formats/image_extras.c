#include "formats/image_extras.h"
#include "formats/image_metadata.h"

#include <string.h>

/* ---- JPEG ---- */

enum {
    MOST_IN_SEGMENT = 65533,
    APPLICATION_1 = 0xE1,
    APPLICATION_2 = 0xE2,
    PROFILE_HEAD = 14, /* "ICC_PROFILE", NUL, number, count */
    MOST_OF_PROFILE = MOST_IN_SEGMENT - PROFILE_HEAD,
    MOST_PIECES = 255
};

static gan_status write_segment(struct file_writer *file, int kind, const void *name, size_t name_size,
                                const void *content, size_t size)
{
    const size_t length = 2 + name_size + size;
    const uint8_t head[4] = {0xFF, (uint8_t)kind, (uint8_t)(length >> 8), (uint8_t)length};
    gan_status status = gan_file_write(file, head, sizeof head);
    if (status == GAN_OK)
        status = gan_file_write(file, name, name_size);
    return status == GAN_OK ? gan_file_write(file, content, size) : status;
}

static gan_status write_profile(struct file_writer *file, const uint8_t *profile, size_t size)
{
    const size_t count = (size + MOST_OF_PROFILE - 1) / MOST_OF_PROFILE;
    gan_status status = GAN_OK;
    for (size_t i = 0; status == GAN_OK && i < count && count <= MOST_PIECES; i++) {
        uint8_t head[PROFILE_HEAD] = "ICC_PROFILE";
        head[12] = (uint8_t)(i + 1);
        head[13] = (uint8_t)count;
        const size_t start = i * MOST_OF_PROFILE, left = size - start;
        status = write_segment(file, APPLICATION_2, head, sizeof head, profile + start,
                               left < MOST_OF_PROFILE ? left : MOST_OF_PROFILE);
    }
    return status;
}

gan_status gan_jpeg_write_extras(struct file_writer *file, const struct image_extras *extras)
{
    static const char exif_name[] = "Exif\0", xmp_name[] = "http://ns.adobe.com/xap/1.0/";
    gan_status status = GAN_OK;
    if (extras->exif != NULL && extras->exif_size <= MOST_IN_SEGMENT - sizeof exif_name)
        status =
            write_segment(file, APPLICATION_1, exif_name, sizeof exif_name, extras->exif, extras->exif_size);
    _Static_assert(MOST_XMP <= MOST_IN_SEGMENT - sizeof xmp_name, "every packet fits into a segment");
    if (status == GAN_OK && extras->xmp != NULL)
        status = write_segment(file, APPLICATION_1, xmp_name, sizeof xmp_name, extras->xmp, extras->xmp_size);
    if (status == GAN_OK && extras->profile != NULL)
        status = write_profile(file, extras->profile, extras->profile_size);
    return status;
}

/* ---- PNG ---- */

/* A chunk out of a head and a body, which is compressed where `deflated`. */
static gan_status write_chunk(struct png_writer *writer, const char *type, const void *head, size_t head_size,
                              const void *body, size_t size, bool deflated)
{
    gan_context *context = writer->context;
    uLongf room = deflated ? compressBound((uLong)size) : (uLong)size;
    uint8_t *chunk = gan_allocate(context, head_size + room);
    if (chunk == NULL)
        return gan_fail_memory("a chunk of a PNG", head_size + room);
    memcpy(chunk, head, head_size);
    gan_status status = GAN_OK;
    if (!deflated)
        memcpy(chunk + head_size, body, size);
    else if (compress(chunk + head_size, &room, body, (uLong)size) != Z_OK)
        status = gan_fail_memory("compressing a colour profile", size);
    if (status == GAN_OK)
        status = gan_png_writer_chunk(writer, type, chunk, head_size + room);
    gan_release(context, chunk);
    return status;
}

gan_status gan_png_write_extras(struct png_writer *writer, const struct image_extras *extras)
{
    /* Name, NUL, then the methods: compression of the profile; none, language and translation of the text. */
    static const char profile_head[] = "profile\0";
    static const char xmp_head[] = "XML:com.adobe.xmp\0\0\0\0";
    gan_status status = GAN_OK;
    if (extras->profile != NULL)
        status = write_chunk(writer, "iCCP", profile_head, sizeof profile_head, extras->profile,
                             extras->profile_size, true);
    if (status == GAN_OK && extras->exif != NULL)
        status = gan_png_writer_chunk(writer, "eXIf", extras->exif, extras->exif_size);
    if (status == GAN_OK && extras->xmp != NULL)
        status = write_chunk(writer, "iTXt", xmp_head, sizeof xmp_head, extras->xmp, extras->xmp_size, false);
    return status;
}
