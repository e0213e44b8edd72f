/* Results that wait in the temporary file for those who must know all of one first. */
#include "base/suite.h"
#include "graph/networks.h"
#include "streaming/passage.h"
#include "streaming/streamed_networks.h"

#include <stdlib.h>
#include <string.h>

/* Rows come back as they were written, in any order. */
static void check_rows(gan_stream *stream, const gan_tensor *written)
{
    static const int64_t counts[] = {1, 7, 64, 0};
    const int64_t height = gan_tensor_size(written, 1), width = gan_tensor_count(written) / height;
    const float *expected = gan_tensor_data_const(written);
    float *rows = malloc((size_t)gan_tensor_count(written) * sizeof *rows);
    ck_assert_ptr_nonnull(rows);
    succeed(gan_stream_read_result(stream, 0, height, rows));
    ck_assert_mem_eq(rows, expected, (size_t)gan_tensor_count(written) * sizeof *rows);
    for (int i = 0; i < 4; i++) {
        succeed(gan_stream_read_result(stream, height - counts[i], counts[i], rows));
        ck_assert_int_eq(
            memcmp(rows, expected + (height - counts[i]) * width, (size_t)(counts[i] * width) * sizeof *rows),
            0);
    }
    fails_with(gan_stream_read_result(stream, -1, 1, rows), GAN_ERROR_ARGUMENT, "rows from -1");
    fails_with(gan_stream_read_result(stream, height, 1, rows), GAN_ERROR_ARGUMENT, "the result has");
    fails_with(gan_stream_read_result(stream, 1, INT64_MAX, rows), GAN_ERROR_ARGUMENT, "the result has");
    fails_with(gan_stream_read_result(stream, 0, 1, NULL), GAN_ERROR_ARGUMENT, "rows is NULL");
    free(rows);
}

/* With other storage, statistics and sizes; `options` say to keep. */
static void check_kept(const char *name, const char *multiple, int64_t height, int64_t width,
                       const gan_stream_options *options)
{
    gan_context *context = make_context(2);
    gan_model *model = make_streamed_network(context, name);
    gan_tensor *photo = make_photo(context, height, width), *plain, *result;
    int64_t sizes[GAN_MAX_RANK];
    gan_stream *stream;
    gan_stream_options dropping = *options;
    dropping.keep = 0;
    if (multiple != NULL)
        succeed(gan_model_set_metadata(model, "size_multiple", multiple));
    succeed(stream_picture(&plain, model, photo, &dropping));
    succeed(gan_stream_create(&stream, model, height, width, options));
    const int32_t rank = gan_stream_output_shape(stream, sizes);
    succeed(gan_tensor_create(&result, context, GAN_FLOAT32, sizes, rank));
    struct passage passage = {.from = photo, .to = result};
    const gan_stream_io io = passage_io(&passage);
    succeed(gan_stream_run(stream, &io));
    ck_assert(same_bits(result, plain));
    check_rows(stream, result);
    gan_stream_free(stream);
    gan_tensor_free(result);
    gan_tensor_free(plain);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
}

START_TEST(kept_rows_are_those_that_were_written)
{
    gan_stream_options options = {.struct_size = sizeof options, .keep = 1, .band_rows = 64};
    for (options.storage = GAN_STREAM_STORE_AUTO; options.storage <= GAN_STREAM_STORE_NONE; options.storage++)
        check_kept("johnson", NULL, 201, 45, &options);
    options.storage = GAN_STREAM_STORE_AUTO;
    options.raw = 1;
    check_kept("johnson", NULL, 201, 45, &options);
    options = (gan_stream_options){.struct_size = sizeof options, .keep = 1};
    check_kept("u-net with instance norm", "32", 201, 77, &options);
    options.statistics = GAN_STREAM_STATISTICS_THUMBNAIL;
    options.thumbnail = 100;
    check_kept("johnson", NULL, 201, 45, &options);
}
END_TEST

START_TEST(the_file_grows_by_the_result)
{
    gan_context *context = make_context(1);
    gan_model *model = make_streamed_network(context, "johnson");
    gan_stream_information about[2];
    for (int keep = 0; keep < 2; keep++) {
        const gan_stream_options options = {.struct_size = sizeof options, .keep = keep};
        gan_stream *stream;
        about[keep] = (gan_stream_information){.struct_size = sizeof about[keep]};
        succeed(gan_stream_create(&stream, model, 200, 40, &options));
        succeed(gan_stream_describe(stream, &about[keep]));
        gan_stream_free(stream);
    }
    const int64_t bytes = (int64_t)200 * 40 * 3 * (int64_t)sizeof(float);
    ck_assert_int_eq(about[1].file_bytes - about[0].file_bytes, bytes);
    ck_assert_int_eq(about[1].file_traffic - about[0].file_traffic, 2 * bytes);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* There is a result from a run's good end to the beginning of the next. */
START_TEST(without_a_result_there_are_no_rows)
{
    gan_context *context = make_context(2);
    gan_model *model = make_streamed_network(context, "johnson");
    gan_tensor *photo = make_photo(context, 200, 40);
    gan_tensor *result = make_zeros(context, (const int64_t[]){1, 200, 40, 3}, 4);
    struct passage passage = {.from = photo, .to = result};
    const gan_stream_io io = passage_io(&passage);
    gan_stream_options options = {.struct_size = sizeof options, .band_rows = 64};
    float row[3 * 40];
    gan_stream *stream;
    succeed(gan_stream_create(&stream, model, 200, 40, &options));
    succeed(gan_stream_run(stream, &io));
    fails_with(gan_stream_read_result(stream, 0, 1, row), GAN_ERROR_STATE, "options");
    gan_stream_free(stream);
    options.keep = 1;
    succeed(gan_stream_create(&stream, model, 200, 40, &options));
    fails_with(gan_stream_read_result(stream, 0, 1, row), GAN_ERROR_STATE, "no run");
    for (int again = 0; again < 2; again++) {
        passage = (struct passage){.from = photo, .to = result};
        succeed(gan_stream_run(stream, &io));
        check_rows(stream, result);
        passage = (struct passage){.from = photo, .to = result, .stop_after = 5};
        ck_assert_int_eq(gan_stream_run(stream, &io), GAN_ERROR_CANCELLED);
        fails_with(gan_stream_read_result(stream, 0, 1, row), GAN_ERROR_STATE, "no run");
    }
    gan_stream_free(stream);
    fails_with(gan_stream_read_result(NULL, 0, 1, row), GAN_ERROR_ARGUMENT, "stream is NULL");
    options.keep = 2;
    fails_with(gan_stream_create(&stream, model, 200, 40, &options), GAN_ERROR_ARGUMENT, "keep");
    gan_tensor_free(result);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {kept_rows_are_those_that_were_written, the_file_grows_by_the_result,
                                  without_a_result_there_are_no_rows};
    return run_suite("kept results", tests, sizeof tests / sizeof tests[0]);
}
