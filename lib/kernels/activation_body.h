/* The pointwise functions for one instruction set, which ACTIVATION_TARGET names. No sum is contracted, so
 * that every set gives the same bits. */
#include "kernels/activation.h"
#include "kernels/elementary.h"

#define ACTIVATION_INLINE static inline __attribute__((always_inline)) ACTIVATION_TARGET

/* Elements do not depend on each other: input and output are the same array or apart. */
#if defined(__clang__)
#define EACH_ALONE _Pragma("clang loop vectorize(assume_safety)")
#else
#define EACH_ALONE _Pragma("GCC ivdep")
#endif

ACTIVATION_INLINE float elu(float x, float alpha)
{
    const float below = alpha * elementary_expm1(elementary_choose(x > 0.0f, 0.0f, x));
    return elementary_choose(x > 0.0f, x, below);
}

ACTIVATION_INLINE float gelu(float x)
{
    return x * elementary_normal(x, elementary_gaussian(x));
}

ACTIVATION_INLINE float gelu_slope(float x)
{
    const float gaussian = elementary_gaussian(x);
    return elementary_normal(x, gaussian) + x * (gaussian * 0.398942280f);
}

ACTIVATION_INLINE float silu_slope(float x)
{
    const float s = elementary_sigmoid(x);
    return s * (1.0f + x * elementary_sigmoid(-x));
}

ACTIVATION_INLINE float softplus(float x)
{
    const float above = elementary_choose(x < 0.0f, 0.0f, x);
    return above + elementary_log1p(elementary_exp(-elementary_magnitude(x)));
}

ACTIVATION_TARGET static void forward(struct activation activation, const float *x, float *y, int64_t count)
{
    const float slope = activation.slope;
    switch (activation.function) {
    case ACTIVATION_RELU:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            y[i] = x[i] < 0.0f ? 0.0f : x[i];
        break;
    case ACTIVATION_LEAKY_RELU:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            y[i] = x[i] * elementary_choose(x[i] < 0.0f, slope, 1.0f);
        break;
    case ACTIVATION_ELU:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            y[i] = elu(x[i], slope);
        break;
    case ACTIVATION_GELU:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            y[i] = gelu(x[i]);
        break;
    case ACTIVATION_SILU:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            y[i] = x[i] * elementary_sigmoid(x[i]);
        break;
    case ACTIVATION_SOFTPLUS:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            y[i] = softplus(x[i]);
        break;
    case ACTIVATION_TANH:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            y[i] = elementary_tanh(x[i]);
        break;
    case ACTIVATION_SIGMOID:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            y[i] = elementary_sigmoid(x[i]);
        break;
    default:
        if (y != x)
            memcpy(y, x, (size_t)count * sizeof *y);
    }
}

/* `from` is x or y, as gan_activation_needs_input says. */
ACTIVATION_TARGET static void backward(struct activation activation, const float *from, const float *dy,
                                       float *dx, int64_t count)
{
    const float slope = activation.slope;
    switch (activation.function) {
    case ACTIVATION_RELU:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            dx[i] = elementary_choose(from[i] > 0.0f, dy[i], 0.0f);
        break;
    case ACTIVATION_LEAKY_RELU:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            dx[i] = dy[i] * elementary_choose(from[i] > 0.0f, 1.0f, slope);
        break;
    case ACTIVATION_ELU: /* below zero alpha exp(x) = y + alpha */
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            dx[i] = dy[i] * elementary_choose(from[i] > 0.0f, 1.0f, from[i] + slope);
        break;
    case ACTIVATION_GELU:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            dx[i] = dy[i] * gelu_slope(from[i]);
        break;
    case ACTIVATION_SILU:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            dx[i] = dy[i] * silu_slope(from[i]);
        break;
    case ACTIVATION_SOFTPLUS:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            dx[i] = dy[i] * elementary_sigmoid(from[i]);
        break;
    case ACTIVATION_TANH:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            dx[i] = dy[i] * (1.0f - from[i] * from[i]);
        break;
    case ACTIVATION_SIGMOID:
        EACH_ALONE
        for (int64_t i = 0; i < count; i++)
            dx[i] = dy[i] * (from[i] * (1.0f - from[i]));
        break;
    default:
        if (dx != dy)
            memcpy(dx, dy, (size_t)count * sizeof *dx);
    }
}
