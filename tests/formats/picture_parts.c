#include "formats/picture_parts.h"
#include "formats/folder.h"

#include <check.h>
#include <string.h>
#include <zlib.h>

gan_context *picture_context;
struct folder picture_folder;

void begin_pictures(void)
{
    ck_assert_int_eq(gan_context_create(&picture_context, NULL), GAN_OK);
    folder_open(&picture_folder);
}

void end_pictures(int files)
{
    folder_close(&picture_folder, files);
    gan_context_free(picture_context);
}

void must_succeed(gan_status status)
{
    ck_assert_msg(status == GAN_OK, "%s: %s", gan_status_name(status), gan_error_message());
}

gan_tensor *picture_of(int64_t height, int64_t width, int64_t channels)
{
    gan_tensor *picture;
    const int64_t shape[4] = {1, height, width, channels};
    must_succeed(gan_tensor_create(&picture, picture_context, GAN_FLOAT32, shape, 4));
    must_succeed(gan_tensor_fill_uniform(picture, 1, 0, 1));
    return picture;
}

size_t put_segment(unsigned char *to, int kind, const void *head, size_t head_size, const void *body,
                   size_t size)
{
    const size_t length = 2 + head_size + size;
    const unsigned char mark[4] = {0xFF, (unsigned char)kind, (unsigned char)(length >> 8),
                                   (unsigned char)length};
    memcpy(to, mark, 4);
    memcpy(to + 4, head, head_size);
    memcpy(to + 4 + head_size, body, size);
    return 4 + head_size + size;
}

static void put_number(unsigned char *to, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(number >> (24 - 8 * i));
}

size_t put_chunk(unsigned char *to, const char *type, const void *content, size_t size)
{
    put_number(to, (uint32_t)size);
    memcpy(to + 4, type, 4);
    memcpy(to + 8, content, size);
    put_number(to + 8 + size, (uint32_t)crc32(0, to + 4, (uInt)size + 4));
    return 12 + size;
}
