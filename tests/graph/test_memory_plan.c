/* The memory plan by brute force: no two blocks that are alive together may overlap. */
#include "base/random.h"
#include "base/suite.h"
#include "graph/memory_plan.h"
#include "graph/networks.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_BLOCKS = 120 };

static void check_plan(const struct memory_block *blocks, int32_t count, size_t total)
{
    for (int32_t i = 0; i < count; i++) {
        const struct memory_block *a = &blocks[i];
        if (a->size == 0)
            continue;
        ck_assert_uint_eq(a->offset % 64, 0);
        ck_assert_uint_le(a->offset + a->size, total);
        for (int32_t k = 0; k < i; k++) {
            const struct memory_block *b = &blocks[k];
            const bool together = a->first <= b->last && b->first <= a->last && b->size > 0;
            const bool apart = a->offset + a->size <= b->offset || b->offset + b->size <= a->offset;
            ck_assert(!together || apart);
        }
    }
}

/* Largest sum of sizes alive at one time: no plan can be smaller. */
static size_t least_total(const struct memory_block *blocks, int32_t count, int32_t times)
{
    size_t least = 0;
    for (int32_t time = 0; time < times; time++) {
        size_t sum = 0;
        for (int32_t i = 0; i < count; i++)
            if (blocks[i].first <= time && time <= blocks[i].last)
                sum += blocks[i].size;
        least = sum > least ? sum : least;
    }
    return least;
}

static void fill_blocks(struct memory_block *blocks, int32_t count, int32_t times,
                        struct random_stream *random)
{
    for (int32_t i = 0; i < count; i++) {
        const int32_t first = (int32_t)gan_random_below(random, times);
        const int64_t length = gan_random_below(random, 4) == 0 ? times : 3;
        const int32_t last = first + (int32_t)gan_random_below(random, length);
        const int64_t scale = gan_random_below(random, 3) == 0 ? 100000 : 500;
        blocks[i] = (struct memory_block){(size_t)gan_random_below(random, scale), first,
                                          last < times ? last : times - 1, 0};
    }
}

START_TEST(blocks_alive_together_never_overlap)
{
    gan_context *context = make_context(1);
    struct random_stream random = {17, 0, 0};
    for (int round = 0; round < 150; round++) {
        struct memory_block blocks[MOST_BLOCKS];
        size_t total;
        const int32_t count = (int32_t)gan_random_below(&random, MOST_BLOCKS + 1);
        const int32_t times = 1 + (int32_t)gan_random_below(&random, 60);
        fill_blocks(blocks, count, times, &random);
        succeed(gan_memory_plan(context, blocks, count, &total));
        check_plan(blocks, count, total);
        ck_assert_uint_ge(total, least_total(blocks, count, times));
    }
    gan_context_free(context);
}
END_TEST

START_TEST(the_plan_of_a_chain_is_as_small_as_two_blocks)
{
    gan_context *context = make_context(1);
    struct memory_block blocks[20];
    size_t total;
    for (int32_t i = 0; i < 20; i++)
        blocks[i] = (struct memory_block){1 << 20, i, i + 1, 0};
    succeed(gan_memory_plan(context, blocks, 20, &total));
    check_plan(blocks, 20, total);
    ck_assert_uint_lt(total, (2 << 20) + 4096);
    gan_context_free(context);
}
END_TEST

START_TEST(plans_repeat)
{
    gan_context *context = make_context(1);
    struct random_stream random = {18, 0, 0};
    struct memory_block first[MOST_BLOCKS], second[MOST_BLOCKS];
    size_t total, again;
    fill_blocks(first, MOST_BLOCKS, 30, &random);
    memcpy(second, first, sizeof first);
    succeed(gan_memory_plan(context, first, MOST_BLOCKS, &total));
    succeed(gan_memory_plan(context, second, MOST_BLOCKS, &again));
    ck_assert_uint_eq(total, again);
    for (int32_t i = 0; i < MOST_BLOCKS; i++)
        ck_assert_uint_eq(first[i].offset, second[i].offset);
    gan_context_free(context);
}
END_TEST

START_TEST(nothing_needs_nothing)
{
    gan_context *context = make_context(1);
    struct memory_block empty = {0, 0, 5, 0};
    size_t total = 1;
    succeed(gan_memory_plan(context, NULL, 0, &total));
    ck_assert_uint_eq(total, 0);
    succeed(gan_memory_plan(context, &empty, 1, &total));
    ck_assert_uint_eq(total, 0);
    gan_context_free(context);
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        blocks_alive_together_never_overlap,
        the_plan_of_a_chain_is_as_small_as_two_blocks,
        plans_repeat,
        nothing_needs_nothing,
    };
    return run_suite("memory_plan", tests, sizeof tests / sizeof tests[0]);
}
