#include "models/reference_extractor.h"
#include "models/reference.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

const struct extractor squeezenet_extractor = {"weights/squeezenet1.1.safetensors",
                                               "golden/squeezenet1.1",
                                               {0.485f, 0.456f, 0.406f},
                                               {0.229f, 0.224f, 0.225f}};
const struct extractor vgg19_extractor = {
    "weights/wct_vgg_normalised_conv3_1.safetensors", "golden/wct_vgg19", {0, 0, 0}, {1, 1, 1}};

gan_tensor *take_picture(const struct extractor *extractor, const gan_tensors *golden, const char *name)
{
    gan_tensor *picture = reference_picture(golden, name);
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        values[i] =
            (float)((double)values[i] * (double)extractor->deviation[i % 3] + (double)extractor->mean[i % 3]);
    return picture;
}

gan_tensors *load_of_extractor(gan_context *context, const struct extractor *extractor, const char *file)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s.safetensors", extractor->folder, file);
    return reference_load(context, path);
}

int32_t output_index(const gan_model *model, const char *name)
{
    for (int32_t i = 0; i < gan_model_output_count(model); i++)
        if (strcmp(gan_model_output_name(model, i), name) == 0)
            return i;
    ck_abort_msg("no output \"%s\"", name);
    return -1;
}

void free_outputs(const gan_model *model, gan_tensor **outputs)
{
    for (int32_t i = 0; i < gan_model_output_count(model); i++)
        gan_tensor_free(outputs[i]);
}
