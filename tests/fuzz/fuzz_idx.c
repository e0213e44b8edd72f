/* Any bytes as an IDX file. */
#include "fuzz_context.h"
#include "gan/dataset.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    gan_context *context = fuzz_context();
    gan_tensor *tensor;
    if (gan_idx_decode(&tensor, context, bytes, size, "input") == GAN_OK)
        fuzz_read_all(tensor);
    gan_tensor_free(tensor);
    gan_context_free(context);
    return 0;
}
