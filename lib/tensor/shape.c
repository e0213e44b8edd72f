#include "tensor/shape.h"
#include "base/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const int64_t most_elements = (int64_t)1 << 47;

struct shape gan_shape_4(int64_t batch, int64_t height, int64_t width, int64_t channels)
{
    return (struct shape){4, {batch, height, width, channels}};
}

int64_t gan_shape_count(const struct shape *shape)
{
    int64_t count = 1;
    for (int32_t i = 0; i < shape->rank; i++)
        count *= shape->size[i];
    return count;
}

bool gan_shape_known(const struct shape *shape)
{
    for (int32_t i = 0; i < shape->rank; i++)
        if (shape->size[i] < 0)
            return false;
    return true;
}

bool gan_shape_equal(const struct shape *a, const struct shape *b)
{
    return a->rank == b->rank && memcmp(a->size, b->size, (size_t)a->rank * sizeof a->size[0]) == 0;
}

gan_status gan_shape_take(struct shape *shape, const int64_t *size, int32_t rank, int64_t least)
{
    memset(shape, 0, sizeof *shape);
    if (rank < 0 || rank > GAN_MAX_RANK)
        return gan_fail(GAN_ERROR_ARGUMENT, "rank is %d, expected 0 to %d", rank, GAN_MAX_RANK);
    if (rank > 0 && size == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "the shape is NULL, expected %d sizes", rank);
    shape->rank = rank;
    int64_t count = 1;
    for (int32_t i = 0; i < rank; i++) {
        if (size[i] < least)
            return gan_fail(GAN_ERROR_SHAPE,
                            "size %d of the shape is %" PRId64 ", expected at least %" PRId64, i, size[i],
                            least);
        shape->size[i] = size[i];
        if (size[i] > 0 && count > most_elements / size[i])
            return gan_fail(GAN_ERROR_SHAPE, "the shape has more than 2^47 elements");
        count *= size[i] > 0 ? size[i] : 1;
    }
    return GAN_OK;
}

int32_t gan_shape_give(const struct shape *shape, int64_t *size)
{
    if (size != NULL)
        memcpy(size, shape->size, (size_t)shape->rank * sizeof *size);
    return shape->rank;
}

const char *gan_shape_text(const struct shape *shape, char text[SHAPE_TEXT_SIZE])
{
    size_t used = 0;
    text[used++] = '[';
    for (int32_t i = 0; i < shape->rank; i++) {
        const char *comma = i > 0 ? "," : "";
        const size_t room = SHAPE_TEXT_SIZE - used;
        const int written = shape->size[i] < 0
                                ? snprintf(text + used, room, "%s?", comma)
                                : snprintf(text + used, room, "%s%" PRId64, comma, shape->size[i]);
        used += (size_t)written;
    }
    text[used++] = ']';
    text[used] = '\0';
    return text;
}
