/* What tells data sets apart in checkpoints, and which failures to read are the picture's own. */
#include "base/suite.h"
#include "formats/folder.h"
#include "gan/gan.h"
#include "models/reference.h"
#include "training/folder.h"

#include <stdio.h>
#include <string.h>

enum { COUNT = 4 };

static const gan_dataset_options alone = {.struct_size = sizeof alone, .size = 16, .no_worker = 1};

static uint64_t identity_of(gan_context *context, const char *path)
{
    gan_dataset *dataset;
    must(gan_dataset_open_folder(&dataset, context, path, &alone));
    const uint64_t identity = gan_dataset_identity(dataset);
    gan_dataset_free(dataset);
    return identity;
}

START_TEST(a_folder_is_the_same_however_its_name_ends)
{
    struct picture_folder files = make_picture_folder(COUNT, 24);
    gan_context *context = reference_context();
    char path[200];
    const uint64_t identity = identity_of(context, files.path);
    snprintf(path, sizeof path, "%s/", files.path);
    ck_assert(identity_of(context, path) == identity);
    snprintf(path, sizeof path, "%s///", files.path);
    ck_assert(identity_of(context, path) == identity);
    gan_context_free(context);
    remove_picture_folder(&files);
}
END_TEST

/* Names and sizes tell: no file is read for it. */
START_TEST(another_file_of_that_name_is_another_data_set)
{
    struct picture_folder files = make_picture_folder(COUNT, 24);
    gan_context *context = reference_context();
    const uint64_t identity = identity_of(context, files.path);
    spoil_picture(&files, 2);
    ck_assert(identity_of(context, files.path) != identity);
    gan_context_free(context);
    remove_picture_folder(&files);
}
END_TEST

static uint64_t identity_of_idx(gan_context *context, const char *path, unsigned char last)
{
    const unsigned char bytes[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, last};
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fwrite(bytes, 1, sizeof bytes, file), sizeof bytes);
    fclose(file);
    gan_dataset *dataset;
    must(gan_dataset_open_idx(&dataset, context, path, NULL, NULL));
    const uint64_t identity = gan_dataset_identity(dataset);
    gan_dataset_free(dataset);
    return identity;
}

START_TEST(pixels_of_an_idx_file_tell_it_apart)
{
    struct folder folder;
    folder_open(&folder);
    gan_context *context = reference_context();
    const char *path = folder_file(&folder, "pictures");
    const uint64_t identity = identity_of_idx(context, path, 8);
    ck_assert(identity_of_idx(context, path, 8) == identity);
    ck_assert(identity_of_idx(context, path, 9) != identity);
    gan_context_free(context);
    folder_close(&folder, 1);
}
END_TEST

static void move_picture(const struct picture_folder *files, int number, const char *from, const char *to)
{
    char before[300], after[300];
    snprintf(before, sizeof before, "%s/sub/picture_%d%s", files->path, number, from);
    snprintf(after, sizeof after, "%s/sub/picture_%d%s", files->path, number, to);
    ck_assert_int_eq(rename(before, after), 0);
}

static void move_all(const struct picture_folder *files, const char *from, const char *to)
{
    for (int i = 0; i < COUNT; i++)
        move_picture(files, i, from, to);
}

/* Its files are away for a while: that is an error, after which all goes on as if nothing had been. */
START_TEST(a_file_that_is_away_for_a_while_is_not_given_up)
{
    struct picture_folder files = make_picture_folder(COUNT, 24);
    gan_context *context = reference_context();
    gan_dataset *dataset;
    gan_tensor *batch;
    must(gan_dataset_open_folder(&dataset, context, files.path, &alone));
    must(gan_tensor_create(&batch, context, GAN_FLOAT32, (const int64_t[]){COUNT, 16, 16, 3}, 4));
    move_all(&files, ".png", ".gone");
    const gan_status status = gan_dataset_next(dataset, batch, NULL, NULL);
    ck_assert_int_eq(status, GAN_ERROR_NOT_FOUND);
    ck_assert_int_eq(gan_dataset_check(dataset, 1, NULL, NULL), GAN_ERROR_NOT_FOUND);
    ck_assert_int_eq(gan_dataset_skipped(dataset), 0);
    move_all(&files, ".gone", ".png");
    must(gan_dataset_next(dataset, batch, NULL, NULL));
    must(gan_dataset_check(dataset, COUNT, NULL, NULL));
    gan_tensor_free(batch);
    gan_dataset_free(dataset);
    gan_context_free(context);
    remove_picture_folder(&files);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_folder_is_the_same_however_its_name_ends,
        another_file_of_that_name_is_another_data_set,
        pixels_of_an_idx_file_tell_it_apart,
        a_file_that_is_away_for_a_while_is_not_given_up,
    };
    return run_suite("dataset identity", tests, sizeof tests / sizeof tests[0]);
}
