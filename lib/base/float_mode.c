#include "base/float_mode.h"

#if defined(__SSE__)
#include <immintrin.h>

enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x0040 };

/* How often this thread has entered, and the mode that it had before. */
static _Thread_local int depth;
static _Thread_local uint32_t hosts_mode;

static void change(uint32_t from, uint32_t to)
{
    if (from != to)
        _mm_setcsr(to);
}

uint32_t gan_float_mode_enter(void)
{
    const uint32_t former = _mm_getcsr();
    if (depth++ == 0)
        hosts_mode = former;
    change(former, former | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
    return former;
}

void gan_float_mode_leave(uint32_t former)
{
    depth--;
    change(_mm_getcsr(), former);
}

uint32_t gan_float_mode_suspend(void)
{
    const uint32_t mode = _mm_getcsr();
    change(mode, hosts_mode);
    return mode;
}

void gan_float_mode_resume(uint32_t mode)
{
    change(_mm_getcsr(), mode);
}
#else
uint32_t gan_float_mode_enter(void)
{
    return 0;
}

void gan_float_mode_leave(uint32_t former)
{
    (void)former;
}

uint32_t gan_float_mode_suspend(void)
{
    return 0;
}

void gan_float_mode_resume(uint32_t mode)
{
    (void)mode;
}
#endif
