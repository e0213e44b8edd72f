/* Folders of pictures: order, crops, unreadable files, errors. */
#include "base/suite.h"
#include "gan/gan.h"
#include "training/folder.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static atomic_int warnings;

static void count_warnings(void *user, int32_t severity, const char *message)
{
    (void)user;
    (void)message;
    warnings += severity == GAN_LOG_WARNING;
}

static gan_context *logging_context(void)
{
    gan_context *context;
    const gan_context_options options = {.struct_size = sizeof options, .log = count_warnings};
    ck_assert_int_eq(gan_context_create(&context, &options), GAN_OK);
    return context;
}

static gan_image_folder *open_folder(gan_context *context, const char *path, uint64_t seed)
{
    gan_image_folder *folder;
    const gan_image_folder_options options = {.struct_size = sizeof options, .size = 16, .seed = seed};
    const gan_status status = gan_image_folder_open(&folder, context, path, &options);
    ck_assert_msg(status == GAN_OK, "%s", gan_error_message());
    return folder;
}

static gan_tensor *batch_of(gan_context *context, gan_image_folder *folder, int64_t index)
{
    gan_tensor *batch;
    const int64_t shape[4] = {3, 16, 16, 3};
    ck_assert_int_eq(gan_tensor_create(&batch, context, GAN_FLOAT32, shape, 4), GAN_OK);
    ck_assert_int_eq(gan_image_folder_batch(folder, index, batch), GAN_OK);
    return batch;
}

static bool same(const gan_tensor *a, const gan_tensor *b)
{
    return memcmp(gan_tensor_data_const(a), gan_tensor_data_const(b),
                  (size_t)gan_tensor_count(a) * sizeof(float)) == 0;
}

START_TEST(a_batch_follows_from_its_number_seed_and_files)
{
    struct picture_folder files = make_picture_folder(5, 40);
    gan_context *context = logging_context();
    gan_image_folder *first = open_folder(context, files.path, 3),
                     *second = open_folder(context, files.path, 3);
    gan_tensor *late = batch_of(context, second, 7);
    for (int64_t i = 0; i < 8; i++) {
        gan_tensor *batch = batch_of(context, first, i);
        ck_assert_int_eq(same(batch, late), i == 7);
        gan_tensor_free(batch);
    }
    gan_image_folder *other = open_folder(context, files.path, 4);
    gan_tensor *another = batch_of(context, other, 7);
    ck_assert(!same(another, late));
    gan_tensor_free(another);
    gan_tensor_free(late);
    gan_image_folder_free(other);
    gan_image_folder_free(second);
    gan_image_folder_free(first);
    gan_context_free(context);
    remove_picture_folder(&files);
}
END_TEST

/* Pictures of one grey value each tell themselves apart. */
START_TEST(each_epoch_shows_each_picture_once)
{
    enum { COUNT = 6 };
    struct picture_folder files = make_picture_folder(COUNT, 24);
    gan_context *context = logging_context();
    gan_image_folder *folder = open_folder(context, files.path, 1);
    for (int64_t epoch = 0; epoch < 3; epoch++) {
        int seen[COUNT] = {0};
        for (int64_t i = 0; i < COUNT / 3; i++) {
            gan_tensor *batch = batch_of(context, folder, epoch * COUNT / 3 + i);
            for (int64_t k = 0; k < 3; k++)
                seen[number_of_picture(batch, k)]++;
            gan_tensor_free(batch);
        }
        for (int i = 0; i < COUNT; i++)
            ck_assert_int_eq(seen[i], 1);
    }
    ck_assert_int_eq(gan_image_folder_count(folder), COUNT);
    gan_image_folder_free(folder);
    gan_context_free(context);
    remove_picture_folder(&files);
}
END_TEST

START_TEST(unreadable_files_are_skipped_counted_and_told)
{
    struct picture_folder files = make_picture_folder(4, 24);
    spoil_picture(&files, 1);
    spoil_picture(&files, 2);
    warnings = 0;
    gan_context *context = logging_context();
    gan_image_folder *folder = open_folder(context, files.path, 1);
    for (int64_t i = 0; i < 8; i++) {
        gan_tensor *batch = batch_of(context, folder, i);
        for (int64_t k = 0; k < 3; k++) {
            const int number = number_of_picture(batch, k);
            ck_assert(number == 0 || number == 3);
        }
        gan_tensor_free(batch);
    }
    ck_assert_int_eq(gan_image_folder_skipped(folder), 2);
    ck_assert_int_eq(gan_image_folder_count(folder), 2);
    ck_assert_int_eq(warnings, 2);
    gan_image_folder_free(folder);
    gan_context_free(context);
    remove_picture_folder(&files);
}
END_TEST

START_TEST(a_folder_without_pictures_is_refused_in_clear_words)
{
    struct picture_folder files = make_picture_folder(0, 24);
    gan_context *context = logging_context();
    gan_image_folder *folder;
    ck_assert_int_eq(gan_image_folder_open(&folder, context, files.path, NULL), GAN_ERROR_FORMAT);
    ck_assert_ptr_null(folder);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "holds no pictures"));
    remove_picture_folder(&files);
    ck_assert_int_eq(gan_image_folder_open(&folder, context, files.path, NULL), GAN_ERROR_NOT_FOUND);
    files = make_picture_folder(2, 24);
    spoil_picture(&files, 0);
    spoil_picture(&files, 1);
    ck_assert_int_eq(gan_image_folder_open(&folder, context, files.path, NULL), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "none of the 2 pictures"));
    gan_context_free(context);
    remove_picture_folder(&files);
}
END_TEST

START_TEST(one_picture_is_a_folder_too_and_small_ones_grow)
{
    struct picture_folder files = make_picture_folder(1, 9);
    gan_context *context = logging_context();
    char path[256];
    snprintf(path, sizeof path, "%s/sub/picture_0.png", files.path);
    gan_image_folder *folder = open_folder(context, path, 1);
    gan_tensor *batch = batch_of(context, folder, 5);
    ck_assert_int_eq(number_of_picture(batch, 2), 0);
    gan_tensor_free(batch);
    gan_image_folder_free(folder);
    gan_context_free(context);
    remove_picture_folder(&files);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
    struct picture_folder files = make_picture_folder(1, 24);
    gan_context *context = logging_context();
    gan_image_folder *folder;
    gan_tensor *batch;
    const gan_image_folder_options options = {.struct_size = sizeof options, .size = -1};
    ck_assert_int_eq(gan_image_folder_open(&folder, context, NULL, NULL), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_image_folder_open(&folder, context, files.path, &options), GAN_ERROR_ARGUMENT);
    folder = open_folder(context, files.path, 1);
    const int64_t shape[4] = {1, 8, 16, 3};
    ck_assert_int_eq(gan_tensor_create(&batch, context, GAN_FLOAT32, shape, 4), GAN_OK);
    ck_assert_int_eq(gan_image_folder_batch(folder, 0, batch), GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_image_folder_batch(folder, 0, NULL), GAN_ERROR_ARGUMENT);
    gan_tensor_free(batch);
    gan_image_folder_free(folder);
    gan_image_folder_free(NULL);
    gan_context_free(context);
    remove_picture_folder(&files);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_batch_follows_from_its_number_seed_and_files,  each_epoch_shows_each_picture_once,
        unreadable_files_are_skipped_counted_and_told,   a_folder_without_pictures_is_refused_in_clear_words,
        one_picture_is_a_folder_too_and_small_ones_grow, bad_arguments_are_refused,
    };
    return run_suite("image folder", tests, sizeof tests / sizeof tests[0]);
}
