#include "base/pages.h"

#include <stdint.h>
#include <sys/mman.h>

void gan_advise_huge_pages(void *memory, size_t size)
{
#if defined(MADV_HUGEPAGE)
    const uintptr_t page = (uintptr_t)1 << 21;
    const uintptr_t start = ((uintptr_t)memory + page - 1) / page * page;
    const uintptr_t end = ((uintptr_t)memory + size) / page * page;
    if (end > start)
        (void)madvise((void *)start, end - start, MADV_HUGEPAGE); /* advice: no harm where it is refused */
#else
    (void)memory;
    (void)size;
#endif
}
