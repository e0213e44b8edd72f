#include "training/anime_room.h"
#include "models/reference.h"

#include <stdio.h>
#include <string.h>

/* Photographs are coloured slopes, drawings have two colours and a hard edge between. */
static void paint(gan_context *context, struct folder *folder, int number, int drawing)
{
    const int64_t shape[4] = {1, ANIME_SIDE, ANIME_SIDE, 3};
    char name[16];
    gan_tensor *picture;
    must(gan_tensor_create(&picture, context, GAN_FLOAT32, shape, 4));
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < ANIME_SIDE * ANIME_SIDE; i++) {
        const int64_t row = i / ANIME_SIDE, column = i % ANIME_SIDE;
        const float slope = (float)(row + number * column) / (float)(ANIME_SIDE * (number + 1));
        const int inside = row + column < ANIME_SIDE + 3 * number;
        values[3 * i] = drawing ? (inside ? 0.9f : 0.2f) : slope;
        values[3 * i + 1] = drawing ? (inside ? 0.8f : 0.1f) : 1 - slope;
        values[3 * i + 2] = drawing ? (inside ? 0.4f : 0.5f) : 0.3f + 0.1f * (float)(column % 5);
    }
    snprintf(name, sizeof name, "%d.png", number);
    must(gan_image_save(picture, NULL, folder_file(folder, name), 0));
    gan_tensor_free(picture);
}

void anime_room_renew(struct anime_room *room, int32_t threads)
{
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads};
    const gan_feature_network_options small = {.struct_size = sizeof small, .channels = 4};
    must(gan_context_create(&room->context, &options));
    must(gan_feature_network_create(&room->features, room->context, &small));
    must(gan_model_initialize(room->features, 11));
}

static void close_context(struct anime_room *room)
{
    gan_model_free(room->features);
    gan_context_free(room->context);
}

void anime_room_open(struct anime_room *room, int32_t threads)
{
    *room = (struct anime_room){.stop_at = -1};
    anime_room_renew(room, threads);
    folder_open(&room->photographs);
    folder_open(&room->drawings);
    folder_open(&room->files);
    for (int i = 0; i < ANIME_PICTURES; i++) {
        paint(room->context, &room->photographs, i, 0);
        paint(room->context, &room->drawings, i, 1);
    }
}

void anime_room_close(struct anime_room *room, int files)
{
    folder_close(&room->photographs, ANIME_PICTURES);
    folder_close(&room->drawings, ANIME_PICTURES);
    folder_close(&room->files, files);
    close_context(room);
}

static int32_t watch(void *user, const gan_progress *progress)
{
    struct anime_room *room = user;
    if (progress->step <= ANIME_STEPS)
        memcpy(room->losses[progress->step], progress->losses, sizeof room->losses[0]);
    return progress->step == room->stop_at;
}

gan_dataset *anime_sides(const struct anime_room *room, int32_t size)
{
    const gan_dataset_options options = {.struct_size = sizeof options, .size = size, .seed = 3};
    gan_dataset *data;
    must(gan_dataset_open_unpaired(&data, room->context, room->photographs.path, room->drawings.path,
                                   &options));
    return data;
}

gan_recipe_options anime_recipe(const gan_training_options *training)
{
    return (gan_recipe_options){.struct_size = sizeof(gan_recipe_options),
                                .preset = "small",
                                .size = ANIME_SIDE,
                                .batch = 2,
                                .generator_channels = 3,
                                .discriminator_channels = 3,
                                .blocks = 2,
                                .learning_rate = 1e-3f,
                                .average_images = 8,
                                .augment = 1,
                                .training = training};
}

gan_status anime_try(gan_model **model, struct anime_room *room, const gan_anime_options *given,
                     const gan_training_options *training)
{
    gan_training_options all = *training;
    all.struct_size = sizeof all;
    all.seed = 5;
    all.progress = watch;
    all.progress_user = room;
    const gan_recipe_options recipe = anime_recipe(&all);
    gan_anime_options options = *given;
    options.struct_size = sizeof options;
    options.recipe = &recipe;
    gan_dataset *data = anime_sides(room, ANIME_SIDE);
    const gan_status status = gan_train_anime(model, room->context, data, room->features, &options);
    gan_dataset_free(data);
    return status;
}

gan_model *anime_train(struct anime_room *room, const gan_anime_options *given,
                       const gan_training_options *training)
{
    gan_model *model = NULL;
    must(anime_try(&model, room, given, training));
    return model;
}
