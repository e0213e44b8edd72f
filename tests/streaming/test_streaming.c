/* Pictures in bands: the result is that of the whole picture. */
#include "base/suite.h"
#include "graph/networks.h"
#include "streaming/passage.h"
#include "streaming/streamed_networks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t round_up(int64_t size, int64_t multiple)
{
    return (size + multiple - 1) / multiple * multiple;
}

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
    if (getenv("SHOW"))
        printf("%s: %g\n", what, difference);
    ck_assert_msg(difference < tolerance, "%s: %g", what, difference);
    gan_tensor_free(streamed);
}

/* One network at one size, for several heights of bands and ways to store. */
static void check_network(gan_context *context, const struct streamed_network *network, int64_t height,
                          int64_t width)
{
    static const int64_t heights[] = {48, 61, 96, 1000};
    gan_model *model = network->make(context);
    gan_tensor *picture =
        make_pictures(context, 1, round_up(height, network->multiple), round_up(width, network->multiple), 3);
    gan_tensor *whole = run_whole(model, picture, GAN_PRECISION_EXACT);
    for (int32_t storage = GAN_STREAM_STORE_AUTO; storage <= GAN_STREAM_STORE_NONE; storage++)
        for (size_t i = 0; i < sizeof heights / sizeof heights[0]; i++) {
            char what[128];
            const gan_stream_options options = {.struct_size = sizeof options,
                                                .precision = GAN_PRECISION_EXACT,
                                                .storage = storage,
                                                .raw = 1,
                                                .band_rows = heights[i]};
            gan_tensor *streamed;
            gan_status status = stream_picture(&streamed, model, picture, &options);
            if (status == GAN_ERROR_ARGUMENT && heights[i] < 100)
                continue; /* what layers read beyond such a band takes more rows */
            succeed(status);
            snprintf(what, sizeof what, "%s, %dx%d, bands of %d rows, storage %d", network->name, (int)width,
                     (int)height, (int)heights[i], (int)storage);
            expect_same(streamed, whole, 2e-5, what);
        }
    gan_tensor_free(whole);
    gan_tensor_free(picture);
    gan_model_free(model);
}

START_TEST(bands_give_what_the_whole_picture_gives)
{
    gan_context *context = make_context(2);
    check_network(context, &streamed_networks[_i], 160, 48);
    check_network(context, &streamed_networks[_i], 203, 37);
    check_network(context, &streamed_networks[_i], 33, 50);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("streaming");
    TCase *networks = tcase_create("networks");
    tcase_set_timeout(networks, TEST_SECONDS);
    tcase_add_loop_test(networks, bands_give_what_the_whole_picture_gives, 0, streamed_network_count);
    suite_add_tcase(suite, networks);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
