#include "style/motion.h"
#include "base/threads.h"
#include "kernels/sizes.h"

#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum {
    MARGIN = 4,      /* pixels about a block that are compared too: a block alone says little */
    FIRST_REACH = 4, /* at the coarsest level, in its pixels */
    REACH = 2,       /* about what the level above has found */
    /* In sums of absolute differences: how much better a vector must be that is no neighbour's. */
    PRICE_OF_CHANGE = 48
};

static int64_t blocks_of(int64_t size)
{
    return (size + MOTION_BLOCK - 1) / MOTION_BLOCK;
}

gan_status gan_motion_create(struct motion_field *field, gan_context *context, int64_t height, int64_t width)
{
    *field = (struct motion_field){.rows = blocks_of(height), .columns = blocks_of(width)};
    const size_t count = (size_t)(field->rows * field->columns);
    field->vectors = gan_allocate_array(context, count, sizeof *field->vectors);
    field->coarse = gan_allocate_array(context, count, sizeof *field->coarse);
    if (field->vectors != NULL && field->coarse != NULL)
        return GAN_OK;
    gan_motion_free(field, context);
    return gan_fail_memory("a field of motion", 2 * count * sizeof *field->vectors);
}

void gan_motion_free(struct motion_field *field, gan_context *context)
{
    gan_release(context, field->vectors);
    gan_release(context, field->coarse);
    *field = (struct motion_field){0};
}

struct search {
    const struct luma_level *now, *before;
    int64_t rows, columns; /* of blocks at this level */
    struct motion_vector *vectors;
    const struct motion_vector *coarse; /* of the level above; NULL: this is the coarsest */
    int64_t coarse_rows, coarse_columns;
    bool finest;
};

/* A block with its margin, as far as it is inside the picture. */
struct window {
    int64_t top, bottom, left, right;
};

static struct window window_of(const struct luma_level *level, int64_t row, int64_t column)
{
    return (struct window){larger(row * MOTION_BLOCK - MARGIN, 0),
                           smaller((row + 1) * MOTION_BLOCK + MARGIN, level->height),
                           larger(column * MOTION_BLOCK - MARGIN, 0),
                           smaller((column + 1) * MOTION_BLOCK + MARGIN, level->width)};
}

/* Sum of absolute differences; INT32_MAX where the window would leave the picture. */
static int32_t differences(const struct search *search, const struct window *window, int64_t down,
                           int64_t right)
{
    const struct luma_level *now = search->now;
    if (window->top + down < 0 || window->bottom + down > now->height || window->left + right < 0 ||
        window->right + right > now->width)
        return INT32_MAX;
    int32_t sum = 0;
    const int64_t columns = window->right - window->left;
    for (int64_t y = window->top; y < window->bottom; y++) {
        const uint8_t *a = now->data + y * now->width + window->left;
        const uint8_t *b = search->before->data + (y + down) * now->width + window->left + right;
        for (int64_t x = 0; x < columns; x++)
            sum += abs(a[x] - b[x]);
    }
    return sum;
}

struct best {
    int64_t down, right;
    int32_t sum;   /* of differences */
    int32_t price; /* with what a change costs */
};

static void try_vector(const struct search *search, const struct window *window, int64_t down, int64_t right,
                       int32_t extra, struct best *best)
{
    const int32_t sum = differences(search, window, down, right);
    if (sum == INT32_MAX || sum + extra >= best->price)
        return;
    *best = (struct best){down, right, sum, sum + extra};
}

/* The vectors of the coarser blocks about this one, and none. */
static void try_candidates(const struct search *search, const struct window *window, int64_t row,
                           int64_t column, struct best *best)
{
    try_vector(search, window, 0, 0, 0, best);
    for (int64_t k = 0; k < 4; k++) {
        const int64_t y = smaller(larger((row + (k / 2 ? 1 : -1)) / 2, 0), search->coarse_rows - 1);
        const int64_t x = smaller(larger((column + (k % 2 ? 1 : -1)) / 2, 0), search->coarse_columns - 1);
        const struct motion_vector *vector = &search->coarse[y * search->coarse_columns + x];
        try_vector(search, window, 2 * (int64_t)vector->down, 2 * (int64_t)vector->right, 0, best);
    }
}

static void try_around(const struct search *search, const struct window *window, int64_t reach,
                       struct best *best)
{
    const struct best center = *best;
    for (int64_t down = -reach; down <= reach; down++)
        for (int64_t right = -reach; right <= reach; right++)
            if (down != 0 || right != 0)
                try_vector(search, window, center.down + down, center.right + right, PRICE_OF_CHANGE, best);
}

/* How far beside the best of three equally distant places a parabola through them has its lowest point;
 * nothing below a quarter: what noise does to the sums must not blur the picture. */
static float beside(int32_t before, int32_t at, int32_t after)
{
    if (before == INT32_MAX || after == INT32_MAX)
        return 0;
    const float bend = (float)before - 2 * (float)at + (float)after;
    const float offset = bend > 0 ? 0.5f * ((float)before - (float)after) / bend : 0;
    return fabsf(offset) < 0.25f ? 0 : fminf(fmaxf(offset, -0.5f), 0.5f);
}

static struct motion_vector vector_of(const struct search *search, const struct window *window,
                                      const struct best *best)
{
    const int64_t pixels = (window->bottom - window->top) * (window->right - window->left);
    struct motion_vector vector = {(float)best->right, (float)best->down, (float)best->sum / (float)pixels};
    if (search->finest) {
        vector.right += beside(differences(search, window, best->down, best->right - 1), best->sum,
                               differences(search, window, best->down, best->right + 1));
        vector.down += beside(differences(search, window, best->down - 1, best->right), best->sum,
                              differences(search, window, best->down + 1, best->right));
    }
    return vector;
}

static void search_row(void *argument, int64_t row, int32_t worker)
{
    (void)worker;
    const struct search *search = argument;
    for (int64_t column = 0; column < search->columns; column++) {
        const struct window window = window_of(search->now, row, column);
        struct best best = {.price = INT32_MAX};
        if (search->coarse != NULL)
            try_candidates(search, &window, row, column, &best);
        else
            try_vector(search, &window, 0, 0, 0, &best);
        try_around(search, &window, search->coarse != NULL ? REACH : FIRST_REACH, &best);
        search->vectors[row * search->columns + column] = vector_of(search, &window, &best);
    }
}

/* Median of one member of the vectors; values are counted by sixteenths from -limit to limit. */
static float median_of(const struct motion_field *field, size_t member, float limit)
{
    enum { PER_UNIT = 16, MOST_BINS = 2 * 64 * PER_UNIT };
    const int64_t count = field->rows * field->columns;
    int64_t bins[MOST_BINS] = {0}, seen = 0, bin = 0;
    for (int64_t i = 0; i < count; i++) {
        const float value = *(const float *)(const void *)((const char *)&field->vectors[i] + member);
        const float place = (fminf(fmaxf(value, -limit), limit) + limit) * PER_UNIT + 0.5f;
        bins[smaller((int64_t)place, MOST_BINS - 1)]++;
    }
    while ((seen += bins[bin]) * 2 < count)
        bin++;
    return (float)bin / PER_UNIT - limit;
}

struct motion_vector gan_motion_median(const struct motion_field *field)
{
    return (struct motion_vector){median_of(field, offsetof(struct motion_vector, right), 63),
                                  median_of(field, offsetof(struct motion_vector, down), 63),
                                  median_of(field, offsetof(struct motion_vector, difference), 63)};
}

/* Fine textures mislead the coarse levels. What the blocks beside one have found, and what most have, may be
 * better than what it found itself. */
struct second_look {
    struct search search;
    const struct motion_vector *found;
    struct motion_vector most;
};

static void look_again(void *argument, int64_t row, int32_t worker)
{
    (void)worker;
    const struct second_look *look = argument;
    const struct search *search = &look->search;
    static const int64_t beside_down[] = {0, -1, 1, 0, 0}, beside_right[] = {0, 0, 0, -1, 1};
    for (int64_t column = 0; column < search->columns; column++) {
        const struct window window = window_of(search->now, row, column);
        struct best best = {.price = INT32_MAX};
        try_vector(search, &window, lroundf(look->most.down), lroundf(look->most.right), 0, &best);
        for (int32_t k = 0; k < 5; k++) {
            const int64_t y = smaller(larger(row + beside_down[k], 0), search->rows - 1);
            const int64_t x = smaller(larger(column + beside_right[k], 0), search->columns - 1);
            const struct motion_vector *vector = &look->found[y * search->columns + x];
            try_vector(search, &window, lroundf(vector->down), lroundf(vector->right), 0, &best);
        }
        search->vectors[row * search->columns + column] = vector_of(search, &window, &best);
    }
}

static void settle(struct motion_field *field, gan_context *context, const struct search *search)
{
    struct second_look look = {.search = *search, .found = field->vectors, .most = gan_motion_median(field)};
    look.search.vectors = field->coarse;
    gan_parallel(context, look.search.rows, look_again, &look);
    struct motion_vector *spare = field->vectors;
    field->vectors = field->coarse;
    field->coarse = spare;
}

void gan_motion_estimate(struct motion_field *field, gan_context *context, const struct luma_pyramid *now,
                         const struct luma_pyramid *before)
{
    struct search search = {0};
    for (int32_t i = now->count - 1; i >= 0; i--) {
        struct motion_vector *former = search.vectors;
        search.coarse = former;
        search.coarse_rows = search.rows;
        search.coarse_columns = search.columns;
        search.now = &now->levels[i];
        search.before = &before->levels[i];
        search.rows = blocks_of(search.now->height);
        search.columns = blocks_of(search.now->width);
        search.vectors = i % 2 == 0 ? field->vectors : field->coarse; /* the finest into `vectors` */
        search.finest = i == 0;
        gan_parallel(context, search.rows, search_row, &search);
    }
    settle(field, context, &search);
}

static struct motion_vector mix(struct motion_vector a, struct motion_vector b, float share)
{
    return (struct motion_vector){a.right + share * (b.right - a.right), a.down + share * (b.down - a.down),
                                  a.difference + share * (b.difference - a.difference)};
}

struct motion_vector gan_motion_at(const struct motion_field *field, int64_t y, int64_t x)
{
    const float row = ((float)y + 0.5f) / MOTION_BLOCK - 0.5f,
                column = ((float)x + 0.5f) / MOTION_BLOCK - 0.5f;
    const float top = floorf(row), left = floorf(column);
    const int64_t y0 = larger((int64_t)top, 0), y1 = smaller((int64_t)top + 1, field->rows - 1);
    const int64_t x0 = larger((int64_t)left, 0), x1 = smaller((int64_t)left + 1, field->columns - 1);
    const struct motion_vector *above = field->vectors + y0 * field->columns;
    const struct motion_vector *below = field->vectors + y1 * field->columns;
    const float across = column - left, along = row - top;
    return mix(mix(above[x0], above[x1], across), mix(below[x0], below[x1], across), along);
}
