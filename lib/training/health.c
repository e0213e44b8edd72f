/* Watching a training. */
#include "gan/health.h"
#include "base/context.h"
#include "gan/metrics.h"
#include "tensor/tensor.h"
#include "training/state_names.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_SIZE = 256 };

struct gan_health {
    gan_context *context;
    gan_health_options options; /* defaults filled in */
    int32_t findings;
    int64_t won_since;          /* first step of the row; -1: it does not win */
    int64_t won_count;          /* steps in the row */
    double real, highest, last; /* diversities; below 0: unknown */
    char message[MESSAGE_SIZE];
};

static gan_status take_options(gan_health_options *options, const gan_health_options *given)
{
    const gan_status status = gan_copy_options(options, sizeof *options, given, "gan_health_options");
    if (status != GAN_OK)
        return status;
    if (options->won_loss == 0)
        options->won_loss = 0.02f;
    if (options->won_accuracy == 0)
        options->won_accuracy = 0.995f;
    if (options->won_steps == 0)
        options->won_steps = 200;
    if (options->collapse == 0)
        options->collapse = 0.2f;
    if (options->won_loss > 0 && options->won_accuracy > 0 && options->won_accuracy <= 1 &&
        options->won_steps > 0 && options->collapse > 0 && options->collapse < 1)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT,
                    "won_loss is %g, won_accuracy %g, won_steps %" PRId32
                    ", collapse %g: expected more than 0, the "
                    "accuracy 1 at most, collapse below 1",
                    (double)options->won_loss, (double)options->won_accuracy, options->won_steps,
                    (double)options->collapse);
}

gan_status gan_health_create(gan_health **out, gan_context *context, const gan_health_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_health_create: out is NULL");
    *out = NULL;
    gan_health_options options;
    const gan_status status =
        context != NULL ? take_options(&options, given) : gan_fail(GAN_ERROR_ARGUMENT, "context is NULL");
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_health_create: ");
    gan_health *health = gan_allocate_zeroed(context, sizeof *health);
    if (health == NULL)
        return gan_fail_memory("a health monitor", sizeof *health);
    health->context = gan_context_retain(context);
    health->options = options;
    health->won_since = -1;
    health->real = health->highest = health->last = -1;
    *out = health;
    return GAN_OK;
}

void gan_health_free(gan_health *health)
{
    if (health == NULL)
        return;
    gan_context *context = health->context;
    gan_release(context, health);
    gan_context_free(context);
}

/* Each finding is logged when it is new. */
static void find(gan_health *health, int32_t finding, bool found)
{
    const bool known = (health->findings & finding) != 0;
    if (found && !known)
        gan_log(health->context, GAN_LOG_WARNING, "%s", health->message);
    health->findings = found ? health->findings | finding : health->findings & ~finding;
}

static bool is_new(const gan_health *health, int32_t finding)
{
    return (health->findings & finding) == 0;
}

static void watch_discriminator(gan_health *health, int64_t step, float loss, float accuracy)
{
    const gan_health_options *options = &health->options;
    const bool wins = loss <= options->won_loss || accuracy >= options->won_accuracy;
    if (!wins)
        health->won_count = 0;
    else if (health->won_count++ == 0)
        health->won_since = step;
    const bool won = health->won_count >= options->won_steps;
    if (won && is_new(health, GAN_HEALTH_DISCRIMINATOR_WON))
        snprintf(health->message, MESSAGE_SIZE,
                 "step %" PRId64 ": the discriminator has won since step %" PRId64
                 " (its loss is %g): the generator learns nothing any more",
                 step, health->won_since, (double)loss);
    find(health, GAN_HEALTH_DISCRIMINATOR_WON, won);
}

void gan_health_step(gan_health *health, int64_t step, float discriminator_loss, float generator_loss,
                     float accuracy)
{
    if (health == NULL)
        return;
    const bool finite = isfinite(discriminator_loss) && isfinite(generator_loss);
    if (!finite && is_new(health, GAN_HEALTH_LOSS_NOT_FINITE))
        snprintf(health->message, MESSAGE_SIZE, "step %" PRId64 ": the %s's loss is not finite", step,
                 isfinite(discriminator_loss) ? "generator" : "discriminator");
    find(health, GAN_HEALTH_LOSS_NOT_FINITE, !finite);
    if (finite)
        watch_discriminator(health, step, discriminator_loss, accuracy);
}

gan_status gan_health_real(gan_health *health, const gan_tensor *pictures)
{
    if (health == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_health_real: health is NULL");
    double diversity;
    const gan_status status = gan_mean_pairwise_distance(pictures, &diversity);
    if (status == GAN_OK)
        health->real = diversity;
    return status;
}

gan_status gan_health_generated(gan_health *health, int64_t step, const gan_tensor *pictures)
{
    if (health == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_health_generated: health is NULL");
    double diversity;
    const gan_status status = gan_mean_pairwise_distance(pictures, &diversity);
    if (status != GAN_OK)
        return status;
    health->last = diversity;
    health->highest = fmax(health->highest, diversity);
    const double reference = health->real >= 0 ? health->real : health->highest;
    const bool collapsed = diversity < (double)health->options.collapse * reference;
    if (collapsed && is_new(health, GAN_HEALTH_COLLAPSED))
        snprintf(health->message, MESSAGE_SIZE,
                 "step %" PRId64
                 ": the generator's pictures have become alike: they differ by %.3g on average, %s by "
                 "%.3g",
                 step, diversity, health->real >= 0 ? "real ones" : "earlier ones", reference);
    find(health, GAN_HEALTH_COLLAPSED, collapsed);
    return GAN_OK;
}

int32_t gan_health_findings(const gan_health *health)
{
    return health != NULL ? health->findings : 0;
}

const char *gan_health_message(const gan_health *health)
{
    return health != NULL ? health->message : "";
}

double gan_health_diversity(const gan_health *health)
{
    return health != NULL ? health->last : -1;
}

/* ---- State ---- */

enum { FINDINGS, WON_SINCE, WON_COUNT, REAL, HIGHEST, LAST, NUMBERS };

static int64_t bits_of(double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(int64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

gan_status gan_health_store(const gan_health *health, gan_tensors *state, const char *prefix)
{
    if (health == NULL || state == NULL || prefix == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_health_store: an argument is NULL");
    const int64_t numbers[NUMBERS] = {
        [FINDINGS] = health->findings,  [WON_SINCE] = health->won_since,      [WON_COUNT] = health->won_count,
        [REAL] = bits_of(health->real), [HIGHEST] = bits_of(health->highest), [LAST] = bits_of(health->last)};
    return gan_state_add_integers(state, prefix, "numbers", numbers, NUMBERS);
}

static bool are_counts(const gan_tensor *numbers)
{
    const int64_t most = INT64_C(1) << 50, known = (GAN_HEALTH_LOSS_NOT_FINITE << 1) - 1;
    const int64_t findings = gan_state_integer(numbers, FINDINGS);
    const int64_t since = gan_state_integer(numbers, WON_SINCE);
    const int64_t count = gan_state_integer(numbers, WON_COUNT);
    return findings >= 0 && findings <= known && since >= -1 && since <= most && count >= 0 && count <= most;
}

gan_status gan_health_restore(gan_health *health, const gan_tensors *state, const char *prefix)
{
    if (health == NULL || state == NULL || prefix == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_health_restore: an argument is NULL");
    const gan_tensor *numbers;
    gan_status status = gan_state_find_integers(state, prefix, "numbers", NUMBERS, &numbers);
    if (status == GAN_OK && !are_counts(numbers))
        status = gan_fail(GAN_ERROR_FORMAT, "\"%s.numbers\" are not those of a monitor", prefix);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_health_restore: ");
    health->findings = (int32_t)gan_state_integer(numbers, FINDINGS);
    health->won_since = gan_state_integer(numbers, WON_SINCE);
    health->won_count = gan_state_integer(numbers, WON_COUNT);
    health->real = double_of(gan_state_integer(numbers, REAL));
    health->highest = double_of(gan_state_integer(numbers, HIGHEST));
    health->last = double_of(gan_state_integer(numbers, LAST));
    return GAN_OK;
}
