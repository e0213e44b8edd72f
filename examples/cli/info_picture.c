#include "info.h"

#include <stdio.h>
#include <stdlib.h>

static void print_metadata(const struct info *info, const gan_image_metadata *metadata)
{
    const size_t exif = gan_image_metadata_exif_size(metadata);
    const size_t profile = gan_image_metadata_profile_size(metadata);
    if (exif > 0)
        console_say(&info->console, "  camera's notes (EXIF), %zu bytes", exif);
    if (profile > 0)
        console_say(&info->console, "  colour profile (ICC), %zu bytes", profile);
    for (int32_t i = 0; i < gan_image_metadata_count(metadata); i++) {
        const char *name = gan_image_metadata_name(metadata, i);
        console_say(&info->console, "  %s: %s", name, gan_image_metadata_get(metadata, name));
    }
}

static void write_json(const struct info *info, const gan_tensor *picture, bool alpha,
                       const gan_image_metadata *metadata)
{
    struct json json = json_event("info");
    json_text(&json, "file", info->path);
    json_text(&json, "kind", "picture");
    json_integer(&json, "width", gan_tensor_size(picture, 2));
    json_integer(&json, "height", gan_tensor_size(picture, 1));
    json_boolean(&json, "alpha", alpha);
    json_integer(&json, "depth", gan_image_metadata_depth(metadata));
    json_integer(&json, "exif_bytes", (int64_t)gan_image_metadata_exif_size(metadata));
    json_integer(&json, "profile_bytes", (int64_t)gan_image_metadata_profile_size(metadata));
    json_open(&json, "provenance", '{');
    for (int32_t i = 0; i < gan_image_metadata_count(metadata); i++) {
        const char *name = gan_image_metadata_name(metadata, i);
        json_text(&json, name, gan_image_metadata_get(metadata, name));
    }
    json_close(&json, '}');
    json_finish(&json);
}

int info_picture(const struct info *info)
{
    gan_tensor *picture = NULL, *alpha = NULL;
    gan_image_metadata *metadata = NULL;
    gan_status status = gan_image_load_with_metadata(&picture, &alpha, &metadata, info->context, info->path);
    if (status == GAN_OK) {
        console_say(&info->console, "%s: picture, %lldx%lld pixels%s%s", info->path,
                    (long long)gan_tensor_size(picture, 2), (long long)gan_tensor_size(picture, 1),
                    alpha != NULL ? ", with alpha" : "",
                    gan_image_metadata_depth(metadata) == 16 ? ", 16 bits per sample" : "");
        print_metadata(info, metadata);
        if (info->console.json)
            write_json(info, picture, alpha != NULL, metadata);
    }
    gan_image_metadata_free(metadata);
    gan_tensor_free(picture);
    gan_tensor_free(alpha);
    return status == GAN_OK ? EXIT_SUCCESS : console_fail(&info->console, "%s", gan_error_message());
}
