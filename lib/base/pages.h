/* Large pages for large memory. */
#ifndef GAN_BASE_PAGES_H
#define GAN_BASE_PAGES_H

#include <stddef.h>

/* Ask the system to back this memory with huge pages where it can: first touches are then several times as
 * fast. Without effect on systems that have none. */
void gan_advise_huge_pages(void *memory, size_t size);

#endif
