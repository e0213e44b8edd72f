#include "training/folder.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void path_of(char path[128], const struct picture_folder *folder, int number)
{
    snprintf(path, 128, "%s/sub/picture_%d.png", folder->path, number);
}

static float grey_of(int number)
{
    return (float)(10 * number + 20) / 255.0f;
}

static void write_picture(gan_context *context, const struct picture_folder *folder, int number, int64_t side)
{
    char path[128];
    gan_tensor *picture;
    const int64_t shape[4] = {1, side, side + 7, 3};
    path_of(path, folder, number);
    ck_assert_int_eq(gan_tensor_create(&picture, context, GAN_FLOAT32, shape, 4), GAN_OK);
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        values[i] = grey_of(number) + (i % 5 == 0 ? 1.0f / 255.0f : 0.0f);
    ck_assert_int_eq(gan_image_save(picture, NULL, path, 0), GAN_OK);
    gan_tensor_free(picture);
}

static void write_words(const char *path)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("no picture", file);
    fclose(file);
}

struct picture_folder make_picture_folder(int count, int64_t side)
{
    struct picture_folder folder = {.path = "/tmp/gan_folder_XXXXXX", .count = count};
    char path[128];
    gan_context *context;
    ck_assert_ptr_nonnull(mkdtemp(folder.path));
    snprintf(path, sizeof path, "%s/sub", folder.path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/notes.txt", folder.path);
    write_words(path);
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    for (int i = 0; i < count; i++)
        write_picture(context, &folder, i, side);
    gan_context_free(context);
    return folder;
}

void remove_picture_folder(const struct picture_folder *folder)
{
    char path[128];
    for (int i = 0; i < folder->count; i++) {
        path_of(path, folder, i);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/notes.txt", folder->path);
    unlink(path);
    snprintf(path, sizeof path, "%s/sub", folder->path);
    rmdir(path);
    rmdir(folder->path);
}

void spoil_picture(const struct picture_folder *folder, int number)
{
    char path[128];
    path_of(path, folder, number);
    write_words(path);
}

int number_of_picture(const gan_tensor *batch, int64_t k)
{
    const int64_t each = gan_tensor_count(batch) / gan_tensor_size(batch, 0);
    const float *values = (const float *)gan_tensor_data_const(batch) + k * each;
    double sum = 0;
    for (int64_t i = 0; i < each; i++)
        sum += (double)values[i];
    return (int)floor((sum / (double)each * 255 - 20) / 10 + 0.25);
}
