/* The loops over slabs for one instruction set, which SLABS_TARGET names. No sum is contracted. */
#include "kernels/elementary.h"
#include "kernels/slabs.h"

#include <math.h>

/* Elements between two prefetches: a line of 64 bytes; and how far ahead these look. Beyond the end of a slab
 * nothing is read: a prefetch of no one's memory is ignored. */
enum { LINE = 16, AHEAD = 256, SUMS = 16 };

#define SLABS_INLINE static inline __attribute__((always_inline)) SLABS_TARGET

#if defined(__clang__)
#define EACH_ALONE _Pragma("clang loop vectorize(assume_safety)")
#else
#define EACH_ALONE _Pragma("GCC ivdep")
#endif

SLABS_INLINE float clamped(float x, float bound)
{
    const float above = elementary_choose(x < -bound, -bound, x);
    return elementary_choose(above > bound, bound, above);
}

/* Beyond the last bound a square, or a sum of them, would leave float32's range: the parameter would never
 * move again. */
SLABS_INLINE void adam_element(const struct adam_step *step, const struct adam_slabs *slabs, int64_t i)
{
    const float value = slabs->values[i];
    const float scaled = clamped(slabs->gradients[i] * step->gradient_factor, step->bound);
    const float g = clamped(scaled + step->weight_decay * value, 1e18f);
    const float mean = step->beta1 * slabs->means[i] + step->rest1 * g;
    const float square = step->beta2 * slabs->squares[i] + step->rest2 * g * g;
    slabs->means[i] = mean;
    slabs->squares[i] = square;
    slabs->values[i] = value - step->rate * mean / (sqrtf(square) * step->root_correction + step->epsilon);
}

SLABS_TARGET static void adam(const struct adam_step *given, const struct adam_slabs *slabs_given)
{
    const struct adam_step step = *given;
    const struct adam_slabs slabs = *slabs_given;
    int64_t i = 0;
    for (; i + LINE <= slabs.count; i += LINE) {
        __builtin_prefetch(slabs.gradients + i + AHEAD);
        __builtin_prefetch(slabs.values + i + AHEAD, 1);
        __builtin_prefetch(slabs.means + i + AHEAD, 1);
        __builtin_prefetch(slabs.squares + i + AHEAD, 1);
        EACH_ALONE
        for (int64_t k = i; k < i + LINE; k++)
            adam_element(&step, &slabs, k);
    }
    for (; i < slabs.count; i++)
        adam_element(&step, &slabs, i);
}

SLABS_TARGET static double squares(const float *values, int64_t count)
{
    double sums[SUMS] = {0};
    int64_t i = 0;
    for (; i + SUMS <= count; i += SUMS) {
        __builtin_prefetch(values + i + 2 * AHEAD);
        for (int k = 0; k < SUMS; k++)
            sums[k] += (double)values[i + k] * values[i + k];
    }
    double total = 0;
    for (; i < count; i++)
        total += (double)values[i] * values[i];
    for (int k = 0; k < SUMS; k++)
        total += sums[k];
    return total;
}
