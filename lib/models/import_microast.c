/* The authors' files of MicroAST, their four modules side by side. */
#include "models/import.h"

#include <stdio.h>

enum { NAME_SIZE = 64 };

/* Ours in the order in which the layers are built, theirs by the place in their sequences of modules. */
static const char *const encoder_modules[] = {"enc1.0",        "enc1.2",       "enc1.4",
                                              "enc1.6",        "enc1.8",       "enc1.10.conv1",
                                              "enc1.10.conv2", "enc2.0.conv1", "enc2.0.conv2"};
static const char *const modulator_modules[] = {"weight1.0", "bias1.0", "weight2.0", "bias2.0"};
static const char *const decoder_modules[] = {"dec1.conv1", "dec1.conv2", "dec2.conv1",
                                              "dec2.conv2", "dec3.1",     "dec3.3",
                                              "dec3.6",     "dec3.8",     "dec3.10"};

enum {
    ENCODER_MODULES = sizeof encoder_modules / sizeof encoder_modules[0],
    MODULATOR_MODULES = sizeof modulator_modules / sizeof modulator_modules[0],
    DECODER_MODULES = sizeof decoder_modules / sizeof decoder_modules[0]
};

static const struct {
    const char *name;
    const char *const *modules;
    int32_t count;
} parts[] = {
    {"content_encoder", encoder_modules, ENCODER_MODULES},
    {"style_encoder", encoder_modules, ENCODER_MODULES},
    {"modulator", modulator_modules, MODULATOR_MODULES},
    {"decoder", decoder_modules, DECODER_MODULES},
};

bool gan_import_is_microast(const struct import *import)
{
    int64_t sizes[4];
    return gan_import_shape(import, "content_encoder.enc1.0.conv_layer.weight", 4, sizes);
}

gan_status gan_import_microast(struct import *import)
{
    gan_status status = gan_microast_create(&import->model, import->context, NULL);
    for (size_t part = 0; part < sizeof parts / sizeof parts[0]; part++)
        for (int32_t i = 0; status == GAN_OK && i < parts[part].count; i++) {
            char module[NAME_SIZE];
            snprintf(module, sizeof module, "%s.%s.conv_layer", parts[part].name, parts[part].modules[i]);
            status = gan_import_take_pair(import, module, ".");
        }
    return status;
}
