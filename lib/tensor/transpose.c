#include "base/threads.h"
#include "tensor/tensor.h"

#include <string.h>

enum { ROWS_PER_TASK = 64 };

/* The result is written front to back in rows of its last axis; step[i] is how far apart in the source the
 * neighbours along the result's axis i lie. */
struct transpose {
    struct shape shape;
    int64_t step[GAN_MAX_RANK];
    int64_t rows, row_size;
    size_t element;
    const unsigned char *from;
    unsigned char *to;
};

static int64_t row_offset(const struct transpose *job, int64_t row)
{
    int64_t offset = 0;
    for (int32_t axis = job->shape.rank - 2; axis >= 0; axis--) {
        offset += row % job->shape.size[axis] * job->step[axis];
        row /= job->shape.size[axis];
    }
    return offset;
}

static void gather_row(const struct transpose *job, int64_t row)
{
    const int64_t step = job->shape.rank > 0 ? job->step[job->shape.rank - 1] : 0;
    const unsigned char *from = job->from + (size_t)row_offset(job, row) * job->element;
    unsigned char *to = job->to + (size_t)(row * job->row_size) * job->element;
    const size_t stride = (size_t)step * job->element;
    if (job->element == 4)
        for (int64_t i = 0; i < job->row_size; i++)
            memcpy(to + 4 * i, from + (size_t)i * stride, 4);
    else
        for (int64_t i = 0; i < job->row_size; i++)
            memcpy(to + (size_t)i * job->element, from + (size_t)i * stride, job->element);
}

static void gather_rows(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct transpose *job = argument;
    const int64_t start = index * ROWS_PER_TASK;
    for (int64_t row = start; row < job->rows && row < start + ROWS_PER_TASK; row++)
        gather_row(job, row);
}

static gan_status check_order(const int32_t *order, int32_t rank)
{
    bool seen[GAN_MAX_RANK] = {false};
    for (int32_t i = 0; i < rank; i++) {
        if (order[i] < 0 || order[i] >= rank || seen[order[i]])
            return gan_fail(GAN_ERROR_ARGUMENT,
                            "gan_tensor_transpose: order[%d] is %d, expected each axis 0 to %d once", i,
                            order[i], rank - 1);
        seen[order[i]] = true;
    }
    return GAN_OK;
}

static gan_status check_transpose(gan_tensor **out, const gan_tensor *from, const int32_t *order)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensor_transpose: out is NULL");
    *out = NULL;
    if (from == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensor_transpose: from is NULL");
    if (order == NULL && from->shape.rank > 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensor_transpose: order is NULL");
    return check_order(order, from->shape.rank);
}

static void plan_transpose(struct transpose *job, const struct shape *from, const int32_t *order)
{
    int64_t step[GAN_MAX_RANK] = {0};
    int64_t distance = 1;
    for (int32_t axis = from->rank - 1; axis >= 0; axis--) {
        step[axis] = distance;
        distance *= from->size[axis];
    }
    job->shape.rank = from->rank;
    for (int32_t axis = 0; axis < from->rank; axis++) {
        job->shape.size[axis] = from->size[order[axis]];
        job->step[axis] = step[order[axis]];
    }
    job->row_size = from->rank > 0 ? job->shape.size[from->rank - 1] : 1;
    job->rows = job->row_size > 0 ? distance / job->row_size : 0;
}

gan_status gan_tensor_transpose(gan_tensor **out, const gan_tensor *from, const int32_t *order)
{
    gan_status status = check_transpose(out, from, order);
    if (status != GAN_OK)
        return status;
    struct transpose job = {.element = gan_type_size(from->type), .from = from->data};
    plan_transpose(&job, &from->shape, order);
    status = gan_tensor_make(out, from->context, from->type, &job.shape);
    if (status != GAN_OK)
        return status;
    job.to = (*out)->data;
    gan_parallel(from->context, (job.rows + ROWS_PER_TASK - 1) / ROWS_PER_TASK, gather_rows, &job);
    return GAN_OK;
}
