/* Out of memory while files are read and written: models, tensors, pictures, published weights. */
#include "base/suite.h"
#include "faults/scenario.h"
#include "gan/tensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A folder for the files of a test, and what is in it. */
struct room {
    char folder[64], path[128];
    gan_model *model;
    gan_tensor *picture;
};

static gan_status prepare_room(gan_context *context, void **state)
{
    struct room *room = calloc(1, sizeof *room);
    *state = room;
    make_room(room->folder);
    snprintf(room->path, sizeof room->path, "%s/file", room->folder);
    const gan_johnson_options small = {.struct_size = sizeof small, .channels = 2, .blocks = 1, .kernel = 3};
    gan_status status = gan_johnson_create(&room->model, context, &small);
    if (status == GAN_OK)
        status = gan_tensor_create(&room->picture, context, GAN_FLOAT32, (const int64_t[]){1, 9, 7, 3}, 4);
    if (status == GAN_OK)
        status = gan_tensor_fill_uniform(room->picture, 1, 0, 1);
    return status;
}

static void clean_room(void *state)
{
    struct room *room = state;
    gan_model_free(room->model);
    gan_tensor_free(room->picture);
    unlink(room->path);
    ck_assert_int_eq(rmdir(room->folder), 0); /* nothing half-written is left behind */
    free(room);
}

static gan_status save_and_load_model(gan_context *context, void *state)
{
    const struct room *room = state;
    gan_model *loaded = NULL;
    gan_status status = gan_model_save(room->model, room->path, GAN_STORE_FLOAT16);
    if (status == GAN_OK)
        status = gan_model_load(&loaded, context, room->path);
    gan_model_free(loaded);
    return status;
}

START_TEST(model_files)
{
    exhaust_memory(&(struct scenario){prepare_room, save_and_load_model, clean_room, 3});
}
END_TEST

static gan_status save_and_load_tensors(gan_context *context, void *state)
{
    struct room *room = state;
    gan_tensors *all = NULL, *loaded = NULL;
    gan_tensor *found = NULL;
    gan_status status = gan_tensors_create(&all, context);
    if (status == GAN_OK)
        status = gan_tensors_add(all, "picture", room->picture);
    if (status == GAN_OK)
        status = gan_tensors_set_metadata(all, "key", "value");
    if (status == GAN_OK)
        status = gan_tensors_save(all, room->path);
    if (status == GAN_OK)
        status = gan_tensors_load(&loaded, context, room->path);
    if (status == GAN_OK)
        status = gan_tensors_get(&found, loaded, "picture");
    gan_tensor_free(found);
    gan_tensors_free(all);
    gan_tensors_free(loaded);
    return status;
}

START_TEST(tensor_files)
{
    exhaust_memory(&(struct scenario){prepare_room, save_and_load_tensors, clean_room, 0});
}
END_TEST

static gan_status save_and_load_picture(gan_context *context, struct room *room, const char *ending)
{
    snprintf(room->path, sizeof room->path, "%s/picture.%s", room->folder, ending);
    gan_tensor *loaded = NULL, *alpha = NULL;
    gan_status status = gan_image_save(room->picture, NULL, room->path, 0);
    if (status == GAN_OK)
        status = gan_image_load(&loaded, &alpha, context, room->path);
    gan_tensor_free(loaded);
    gan_tensor_free(alpha);
    unlink(room->path);
    return status;
}

static gan_status work_on_picture(gan_context *context, void *state)
{
    (void)context;
    const struct room *room = state;
    gan_tensor *results[4] = {NULL, NULL, NULL, NULL};
    const gan_tensor *const twice[] = {room->picture, room->picture};
    gan_status status = gan_image_resize(&results[0], room->picture, 12, 5);
    if (status == GAN_OK)
        status = gan_image_crop(&results[1], room->picture, 1, 1, 3, 3);
    if (status == GAN_OK)
        status = gan_image_flip(&results[2], room->picture);
    if (status == GAN_OK)
        status = gan_image_grid(&results[3], twice, 2, 2, 1);
    for (int i = 0; i < 4; i++)
        gan_tensor_free(results[i]);
    return status;
}

static gan_status use_pictures(gan_context *context, void *state)
{
    static const char *const endings[] = {"png", "jpg", "bmp", "tga"};
    gan_status status = work_on_picture(context, state);
    for (int i = 0; i < 4 && status == GAN_OK; i++)
        status = save_and_load_picture(context, state, endings[i]);
    return status;
}

START_TEST(pictures)
{
    exhaust_memory(&(struct scenario){prepare_room, use_pictures, clean_room, 0});
}
END_TEST

static gan_status write_and_read_video(gan_context *context, void *state)
{
    const struct room *room = state;
    const gan_video_format format = {.struct_size = sizeof format, .width = 7, .height = 9};
    gan_video_writer *writer = NULL;
    gan_video_reader *reader = NULL;
    gan_tensor *frame = NULL;
    gan_status status = gan_video_writer_open(&writer, context, room->path, &format);
    if (status == GAN_OK)
        status = gan_video_write(writer, room->picture);
    if (status == GAN_OK)
        status = gan_video_writer_finish(writer);
    if (status == GAN_OK)
        status = gan_video_reader_open(&reader, context, room->path);
    if (status == GAN_OK)
        status = gan_video_read(reader, &frame);
    gan_tensor_free(frame);
    gan_video_reader_free(reader);
    gan_video_writer_free(writer);
    return status;
}

START_TEST(videos)
{
    exhaust_memory(&(struct scenario){prepare_room, write_and_read_video, clean_room, 0});
}
END_TEST

/* A file with a colour profile: iCCP is compressed, so that zlib asks for memory too. */
static gan_status keep_metadata(gan_context *context, void *state)
{
    struct room *room = state;
    char seed[512];
    gan_image_metadata *metadata = NULL, *again = NULL;
    snprintf(room->path, sizeof room->path, "%s/picture.png", room->folder);
    snprintf(seed, sizeof seed, "%s/tests/fuzz/seeds/image/noted.jpg", getenv("GAN_SOURCE_DIR"));
    gan_status status = gan_image_metadata_load(&metadata, context, seed);
    if (status == GAN_OK)
        status = gan_image_metadata_set(metadata, "method", "none");
    const gan_image_save_options options = {.struct_size = sizeof options, .metadata = metadata};
    if (status == GAN_OK)
        status = gan_image_save_with_options(room->picture, NULL, room->path, &options);
    if (status == GAN_OK)
        status = gan_image_metadata_load(&again, context, room->path);
    if (status == GAN_OK && gan_image_metadata_profile_size(again) == 0)
        status = GAN_ERROR_FORMAT;
    gan_image_metadata_free(metadata);
    gan_image_metadata_free(again);
    unlink(room->path);
    return status;
}

START_TEST(metadata_of_pictures)
{
    exhaust_memory(&(struct scenario){prepare_room, keep_metadata, clean_room, 0});
}
END_TEST

static gan_status import_weights(gan_context *context, void *state)
{
    (void)state;
    char path[4096];
    gan_model *model = NULL;
    snprintf(path, sizeof path, "%s/weights/fns_vangogh_starry-night.safetensors", getenv("GAN_SHARED_DATA"));
    const gan_status status = gan_import(&model, context, path, NULL);
    gan_model_free(model);
    return status;
}

START_TEST(imports)
{
    if (getenv("GAN_SHARED_DATA") == NULL)
        return; /* the folder of published weights is not here */
    exhaust_memory(&(struct scenario){.act = import_weights, .stride = 7});
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        model_files, tensor_files, pictures, metadata_of_pictures, videos, imports,
    };
    return run_suite("files", tests, sizeof tests / sizeof tests[0]);
}
