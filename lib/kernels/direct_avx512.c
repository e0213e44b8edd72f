#include "kernels/direct.h"

#if defined(__x86_64__)
#define DIRECT_TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#define DIRECT_LANES 16
#define DIRECT_GROUPS 4
#define DIRECT_NAME gan_direct_avx512
#include "kernels/direct_body.h"
#else
void gan_direct_avx512(const struct direct_product *product)
{
    gan_direct_portable(product);
}
#endif
