/* Time that passes. */
#ifndef GAN_BASE_CLOCK_H
#define GAN_BASE_CLOCK_H

/* Seconds since some moment; they never go backwards. */
double gan_seconds_now(void);

#endif
