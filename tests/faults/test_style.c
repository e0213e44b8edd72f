/* Out of memory while style and content are measured, compared and learnt. */
#include "base/suite.h"
#include "faults/scenario.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* An extractor with two levels, a picture, and a folder with that picture in it. */
struct studio {
    gan_model *extractor;
    gan_tensor *picture;
    gan_style *style;
    char folder[64], photos[96], photo[128], file[96];
};

static gan_status make_extractor(gan_context *context, gan_model **extractor)
{
    const gan_conv2d_options options = {
        .struct_size = sizeof options, .filters = 3, .kernel = {3}, .stride = {2}, .padding = GAN_PAD_HALF};
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    gan_layer *x = gan_input(graph, NULL, (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *first = gan_relu(gan_conv2d(x, &options)), *second = gan_relu(gan_conv2d(first, &options));
    status = gan_model_create(extractor, "extractor", &x, 1, (gan_layer *[]){first, second}, 2);
    gan_graph_free(graph);
    return status;
}

static void make_folders(struct studio *studio)
{
    make_room(studio->folder);
    snprintf(studio->photos, sizeof studio->photos, "%s/photos", studio->folder);
    snprintf(studio->photo, sizeof studio->photo, "%s/photo.png", studio->photos);
    snprintf(studio->file, sizeof studio->file, "%s/style", studio->folder);
    ck_assert_int_eq(mkdir(studio->photos, 0700), 0);
}

static gan_status prepare_studio(gan_context *context, void **state)
{
    struct studio *studio = calloc(1, sizeof *studio);
    *state = studio;
    make_folders(studio);
    gan_status status = make_extractor(context, &studio->extractor);
    if (status == GAN_OK)
        status =
            gan_tensor_create(&studio->picture, context, GAN_FLOAT32, (const int64_t[]){1, 40, 36, 3}, 4);
    if (status == GAN_OK)
        status = gan_tensor_fill_uniform(studio->picture, 1, 0, 1);
    const gan_tensor *const pictures[] = {studio->picture};
    if (status == GAN_OK)
        status = gan_style_create(&studio->style, studio->extractor, pictures, 1, NULL);
    if (status == GAN_OK)
        status = gan_image_save(studio->picture, NULL, studio->photo, 0);
    return status;
}

static void clean_studio(void *state)
{
    struct studio *studio = state;
    gan_style_free(studio->style);
    gan_model_free(studio->extractor);
    gan_tensor_free(studio->picture);
    unlink(studio->photo);
    unlink(studio->file);
    rmdir(studio->photos);
    ck_assert_int_eq(rmdir(studio->folder), 0); /* nothing half-written is left behind */
    free(studio);
}

static gan_status measure(gan_context *context, void *state)
{
    (void)context;
    struct studio *studio = state;
    const gan_tensor *const pictures[] = {studio->picture, studio->picture};
    gan_style *style = NULL, *between = NULL, *loaded = NULL;
    gan_status status = gan_style_create(&style, studio->extractor, pictures, 2, NULL);
    if (status == GAN_OK)
        status = gan_style_interpolate(&between, style, studio->style, 0.5f);
    if (status == GAN_OK)
        status = gan_style_save(between, studio->file);
    if (status == GAN_OK)
        status = gan_style_load(&loaded, studio->extractor, studio->file);
    gan_style_free(style);
    gan_style_free(between);
    gan_style_free(loaded);
    return status;
}

START_TEST(styles)
{
    exhaust_memory(&(struct scenario){prepare_studio, measure, clean_studio, 3});
}
END_TEST

static gan_status compare(gan_context *context, void *state)
{
    (void)context;
    struct studio *studio = state;
    gan_content *content = NULL;
    gan_style_loss *loss = NULL;
    float values[3];
    gan_status status = gan_content_create(&content, studio->extractor, studio->picture);
    if (status == GAN_OK)
        status = gan_style_loss_create(&loss, studio->style, NULL);
    if (status == GAN_OK)
        status = gan_style_loss_evaluate(loss, studio->picture, content, &values[0], &values[1], &values[2]);
    gan_content_free(content);
    gan_style_loss_free(loss);
    return status;
}

START_TEST(losses)
{
    exhaust_memory(&(struct scenario){prepare_studio, compare, clean_studio, 3});
}
END_TEST

static gan_status apply_loss(gan_context *context, void *state)
{
    struct studio *studio = state;
    gan_graph *graph = NULL;
    gan_style_loss *loss = NULL;
    gan_model *model = NULL;
    gan_style_loss_parts parts = {.struct_size = sizeof parts};
    const gan_style_loss_options options = {.struct_size = sizeof options, .variation_weight = 1};
    gan_status status = gan_graph_create(&graph, context);
    if (status == GAN_OK)
        status = gan_style_loss_create(&loss, studio->style, &options);
    gan_layer *x = gan_input(graph, NULL, (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *total = status == GAN_OK ? gan_style_loss_apply(loss, gan_scale(x, 0.5f, 0), x, &parts) : NULL;
    if (status == GAN_OK)
        status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_model_create(&model, "loss", &x, 1, &total, 1);
    gan_model_free(model);
    gan_style_loss_free(loss);
    gan_graph_free(graph);
    return status;
}

START_TEST(losses_as_layers)
{
    exhaust_memory(&(struct scenario){prepare_studio, apply_loss, clean_studio, 3});
}
END_TEST

static gan_status measure_region(gan_context *context, void *state)
{
    struct studio *studio = state;
    gan_tensor *mask = NULL;
    gan_style *style = NULL, *mean = NULL;
    gan_status status = gan_tensor_create(&mask, context, GAN_FLOAT32, (const int64_t[]){1, 40, 36, 1}, 4);
    if (status == GAN_OK)
        status = gan_tensor_fill_uniform(mask, 2, 0, 1);
    const gan_tensor *const pictures[] = {studio->picture}, *const masks[] = {mask};
    const gan_style_options options = {.struct_size = sizeof options, .scales = 1, .masks = masks};
    if (status == GAN_OK)
        status = gan_style_create(&style, studio->extractor, pictures, 1, &options);
    if (status == GAN_OK)
        status = gan_style_average(&mean, (const gan_style *const[]){style, studio->style}, NULL, 2);
    gan_style_free(mean);
    gan_style_free(style);
    gan_tensor_free(mask);
    return status;
}

START_TEST(regions)
{
    exhaust_memory(&(struct scenario){prepare_studio, measure_region, clean_studio, 5});
}
END_TEST

static gan_status draw_batches(gan_context *context, void *state)
{
    struct studio *studio = state;
    gan_image_folder *folder = NULL;
    gan_tensor *batch = NULL;
    const gan_image_folder_options options = {.struct_size = sizeof options, .size = 32};
    gan_status status = gan_image_folder_open(&folder, context, studio->photos, &options);
    if (status == GAN_OK)
        status = gan_tensor_create(&batch, context, GAN_FLOAT32, (const int64_t[]){2, 32, 32, 3}, 4);
    if (status == GAN_OK)
        status = gan_image_folder_batch(folder, 0, batch);
    gan_tensor_free(batch);
    gan_image_folder_free(folder);
    return status;
}

START_TEST(folders)
{
    exhaust_memory(&(struct scenario){prepare_studio, draw_batches, clean_studio, 0});
}
END_TEST

static gan_status train(gan_context *context, void *state)
{
    struct studio *studio = state;
    const gan_style_trainer_options options = {.struct_size = sizeof options,
                                               .preset = "small",
                                               .extractor = studio->extractor,
                                               .channels = 2,
                                               .blocks = 1,
                                               .size = 32,
                                               .batch = 1,
                                               .style_size = 32,
                                               .steps = 2,
                                               .checkpoint = studio->file,
                                               .checkpoint_every = 1};
    gan_model *generator = NULL;
    const gan_status status = gan_train_style(&generator, context, studio->picture, studio->photos, &options);
    gan_model_free(generator);
    return status;
}

START_TEST(training)
{
    exhaust_memory(&(struct scenario){prepare_studio, train, clean_studio, 151});
}
END_TEST

static gan_status train_several(gan_context *context, void *state)
{
    struct studio *studio = state;
    const gan_style_trainer_options options = {.struct_size = sizeof options,
                                               .preset = "small",
                                               .extractor = studio->extractor,
                                               .channels = 2,
                                               .blocks = 1,
                                               .size = 32,
                                               .batch = 1,
                                               .style_size = 32,
                                               .steps = 2};
    const gan_tensor *const pictures[] = {studio->picture, studio->picture};
    const char *const names[] = {"a", "b"};
    gan_model *generator = NULL, *wider = NULL, *one = NULL;
    gan_status status = gan_train_styles(&generator, context, pictures, names, 2, studio->photos, &options);
    if (status == GAN_OK)
        status =
            gan_train_added_style(&wider, context, generator, studio->picture, "c", studio->photos, &options);
    if (status == GAN_OK)
        status = gan_model_mix_styles(&one, wider, (const float[]){0.5f, 0, 0.5f}, 3);
    gan_model_free(one);
    gan_model_free(wider);
    gan_model_free(generator);
    return status;
}

START_TEST(several_styles)
{
    exhaust_memory(&(struct scenario){prepare_studio, train_several, clean_studio, 301});
}
END_TEST

static gan_layer *named(gan_layer *x, const char *name)
{
    return gan_layer_set_name(gan_relu(x), name);
}

/* Small stand-ins for the networks that a feature network learns from. */
static gan_status make_teacher(gan_context *context, gan_model **out, const char *architecture, bool coarse)
{
    const gan_conv2d_options fine = {.struct_size = sizeof fine, .filters = 4, .kernel = {1, 1}};
    const gan_conv2d_options wide = {
        .struct_size = sizeof wide, .filters = 4, .kernel = {8, 8}, .stride = {8, 8}};
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    gan_layer *x = gan_input(graph, NULL, (const int64_t[]){-1, -1, -1, 3}, 4), *levels[3];
    levels[0] = coarse ? named(gan_crop(gan_conv2d(x, &wide), 1, 1, 0, 0), "fire5")
                       : named(gan_conv2d(x, &fine), "relu1_1");
    levels[1] = coarse ? NULL : named(gan_max_pool(levels[0], NULL), "relu2_1");
    levels[2] = coarse ? NULL : named(gan_max_pool(levels[1], NULL), "relu3_1");
    status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_model_create(out, "teacher", &x, 1, levels, coarse ? 1 : 3);
    if (status == GAN_OK)
        status = gan_model_set_metadata(*out, "architecture", architecture);
    gan_graph_free(graph);
    return status;
}

static gan_status teach(gan_context *context, void *state)
{
    struct studio *studio = state;
    const gan_training_options once = {.struct_size = sizeof once, .steps = 1};
    const gan_feature_trainer_options options = {
        .struct_size = sizeof options, .channels = 1, .size = 32, .batch = 1, .training = &once};
    gan_model *teachers[2] = {NULL, NULL}, *network = NULL;
    gan_status status = make_teacher(context, &teachers[0], "vgg19", false);
    if (status == GAN_OK)
        status = make_teacher(context, &teachers[1], "squeezenet1.1", true);
    if (status == GAN_OK)
        status = gan_train_features(&network, context, teachers, 2, studio->photos, studio->photos, &options);
    gan_model_free(network);
    gan_model_free(teachers[0]);
    gan_model_free(teachers[1]);
    return status;
}

START_TEST(teaching_features)
{
    exhaust_memory(&(struct scenario){prepare_studio, teach, clean_studio, 4999});
}
END_TEST

static gan_status decode(gan_context *context, void *state)
{
    struct studio *studio = state;
    const gan_training_options twice = {.struct_size = sizeof twice, .steps = 2};
    const gan_feature_network_options small = {.struct_size = sizeof small, .channels = 1};
    const gan_transfer_trainer_options options = {
        .struct_size = sizeof options, .channels = 1, .size = 32, .batch = 2, .training = &twice};
    gan_model *extractor = NULL, *decoder = NULL;
    gan_status status = gan_feature_network_create(&extractor, context, &small);
    if (status == GAN_OK)
        status = gan_train_transfer(&decoder, context, extractor, studio->photos, studio->photos, &options);
    gan_model_free(decoder);
    gan_model_free(extractor);
    return status;
}

START_TEST(teaching_decoders)
{
    exhaust_memory(&(struct scenario){prepare_studio, decode, clean_studio, 97});
}
END_TEST

static gan_status optimize(gan_context *context, void *state)
{
    struct studio *studio = state;
    gan_style_loss *loss = NULL;
    gan_tensor *picture = NULL, *mask = NULL;
    gan_status status = gan_tensor_create(&mask, context, GAN_FLOAT32, (const int64_t[]){1, 40, 36, 1}, 4);
    if (status == GAN_OK)
        status = gan_tensor_fill_uniform(mask, 2, 0, 1);
    if (status == GAN_OK)
        status = gan_style_loss_create(&loss, studio->style, NULL);
    const gan_painted_style painted = {.struct_size = sizeof painted, .loss = loss, .mask = mask};
    const gan_painted_style *const all[] = {&painted};
    const gan_picture_optimization_options options = {
        .struct_size = sizeof options, .steps = 2, .scales = 2, .history = 2};
    if (status == GAN_OK)
        status = gan_picture_optimize(&picture, studio->picture, all, 1, &options);
    gan_tensor_free(picture);
    gan_tensor_free(mask);
    gan_style_loss_free(loss);
    return status;
}

START_TEST(optimizations)
{
    exhaust_memory(&(struct scenario){prepare_studio, optimize, clean_studio, 31});
}
END_TEST

int main(void)
{
    const TTest *tests[] = {styles,           regions,           losses,
                            losses_as_layers, folders,           training,
                            several_styles,   teaching_features, teaching_decoders,
                            optimizations};
    return run_suite("style", tests, sizeof tests / sizeof tests[0]);
}
