/* Any bytes as a picture file. */
#include "fuzz_context.h"
#include "gan/image.h"
#include "gan/image_metadata.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    gan_context *context = fuzz_context();
    gan_tensor *picture, *alpha;
    if (gan_image_decode(&picture, &alpha, context, bytes, size, "input") == GAN_OK)
        fuzz_read_all(picture);
    fuzz_read_all(alpha);
    gan_image_metadata *metadata;
    if (gan_image_metadata_decode(&metadata, context, bytes, size) == GAN_OK)
        gan_image_metadata_free(metadata);
    gan_tensor_free(picture);
    gan_tensor_free(alpha);
    gan_context_free(context);
    return 0;
}
