/* What a session's plan consists of, and how long its steps take. */
#include "graph/session.h"

#include <string.h>

int32_t gan_session_step_count(const gan_session *session)
{
    return session != NULL ? session->plan->step_count : 0;
}

void gan_session_set_profiling(gan_session *session, int32_t profiling)
{
    if (session != NULL)
        session->profiling = profiling != 0;
}

static int64_t block_size(const struct plan *plan, int32_t block)
{
    return block != NO_BLOCK ? (int64_t)plan->blocks[block].size : 0;
}

static int64_t packed_size(const struct plan_step *step)
{
    const struct gan_op *op = step->layer->op;
    return op->packed_size != NULL ? (int64_t)op->packed_size(&step->call, OP_FORWARD) : 0;
}

static const char *method(const struct plan_step *step)
{
    const struct gan_op *op = step->layer->op;
    if (step->affine_only)
        return "statistics only";
    return op->method != NULL ? op->method(&step->call, OP_FORWARD) : "";
}

static gan_step_information describe(const struct plan *plan, const struct plan_step *step)
{
    const struct gan_op *op = step->layer->op;
    const struct plan_value *output = &plan->values[step->output];
    const int32_t block = step->affine_only ? step->affine_block : plan->values[output->root].block;
    const int64_t part = (int64_t)sizeof(float) * output->part;
    const bool beside = step->call.output_step != 0;
    return (gan_step_information){
        .layer = step->layer->name,
        .kind = op->name,
        .method = method(step),
        .folded = step->folded,
        .output_bytes =
            beside ? (int64_t)sizeof(float) * gan_shape_count(&output->shape) : block_size(plan, block),
        .output_offset = block != NO_BLOCK ? (int64_t)plan->blocks[block].offset + part : -1,
        .workspace_bytes = block_size(plan, step->workspace_block[OP_FORWARD]),
        .packed_bytes = packed_size(step),
        .multiplications = op->multiplications != NULL ? op->multiplications(&step->call) : 0,
        .seconds = step->seconds,
        .runs = plan->profiled_runs,
    };
}

gan_status gan_session_step(const gan_session *session, int32_t index, gan_step_information *out)
{
    if (session == NULL || index < 0 || index >= session->plan->step_count)
        return gan_fail(GAN_ERROR_ARGUMENT, "the session has no step %d", index);
    const gan_status status = gan_check_result(out, sizeof *out, "gan_step_information");
    if (status != GAN_OK)
        return status;
    const gan_step_information information = describe(session->plan, &session->plan->steps[index]);
    gan_give_result(out, &information, sizeof information);
    return GAN_OK;
}
