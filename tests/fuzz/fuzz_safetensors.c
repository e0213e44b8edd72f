/* Any bytes as a safetensors file. */
#include "fuzz_context.h"
#include "gan/tensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    gan_context *context = fuzz_context();
    gan_tensors *tensors;
    if (gan_tensors_decode(&tensors, context, bytes, size, "input") == GAN_OK)
        for (int32_t i = 0; i < gan_tensors_count(tensors); i++)
            fuzz_read_all(gan_tensors_at(tensors, i));
    gan_tensors_free(tensors);
    gan_context_free(context);
    return 0;
}
