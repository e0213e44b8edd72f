/* Streams as their users meet them: pictures, threads, arguments. */
#include "base/suite.h"
#include "graph/networks.h"
#include "streaming/passage.h"
#include "streaming/streamed_networks.h"

#include <math.h>
#include <string.h>

START_TEST(threads_change_no_bit)
{
    static const int32_t counts[] = {1, 2, 3, 8};
    const gan_stream_options options = {.struct_size = sizeof options, .band_rows = 56};
    gan_tensor *first = NULL;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        gan_context *context = make_context(counts[i]);
        gan_model *model = make_streamed_network(context, "johnson");
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
    gan_model *model = make_streamed_network(context, name);
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
    gan_model *model = make_streamed_network(context, "johnson");
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
    gan_model *model = make_streamed_network(context, "johnson");
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
    gan_model *model = make_streamed_network(context, "johnson");
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

int main(void)
{
    const TTest *const tests[] = {threads_change_no_bit,
                                  photos_come_out_as_from_a_stylizer,
                                  flat_pictures_stay_finite_and_the_same,
                                  thumbnails_give_approximate_statistics,
                                  networks_that_cannot_be_cut_are_refused_by_layer,
                                  wrong_arguments_are_refused};
    return run_suite("streaming calls", tests, sizeof tests / sizeof tests[0]);
}
