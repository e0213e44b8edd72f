#include "kernels/activation.h"
#include "kernels/elementary.h"

#if defined(__GNUC__)
#define ALWAYS_INLINE __attribute__((always_inline)) inline
#else
#define ALWAYS_INLINE inline
#endif

/* Elements do not depend on each other: input and output are the same array or apart. */
#if defined(__clang__)
#define EACH_ALONE _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define EACH_ALONE _Pragma("GCC ivdep")
#else
#define EACH_ALONE
#endif

typedef void (*forward_loop)(struct activation, const float *, float *, int64_t);
typedef void (*backward_loop)(struct activation, const float *, const float *, float *, int64_t);

static ALWAYS_INLINE float elu(float x, float alpha)
{
    const float below = alpha * elementary_expm1(elementary_choose(x > 0.0f, 0.0f, x));
    return elementary_choose(x > 0.0f, x, below);
}

static ALWAYS_INLINE float gelu(float x)
{
    return x * elementary_normal(x, elementary_gaussian(x));
}

static ALWAYS_INLINE float gelu_slope(float x)
{
    const float gaussian = elementary_gaussian(x);
    return elementary_normal(x, gaussian) + x * (gaussian * 0.398942280f);
}

static ALWAYS_INLINE float silu_slope(float x)
{
    const float s = elementary_sigmoid(x);
    return s * (1.0f + x * elementary_sigmoid(-x));
}

static ALWAYS_INLINE float softplus(float x)
{
    const float above = elementary_choose(x < 0.0f, 0.0f, x);
    return above + elementary_log1p(elementary_exp(-elementary_magnitude(x)));
}

static ALWAYS_INLINE void forward_all(struct activation activation, const float *x, float *y, int64_t count)
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
static ALWAYS_INLINE void backward_all(struct activation activation, const float *from, const float *dy,
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

static void forward_baseline(struct activation activation, const float *x, float *y, int64_t count)
{
    forward_all(activation, x, y, count);
}

static void backward_baseline(struct activation activation, const float *from, const float *dy, float *dx,
                              int64_t count)
{
    backward_all(activation, from, dy, dx, count);
}

#if defined(__GNUC__) && defined(__x86_64__)
#if defined(__clang__)
#define AVX512 "avx512f,avx512vl,avx512bw,avx512dq"
#else
#define AVX512 "avx512f,avx512vl,avx512bw,avx512dq,prefer-vector-width=512"
#endif

/* The same loops again, compiled for wider registers. */
__attribute__((target("avx2"))) static void forward_avx2(struct activation activation, const float *x,
                                                         float *y, int64_t count)
{
    forward_all(activation, x, y, count);
}

__attribute__((target("avx2"))) static void backward_avx2(struct activation activation, const float *from,
                                                          const float *dy, float *dx, int64_t count)
{
    backward_all(activation, from, dy, dx, count);
}

__attribute__((target(AVX512))) static void forward_avx512(struct activation activation, const float *x,
                                                           float *y, int64_t count)
{
    forward_all(activation, x, y, count);
}

__attribute__((target(AVX512))) static void backward_avx512(struct activation activation, const float *from,
                                                            const float *dy, float *dx, int64_t count)
{
    backward_all(activation, from, dy, dx, count);
}

static int has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
}

static forward_loop choose_forward(void)
{
    if (has_avx512())
        return forward_avx512;
    return __builtin_cpu_supports("avx2") ? forward_avx2 : forward_baseline;
}

static backward_loop choose_backward(void)
{
    if (has_avx512())
        return backward_avx512;
    return __builtin_cpu_supports("avx2") ? backward_avx2 : backward_baseline;
}
#else
static forward_loop choose_forward(void)
{
    return forward_baseline;
}

static backward_loop choose_backward(void)
{
    return backward_baseline;
}
#endif

int gan_activation_needs_input(struct activation activation)
{
    return activation.function == ACTIVATION_GELU || activation.function == ACTIVATION_SILU ||
           activation.function == ACTIVATION_SOFTPLUS;
}

void gan_activation_forward(struct activation activation, const float *x, float *y, int64_t count)
{
    choose_forward()(activation, x, y, count);
}

void gan_activation_backward(struct activation activation, const float *x, const float *y, const float *dy,
                             float *dx, int64_t count)
{
    const float *from = gan_activation_needs_input(activation) ? x : y;
    choose_backward()(activation, from, dy, dx, count);
}
