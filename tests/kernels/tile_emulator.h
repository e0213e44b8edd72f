/* Tests of tile code on machines without tile registers: the instructions trap there, and are carried out
 * here, as "Intel 64 and IA-32 Architectures Software Developer's Manual" volume 2 defines them. */
#ifndef TILE_EMULATOR_H
#define TILE_EMULATOR_H

#include "base/context.h"
#include <stdbool.h>

/* Let a context compute with tiles: the processor's, or emulated ones. False where its kernel set goes
 * without. */
bool tile_emulator_serve(gan_context *context);

/* Whether this thread's tile registers are given back; always, where the processor has them. */
bool tile_emulator_is_released(void);

#endif
