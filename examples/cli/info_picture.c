#include "info.h"

#include <stdlib.h>

int info_picture(const struct info *info)
{
    gan_tensor *picture = NULL, *alpha = NULL;
    if (gan_image_load(&picture, &alpha, info->context, info->path) != GAN_OK)
        return console_fail(&info->console, "%s", gan_error_message());
    const int64_t height = gan_tensor_size(picture, 1), width = gan_tensor_size(picture, 2);
    console_say(&info->console, "%s: picture, %lldx%lld pixels%s", info->path, (long long)width,
                (long long)height, alpha != NULL ? ", with alpha" : "");
    if (info->console.json) {
        struct json json = json_event("info");
        json_text(&json, "file", info->path);
        json_text(&json, "kind", "picture");
        json_integer(&json, "width", width);
        json_integer(&json, "height", height);
        json_boolean(&json, "alpha", alpha != NULL);
        json_finish(&json);
    }
    gan_tensor_free(picture);
    gan_tensor_free(alpha);
    return EXIT_SUCCESS;
}
