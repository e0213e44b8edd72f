/* The processors that this process may use. */
#ifndef GAN_BASE_PROCESSORS_H
#define GAN_BASE_PROCESSORS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* 1 to 1024. */
int32_t gan_processor_count(void);

/* Keep a thread on processor `number` of those, counted round where there are fewer. False: the system
 * refuses. */
bool gan_processor_pin(pthread_t thread, int32_t number);

#endif
