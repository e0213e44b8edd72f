#include "kernels/direct.h"

#if defined(__x86_64__)
#define DIRECT_TARGET __attribute__((target("avx2,fma")))
#define DIRECT_LANES 8
#define DIRECT_GROUPS 2
#define DIRECT_NAME gan_direct_avx2
#include "kernels/direct_body.h"
#else
void gan_direct_avx2(const struct direct_product *product)
{
    gan_direct_portable(product);
}
#endif
