/* Compiling with a choice of arithmetic. */
#ifndef GAN_MODELS_COMPILED_H
#define GAN_MODELS_COMPILED_H

#include "gan/articles.h"

/* gan_compile at GAN_PRECISION_*. */
gan_status gan_compile_at(gan_compiled **out, gan_model *model, const char *loss, gan_optimizer *optimizer,
                          gan_model *const *models, int32_t model_count, int32_t precision);

#endif
