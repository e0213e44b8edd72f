/* Data sets of two sides: pairs, and folders that have no pairs. */
#include "base/suite.h"
#include "models/reference.h"
#include "training/dataset_room.h"

/* The same crop and flip: red and green agree at every pixel, blue tells which is which. */
static void check_partners(const struct batch *batch, int64_t count, int difference)
{
    for (int64_t n = 0; n < count; n++) {
        ck_assert_int_eq(number_of(batch->second, n), number_of(batch->first, n) + difference);
        for (int64_t i = 0; i < 16 * 16; i++)
            for (int c = 0; c < 2; c++)
                ck_assert_float_eq_tol(picture_pixel(batch->first, n, i / 16, i % 16)[c],
                                       picture_pixel(batch->second, n, i / 16, i % 16)[c], 1e-6f);
    }
}

START_TEST(pairs_of_two_folders_share_crop_and_flip)
{
    struct room room = open_room();
    for (int i = 0; i < 3; i++) {
        paint_picture(&room, path_in(&room, "a/%d.png", i), 40, 30 + i, i);
        paint_picture(&room, path_in(&room, "b/%d.bmp", i), 40, 30 + i, i + 9);
    }
    gan_dataset *dataset;
    must(gan_dataset_open_pairs(&dataset, room.context, path_in(&room, "a"), path_in(&room, "b"),
                                &unit_options));
    struct batch batch = make_batch(room.context, dataset, 12);
    next_batch(dataset, &batch);
    check_partners(&batch, 12, 9);
    free_batch(&batch);
    gan_dataset_free(dataset);
    paint_picture(&room, path_in(&room, "b/7.png"), 20, 20, 0);
    message_says(gan_dataset_open_pairs(&dataset, room.context, path_in(&room, "a"), path_in(&room, "b"),
                                        &unit_options),
                 GAN_ERROR_FORMAT, "b/7.png\" has no partner");
    close_room(&room);
}
END_TEST

START_TEST(halves_of_one_picture_share_crop_and_flip)
{
    struct room room = open_room();
    gan_tensor *sheet, *halves[2];
    for (int i = 0; i < 2; i++) {
        paint_picture(&room, path_in(&room, "half.png"), 50, 40, 3 + 5 * i);
        must(gan_image_load(&halves[i], NULL, room.context, path_in(&room, "half.png")));
    }
    must(gan_image_grid(&sheet, (const gan_tensor *const *)halves, 2, 2, 0));
    must(gan_image_save(sheet, NULL, path_in(&room, "data/pair.png"), 0));
    gan_dataset *dataset;
    must(gan_dataset_open_pairs(&dataset, room.context, path_in(&room, "data"), NULL, &unit_options));
    struct batch batch = make_batch(room.context, dataset, 12);
    next_batch(dataset, &batch);
    check_partners(&batch, 12, 5);
    free_batch(&batch);
    gan_dataset_free(dataset);
    for (int i = 0; i < 2; i++)
        gan_tensor_free(halves[i]);
    gan_tensor_free(sheet);
    paint_picture(&room, path_in(&room, "odd/pair.png"), 20, 31, 0);
    message_says(gan_dataset_open_pairs(&dataset, room.context, path_in(&room, "odd"), NULL, &unit_options),
                 GAN_ERROR_FORMAT, "31 pixels wide");
    close_room(&room);
}
END_TEST

START_TEST(unpaired_folders_have_orders_of_their_own)
{
    struct room room = open_room();
    for (int i = 0; i < 4; i++)
        paint_picture(&room, path_in(&room, "a/%d.png", i), 20, 20, i);
    for (int i = 0; i < 7; i++)
        paint_picture(&room, path_in(&room, "b/x%d.png", i), 24, 20, i);
    gan_dataset *dataset;
    must(gan_dataset_open_unpaired(&dataset, room.context, path_in(&room, "a"), path_in(&room, "b"),
                                   &unit_options));
    ck_assert_int_eq(gan_dataset_count(dataset), 7);
    struct batch batch = make_batch(room.context, dataset, 28);
    next_batch(dataset, &batch);
    int of_first[4] = {0}, of_second[7] = {0};
    for (int64_t i = 0; i < 28; i++) {
        of_first[number_of(batch.first, i)]++;
        of_second[number_of(batch.second, i)]++;
    }
    for (int i = 0; i < 7; i++)
        ck_assert_int_eq(of_second[i], 4);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(of_first[i], 7);
    free_batch(&batch);
    gan_dataset_free(dataset);
    close_room(&room);
}
END_TEST

START_TEST(pairs_that_differ_in_size_are_skipped_together)
{
    struct room room = open_room();
    for (int i = 0; i < 3; i++) {
        paint_picture(&room, path_in(&room, "a/%d.png", i), 20, 20, i);
        paint_picture(&room, path_in(&room, "b/%d.png", i), 20, i == 1 ? 22 : 20, i);
    }
    write_words(path_in(&room, "b/2.png"));
    gan_dataset *dataset;
    must(gan_dataset_open_pairs(&dataset, room.context, path_in(&room, "a"), path_in(&room, "b"),
                                &unit_options));
    struct batch batch = make_batch(room.context, dataset, 5);
    next_batch(dataset, &batch);
    check_partners(&batch, 5, 0);
    for (int64_t i = 0; i < 5; i++)
        ck_assert_int_eq(number_of(batch.first, i), 0);
    char any[] = ".png";
    reported_pictures = 0;
    message_says(gan_dataset_check(dataset, 2, count_reports, any), GAN_ERROR_FORMAT, "1 usable");
    ck_assert_int_eq(reported_pictures, 2);
    ck_assert_int_eq(gan_dataset_skipped(dataset), 2);
    free_batch(&batch);
    gan_dataset_free(dataset);
    close_room(&room);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        pairs_of_two_folders_share_crop_and_flip, halves_of_one_picture_share_crop_and_flip,
        unpaired_folders_have_orders_of_their_own, pairs_that_differ_in_size_are_skipped_together};
    return run_suite("dataset pairs", tests, sizeof tests / sizeof tests[0]);
}
