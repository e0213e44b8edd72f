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

/* What the first convolution takes and gives tells the level. */
static int32_t decoder_level(const struct import *import)
{
    static const int64_t firsts[VGG19_DECODERS][4] = {{3, 64, 3, 3}, {64, 128, 3, 3}, {128, 256, 3, 3}};
    for (int32_t level = 1; level <= VGG19_DECODERS; level++)
        if (has_shape(import, "1.weight", firsts[level - 1]))
            return level;
    return 0;
}

bool gan_import_is_vgg19_decoder(const struct import *import)
{
    return decoder_level(import) > 0;
}

gan_status gan_import_vgg19_decoder(struct import *import)
{
    const int32_t level = decoder_level(import);
    if (level == 0)
        return gan_fail(GAN_ERROR_FORMAT,
                        "tensor \"1.weight\" of architecture \"%s\" is missing, or takes other than 64, 128 "
                        "or 256 channels",
                        import->architecture);
    gan_status status = gan_vgg19_decoder_create(&import->model, import->context, level);
    for (int32_t i = 0; status == GAN_OK && i < gan_vgg19_decoder_layers(level); i++) {
        char module[NAME_SIZE];
        snprintf(module, sizeof module, "%d", gan_vgg19_decoder_module(i));
        status = gan_import_take_pair(import, module, ".");
    }
    return status;
}
