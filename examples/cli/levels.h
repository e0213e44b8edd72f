/* Encoders and decoders between which features are transformed. */
#ifndef CLI_LEVELS_H
#define CLI_LEVELS_H

#include "arguments.h"
#include "console.h"

#include "gan/gan.h"

/* One encoder and one decoder a level, the deepest first, from models or published weights; GAN_TRANSFORM_*.
 * Returns an exit code. */
int levels_open(gan_feature_transfer **out, gan_model **deepest, gan_context *context,
                const struct console *console, const struct texts *encoders, const struct texts *decoders,
                int32_t transform);

#endif
