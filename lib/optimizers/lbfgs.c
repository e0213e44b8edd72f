#include "optimizers/lbfgs.h"

#include <math.h>
#include <string.h>

enum { LANES = 16, MOST_TRIALS = 20 };

/* A step is taken where it lowers the value by this share of what the slope promises (Armijo). */
static const double sufficient = 1e-4;

struct lbfgs {
    gan_context *context;
    const struct lbfgs_function *function;
    size_t count;
    int32_t history, remembered, newest;
    float *x, *gradient, *next, *next_gradient, *direction;
    float *steps, *changes;    /* [history][count]: of x, and of the gradient */
    double *curvature, *share; /* [history]: 1 / (step . change), and the first loop's */
    double value;
};

/* In a fixed order, and in lanes that a compiler can keep in vectors. */
static double dot(const float *a, const float *b, size_t count)
{
    double sums[LANES] = {0}, total = 0;
    const size_t whole = count - count % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            sums[k] += (double)a[i + k] * (double)b[i + k];
    for (size_t i = whole; i < count; i++)
        total += (double)a[i] * (double)b[i];
    for (size_t k = 0; k < LANES; k++)
        total += sums[k];
    return total;
}

static void add_scaled(float *to, double scale, const float *from, size_t count)
{
    const float factor = (float)scale;
    for (size_t i = 0; i < count; i++)
        to[i] += factor * from[i];
}

static void scale(float *values, double by, size_t count)
{
    const float factor = (float)by;
    for (size_t i = 0; i < count; i++)
        values[i] *= factor;
}

/* The memory's slot of the step that is `age` steps old. */
static int32_t slot_of(const struct lbfgs *state, int32_t age)
{
    return (state->newest - age + state->history) % state->history;
}

static float *row(const struct lbfgs *state, float *rows, int32_t slot)
{
    return rows + (size_t)slot * state->count;
}

/* The two-loop recursion: direction = -H gradient. */
static void choose_direction(struct lbfgs *state)
{
    float *direction = state->direction;
    const size_t count = state->count;
    for (size_t i = 0; i < count; i++)
        direction[i] = -state->gradient[i];
    for (int32_t age = 0; age < state->remembered; age++) {
        const int32_t slot = slot_of(state, age);
        state->share[slot] = state->curvature[slot] * dot(row(state, state->steps, slot), direction, count);
        add_scaled(direction, -state->share[slot], row(state, state->changes, slot), count);
    }
    if (state->remembered > 0) {
        const float *change = row(state, state->changes, state->newest);
        scale(direction, 1 / (state->curvature[state->newest] * dot(change, change, count)), count);
    }
    for (int32_t age = state->remembered - 1; age >= 0; age--) {
        const int32_t slot = slot_of(state, age);
        const double share = state->curvature[slot] * dot(row(state, state->changes, slot), direction, count);
        add_scaled(direction, state->share[slot] - share, row(state, state->steps, slot), count);
    }
}

/* Without curvature nothing is known of the scale: all numbers together move by at most 1. */
static double first_length(const struct lbfgs *state)
{
    double sum = 0;
    if (state->remembered > 0)
        return 1;
    for (size_t i = 0; i < state->count; i++)
        sum += fabs((double)state->gradient[i]);
    return sum > 1 ? 1 / sum : 1;
}

/* A shorter length: where the parabola through both values has its lowest point, within bounds. */
static double shorten(double length, double slope, double rise)
{
    const double lowest = -slope * length * length / (2 * (rise - slope * length));
    return isfinite(lowest) ? fmin(fmax(lowest, 0.1 * length), 0.5 * length) : 0.1 * length;
}

/* Moves `next` along the direction to where the value is lower; *length 0 where there is no such place. */
static gan_status search(struct lbfgs *state, double slope, double *length, double *value)
{
    *length = first_length(state);
    for (int trial = 0; trial < MOST_TRIALS; trial++) {
        memcpy(state->next, state->x, state->count * sizeof *state->next);
        add_scaled(state->next, *length, state->direction, state->count);
        const gan_status status =
            state->function->evaluate(state->function->argument, state->next, state->next_gradient, value);
        if (status != GAN_OK && status != GAN_ERROR_NOT_FINITE)
            return status;
        if (status == GAN_OK && *value <= state->value + sufficient * *length * slope)
            return GAN_OK;
        *length = shorten(*length, slope, status == GAN_OK ? *value - state->value : INFINITY);
    }
    *length = 0;
    return GAN_OK;
}

/* Only steps along which the gradient grew say something about a minimum. */
static void remember(struct lbfgs *state)
{
    const int32_t slot = state->remembered == 0 ? 0 : (state->newest + 1) % state->history;
    float *step = row(state, state->steps, slot), *change = row(state, state->changes, slot);
    for (size_t i = 0; i < state->count; i++) {
        step[i] = state->next[i] - state->x[i];
        change[i] = state->next_gradient[i] - state->gradient[i];
    }
    const double product = dot(step, change, state->count);
    if (state->remembered == state->history)
        state->remembered--; /* the oldest was in this slot */
    if (!(product > 1e-10 * dot(change, change, state->count)))
        return;
    state->curvature[slot] = 1 / product;
    state->newest = slot;
    state->remembered++;
}

static void swap(float **a, float **b)
{
    float *kept = *a;
    *a = *b;
    *b = kept;
}

/* One step; *moved is false where the value cannot be lowered. Curvature that misleads is forgotten. */
static gan_status advance(struct lbfgs *state, bool *moved)
{
    double length = 0, value;
    for (*moved = false; length == 0;) {
        choose_direction(state);
        const double slope = dot(state->gradient, state->direction, state->count);
        const gan_status status = slope < 0 ? search(state, slope, &length, &value) : GAN_OK;
        if (status != GAN_OK)
            return status;
        if (length == 0 && state->remembered == 0)
            return GAN_OK;
        if (length == 0)
            state->remembered = 0;
    }
    *moved = true;
    remember(state);
    swap(&state->x, &state->next);
    swap(&state->gradient, &state->next_gradient);
    state->value = value;
    return GAN_OK;
}

static gan_status minimise(struct lbfgs *state, int32_t steps)
{
    const struct lbfgs_function *function = state->function;
    gan_status status = function->evaluate(function->argument, state->x, state->gradient, &state->value);
    bool moved = true;
    for (int32_t step = 0; status == GAN_OK && moved && step < steps; step++) {
        status = advance(state, &moved);
        if (status == GAN_OK && moved && function->report != NULL &&
            !function->report(function->argument, step, state->value))
            moved = false;
    }
    return status;
}

static void release(struct lbfgs *state)
{
    gan_release(state->context, state->x);
    gan_release(state->context, state->next);
    gan_release(state->context, state->gradient);
    gan_release(state->context, state->next_gradient);
    gan_release(state->context, state->direction);
    gan_release(state->context, state->steps);
    gan_release(state->context, state->changes);
    gan_release(state->context, state->curvature);
    gan_release(state->context, state->share);
}

static bool allocate(struct lbfgs *state)
{
    const size_t history = (size_t)state->history;
    float **vectors[] = {&state->x, &state->next, &state->gradient, &state->next_gradient, &state->direction};
    bool whole = true;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        *vectors[i] = gan_allocate_array(state->context, state->count, sizeof(float));
        whole = whole && *vectors[i] != NULL;
    }
    state->steps = gan_allocate_array(state->context, state->count, history * sizeof(float));
    state->changes = gan_allocate_array(state->context, state->count, history * sizeof(float));
    state->curvature = gan_allocate_array(state->context, history, sizeof(double));
    state->share = gan_allocate_array(state->context, history, sizeof(double));
    return whole && state->steps != NULL && state->changes != NULL && state->curvature != NULL &&
           state->share != NULL;
}

gan_status gan_lbfgs(gan_context *context, float *x, const struct lbfgs_function *function,
                     const struct lbfgs_options *options)
{
    struct lbfgs state = {
        .context = context, .function = function, .count = options->count, .history = options->history};
    gan_status status = GAN_OK;
    if (!allocate(&state))
        status = gan_fail_memory("the memory of L-BFGS",
                                 (2 * (size_t)options->history + 5) * options->count * sizeof(float));
    if (status == GAN_OK) {
        memcpy(state.x, x, state.count * sizeof *x);
        status = minimise(&state, options->steps);
        memcpy(x, state.x, state.count * sizeof *x);
    }
    release(&state);
    return status;
}
