/* Published feature extractors. */
#include "models/import.h"
#include "models/vgg19.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 64, SQUEEZENET_CONVOLUTIONS = 26 };

static bool has_shape(const struct import *import, const char *name, const int64_t expected[4])
{
    int64_t sizes[4];
    return gan_import_shape(import, name, 4, sizes) && memcmp(sizes, expected, sizeof sizes) == 0;
}

bool gan_import_is_squeezenet(const struct import *import)
{
    return has_shape(import, "squeezenet0_conv0_weight", (const int64_t[4]){64, 3, 3, 3});
}

/* The names of MXNet, whose convolutions are numbered as they are built. */
gan_status gan_import_squeezenet(struct import *import)
{
    gan_status status = gan_squeezenet_create(&import->model, import->context);
    for (int32_t i = 0; status == GAN_OK && i < SQUEEZENET_CONVOLUTIONS; i++) {
        char module[NAME_SIZE];
        snprintf(module, sizeof module, "squeezenet0_conv%d", i);
        status = gan_import_take_pair(import, module, "_");
    }
    return status;
}

bool gan_import_is_vgg19(const struct import *import)
{
    return has_shape(import, "0.weight", (const int64_t[4]){3, 3, 1, 1}) &&
           has_shape(import, "2.weight", (const int64_t[4]){64, 3, 3, 3});
}

/* Positions of the convolutions in the sequence of modules; paddings, ReLUs and pools lie between. A file may
 * end at any convolution. */
gan_status gan_import_vgg19(struct import *import)
{
    static const char *const modules[VGG19_LAYERS] = {"0", "2", "5", "9", "12", "16"};
    int32_t count = 2;
    for (int32_t i = count; i < VGG19_LAYERS; i++) {
        char name[NAME_SIZE];
        int64_t sizes[4];
        snprintf(name, sizeof name, "%s.weight", modules[i]);
        if (gan_import_shape(import, name, 4, sizes))
            count = i + 1;
    }
    gan_status status = gan_vgg19_build(&import->model, import->context, count);
    for (int32_t i = 0; status == GAN_OK && i < count; i++)
        status = gan_import_take_pair(import, modules[i], ".");
    return status;
}
