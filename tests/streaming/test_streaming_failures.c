/* Streams that are stopped, and files and callbacks that fail. */
#include "base/suite.h"
#include "faults/ledger.h"
#include "graph/networks.h"
#include "streaming/passage.h"
#include "streaming/streamed_networks.h"

#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>

/* A stream that was stopped, by its user or by an error of a callback, can run again. */
START_TEST(stopped_streams_run_again)
{
    gan_context *context = make_context(2);
    gan_model *model = make_streamed_network(context, "johnson");
    gan_tensor *photo = make_photo(context, 200, 40), *expected;
    gan_tensor *result = make_zeros(context, (const int64_t[]){1, 200, 40, 3}, 4);
    gan_stream *stream;
    const gan_stream_options options = {.struct_size = sizeof options, .band_rows = 64};
    succeed(stream_picture(&expected, model, photo, &options));
    succeed(gan_stream_create(&stream, model, 200, 40, &options));
    struct passage passage = {.from = photo, .to = result, .stop_after = 5};
    gan_stream_io io = passage_io(&passage);
    fails_with(gan_stream_run(stream, &io), GAN_ERROR_CANCELLED, "stop");
    ck_assert_int_eq(passage.told, 5);
    passage = (struct passage){.from = photo, .to = result, .refuse = GAN_ERROR_IO};
    ck_assert_int_eq(gan_stream_run(stream, &io), GAN_ERROR_IO);
    passage = (struct passage){.from = photo, .to = result};
    succeed(gan_stream_run(stream, &io));
    ck_assert(same_bits(result, expected));
    gan_stream_free(stream);
    gan_tensor_free(expected);
    gan_tensor_free(result);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* Rows that a failing read was to fill, and whether the stream gave their memory back as the read left it. */
struct failing {
    struct ledger ledger;
    gan_allocator inner;
    const float *rows;
    int64_t count;
    bool untouched;
};

static gan_status fail_to_read(void *user, int64_t first, int64_t count, float *rows)
{
    struct failing *failing = user;
    (void)first;
    failing->rows = rows;
    failing->count = count * 77 * 3;
    for (int64_t i = 0; i < failing->count; i++)
        rows[i] = (float)i;
    return GAN_ERROR_IO;
}

static gan_status write_nothing(void *user, int64_t first, int64_t count, const float *rows)
{
    (void)user;
    (void)rows;
    ck_abort_msg("rows %d to %d of nothing", (int)first, (int)(first + count));
}

static void *give(void *user, size_t size, size_t alignment)
{
    struct failing *failing = user;
    return failing->inner.allocate(failing->inner.user, size, alignment);
}

static void take_back(void *user, void *memory)
{
    struct failing *failing = user;
    const uintptr_t start = (uintptr_t)memory, rows = (uintptr_t)failing->rows;
    if (rows >= start && rows < start + malloc_usable_size(memory)) {
        failing->untouched = true;
        for (int64_t i = 0; i < failing->count; i++)
            failing->untouched = failing->untouched && failing->rows[i] == (float)i;
        failing->rows = NULL;
    }
    failing->inner.release(failing->inner.user, memory);
}

/* Not even where rows are to be continued to the network's multiple. */
START_TEST(what_a_failed_read_left_is_not_used)
{
    struct failing failing = {.rows = NULL};
    ledger_open(&failing.ledger);
    failing.inner = failing.ledger.allocator;
    const gan_allocator allocator = {sizeof allocator, &failing, give, take_back};
    const gan_context_options in = {.struct_size = sizeof in, .threads = 1, .allocator = &allocator};
    const gan_stream_io io = {
        .struct_size = sizeof io, .user = &failing, .read = fail_to_read, .write = write_nothing};
    gan_context *context;
    gan_stream *stream;
    succeed(gan_context_create(&context, &in));
    gan_model *model = make_streamed_network(context, "u-net with instance norm");
    succeed(gan_model_set_metadata(model, "size_multiple", "32"));
    succeed(gan_stream_create(&stream, model, 64, 77, NULL));
    ck_assert_int_eq(gan_stream_run(stream, &io), GAN_ERROR_IO);
    gan_stream_free(stream);
    ck_assert(failing.untouched);
    gan_model_free(model);
    gan_context_free(context);
    ck_assert_int_eq(atomic_load(&failing.ledger.live), 0);
}
END_TEST

static gan_status read_plain(void *user, int64_t first, int64_t count, float *rows)
{
    const int64_t width = *(const int64_t *)user;
    (void)first;
    for (int64_t i = 0; i < 3 * count * width; i++)
        rows[i] = 0.5f;
    return GAN_OK;
}

static gan_status take_rows(void *user, int64_t first, int64_t count, const float *rows)
{
    (void)user;
    (void)first;
    (void)count;
    (void)rows;
    return GAN_OK;
}

/* A file that may not grow stands for a disk that is full. Check writes a file of its own at each assertion,
 * so that there is none while the limit stands. */
static gan_status stream_with_small_files(gan_stream *stream, int64_t width)
{
    const gan_stream_io io = {
        .struct_size = sizeof io, .user = &width, .read = read_plain, .write = take_rows};
    const struct rlimit small = {4096, RLIM_INFINITY};
    struct rlimit usual;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &usual), 0);
    signal(SIGXFSZ, SIG_IGN);
    const int limited = setrlimit(RLIMIT_FSIZE, &small);
    const gan_status status = gan_stream_run(stream, &io);
    const int freed = setrlimit(RLIMIT_FSIZE, &usual);
    ck_assert(limited == 0 && freed == 0);
    return status;
}

START_TEST(a_temporary_file_that_fails_is_told)
{
    gan_context *context = make_context(2);
    gan_model *model = make_streamed_network(context, "johnson");
    gan_tensor *photo = make_photo(context, 200, 40), *result;
    gan_stream_options options = {
        .struct_size = sizeof options, .storage = GAN_STREAM_STORE_ALL, .folder = "/nowhere/at/all"};
    fails_with(stream_picture(&result, model, photo, &options), GAN_ERROR_NOT_FOUND, "/nowhere/at/all");
    options.folder = NULL;
    setenv("TMPDIR", "/nowhere/either", 1);
    fails_with(stream_picture(&result, model, photo, &options), GAN_ERROR_NOT_FOUND, "/nowhere/either");
    unsetenv("TMPDIR");
    gan_stream *stream;
    succeed(gan_stream_create(&stream, model, 200, 40, &options));
    fails_with(stream_with_small_files(stream, 40), GAN_ERROR_IO, "temporary file");
    gan_stream_free(stream);
    options.storage = GAN_STREAM_STORE_NONE;
    succeed(stream_picture(&result, model, photo, &options));
    options.keep = 1;
    succeed(gan_stream_create(&stream, model, 200, 40, &options));
    fails_with(stream_with_small_files(stream, 40), GAN_ERROR_IO, "temporary file");
    gan_stream_free(stream);
    gan_tensor_free(result);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {stopped_streams_run_again, what_a_failed_read_left_is_not_used,
                                  a_temporary_file_that_fails_is_told};
    return run_suite("streaming failures", tests, sizeof tests / sizeof tests[0]);
}
