/* Normalizations that are not written out: where all readers of a normalized picture are convolutions, these
 * apply scale, shift and activation while they read the picture as it was before. */
#include "graph/plan.h"

static bool simple(const struct activation *activation)
{
    return activation->function == ACTIVATION_LINEAR || activation->function == ACTIVATION_RELU ||
           activation->function == ACTIVATION_LEAKY_RELU;
}

static bool reads(const struct plan *plan, const struct plan_step *step, int32_t root)
{
    for (int32_t k = 0; k < step->call.input_count; k++)
        if (plan->values[step->inputs[k]].root == root)
            return true;
    return step->residual >= 0 && plan->values[step->residual].root == root;
}

/* Whether this reader of a normalized value can apply the normalization itself: what it adds is added as it
 * is. */
static bool can_apply(const struct plan *plan, const struct plan_step *step, int32_t value)
{
    const bool adds = step->residual >= 0 && plan->values[step->residual].root == value;
    return step->layer->op->takes_affine && !adds && step->call.input_count == 1 && step->inputs[0] == value;
}

static bool can_fold(const struct plan *plan, int32_t number)
{
    const struct plan_step *step = &plan->steps[number];
    const struct plan_value *output = &plan->values[step->output];
    if (step->layer->op->affine == NULL || step->residual >= 0 || output->kept || output->shape.rank != 4 ||
        !simple(&step->call.activation))
        return false;
    int32_t readers = 0;
    for (int32_t i = number + 1; i < plan->step_count; i++) {
        if (!reads(plan, &plan->steps[i], step->output))
            continue;
        if (!can_apply(plan, &plan->steps[i], step->output))
            return false;
        readers++;
    }
    return readers > 0;
}

static void fold(struct plan *plan, int32_t number)
{
    struct plan_step *step = &plan->steps[number];
    for (int32_t i = number + 1; i < plan->step_count; i++) {
        struct plan_step *reader = &plan->steps[i];
        if (!reads(plan, reader, step->output))
            continue;
        reader->affine_from = number;
        gan_plan_note_fold(reader, "normalization");
        reader->call.input_activation = step->call.activation;
    }
    step->affine_only = true;
    plan->values[step->output].root = plan->values[step->inputs[0]].root;
}

void gan_plan_fold_affine(struct plan *plan)
{
    for (int32_t i = 0; i < plan->step_count; i++)
        if (can_fold(plan, i))
            fold(plan, i);
}
