/* Gradients of several batches as those of one. */
#include "graph/objective.h"
#include "kernels/accumulate.h"

#include <string.h>

gan_status gan_objective_reserve_sums(gan_objective *objective)
{
    if (objective->accumulate == 1)
        return GAN_OK;
    objective->sums = gan_allocate_array(objective->graph->context, objective->gradient_count, sizeof(float));
    if (objective->sums == NULL)
        return gan_fail_memory("sums of gradients", objective->gradient_count * sizeof(float));
    return GAN_OK;
}

bool gan_objective_accumulate(gan_objective *objective, double *squares)
{
    if (objective->accumulate == 1)
        return true;
    gan_context *context = objective->graph->context;
    const int64_t count = (int64_t)objective->gradient_count;
    gan_accumulate(context, objective->sums, objective->gradients, count);
    if (++objective->pending < objective->accumulate)
        return false;
    const float share = 1 / (float)objective->accumulate;
    gan_take_scaled(context, objective->gradients, objective->sums, share, count);
    objective->pending = 0;
    *squares = gan_sum_of_squares(context, objective->gradients, count);
    return true;
}

int32_t gan_objective_pending(const gan_objective *objective)
{
    return objective != NULL ? objective->pending : 0;
}

void gan_objective_discard_pending(gan_objective *objective)
{
    if (objective == NULL || objective->sums == NULL)
        return;
    memset(objective->sums, 0, objective->gradient_count * sizeof(float));
    objective->pending = 0;
}
