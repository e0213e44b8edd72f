#include "saving.h"
#include "console.h"
#include "watermark_text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

struct option_group saving_options(struct saving *saving)
{
    const struct option options[SAVING_OPTIONS] = {
        {"quality", 0, OPTION_INTEGER, "1..100", "of a JPEG (default 92)", &saving->quality, 1, 100},
        {"depth", 0, OPTION_INTEGER, "8|16", "bits per sample of a PNG (default 8)", &saving->depth, 8, 16},
        {"no-metadata", 0, OPTION_FLAG, NULL, "write pixels alone: nothing of the camera, nothing of libgan",
         &saving->bare, 0, 0},
        {"watermark", 0, OPTION_TEXT, "TEXT", WATERMARK_HELP, &saving->watermark, 0, 0},
    };
    memcpy(saving->options, options, sizeof options);
    return (struct option_group){saving->options, SAVING_OPTIONS};
}

bool saving_read(const struct saving *saving)
{
    uint8_t bytes[GAN_WATERMARK_BYTES];
    if (saving->depth != 0 && saving->depth != 8 && saving->depth != 16) {
        complain("--depth %lld: expected 8 or 16", (long long)saving->depth);
        return false;
    }
    return saving->watermark == NULL || watermark_read(saving->watermark, bytes);
}

bool saving_fits(const struct saving *saving, const char *path)
{
    const char *ending = strrchr(path, '.');
    if (saving->depth != 16 || (ending != NULL && strcasecmp(ending, ".png") == 0))
        return true;
    complain("%s: of the formats that are written PNG alone holds 16 bits (--depth 16)", path);
    return false;
}

gan_status saving_digest(const struct saving *saving, gan_context *context, const char *path,
                         char digest[DIGEST_SIZE])
{
    struct stat about;
    digest[0] = '\0';
    if (saving->bare || stat(path, &about) != 0 || !S_ISREG(about.st_mode))
        return GAN_OK;
    return gan_file_digest(context, path, digest);
}

/* Names that say where a result comes from. */
enum { OWN = 5 };
static const char *const own[OWN] = {GAN_METADATA_CREATOR_TOOL, GAN_METADATA_SOURCE_TYPE, "method",
                                     "generator-sha256", "style-sha256"};

static gan_status describe(gan_image_metadata *metadata, const struct provenance *provenance)
{
    char tool[64];
    snprintf(tool, sizeof tool, "libgan %s", gan_version());
    const char *const values[OWN] = {tool,
                                     provenance->generated ? GAN_SOURCE_GENERATED : GAN_SOURCE_COMPOSITE,
                                     provenance->method, provenance->generator, provenance->style};
    gan_status status = GAN_OK;
    for (int i = 0; status == GAN_OK && i < OWN; i++) {
        const bool told = values[i] != NULL && values[i][0] != '\0';
        status = gan_image_metadata_set(metadata, own[i], told ? values[i] : NULL);
    }
    return status;
}

static bool is_own(const char *name)
{
    bool found = false;
    for (int i = 0; i < OWN; i++)
        found = found || strcmp(own[i], name) == 0;
    return found;
}

/* Take away the last thing that the photograph said. false: nothing is left of it. */
static bool drop_one(gan_image_metadata *metadata)
{
    for (int32_t i = gan_image_metadata_count(metadata) - 1; i >= 0; i--)
        if (!is_own(gan_image_metadata_name(metadata, i)))
            return gan_image_metadata_set(metadata, gan_image_metadata_name(metadata, i), NULL) == GAN_OK;
    return false;
}

/* A photograph may say as much as a file holds; where there is no room for both, the result's own is said. */
gan_status saving_metadata(const struct saving *saving, gan_image_metadata *metadata,
                           const struct provenance *provenance, const gan_image_metadata **said)
{
    *said = saving->bare ? NULL : metadata;
    gan_status status = GAN_OK;
    if (!saving->bare)
        do
            status = describe(metadata, provenance);
        while (status == GAN_ERROR_ARGUMENT && drop_one(metadata));
    return status;
}

static gan_status mark(const struct saving *saving, gan_context *context, const gan_tensor *result,
                       gan_tensor **marked)
{
    uint8_t bytes[GAN_WATERMARK_BYTES];
    const int64_t shape[4] = {1, gan_tensor_size(result, 1), gan_tensor_size(result, 2), 3};
    if (!watermark_read(saving->watermark, bytes))
        return GAN_ERROR_ARGUMENT;
    gan_status status = gan_tensor_create(marked, context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        status = gan_tensor_copy(*marked, result);
    return status == GAN_OK ? gan_watermark_embed(*marked, bytes, 0) : status;
}

gan_status saving_write(const struct saving *saving, gan_context *context, const struct photo *photo,
                        const gan_tensor *result, const char *path, const struct provenance *provenance)
{
    gan_image_metadata *empty = NULL;
    const gan_image_metadata *said = NULL;
    gan_tensor *marked = NULL;
    gan_status status = GAN_OK;
    if (saving->watermark != NULL)
        status = mark(saving, context, result, &marked);
    if (status == GAN_OK && photo == NULL)
        status = gan_image_metadata_create(&empty, context);
    if (status == GAN_OK)
        status = saving_metadata(saving, photo != NULL ? photo->metadata : empty, provenance, &said);
    const gan_image_save_options options = {.struct_size = sizeof options,
                                            .quality = (int32_t)saving->quality,
                                            .depth = (int32_t)saving->depth,
                                            .metadata = said};
    if (status == GAN_OK)
        status = gan_image_save_with_options(marked != NULL ? marked : result,
                                             photo != NULL ? photo->alpha : NULL, path, &options);
    gan_image_metadata_free(empty);
    gan_tensor_free(marked);
    return status;
}
