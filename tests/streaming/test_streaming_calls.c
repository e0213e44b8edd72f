/* Streams as their users meet them: pictures, threads, errors. */
#include "base/suite.h"
#include "faults/ledger.h"
#include "graph/networks.h"
#include "streaming/passage.h"
#include "streaming/streamed_networks.h"

#include <malloc.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static gan_model *make_network(gan_context *context, const char *name)
{
    for (int i = 0; i < streamed_network_count; i++)
        if (strcmp(streamed_networks[i].name, name) == 0)
            return streamed_networks[i].make(context);
    ck_abort_msg("no network %s", name);
}

static gan_tensor *make_photo(gan_context *context, int64_t height, int64_t width)
{
    gan_tensor *photo = make_zeros(context, (const int64_t[]){1, height, width, 3}, 4);
    succeed(gan_tensor_fill_uniform(photo, 3, 0, 1));
    return photo;
}

START_TEST(threads_change_no_bit)
{
    static const int32_t counts[] = {1, 2, 3, 8};
    const gan_stream_options options = {.struct_size = sizeof options, .band_rows = 56};
    gan_tensor *first = NULL;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        gan_context *context = make_context(counts[i]);
        gan_model *model = make_network(context, "johnson");
        gan_tensor *photo = make_photo(context, 150, 70), *streamed;
        succeed(stream_picture(&streamed, model, photo, &options));
        if (first != NULL)
            ck_assert(same_bits(first, streamed));
        gan_tensor_free(i == 0 ? NULL : streamed);
        first = i == 0 ? streamed : first;
        gan_tensor_free(photo);
        gan_model_free(model);
        gan_context_free(context);
    }
    gan_tensor_free(first);
}
END_TEST

/* In 0..1, by the words of the model, continued where it wants multiples, and cut to the size of the photo.
 */
static void check_photo(const char *name, const char *multiple, int64_t height, int64_t width)
{
    gan_context *context = make_context(2);
    gan_model *model = make_network(context, name);
    gan_tensor *photo = make_photo(context, height, width), *whole, *streamed;
    succeed(gan_model_set_metadata(model, "input_range", "0..255"));
    succeed(gan_model_set_metadata(model, "input_mean", "100, 110, 120"));
    succeed(gan_model_set_metadata(model, "input_channels", "BGR"));
    succeed(gan_model_set_metadata(model, "output_range", "-1..1"));
    if (multiple != NULL)
        succeed(gan_model_set_metadata(model, "size_multiple", multiple));
    succeed(gan_model_stylize(model, photo, &whole));
    succeed(stream_picture(&streamed, model, photo, NULL));
    ck_assert(largest_difference(whole, streamed) < 1e-4);
    gan_tensor_free(whole);
    gan_tensor_free(streamed);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
}

START_TEST(photos_come_out_as_from_a_stylizer)
{
    check_photo("johnson", NULL, 301, 77);
    check_photo("u-net with instance norm", "32", 301, 77);
    check_photo("anime", "4", 101, 67);
    check_photo("resnet", "64", 70, 301);
}
END_TEST

/* A photo of one colour has no spread, a bright one little beside its mean. */
START_TEST(flat_pictures_stay_finite_and_the_same)
{
    gan_context *context = make_context(2);
    gan_model *model = make_network(context, "johnson");
    gan_tensor *photo = make_filled(context, (const int64_t[]){1, 300, 40, 3}, 4, 0.75f), *streamed;
    float *pixels = gan_tensor_data(photo);
    pixels[100 * 40 * 3] = 0.751f;
    gan_tensor *whole = run_whole(model, photo, GAN_PRECISION_EXACT);
    const gan_stream_options options = {
        .struct_size = sizeof options, .precision = GAN_PRECISION_EXACT, .raw = 1};
    succeed(stream_picture(&streamed, model, photo, &options));
    ck_assert(largest_difference(whole, streamed) < 5e-3);
    gan_tensor_free(whole);
    gan_tensor_free(streamed);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* With the photo itself as its thumbnail the statistics are exact; with a smaller one they are near. */
START_TEST(thumbnails_give_approximate_statistics)
{
    static const int64_t sides[] = {300, 100};
    gan_context *context = make_context(2);
    gan_model *model = make_network(context, "johnson");
    gan_tensor *photo = make_photo(context, 300, 60), *exact;
    double differences[2];
    succeed(stream_picture(&exact, model, photo, NULL));
    for (int i = 0; i < 2; i++) {
        const gan_stream_options options = {.struct_size = sizeof options,
                                            .statistics = GAN_STREAM_STATISTICS_THUMBNAIL,
                                            .thumbnail = sides[i]};
        gan_tensor *approximate;
        succeed(stream_picture(&approximate, model, photo, &options));
        differences[i] = largest_difference(exact, approximate);
        gan_tensor_free(approximate);
    }
    ck_assert_msg(differences[0] < 1e-4, "%g", differences[0]);
    ck_assert_msg(differences[1] > 1e-3, "%g", differences[1]);
    gan_tensor_free(exact);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

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
    gan_model *model = make_network(context, "johnson");
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
    gan_model *model = make_network(context, "johnson");
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

START_TEST(bands_too_low_are_refused_with_what_would_do)
{
    gan_context *context = make_context(1);
    gan_model *model = make_network(context, "johnson");
    gan_stream_options options = {.struct_size = sizeof options, .band_rows = 2};
    gan_stream *stream;
    fails_with(gan_stream_create(&stream, model, 500, 60, &options), GAN_ERROR_ARGUMENT, "too low");
    for (int i = 0; i < 3; i++) { /* the higher bands reach a little further where they begin elsewhere */
        char *words = strstr(gan_error_message(), "takes ");
        ck_assert_ptr_nonnull(words);
        options.band_rows = strtoll(words + strlen("takes "), NULL, 10);
        if (gan_stream_create(&stream, model, 500, 60, &options) == GAN_OK)
            break;
    }
    ck_assert_ptr_nonnull(stream);
    gan_stream_free(stream);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* Whose first rows need the last ones. */
static gan_layer *wrap_around(gan_layer *x, bool by_pad)
{
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .name = "round",
                                        .filters = 3,
                                        .kernel = {3},
                                        .padding = GAN_PAD_HALF,
                                        .padding_mode = GAN_PADDING_WRAP};
    if (!by_pad)
        return gan_conv2d(x, &options);
    return gan_crop(gan_layer_set_name(gan_pad(x, 1, 0, 1, 0, GAN_PADDING_WRAP), "round"), 1, 0, 1, 0);
}

static gan_model *make_refused(gan_context *context, int kind)
{
    gan_graph *graph = make_graph(context);
    const int64_t side = kind == 3 ? 64 : -1;
    gan_layer *x = gan_input(graph, "picture", (const int64_t[]){-1, side, side, 3}, 4);
    gan_layer *both[] = {x, x};
    gan_layer *y = x;
    if (kind == 0)
        y = gan_layer_set_name(gan_concat(both, 2, 1), "twice");
    if (kind == 1)
        y = gan_layer_set_name(gan_slice(x, 1, 0, 8), "top");
    if (kind == 2)
        y = gan_upsample_nearest(x, 2);
    if (kind >= 4)
        y = wrap_around(x, kind == 4);
    gan_model *model = make_model("refused", x, gan_relu(y));
    gan_graph_free(graph);
    return model;
}

START_TEST(networks_that_cannot_be_cut_are_refused_by_layer)
{
    static const char *const words[] = {"\"twice\"",  "\"top\"",   "same size",
                                        "of its own", "\"round\"", "\"round\""};
    gan_context *context = make_context(1);
    for (int kind = 0; kind < 6; kind++) {
        gan_model *model = make_refused(context, kind);
        gan_stream *stream;
        fails_with(gan_stream_create(&stream, model, 64, 64, NULL), GAN_ERROR_UNSUPPORTED, words[kind]);
        ck_assert_ptr_null(stream);
        gan_model_free(model);
    }
    gan_context_free(context);
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
    gan_context *context = make_context(1);
    gan_model *model = make_network(context, "johnson");
    gan_stream_options options = {.struct_size = sizeof options, .storage = 7};
    gan_stream_information about = {.struct_size = sizeof about};
    gan_stream *stream;
    fails_with(gan_stream_create(NULL, model, 64, 64, NULL), GAN_ERROR_ARGUMENT, "out");
    fails_with(gan_stream_create(&stream, NULL, 64, 64, NULL), GAN_ERROR_ARGUMENT, "model");
    fails_with(gan_stream_create(&stream, model, 64, 0, NULL), GAN_ERROR_ARGUMENT, "0x64");
    fails_with(gan_stream_create(&stream, model, 64, 64, &options), GAN_ERROR_ARGUMENT, "storage");
    options = (gan_stream_options){.struct_size = sizeof options, .memory = -1};
    fails_with(gan_stream_create(&stream, model, 64, 64, &options), GAN_ERROR_ARGUMENT, "memory");
    options = (gan_stream_options){.struct_size = sizeof options, .statistics = 1, .thumbnail = 5};
    fails_with(gan_stream_create(&stream, model, 64, 64, &options), GAN_ERROR_ARGUMENT, "thumbnail");
    fails_with(gan_stream_create(&stream, model, 2, 2, NULL), GAN_ERROR_SHAPE, "conv1");
    fails_with(gan_stream_describe(NULL, &about), GAN_ERROR_ARGUMENT, "stream");
    ck_assert_int_eq(gan_stream_output_shape(NULL, NULL), -1);
    gan_stream_free(NULL);
    succeed(gan_stream_create(&stream, model, 64, 64, NULL));
    const gan_stream_io nothing = {.struct_size = sizeof nothing};
    fails_with(gan_stream_run(stream, &nothing), GAN_ERROR_ARGUMENT, "read");
    fails_with(gan_stream_run(stream, NULL), GAN_ERROR_ARGUMENT, "io");
    gan_stream_free(stream);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* A stream that was stopped, by its user or by an error of a callback, can run again. */
START_TEST(stopped_streams_run_again)
{
    gan_context *context = make_context(2);
    gan_model *model = make_network(context, "johnson");
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
    gan_model *model = make_network(context, "u-net with instance norm");
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
    gan_model *model = make_network(context, "johnson");
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
    gan_tensor_free(result);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* What is said beforehand. */
START_TEST(plans_tell_what_is_needed)
{
    const int64_t shape[] = {1, 2000, 1500, 3};
    gan_context *context = make_context(2);
    gan_model *model = make_network(context, "johnson");
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
    const TTest *const tests[] = {
        threads_change_no_bit,
        photos_come_out_as_from_a_stylizer,
        flat_pictures_stay_finite_and_the_same,
        thumbnails_give_approximate_statistics,
        too_little_memory_is_refused_with_what_would_do,
        streams_keep_within_their_memory,
        bands_too_low_are_refused_with_what_would_do,
        networks_that_cannot_be_cut_are_refused_by_layer,
        wrong_arguments_are_refused,
        stopped_streams_run_again,
        what_a_failed_read_left_is_not_used,
        a_temporary_file_that_fails_is_told,
        plans_tell_what_is_needed,
    };
    return run_suite("streaming calls", tests, sizeof tests / sizeof tests[0]);
}
