/* What all benchmarks share: the clock, medians, and the bare microkernel's rate as the yardstick. */
#ifndef GAN_BENCH_MEASURE_H
#define GAN_BENCH_MEASURE_H

#include "gan/gan.h"

double bench_seconds(void);

/* Sorts the values. */
double bench_median(double *values, int count);

/* Panels for bench_bare_rate, one set per thread. */
struct bench_bare;
struct bench_bare *bench_bare_create(gan_context *context);
void bench_bare_free(struct bench_bare *bare);

/* Floating-point operations per second of the microkernel alone, panels in cache, on all threads at once. */
double bench_bare_rate(struct bench_bare *bare);

/* End the program with libgan's words where a call failed. */
void bench_check(gan_status status);

/* Largest resident memory of this process so far, in megabytes. */
double bench_peak_megabytes(void);

/* Value of "--name N" on the command line, or `otherwise`. */
int bench_option(int count, char **words, const char *name, int otherwise);

#endif
