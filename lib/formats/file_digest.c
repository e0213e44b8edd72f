/* Files known by what is in them. */
#include "base/sha256.h"
#include "formats/file.h"
#include "gan/image_metadata.h"

#include <stdio.h>

enum { PIECE = 1 << 16 };

static gan_status hash_all(struct file_reader *reader, struct sha256 *hash)
{
    uint8_t piece[PIECE];
    gan_status status = GAN_OK;
    while (status == GAN_OK && reader->position < reader->size) {
        const uint64_t left = reader->size - reader->position;
        const size_t count = left < PIECE ? (size_t)left : PIECE;
        status = gan_file_reader_take(reader, piece, count);
        if (status == GAN_OK)
            gan_sha256_add(hash, piece, count);
    }
    return status;
}

gan_status gan_file_digest(gan_context *context, const char *path, char digest[65])
{
    if (context == NULL || path == NULL || digest == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_file_digest: %s is NULL",
                        context == NULL ? "context"
                        : path == NULL  ? "path"
                                        : "digest");
    struct file_reader reader;
    struct sha256 hash;
    uint8_t bytes[SHA256_SIZE];
    gan_status status = gan_file_reader_open(&reader, context, path);
    if (status != GAN_OK)
        return status;
    gan_sha256_begin(&hash);
    status = hash_all(&reader, &hash);
    gan_file_reader_close(&reader);
    gan_sha256_end(&hash, bytes);
    for (int i = 0; status == GAN_OK && i < SHA256_SIZE; i++)
        snprintf(digest + 2 * i, 3, "%02x", bytes[i]);
    return status;
}
