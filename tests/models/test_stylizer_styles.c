/* Generators of several styles, whose mixture is set for each picture. */
#include "base/suite.h"
#include "faults/scenario.h"
#include "graph/networks.h"

#include <math.h>
#include <string.h>

enum { STYLES = 3 };

/* A picture normalized and brought to a scale and shift of its style; `first`: which input the picture is. */
static gan_model *make_generator_of_styles(gan_context *context, int first)
{
    const gan_dense_options six = {.struct_size = sizeof six, .name = "table", .units = 6};
    gan_graph *graph = make_graph(context);
    gan_layer *picture = first == 0 ? open_pictures(graph, "input", 3) : NULL;
    gan_layer *style = gan_input(graph, "style", (const int64_t[]){1, STYLES}, 2);
    if (picture == NULL)
        picture = open_pictures(graph, "input", 3);
    gan_layer *code = gan_dense(style, &six);
    gan_layer *painted = gan_adain_affine(picture, gan_slice(code, 1, 0, 3), gan_slice(code, 1, 3, 3), 0, 0);
    gan_layer *inputs[2] = {first == 0 ? picture : style, first == 0 ? style : picture};
    gan_layer *output = gan_sigmoid(painted);
    gan_model *model;
    succeed(gan_model_create(&model, "styles", inputs, 2, &output, 1));
    succeed(gan_model_set_metadata(model, "styles", "wave/night/day"));
    gan_graph_free(graph);
    return model;
}

static gan_tensor *make_photo(gan_context *context, uint64_t seed)
{
    gan_tensor *photo = make_zeros(context, (const int64_t[]){1, 24, 40, 3}, 4);
    succeed(gan_tensor_fill_uniform(photo, seed, 0, 1));
    return photo;
}

static const float mixtures[][STYLES] = {{1, 0, 0}, {0, 0, 1}, {0.25f, 0.5f, 0.25f}, {-1, 2, 0}};

/* What the generator of one mixture paints. */
static gan_tensor *paint_mixture(gan_model *model, const float *weights, const gan_tensor *photo)
{
    gan_model *one;
    gan_tensor *painted;
    succeed(gan_model_mix_styles(&one, model, weights, STYLES));
    succeed(gan_model_stylize(one, photo, &painted));
    gan_model_free(one);
    return painted;
}

START_TEST(mixtures_are_those_of_bound_generators)
{
    gan_context *context = make_context(2);
    for (int first = 0; first < 2; first++) {
        gan_model *model = make_generator_of_styles(context, first);
        gan_tensor *photo = make_photo(context, 3), *painted, *former = NULL;
        gan_stylizer *stylizer;
        succeed(gan_stylizer_create(&stylizer, model, NULL));
        for (size_t i = 0; i < sizeof mixtures / sizeof mixtures[0]; i++) {
            succeed(gan_stylizer_set_styles(stylizer, mixtures[i], STYLES));
            succeed(gan_stylizer_run(stylizer, photo, &painted));
            gan_tensor *expected = paint_mixture(model, mixtures[i], photo);
            ck_assert_double_le(largest_difference(painted, expected), 1e-6);
            ck_assert(former == NULL || largest_difference(painted, former) > 0.01);
            gan_tensor_free(expected);
            gan_tensor_free(former);
            former = painted;
        }
        gan_tensor_free(former);
        gan_stylizer_free(stylizer);
        gan_tensor_free(photo);
        gan_model_free(model);
    }
    gan_context_free(context);
}
END_TEST

/* The first frame of a video is painted as a picture is; later ones follow the weights at once where nothing
 * of former frames is mixed in. */
START_TEST(videos_change_their_styles)
{
    const gan_video_stylizer_options off = {
        .struct_size = sizeof off, .statistics_memory = -1, .steadiness = -1};
    gan_context *context = make_context(2);
    gan_model *model = make_generator_of_styles(context, 0);
    gan_tensor *frame = make_photo(context, 4), *painted;
    gan_video_stylizer *video;
    succeed(gan_video_stylizer_create(&video, model, &off));
    fails_with(gan_video_stylizer_run(video, frame, &painted), GAN_ERROR_STATE, "set_styles");
    for (size_t i = 0; i < sizeof mixtures / sizeof mixtures[0]; i++) {
        succeed(gan_video_stylizer_set_styles(video, mixtures[i], STYLES));
        succeed(gan_video_stylizer_run(video, frame, &painted));
        gan_tensor *expected = paint_mixture(model, mixtures[i], frame);
        ck_assert_double_le(largest_difference(painted, expected), 1e-6);
        gan_tensor_free(expected);
        gan_tensor_free(painted);
    }
    fails_with(gan_video_stylizer_set_styles(NULL, mixtures[0], STYLES), GAN_ERROR_ARGUMENT, "NULL");
    gan_video_stylizer_free(video);
    gan_tensor_free(frame);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(bad_weights_leave_the_former)
{
    gan_context *context = make_context(1);
    gan_model *model = make_generator_of_styles(context, 0), *plain = make_generator(context);
    gan_tensor *photo = make_photo(context, 5), *before, *after;
    gan_stylizer *stylizer, *other;
    succeed(gan_stylizer_create(&stylizer, model, NULL));
    succeed(gan_stylizer_create(&other, plain, NULL));
    fails_with(gan_stylizer_run(stylizer, photo, &before), GAN_ERROR_STATE, "several styles");
    succeed(gan_stylizer_set_styles(stylizer, mixtures[2], STYLES));
    succeed(gan_stylizer_run(stylizer, photo, &before));
    fails_with(gan_stylizer_set_styles(stylizer, (const float[]){1, NAN, 0}, STYLES), GAN_ERROR_ARGUMENT,
               "weight 1");
    fails_with(gan_stylizer_set_styles(stylizer, mixtures[0], 2), GAN_ERROR_ARGUMENT, "2 weights for 3");
    fails_with(gan_stylizer_set_styles(stylizer, NULL, STYLES), GAN_ERROR_ARGUMENT, "NULL");
    fails_with(gan_stylizer_set_styles(NULL, mixtures[0], STYLES), GAN_ERROR_ARGUMENT, "NULL");
    fails_with(gan_stylizer_set_styles(other, mixtures[0], STYLES), GAN_ERROR_ARGUMENT, "one style");
    succeed(gan_stylizer_run(stylizer, photo, &after));
    ck_assert(same_bits(before, after));
    gan_tensor_free(before);
    gan_tensor_free(after);
    gan_tensor_free(photo);
    gan_stylizer_free(stylizer);
    gan_stylizer_free(other);
    gan_model_free(model);
    gan_model_free(plain);
    gan_context_free(context);
}
END_TEST

static gan_status prepare(gan_context *context, void **state)
{
    *state = make_generator_of_styles(context, 0);
    return GAN_OK;
}

static gan_status paint_without_memory(gan_context *context, void *state)
{
    const int64_t shape[] = {1, 8, 8, 3};
    gan_stylizer *stylizer = NULL;
    gan_tensor *photo = NULL, *painted = NULL;
    gan_status status = gan_stylizer_create(&stylizer, state, NULL);
    if (status == GAN_OK)
        status = gan_stylizer_set_styles(stylizer, mixtures[2], STYLES);
    if (status == GAN_OK)
        status = gan_tensor_create(&photo, context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        status = gan_stylizer_run(stylizer, photo, &painted);
    gan_tensor_free(photo);
    gan_tensor_free(painted);
    gan_stylizer_free(stylizer);
    return status;
}

static void clean(void *state)
{
    gan_model_free(state);
}

START_TEST(memory_may_be_out)
{
    exhaust_memory(&(struct scenario){.prepare = prepare, .act = paint_without_memory, .clean = clean});
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {mixtures_are_those_of_bound_generators, videos_change_their_styles,
                                  bad_weights_leave_the_former, memory_may_be_out};
    return run_suite("styles of a stylizer", tests, sizeof tests / sizeof tests[0]);
}
