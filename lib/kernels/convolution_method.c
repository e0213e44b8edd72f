/* Words for the ways in which passes are computed. */
#include "kernels/convolution_plan.h"

static const char *tiles_method(const struct convolution_plan *plan)
{
    if (plan->spread)
        return plan->phase_count > 1 ? "AMX bf16, spread taps, of phases" : "AMX bf16, spread taps";
    if (plan->unfolded)
        return "AMX bf16, unfolded taps";
    return plan->phase_count > 1 ? "AMX bf16, of phases" : "AMX bf16";
}

const char *gan_convolution_method(const struct convolution *convolution, enum convolution_pass pass)
{
    if (convolution->forward.depthwise != NULL)
        return "depthwise";
    if (pass == CONVOLUTION_BACKWARD_WEIGHTS && convolution->forward.adjoint != NULL)
        return convolution->forward.adjoint->name;
    if (pass == CONVOLUTION_BACKWARD_WEIGHTS && gan_correlation_suits(&convolution->forward))
        return "correlation";
    if (pass == CONVOLUTION_BACKWARD_WEIGHTS)
        return convolution->forward.summed ? "products over pixels, of phases" : "products over pixels";
    const struct convolution_plan *plan =
        pass == CONVOLUTION_BACKWARD_INPUT ? &convolution->backward : &convolution->forward;
    if (plan->grouped)
        return "grouped";
    if (plan->tiles != NULL)
        return tiles_method(plan);
    if (plan->winograd != NULL)
        return plan->winograd->name;
    if (plan->narrow != NULL)
        return plan->phase_count > 1 ? "lanes of pixels, of phases" : "lanes of pixels";
    if (plan->tall != NULL)
        return plan->spread ? "Winograd F(3, 3) along rows, spread taps" : "Winograd F(3, 3) along rows";
    if (plan->pointwise)
        return "direct, 1x1";
    if (plan->unpacked)
        return plan->phase_count > 1 ? "weights in place, of phases" : "weights in place";
    if (plan->few)
        return plan->phase_count > 1 ? "all pixels packed, of phases" : "all pixels packed";
    if (plan->direct == NULL)
        return plan->phase_count > 1 ? "packed pixels, of phases" : "packed pixels";
    if (plan->spread)
        return plan->phase_count > 1 ? "direct, spread taps, of phases" : "direct, spread taps";
    return plan->phase_count > 1 ? "direct, of phases" : "direct";
}
