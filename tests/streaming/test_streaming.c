/* Pictures in bands: the result is that of the whole picture. */
#include "base/suite.h"
#include "graph/networks.h"
#include "kernels/sizes.h"
#include "streaming/passage.h"
#include "streaming/stream.h"
#include "streaming/streamed_networks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double largest_value(const gan_tensor *tensor)
{
    const float *values = gan_tensor_data_const(tensor);
    double most = 0;
    for (int64_t i = 0; i < gan_tensor_count(tensor); i++)
        most = fmax(most, fabs((double)values[i]));
    return most;
}

static void expect_same(gan_tensor *streamed, const gan_tensor *whole, double tolerance, const char *what)
{
    const double difference = largest_difference(streamed, whole) / largest_value(whole);
    ck_assert_msg(difference < tolerance, "%s: %g", what, difference);
    gan_tensor_free(streamed);
}

/* The rows that a refusal of lower bands names. */
static int64_t rows_told(void)
{
    const char *words = strstr(gan_error_message(), "at least ");
    ck_assert_msg(words != NULL, "%s", gan_error_message());
    return strtoll(words + strlen("at least "), NULL, 10);
}

/* Where such low bands are refused, as what layers read beyond them takes more rows, in bands of as many rows
 * as the refusal says. The number of bands that ran. */
static int64_t stream_in_bands(gan_tensor **streamed, gan_model *model, const gan_tensor *picture,
                               gan_stream_options *options)
{
    gan_stream_information about = {.struct_size = sizeof about};
    gan_stream *stream;
    gan_status status = stream_picture(streamed, model, picture, options);
    if (status == GAN_ERROR_ARGUMENT) {
        const int64_t rows = rows_told();
        ck_assert_int_gt(rows, options->band_rows);
        options->band_rows = rows;
        status = stream_picture(streamed, model, picture, options);
    }
    succeed(status);
    succeed(
        gan_stream_create(&stream, model, gan_tensor_size(picture, 1), gan_tensor_size(picture, 2), options));
    succeed(gan_stream_describe(stream, &about));
    gan_stream_free(stream);
    return about.bands;
}

/* One network at one size, for several heights of bands and ways to store. The most bands that ran. */
static int64_t check_network(gan_context *context, const struct streamed_network *network, int64_t height,
                             int64_t width)
{
    static const int64_t heights[] = {48, 61, 96, 1000};
    gan_model *model = network->make(context);
    gan_tensor *picture = make_pictures(context, 1, rounded_up(height, network->multiple),
                                        rounded_up(width, network->multiple), 3);
    gan_tensor *whole = run_whole(model, picture, GAN_PRECISION_EXACT);
    int64_t most = 0;
    for (int32_t storage = GAN_STREAM_STORE_AUTO; storage <= GAN_STREAM_STORE_NONE; storage++)
        for (size_t i = 0; i < sizeof heights / sizeof heights[0]; i++) {
            char what[128];
            gan_stream_options options = {.struct_size = sizeof options,
                                          .precision = GAN_PRECISION_EXACT,
                                          .storage = storage,
                                          .raw = 1,
                                          .band_rows = heights[i]};
            gan_tensor *streamed;
            const int64_t bands = stream_in_bands(&streamed, model, picture, &options);
            most = bands > most ? bands : most;
            snprintf(what, sizeof what, "%s, %dx%d, bands of %d rows, storage %d", network->name, (int)width,
                     (int)height, (int)options.band_rows, (int)storage);
            expect_same(streamed, whole, 2e-5, what);
        }
    gan_tensor_free(whole);
    gan_tensor_free(picture);
    gan_model_free(model);
    return most;
}

START_TEST(bands_give_what_the_whole_picture_gives)
{
    gan_context *context = make_context(2);
    ck_assert_int_gt(check_network(context, &streamed_networks[_i], 160, 48), 1);
    ck_assert_int_gt(check_network(context, &streamed_networks[_i], 203, 37), 1);
    check_network(context, &streamed_networks[_i], 33, 50);
    check_network(context, &streamed_networks[_i], 430, 20); /* many bands, most of which share a session */
    gan_context_free(context);
}
END_TEST

/* Whether bands k and k + 1 of a pass differ in nothing but their place, so that they share a session. */
static bool are_alike(const gan_stream *stream, int32_t pass, int64_t k)
{
    const struct network *network = &stream->network;
    const struct pass *cut = &stream->passes[pass];
    struct band_plan plans[2];
    for (int i = 0; i < 2; i++) {
        succeed(gan_band_plan_create(&plans[i], network));
        succeed(
            gan_band_plan_fill(&plans[i], network, pass, cut->needed, gan_pass_cut(cut, k + i), cut->height));
    }
    const bool alike = gan_band_plan_alike(&plans[0], &plans[1], network);
    gan_band_plan_free(&plans[0], network);
    gan_band_plan_free(&plans[1], network);
    return alike;
}

START_TEST(bands_inside_are_alike)
{
    gan_context *context = make_context(1);
    gan_model *model = streamed_networks[_i].make(context);
    const gan_stream_options options = {.struct_size = sizeof options, .raw = 1, .band_rows = 128};
    gan_stream *stream;
    succeed(gan_stream_create(&stream, model, 1280, 32, &options));
    for (int32_t pass = 0; pass < stream->network.pass_count; pass++)
        ck_assert_msg(are_alike(stream, pass, stream->passes[pass].bands / 2 - 1), "%s, pass %d",
                      streamed_networks[_i].name, (int)pass);
    gan_stream_free(stream);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("streaming");
    TCase *networks = tcase_create("networks");
    tcase_set_timeout(networks, TEST_SECONDS);
    tcase_add_loop_test(networks, bands_give_what_the_whole_picture_gives, 0, streamed_network_count);
    tcase_add_loop_test(networks, bands_inside_are_alike, 0, streamed_network_count);
    suite_add_tcase(suite, networks);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
