/* What streams need: memory and heights of bands, said beforehand, and refused with what would do. */
#include "base/suite.h"
#include "faults/ledger.h"
#include "graph/networks.h"
#include "streaming/passage.h"
#include "streaming/streamed_networks.h"

#include <stdlib.h>
#include <string.h>

/* The number in "... at least N ..." of the last message. */
static int64_t least_of_message(void)
{
    const char *words = strstr(gan_error_message(), "at least ");
    ck_assert_msg(words != NULL, "%s", gan_error_message());
    return strtoll(words + strlen("at least "), NULL, 10);
}

START_TEST(too_little_memory_is_refused_with_what_would_do)
{
    gan_context *context = make_context(1);
    gan_model *model = make_streamed_network(context, "johnson");
    gan_stream_options options = {.struct_size = sizeof options, .memory = 1 << 20};
    gan_stream_information about = {.struct_size = sizeof about};
    gan_stream *stream;
    fails_with(gan_stream_create(&stream, model, 2000, 3000, &options), GAN_ERROR_ARGUMENT, "MiB");
    ck_assert_ptr_null(stream);
    const int64_t least = least_of_message();
    options.memory = (least - 1) << 20;
    fails_with(gan_stream_create(&stream, model, 2000, 3000, &options), GAN_ERROR_ARGUMENT, "at least");
    options.memory = least << 20;
    succeed(gan_stream_create(&stream, model, 2000, 3000, &options));
    succeed(gan_stream_describe(stream, &about));
    ck_assert(about.memory <= options.memory && about.least_memory <= options.memory);
    gan_stream_free(stream);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* What the context has given away whenever the stream calls back. */
struct watch {
    struct ledger *ledger;
    long long peak;
};

static void look(struct watch *watch)
{
    const long long bytes = atomic_load(&watch->ledger->bytes);
    watch->peak = bytes > watch->peak ? bytes : watch->peak;
}

static gan_status read_grey(void *user, int64_t first, int64_t count, float *rows)
{
    look(user);
    for (int64_t i = 0; i < count * 900 * 3; i++)
        rows[i] = (float)((first + i) % 17) / 17;
    return GAN_OK;
}

static gan_status drop_rows(void *user, int64_t first, int64_t count, const float *rows)
{
    (void)first;
    (void)count;
    (void)rows;
    look(user);
    return GAN_OK;
}

START_TEST(streams_keep_within_their_memory)
{
    static const int64_t budgets[] = {0, 14, 24, 64}; /* MiB; 0: the least */
    struct ledger ledger;
    gan_context *context;
    ledger_open(&ledger);
    succeed(ledger_context(&context, &ledger, 2));
    gan_model *model = make_streamed_network(context, "johnson");
    for (size_t i = 0; i < sizeof budgets / sizeof budgets[0]; i++) {
        gan_stream_options options = {.struct_size = sizeof options, .memory = (int64_t)1 << 40};
        gan_stream_information about = {.struct_size = sizeof about};
        struct watch watch = {&ledger, 0};
        const gan_stream_io io = {
            .struct_size = sizeof io, .user = &watch, .read = read_grey, .write = drop_rows};
        const long long before = atomic_load(&ledger.bytes);
        gan_stream *stream;
        succeed(gan_stream_create(&stream, model, 400, 900, &options));
        succeed(gan_stream_describe(stream, &about));
        gan_stream_free(stream);
        options.memory = budgets[i] > 0 ? budgets[i] << 20 : about.least_memory;
        succeed(gan_stream_create(&stream, model, 400, 900, &options));
        succeed(gan_stream_describe(stream, &about));
        succeed(gan_stream_run(stream, &io));
        gan_stream_free(stream);
        ck_assert_int_le(about.memory, options.memory);
        ck_assert_msg(watch.peak - before <= about.memory, "%lld bytes, said %lld", watch.peak - before,
                      (long long)about.memory);
        ck_assert_int_eq(atomic_load(&ledger.bytes), before);
    }
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* The number that a refusal of so many rows names, or the rows themselves where they do. */
static int64_t rows_that_do(gan_model *model, int64_t height, int64_t rows)
{
    const gan_stream_options options = {.struct_size = sizeof options, .band_rows = rows};
    gan_stream *stream;
    const gan_status status = gan_stream_create(&stream, model, height, 64, &options);
    gan_stream_free(stream);
    if (status == GAN_OK)
        return rows;
    fails_with(status, GAN_ERROR_ARGUMENT, "too low");
    return least_of_message();
}

static int64_t least_rows(gan_model *model, int64_t height)
{
    gan_stream_information about = {.struct_size = sizeof about};
    gan_stream *stream;
    succeed(gan_stream_create(&stream, model, height, 64, NULL));
    succeed(gan_stream_describe(stream, &about));
    gan_stream_free(stream);
    return about.least_rows;
}

/* Bands reach a little further where they begin elsewhere: what is named must do all the same. */
START_TEST(bands_too_low_are_refused_with_what_would_do)
{
    static const int64_t heights[] = {96, 480};
    gan_context *context = make_context(1);
    for (int i = 0; i < streamed_network_count; i++) {
        gan_model *model = streamed_networks[i].make(context);
        for (int h = 0; h < 2; h++) {
            const int64_t least = least_rows(model, heights[h]);
            ck_assert_int_eq(rows_that_do(model, heights[h], least), least);
            for (int64_t rows = 1; rows <= heights[h] && rows < 70; rows += 2 + rows / 4) {
                const int64_t named = rows_that_do(model, heights[h], rows);
                ck_assert_msg(named >= rows && rows_that_do(model, heights[h], named) == named,
                              "%s, height %d: %d rows, named %d", streamed_networks[i].name, (int)heights[h],
                              (int)rows, (int)named);
            }
        }
        gan_model_free(model);
    }
    gan_context_free(context);
}
END_TEST

/* What is said beforehand. */
START_TEST(plans_tell_what_is_needed)
{
    const int64_t shape[] = {1, 2000, 1500, 3};
    gan_context *context = make_context(2);
    gan_model *model = make_streamed_network(context, "johnson");
    gan_session *session;
    gan_session_needs needs = {.struct_size = sizeof needs};
    gan_stream_information about = {.struct_size = sizeof about};
    gan_stream *stream;
    double speed = 0, seconds = 0;
    succeed(gan_session_measure(model, shape, NULL, &needs));
    succeed(gan_session_create(&session, model, shape, NULL));
    ck_assert_int_eq(needs.memory, gan_session_memory(session));
    ck_assert(needs.multiplications > 1e8);
    gan_session_free(session);
    succeed(gan_stream_create(&stream, model, 2000, 1500, NULL));
    succeed(gan_stream_describe(stream, &about));
    ck_assert_int_lt(about.memory, needs.memory);
    ck_assert_int_gt(about.bands, about.passes);
    ck_assert_int_gt(about.passes, 5);
    ck_assert(about.multiplications >= needs.multiplications && about.file_bytes > 0);
    succeed(gan_model_speed(model, GAN_PRECISION_DEFAULT, &speed));
    ck_assert(speed > 1e6);
    succeed(gan_stream_estimate(stream, &seconds));
    ck_assert(seconds > 0 && seconds < 1000);
    gan_stream_free(stream);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {too_little_memory_is_refused_with_what_would_do,
                                  streams_keep_within_their_memory,
                                  bands_too_low_are_refused_with_what_would_do, plans_tell_what_is_needed};
    return run_suite("streaming bounds", tests, sizeof tests / sizeof tests[0]);
}
