/* Pictures through models by the words that travel with these. */
#include "base/suite.h"
#include "faults/scenario.h"
#include "gan/image.h"
#include "gan/networks.h"
#include "gan/stylizer.h"
#include "graph/networks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void name(gan_model *model, const char *key, const char *words)
{
    succeed(gan_model_set_metadata(model, key, words));
}

/* y = scale * x by a 1x1 convolution, whose pixels a stride may skip and double. */
static gan_model *make_scaling(gan_context *context, float scale, int64_t side, int32_t stride)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = gan_input(graph, NULL, (const int64_t[]){-1, side, side, 3}, 4);
    gan_layer *y = convolve(x, "scale", 3, 1, stride);
    gan_model *model = make_model("scaling", x, stride > 1 ? gan_upsample_nearest(y, stride) : y);
    gan_tensor *weights = make_zeros(context, (const int64_t[]){3, 1, 1, 3}, 4);
    for (int i = 0; i < 3; i++)
        ((float *)gan_tensor_data(weights))[4 * i] = scale;
    succeed(gan_model_set_parameter(model, 0, weights));
    gan_tensor_free(weights);
    gan_graph_free(graph);
    return model;
}

static gan_tensor *make_photo(gan_context *context, int64_t height, int64_t width)
{
    gan_tensor *photo = make_zeros(context, (const int64_t[]){1, height, width, 3}, 4);
    succeed(gan_tensor_fill_uniform(photo, 3, 0, 1));
    return photo;
}

static const float *values_of(const gan_tensor *tensor)
{
    return gan_tensor_data_const(tensor);
}

START_TEST(ranges_means_and_channels_are_followed)
{
    gan_context *context = make_context(2);
    gan_model *model = make_scaling(context, 0.5f, -1, 1);
    gan_tensor *photo = make_photo(context, 7, 9), *result;
    name(model, "input_range", "0..255");
    name(model, "input_mean", "10, 20 30.5");
    name(model, "input_scale", "1,0.5,2e0");
    name(model, "input_channels", "BGR");
    name(model, "output_range", "-1..1");
    static const double mean[] = {10, 20, 30.5}, scale[] = {1, 0.5, 2};
    succeed(gan_model_stylize(model, photo, &result));
    for (int64_t i = 0; i < 7 * 9; i++)
        for (int c = 0; c < 3; c++) {
            const double blue_first = 255 * (double)values_of(photo)[3 * i + 2 - c];
            const double output = (0.5 * (blue_first - mean[c]) * scale[c] + 1) / 2;
            const double expected = fmin(fmax(output, 0), 1);
            ck_assert(fabs((double)values_of(result)[3 * i + c] - expected) < 1e-4);
        }
    gan_tensor_free(photo);
    gan_tensor_free(result);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(results_have_the_size_of_the_picture)
{
    gan_context *context = make_context(1);
    gan_model *models[] = {make_scaling(context, 1, -1, 1), make_scaling(context, 1, -1, 2),
                           make_scaling(context, 1, 16, 1)};
    gan_tensor *photo = make_photo(context, 21, 35), *result;
    for (size_t i = 0; i < 3; i++) {
        succeed(gan_model_stylize(models[i], photo, &result));
        ck_assert_int_eq(gan_tensor_size(result, 1), 21);
        ck_assert_int_eq(gan_tensor_size(result, 2), 35);
        if (i == 0)
            ck_assert(largest_difference(photo, result) < 1e-6);
        if (i == 1) /* every second pixel stays where it was: the excess is cut off, nothing is scaled */
            ck_assert(fabsf(values_of(result)[2 * 35 * 3] - values_of(photo)[2 * 35 * 3]) < 1e-6f);
        gan_tensor_free(result);
        gan_model_free(models[i]);
    }
    gan_tensor_free(photo);
    gan_context_free(context);
}
END_TEST

/* The photo continued to multiples of 8 by hand, through the network and back. */
static void check_padding(gan_context *context, gan_model *model, const gan_tensor *photo)
{
    const int64_t height = gan_tensor_size(photo, 1), width = gan_tensor_size(photo, 2);
    const int64_t tall = (height + 7) / 8 * 8, wide = (width + 7) / 8 * 8;
    gan_tensor *large = make_zeros(context, (const int64_t[]){1, tall, wide, 3}, 4);
    for (int64_t y = 0; y < tall; y++)
        for (int64_t x = 0; x < 3 * wide; x++) {
            int64_t row = y, column = x / 3;
            while (row < 0 || row >= height)
                row = row < 0 ? -1 - row : 2 * height - 1 - row;
            while (column < 0 || column >= width)
                column = column < 0 ? -1 - column : 2 * width - 1 - column;
            ((float *)gan_tensor_data(large))[y * 3 * wide + x] =
                values_of(photo)[(row * width + column) * 3 + x % 3];
        }
    gan_tensor *expected, *cropped, *result;
    succeed(gan_model_stylize(model, large, &expected));
    succeed(gan_image_crop(&cropped, expected, 0, 0, height, width));
    succeed(gan_model_stylize(model, photo, &result));
    ck_assert(same_bits(result, cropped));
    gan_tensor *const tensors[] = {large, expected, cropped, result};
    for (size_t i = 0; i < sizeof tensors / sizeof tensors[0]; i++)
        gan_tensor_free(tensors[i]);
}

START_TEST(pictures_are_continued_where_the_network_wants_multiples)
{
    gan_context *context = make_context(2);
    const gan_unet_options options = {.struct_size = sizeof options, .channels = 4, .downs = 3};
    static const int64_t sizes[][2] = {{21, 35}, {24, 30}, {3, 2}, {16, 8}};
    gan_model *model;
    succeed(gan_unet_create(&model, context, &options));
    ck_assert_str_eq(gan_model_metadata(model, "size_multiple"), "8");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        gan_tensor *photo = make_photo(context, sizes[i][0], sizes[i][1]);
        check_padding(context, model, photo);
        gan_tensor_free(photo);
    }
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(sessions_are_kept_for_a_size)
{
    gan_context *context = make_context(1);
    gan_model *model = make_generator(context);
    gan_tensor *photo = make_photo(context, 16, 20), *first, *second, *other;
    gan_tensor *large = make_photo(context, 20, 24);
    gan_stylizer *stylizer;
    succeed(gan_stylizer_create(&stylizer, model, NULL));
    gan_model_free(model);
    ck_assert_ptr_null(gan_stylizer_session(stylizer));
    succeed(gan_stylizer_prepare(stylizer, 16, 20));
    const gan_session *session = gan_stylizer_session(stylizer);
    ck_assert_ptr_nonnull(session);
    succeed(gan_stylizer_run(stylizer, photo, &first));
    ck_assert_ptr_eq(gan_stylizer_session(stylizer), session);
    succeed(gan_stylizer_run(stylizer, large, &other));
    gan_stylizer_rest(stylizer);
    ck_assert_ptr_null(gan_stylizer_session(stylizer));
    succeed(gan_stylizer_run(stylizer, photo, &second));
    ck_assert(same_bits(first, second));
    gan_tensor *const tensors[] = {photo, first, second, other, large};
    for (size_t i = 0; i < sizeof tensors / sizeof tensors[0]; i++)
        gan_tensor_free(tensors[i]);
    gan_stylizer_free(stylizer);
    gan_stylizer_free(NULL);
    gan_context_free(context);
}
END_TEST

static void refuses_words(const char *key, const char *words)
{
    gan_context *context = make_context(1);
    gan_model *model = make_scaling(context, 1, -1, 1);
    gan_stylizer *stylizer;
    name(model, key, words);
    fails_with(gan_stylizer_create(&stylizer, model, NULL), GAN_ERROR_ARGUMENT, key);
    ck_assert_ptr_null(stylizer);
    gan_model_free(model);
    gan_context_free(context);
}

START_TEST(words_that_say_nothing_are_refused)
{
    refuses_words("input_range", "0..7");
    refuses_words("output_range", "");
    refuses_words("input_mean", "1 2");
    refuses_words("input_mean", "1 2 3 4");
    refuses_words("input_scale", "a b c");
    refuses_words("input_scale", "1,1,1],[");
    refuses_words("input_channels", "GRB");
    refuses_words("size_multiple", "0");
    refuses_words("size_multiple", "8x");
    refuses_words("size_multiple", "5000");
}
END_TEST

START_TEST(pictures_and_models_are_checked)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 4);
    gan_model *four = make_model("four", x, gan_relu(x)), *model = make_scaling(context, 1, -1, 1);
    gan_tensor *pair = make_zeros(context, (const int64_t[]){2, 4, 4, 3}, 4), *bytes, *result;
    gan_stylizer *stylizer;
    succeed(gan_tensor_create(&bytes, context, GAN_UINT8, (const int64_t[]){1, 4, 4, 3}, 4));
    fails_with(gan_stylizer_create(&stylizer, four, NULL), GAN_ERROR_ARGUMENT, "four");
    fails_with(gan_stylizer_create(&stylizer, NULL, NULL), GAN_ERROR_ARGUMENT, "NULL");
    fails_with(gan_model_stylize(model, pair, &result), GAN_ERROR_SHAPE, "[2,4,4,3]");
    fails_with(gan_model_stylize(model, bytes, &result), GAN_ERROR_TYPE, "uint8");
    fails_with(gan_model_stylize(model, NULL, &result), GAN_ERROR_ARGUMENT, "NULL");
    const gan_stylizer_options strange = {.struct_size = sizeof strange, .precision = 99};
    const gan_stylizer_options forgetful = {.struct_size = sizeof forgetful, .statistics_memory = 2};
    fails_with(gan_stylizer_create(&stylizer, model, &strange), GAN_ERROR_ARGUMENT, "precision");
    fails_with(gan_stylizer_create(&stylizer, model, &forgetful), GAN_ERROR_ARGUMENT, "statistics_memory");
    ck_assert_ptr_null(stylizer);
    gan_tensor_free(pair);
    gan_tensor_free(bytes);
    gan_model_free(four);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

struct job {
    gan_model *model;
    gan_tensor *photo;
};

static gan_status prepare_job(gan_context *context, void **state)
{
    struct job *job = calloc(1, sizeof *job);
    *state = job;
    job->model = make_scaling(context, 1, 16, 2);
    job->photo = make_photo(context, 20, 30);
    return gan_model_set_metadata(job->model, "input_mean", "0.1 0.2 0.3");
}

static gan_status stylize_job(gan_context *context, void *state)
{
    const struct job *job = state;
    gan_tensor *result = NULL;
    (void)context;
    const gan_status status = gan_model_stylize(job->model, job->photo, &result);
    gan_tensor_free(result);
    return status;
}

static void clean_job(void *state)
{
    struct job *job = state;
    gan_model_free(job->model);
    gan_tensor_free(job->photo);
    free(job);
}

static gan_status prepare_padding_job(gan_context *context, void **state)
{
    struct job *job = calloc(1, sizeof *job);
    *state = job;
    job->model = make_scaling(context, 1, -1, 2);
    job->photo = make_photo(context, 13, 9);
    return gan_model_set_metadata(job->model, "size_multiple", "8");
}

START_TEST(memory_may_run_out)
{
    exhaust_memory(
        &(struct scenario){.prepare = prepare_padding_job, .act = stylize_job, .clean = clean_job});
    exhaust_memory(&(struct scenario){.prepare = prepare_job, .act = stylize_job, .clean = clean_job});
}
END_TEST

/* A picture that begins again at its ends: waves whose lengths divide its sides. */
static gan_tensor *make_texture(gan_context *context, int64_t side)
{
    gan_tensor *texture = make_zeros(context, (const int64_t[]){1, side, side, 3}, 4);
    float *values = gan_tensor_data(texture);
    for (int64_t i = 0; i < 3 * side * side; i++) {
        const double turn = 2 * 3.14159265358979 / (double)side;
        const double y = turn * (double)(i / 3 / side), x = turn * (double)(i / 3 % side);
        const double c = (double)(i % 3);
        values[i] = (float)(0.5 + 0.2 * sin(3 * x + 5 * y + c) + 0.2 * sin(7 * x - 2 * y + 2 * c));
    }
    return texture;
}

/* Moved round about by (down, right). */
static gan_tensor *turn(gan_context *context, const gan_tensor *picture, int64_t down, int64_t right)
{
    const int64_t height = gan_tensor_size(picture, 1), width = gan_tensor_size(picture, 2);
    gan_tensor *turned = make_zeros(context, (const int64_t[]){1, height, width, 3}, 4);
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++)
            for (int64_t c = 0; c < 3; c++)
                ((float *)gan_tensor_data(
                    turned))[3 * ((y + down) % height * width + (x + right) % width) + c] =
                    values_of(picture)[3 * (y * width + x) + c];
    return turned;
}

static gan_tensor *paint(gan_model *model, const gan_tensor *picture, int32_t tileable)
{
    const gan_stylizer_options options = {.struct_size = sizeof options, .tileable = tileable};
    gan_stylizer *stylizer;
    gan_tensor *result;
    succeed(gan_stylizer_create(&stylizer, model, &options));
    succeed(gan_stylizer_run(stylizer, picture, &result));
    gan_stylizer_free(stylizer);
    return result;
}

/* Mean difference of neighbours from the last column to the first, as a share of that of all columns. */
static double seam(const gan_tensor *picture)
{
    const int64_t side = gan_tensor_size(picture, 1);
    double across = 0, inside = 0;
    for (int64_t y = 0; y < side; y++)
        for (int64_t x = 0; x < side; x++)
            for (int64_t c = 0; c < 3; c++) {
                const double here = (double)values_of(picture)[3 * (y * side + x) + c];
                const double next = (double)values_of(picture)[3 * (y * side + (x + 1) % side) + c];
                *(x == side - 1 ? &across : &inside) += fabs(next - here);
            }
    return across / inside * (double)(side - 1);
}

/* Where a tile begins matters little alone: norms count what is seen of its copies. */
START_TEST(textures_still_tile)
{
    char path[4096];
    gan_context *context = make_context(2);
    gan_model *model;
    snprintf(path, sizeof path, "%s/examples/models/composition_vii.safetensors", getenv("GAN_SOURCE_DIR"));
    succeed(gan_model_load(&model, context, path));
    gan_tensor *texture = make_texture(context, 96), *turned = turn(context, texture, 32, 56);
    gan_tensor *tile = paint(model, texture, 1), *other = paint(model, turned, 1),
               *plain = paint(model, texture, 0);
    gan_tensor *expected = turn(context, tile, 32, 56);
    ck_assert_msg(seam(tile) < 1.3 && seam(plain) > 1.5 * seam(tile), "%g, without %g", seam(tile),
                  seam(plain));
    ck_assert_msg(largest_difference(expected, other) < 0.03, "%g", largest_difference(expected, other));
    gan_tensor *const all[] = {texture, turned, tile, other, plain, expected};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        gan_tensor_free(all[i]);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(tiles_of_odd_sides_are_refused)
{
    const gan_stylizer_options options = {.struct_size = sizeof options, .tileable = 1};
    gan_context *context = make_context(1);
    gan_model *model = make_scaling(context, 1, -1, 1), *fixed = make_scaling(context, 1, 16, 1);
    gan_tensor *photo = make_photo(context, 24, 30), *result;
    gan_stylizer *stylizer;
    succeed(gan_stylizer_create(&stylizer, model, &options));
    fails_with(gan_stylizer_run(stylizer, photo, &result), GAN_ERROR_SHAPE, "multiples of 8 (such as 32x24)");
    ck_assert_ptr_null(result);
    gan_stylizer_free(stylizer);
    fails_with(gan_stylizer_create(&stylizer, fixed, &options), GAN_ERROR_ARGUMENT, "cannot be tiles");
    gan_tensor_free(photo);
    gan_model_free(fixed);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        ranges_means_and_channels_are_followed,
        results_have_the_size_of_the_picture,
        pictures_are_continued_where_the_network_wants_multiples,
        sessions_are_kept_for_a_size,
        words_that_say_nothing_are_refused,
        pictures_and_models_are_checked,
        memory_may_run_out,
        textures_still_tile,
        tiles_of_odd_sides_are_refused,
    };
    return run_suite("stylizer", tests, sizeof tests / sizeof tests[0]);
}
