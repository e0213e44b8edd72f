/* Denormal numbers: slow, and of no use here. */
#ifndef GAN_BASE_FLOAT_MODE_H
#define GAN_BASE_FLOAT_MODE_H

#include <stdint.h>

/* Flush denormals to zero on this thread; returns the former mode for gan_float_mode_leave. May be nested. */
uint32_t gan_float_mode_enter(void);
void gan_float_mode_leave(uint32_t former);

/* Inside the two, while the host's code runs on this thread: its own mode, which threads that it makes now
 * inherit. Returns the mode for gan_float_mode_resume. */
uint32_t gan_float_mode_suspend(void);
void gan_float_mode_resume(uint32_t mode);

#endif
