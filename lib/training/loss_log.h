/* Inside of logs of losses: what going back needs of them. */
#ifndef GAN_TRAINING_LOSS_LOG_H
#define GAN_TRAINING_LOSS_LOG_H

#include "gan/loss_log.h"

int64_t gan_loss_log_count(const gan_loss_log *log);
/* Forget all but the first rows. */
void gan_loss_log_shorten(gan_loss_log *log, int64_t rows);
/* The losses of the last row, borrowed until the next change; NULL where there is none. */
const float *gan_loss_log_last(const gan_loss_log *log);
/* The first rows of the state that gan_loss_log_store keeps. */
gan_status gan_loss_log_store_first(const gan_loss_log *log, int64_t rows, gan_tensors *state,
                                    const char *prefix);

#endif
