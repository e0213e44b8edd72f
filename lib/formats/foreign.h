/* Calling libraries that ask for memory as malloc gives it and do not survive a refusal: stb_image and
 * libexif. They get memory of a context, within a bound. Where there is none they are left by a long jump; as
 * they hold nothing but memory, and all of it is on a list, nothing is lost. */
#ifndef GAN_FORMATS_FOREIGN_H
#define GAN_FORMATS_FOREIGN_H

#include "base/context.h"

/* Run work(argument), inside which the calls below serve the calling thread; then release what they gave and
 * was not given back. Errors: OUT_OF_MEMORY, FORMAT (more than `most` bytes wanted, or given up). */
gan_status gan_foreign_run(gan_context *context, size_t most, void (*work)(void *argument), void *argument);

/* Inside gan_foreign_run only. Memory is zeroed and 64-byte aligned; never NULL. */
void *gan_foreign_allocate(size_t size);
void *gan_foreign_resize(void *memory, size_t size);
void gan_foreign_release(void *memory);

/* Leave the work at once, as where the library finds itself in a state it holds for impossible. */
_Noreturn void gan_foreign_give_up(void);

#endif
