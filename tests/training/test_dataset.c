/* Data sets: what a batch holds, whatever threads work ahead, and after a break. */
#include "base/suite.h"
#include "models/reference.h"
#include "training/dataset_room.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool same(const gan_tensor *a, const gan_tensor *b)
{
    return memcmp(gan_tensor_data_const(a), gan_tensor_data_const(b), (size_t)gan_tensor_count(a) * 4) == 0;
}

START_TEST(each_epoch_shows_each_picture_once)
{
    struct room room = open_room();
    for (int i = 0; i < 6; i++)
        paint_picture(&room, path_in(&room, "data/%d.png", i), 20 + 5 * i, 40, i);
    gan_dataset *dataset;
    must(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "data"), &unit_options));
    ck_assert_int_eq(gan_dataset_count(dataset), 6);
    struct batch batch = make_batch(room.context, dataset, 3);
    bool orders_differ = false;
    int former[6] = {0};
    for (int epoch = 0; epoch < 4; epoch++) {
        int seen = 0, order[6];
        for (int i = 0; i < 6; i++) {
            if (i % 3 == 0)
                next_batch(dataset, &batch);
            order[i] = number_of(batch.first, i % 3);
            seen |= 1 << order[i];
        }
        ck_assert_int_eq(seen, 63);
        orders_differ = orders_differ || memcmp(order, former, sizeof order) != 0;
        memcpy(former, order, sizeof order);
    }
    ck_assert(orders_differ);
    free_batch(&batch);
    gan_dataset_free(dataset);
    close_room(&room);
}
END_TEST

/* Other batch sizes, too: samples follow one another however they are cut. */
START_TEST(batches_are_the_same_with_a_worker_without_and_after_a_break)
{
    struct room room = open_room();
    for (int i = 0; i < 5; i++)
        paint_picture(&room, path_in(&room, "data/%d.jpg", i), 30, 25 + i, i);
    gan_dataset_options alone = unit_options;
    alone.no_worker = 1;
    gan_dataset *with, *without, *resumed;
    must(gan_dataset_open_folder(&with, room.context, path_in(&room, "data"), &unit_options));
    must(gan_dataset_open_folder(&without, room.context, path_in(&room, "data"), &alone));
    must(gan_dataset_open_folder(&resumed, room.context, path_in(&room, "data"), &unit_options));
    ck_assert(gan_dataset_identity(with) == gan_dataset_identity(without));
    struct batch four = make_batch(room.context, with, 4), again = make_batch(room.context, with, 4);
    struct batch twelve = make_batch(room.context, with, 12);
    for (int i = 0; i < 6; i++) {
        next_batch(with, &four);
        next_batch(without, &again);
        ck_assert(same(four.first, again.first));
        must(gan_dataset_set_position(resumed, 4 * i));
        next_batch(resumed, &again);
        ck_assert(same(four.first, again.first));
        if (i % 3 == 0) {
            must(gan_dataset_set_position(resumed, 4 * i));
            next_batch(resumed, &twelve);
            ck_assert_int_eq(gan_dataset_position(resumed), 4 * i + 12);
        }
        ck_assert_mem_eq(gan_tensor_data(four.first), picture_pixel(twelve.first, 4 * (i % 3), 0, 0),
                         4 * 16 * 16 * 3 * 4);
    }
    ck_assert_int_eq(gan_dataset_position(with), 24);
    free_batch(&four);
    free_batch(&again);
    free_batch(&twelve);
    gan_dataset_free(with);
    gan_dataset_free(without);
    gan_dataset_free(resumed);
    close_room(&room);
}
END_TEST

START_TEST(ranges_channels_and_crops_are_as_asked)
{
    struct room room = open_room();
    paint_picture(&room, path_in(&room, "one.png"), 32, 48, 10);
    const gan_dataset_options options = {
        .struct_size = sizeof options, .size = 32, .channels = 1, .crop = GAN_CROP_CENTRE, .no_flip = 1};
    gan_dataset *dataset;
    must(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "one.png"), &options));
    struct batch batch = make_batch(room.context, dataset, 1);
    next_batch(dataset, &batch);
    const double red = 20.0 / 47, green = 3.0 / 31; /* column 12 is 8 + 12 of the file */
    const double grey = 0.299 * red + 0.587 * green + 0.114 * 0.5;
    ck_assert_double_eq_tol((double)*picture_pixel(batch.first, 0, 3, 12), 2 * grey - 1, 0.01);
    free_batch(&batch);
    gan_dataset_free(dataset);
    close_room(&room);
}
END_TEST

START_TEST(pictures_are_mirrored_half_of_the_time_or_never)
{
    struct room room = open_room();
    paint_picture(&room, path_in(&room, "one.png"), 16, 16, 10);
    for (int32_t no_flip = 0; no_flip < 2; no_flip++) {
        gan_dataset_options options = unit_options;
        options.no_flip = no_flip;
        gan_dataset *dataset;
        must(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "one.png"), &options));
        struct batch batch = make_batch(room.context, dataset, 64);
        next_batch(dataset, &batch);
        int mirrored = 0;
        for (int64_t i = 0; i < 64; i++)
            mirrored += *picture_pixel(batch.first, i, 4, 0) > *picture_pixel(batch.first, i, 4, 15);
        ck_assert(no_flip != 0 ? mirrored == 0 : mirrored > 16 && mirrored < 48);
        free_batch(&batch);
        gan_dataset_free(dataset);
    }
    close_room(&room);
}
END_TEST

/* Names whose order changes where a slash follows: "a b" and "a". */
START_TEST(labels_count_the_sorted_subfolders)
{
    static const char *const names[] = {"a", "a b", "b"};
    struct room room = open_room();
    for (int label = 0; label < 3; label++)
        for (int i = 0; i < 2; i++)
            paint_picture(&room, path_in(&room, "data/%s/deep/%d.png", names[label], i), 20, 20, label);
    gan_dataset *dataset;
    must(gan_dataset_open_classes(&dataset, room.context, path_in(&room, "data"), &unit_options));
    ck_assert_int_eq(gan_dataset_classes(dataset), 3);
    struct batch batch = make_batch(room.context, dataset, 6);
    next_batch(dataset, &batch);
    for (int64_t i = 0; i < 6; i++)
        ck_assert_int_eq(((int32_t *)gan_tensor_data(batch.labels))[i], number_of(batch.first, i));
    for (int label = 0; label < 3; label++)
        ck_assert_str_eq(gan_dataset_class_name(dataset, label), names[label]);
    ck_assert_ptr_null(gan_dataset_class_name(dataset, 3));
    free_batch(&batch);
    gan_dataset_free(dataset);
    gan_dataset_options two = unit_options;
    two.classes = 2;
    message_says(gan_dataset_open_classes(&dataset, room.context, path_in(&room, "data"), &two),
                 GAN_ERROR_FORMAT, "has 3 classes, expected at most 2");
    paint_picture(&room, path_in(&room, "data/stray.png"), 20, 20, 0);
    message_says(gan_dataset_open_classes(&dataset, room.context, path_in(&room, "data"), &unit_options),
                 GAN_ERROR_FORMAT, "stray.png\" lies in no subfolder");
    close_room(&room);
}
END_TEST

START_TEST(a_check_names_what_will_be_skipped)
{
    struct room room = open_room();
    for (int i = 0; i < 4; i++)
        paint_picture(&room, path_in(&room, "data/%d.png", i), 20, 20, i);
    write_words(path_in(&room, "data/bad.png"));
    gan_dataset *dataset;
    must(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "data"), &unit_options));
    char bad[] = "bad.png";
    for (int round = 0; round < 2; round++) {
        reported_pictures = 0;
        must(gan_dataset_check(dataset, 4, count_reports, bad));
        ck_assert_int_eq(reported_pictures, 1);
    }
    ck_assert_int_eq(gan_dataset_count(dataset), 4);
    ck_assert_int_eq(gan_dataset_skipped(dataset), 1);
    message_says(gan_dataset_check(dataset, 5, NULL, NULL), GAN_ERROR_FORMAT,
                 "4 usable pictures, expected at least 5");
    gan_dataset_free(dataset);
    close_room(&room);
}
END_TEST

static void write_idx(const char *path, const void *header, size_t header_size, int count)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    fwrite(header, 1, header_size, file);
    for (int i = 0; i < count; i++)
        fputc(i, file);
    fclose(file);
}

START_TEST(idx_files_give_pictures_with_their_labels)
{
    static const unsigned char pictures[] = {0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 3};
    static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 5}, few[] = {0, 0, 8, 1, 0, 0, 0, 4};
    struct room room = open_room();
    write_idx(path_in(&room, "pictures"), pictures, sizeof pictures, 30);
    write_idx(path_in(&room, "labels"), labels, sizeof labels, 5);
    write_idx(path_in(&room, "few"), few, sizeof few, 4);
    const gan_dataset_options options = {.struct_size = sizeof options, .range = GAN_RANGE_UNIT};
    gan_dataset *dataset;
    must(gan_dataset_open_idx(&dataset, room.context, path_in(&room, "pictures"), path_in(&room, "labels"),
                              &options));
    ck_assert_int_eq(gan_dataset_height(dataset), 2);
    ck_assert_int_eq(gan_dataset_width(dataset), 3);
    ck_assert_int_eq(gan_dataset_channels(dataset), 1);
    ck_assert_int_eq(gan_dataset_classes(dataset), 5);
    struct batch batch = make_batch(room.context, dataset, 5);
    next_batch(dataset, &batch);
    int seen = 0;
    for (int64_t i = 0; i < 5; i++) {
        const int label = ((int32_t *)gan_tensor_data(batch.labels))[i];
        seen |= 1 << label;
        ck_assert_int_eq(lroundf(*picture_pixel(batch.first, i, 1, 2) * 255), 6 * label + 5);
    }
    ck_assert_int_eq(seen, 31);
    free_batch(&batch);
    gan_dataset_free(dataset);
    gan_dataset_options four = options;
    four.classes = 4;
    message_says(gan_dataset_open_idx(&dataset, room.context, path_in(&room, "pictures"),
                                      path_in(&room, "labels"), &four),
                 GAN_ERROR_FORMAT, "label 4 of");
    message_says(gan_dataset_open_idx(&dataset, room.context, path_in(&room, "pictures"),
                                      path_in(&room, "few"), &options),
                 GAN_ERROR_FORMAT, "5 pictures, but");
    message_says(gan_dataset_open_idx(&dataset, room.context, path_in(&room, "labels"), NULL, &options),
                 GAN_ERROR_FORMAT, "expected bytes [N,H,W]");
    close_room(&room);
}
END_TEST

START_TEST(mistakes_are_named)
{
    struct room room = open_room();
    gan_dataset *dataset;
    mkdir(path_in(&room, "empty"), 0700);
    message_says(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "empty"), NULL),
                 GAN_ERROR_FORMAT, "holds no pictures");
    ck_assert_ptr_null(dataset);
    message_says(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "none"), NULL),
                 GAN_ERROR_NOT_FOUND, "none");
    write_words(path_in(&room, "bad/one.png"));
    message_says(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "bad"), NULL),
                 GAN_ERROR_FORMAT, "none of the 1 pictures");
    const gan_dataset_options two = {.struct_size = sizeof two, .channels = 2};
    message_says(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "bad"), &two),
                 GAN_ERROR_ARGUMENT, "channels is 2");
    paint_picture(&room, path_in(&room, "good/one.png"), 20, 20, 1);
    must(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "good"), &unit_options));
    struct batch batch = make_batch(room.context, dataset, 2);
    const int64_t count = 2;
    must(gan_tensor_create(&batch.labels, room.context, GAN_INT32, &count, 1));
    message_says(gan_dataset_next(dataset, batch.first, NULL, batch.labels), GAN_ERROR_ARGUMENT, "have none");
    message_says(gan_dataset_next(dataset, batch.first, batch.first, NULL), GAN_ERROR_ARGUMENT,
                 "no partners");
    message_says(gan_dataset_next(dataset, batch.labels, NULL, NULL), GAN_ERROR_TYPE, "expected float32");
    message_says(gan_dataset_set_position(dataset, -1), GAN_ERROR_ARGUMENT, "position");
    must(gan_dataset_next(dataset, batch.first, NULL, NULL));
    free_batch(&batch);
    gan_dataset_free(dataset);
    close_room(&room);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {each_epoch_shows_each_picture_once,
                                  batches_are_the_same_with_a_worker_without_and_after_a_break,
                                  ranges_channels_and_crops_are_as_asked,
                                  pictures_are_mirrored_half_of_the_time_or_never,
                                  labels_count_the_sorted_subfolders,
                                  a_check_names_what_will_be_skipped,
                                  idx_files_give_pictures_with_their_labels,
                                  mistakes_are_named};
    return run_suite("dataset", tests, sizeof tests / sizeof tests[0]);
}
