/* Normalizations that need not measure: a convolution finds the moments of its output while it is hot. */
#include "graph/plan.h"

void gan_plan_link_moments(struct plan *plan)
{
    for (int32_t i = 0; i < plan->step_count; i++) {
        struct plan_step *step = &plan->steps[i];
        const int32_t value = step->call.input_count > 0 ? step->inputs[0] : -1;
        const int32_t from = value >= 0 ? plan->values[value].producer : -1;
        if (!step->layer->op->takes_moments || from < 0 || plan->steps[from].output != value ||
            plan->steps[from].layer->op->gives_moments == NULL)
            continue;
        plan->steps[from].call.measured = true;
        step->moments_from = from;
    }
}
