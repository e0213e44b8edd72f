/* Data sets: what a batch holds, whatever threads work ahead, and after a break; what is skipped and what is
 * refused. */
#include "base/suite.h"
#include "gan/gan.h"
#include "models/reference.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- A folder of pictures ---- */

struct room {
    char path[64];
    gan_context *context;
};

static struct room open_room(void)
{
    struct room room = {.path = "/tmp/gan_dataset_XXXXXX", .context = reference_context()};
    ck_assert_ptr_nonnull(mkdtemp(room.path));
    return room;
}

static void close_room(struct room *room)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", room->path);
    ck_assert_int_eq(system(command), 0);
    gan_context_free(room->context);
}

/* A path in the room; folders on the way are made. Valid until the next call but seven. */
static const char *path_in(const struct room *room, const char *format, ...)
{
    static char paths[8][200];
    static int next;
    char *path = paths[next++ % 8], name[100];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    snprintf(path, 200, "%s/%s", room->path, name);
    for (char *slash = strchr(path + strlen(room->path) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    return path;
}

/* Red rises to the right, green downwards, blue tells the picture's number. */
static void paint(const struct room *room, const char *path, int64_t height, int64_t width, int number)
{
    gan_tensor *picture;
    const int64_t shape[4] = {1, height, width, 3};
    must(gan_tensor_create(&picture, room->context, GAN_FLOAT32, shape, 4));
    float *to = gan_tensor_data(picture);
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++) {
            *to++ = (float)x / (float)(width - 1);
            *to++ = (float)y / (float)(height - 1);
            *to++ = (float)number / 20;
        }
    must(gan_image_save(picture, NULL, path, 0));
    gan_tensor_free(picture);
}

static void write_words(const char *path)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("no picture", file);
    fclose(file);
}

static const gan_dataset_options unit = {
    .struct_size = sizeof unit, .size = 16, .range = GAN_RANGE_UNIT, .largest_scale = 1.5f, .seed = 7};

static void says(gan_status status, gan_status expected, const char *words)
{
    ck_assert_msg(status == expected, "%s: %s", gan_status_name(status), gan_error_message());
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
}

/* ---- Batches ---- */

struct batch {
    gan_tensor *first, *second, *labels;
};

static struct batch make_batch(gan_context *context, const gan_dataset *dataset, int64_t count)
{
    struct batch batch = {NULL, NULL, NULL};
    const int64_t shape[4] = {count, gan_dataset_height(dataset), gan_dataset_width(dataset),
                              gan_dataset_channels(dataset)};
    must(gan_tensor_create(&batch.first, context, GAN_FLOAT32, shape, 4));
    if (gan_dataset_domains(dataset) == 2)
        must(gan_tensor_create(&batch.second, context, GAN_FLOAT32, shape, 4));
    if (gan_dataset_classes(dataset) > 0)
        must(gan_tensor_create(&batch.labels, context, GAN_INT32, &count, 1));
    return batch;
}

static void free_batch(struct batch *batch)
{
    gan_tensor_free(batch->first);
    gan_tensor_free(batch->second);
    gan_tensor_free(batch->labels);
}

static void next(gan_dataset *dataset, struct batch *batch)
{
    must(gan_dataset_next(dataset, batch->first, batch->second, batch->labels));
}

static const float *pixel(const gan_tensor *batch, int64_t n, int64_t y, int64_t x)
{
    const int64_t width = gan_tensor_size(batch, 2), channels = gan_tensor_size(batch, 3);
    return (const float *)gan_tensor_data_const(batch) +
           ((n * gan_tensor_size(batch, 1) + y) * width + x) * channels;
}

static int number_of(const gan_tensor *batch, int64_t n)
{
    return (int)lround((double)pixel(batch, n, 0, 0)[2] * 20);
}

static bool same(const gan_tensor *a, const gan_tensor *b)
{
    return memcmp(gan_tensor_data_const(a), gan_tensor_data_const(b), (size_t)gan_tensor_count(a) * 4) == 0;
}

/* ---- Tests ---- */

START_TEST(each_epoch_shows_each_picture_once)
{
    struct room room = open_room();
    for (int i = 0; i < 6; i++)
        paint(&room, path_in(&room, "data/%d.png", i), 20 + 5 * i, 40, i);
    gan_dataset *dataset;
    must(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "data"), &unit));
    ck_assert_int_eq(gan_dataset_count(dataset), 6);
    struct batch batch = make_batch(room.context, dataset, 3);
    bool orders_differ = false;
    int former[6] = {0};
    for (int epoch = 0; epoch < 4; epoch++) {
        int seen = 0, order[6];
        for (int i = 0; i < 6; i++) {
            if (i % 3 == 0)
                next(dataset, &batch);
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
        paint(&room, path_in(&room, "data/%d.jpg", i), 30, 25 + i, i);
    gan_dataset_options alone = unit;
    alone.no_worker = 1;
    gan_dataset *with, *without, *resumed;
    must(gan_dataset_open_folder(&with, room.context, path_in(&room, "data"), &unit));
    must(gan_dataset_open_folder(&without, room.context, path_in(&room, "data"), &alone));
    must(gan_dataset_open_folder(&resumed, room.context, path_in(&room, "data"), &unit));
    ck_assert(gan_dataset_identity(with) == gan_dataset_identity(without));
    struct batch four = make_batch(room.context, with, 4), again = make_batch(room.context, with, 4);
    struct batch twelve = make_batch(room.context, with, 12);
    for (int i = 0; i < 6; i++) {
        next(with, &four);
        next(without, &again);
        ck_assert(same(four.first, again.first));
        must(gan_dataset_set_position(resumed, 4 * i));
        next(resumed, &again);
        ck_assert(same(four.first, again.first));
        if (i % 3 == 0) {
            must(gan_dataset_set_position(resumed, 4 * i));
            next(resumed, &twelve);
            ck_assert_int_eq(gan_dataset_position(resumed), 4 * i + 12);
        }
        ck_assert_mem_eq(gan_tensor_data(four.first), pixel(twelve.first, 4 * (i % 3), 0, 0),
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
    paint(&room, path_in(&room, "one.png"), 32, 48, 10);
    const gan_dataset_options options = {
        .struct_size = sizeof options, .size = 32, .channels = 1, .crop = GAN_CROP_CENTRE, .no_flip = 1};
    gan_dataset *dataset;
    must(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "one.png"), &options));
    struct batch batch = make_batch(room.context, dataset, 1);
    next(dataset, &batch);
    const double red = 20.0 / 47, green = 3.0 / 31; /* column 12 is 8 + 12 of the file */
    const double grey = 0.299 * red + 0.587 * green + 0.114 * 0.5;
    ck_assert_double_eq_tol((double)*pixel(batch.first, 0, 3, 12), 2 * grey - 1, 0.01);
    free_batch(&batch);
    gan_dataset_free(dataset);
    close_room(&room);
}
END_TEST

START_TEST(pictures_are_mirrored_half_of_the_time_or_never)
{
    struct room room = open_room();
    paint(&room, path_in(&room, "one.png"), 16, 16, 10);
    for (int32_t no_flip = 0; no_flip < 2; no_flip++) {
        gan_dataset_options options = unit;
        options.no_flip = no_flip;
        gan_dataset *dataset;
        must(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "one.png"), &options));
        struct batch batch = make_batch(room.context, dataset, 64);
        next(dataset, &batch);
        int mirrored = 0;
        for (int64_t i = 0; i < 64; i++)
            mirrored += *pixel(batch.first, i, 4, 0) > *pixel(batch.first, i, 4, 15);
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
            paint(&room, path_in(&room, "data/%s/deep/%d.png", names[label], i), 20, 20, label);
    gan_dataset *dataset;
    must(gan_dataset_open_classes(&dataset, room.context, path_in(&room, "data"), &unit));
    ck_assert_int_eq(gan_dataset_classes(dataset), 3);
    struct batch batch = make_batch(room.context, dataset, 6);
    next(dataset, &batch);
    for (int64_t i = 0; i < 6; i++)
        ck_assert_int_eq(((int32_t *)gan_tensor_data(batch.labels))[i], number_of(batch.first, i));
    for (int label = 0; label < 3; label++)
        ck_assert_str_eq(gan_dataset_class_name(dataset, label), names[label]);
    ck_assert_ptr_null(gan_dataset_class_name(dataset, 3));
    free_batch(&batch);
    gan_dataset_free(dataset);
    gan_dataset_options two = unit;
    two.classes = 2;
    says(gan_dataset_open_classes(&dataset, room.context, path_in(&room, "data"), &two), GAN_ERROR_FORMAT,
         "has 3 classes, expected at most 2");
    paint(&room, path_in(&room, "data/stray.png"), 20, 20, 0);
    says(gan_dataset_open_classes(&dataset, room.context, path_in(&room, "data"), &unit), GAN_ERROR_FORMAT,
         "stray.png\" lies in no subfolder");
    close_room(&room);
}
END_TEST

/* The same crop and flip: red and green agree at every pixel, blue tells which is which. */
static void check_partners(const struct batch *batch, int64_t count, int difference)
{
    for (int64_t n = 0; n < count; n++) {
        ck_assert_int_eq(number_of(batch->second, n), number_of(batch->first, n) + difference);
        for (int64_t i = 0; i < 16 * 16; i++)
            for (int c = 0; c < 2; c++)
                ck_assert_float_eq_tol(pixel(batch->first, n, i / 16, i % 16)[c],
                                       pixel(batch->second, n, i / 16, i % 16)[c], 1e-6f);
    }
}

START_TEST(pairs_of_two_folders_share_crop_and_flip)
{
    struct room room = open_room();
    for (int i = 0; i < 3; i++) {
        paint(&room, path_in(&room, "a/%d.png", i), 40, 30 + i, i);
        paint(&room, path_in(&room, "b/%d.bmp", i), 40, 30 + i, i + 9);
    }
    gan_dataset *dataset;
    must(gan_dataset_open_pairs(&dataset, room.context, path_in(&room, "a"), path_in(&room, "b"), &unit));
    struct batch batch = make_batch(room.context, dataset, 12);
    next(dataset, &batch);
    check_partners(&batch, 12, 9);
    free_batch(&batch);
    gan_dataset_free(dataset);
    paint(&room, path_in(&room, "b/7.png"), 20, 20, 0);
    says(gan_dataset_open_pairs(&dataset, room.context, path_in(&room, "a"), path_in(&room, "b"), &unit),
         GAN_ERROR_FORMAT, "b/7.png\" has no partner");
    close_room(&room);
}
END_TEST

START_TEST(halves_of_one_picture_share_crop_and_flip)
{
    struct room room = open_room();
    gan_tensor *sheet, *halves[2];
    for (int i = 0; i < 2; i++) {
        paint(&room, path_in(&room, "half.png"), 50, 40, 3 + 5 * i);
        must(gan_image_load(&halves[i], NULL, room.context, path_in(&room, "half.png")));
    }
    must(gan_image_grid(&sheet, (const gan_tensor *const *)halves, 2, 2, 0));
    must(gan_image_save(sheet, NULL, path_in(&room, "data/pair.png"), 0));
    gan_dataset *dataset;
    must(gan_dataset_open_pairs(&dataset, room.context, path_in(&room, "data"), NULL, &unit));
    struct batch batch = make_batch(room.context, dataset, 12);
    next(dataset, &batch);
    check_partners(&batch, 12, 5);
    free_batch(&batch);
    gan_dataset_free(dataset);
    for (int i = 0; i < 2; i++)
        gan_tensor_free(halves[i]);
    gan_tensor_free(sheet);
    paint(&room, path_in(&room, "odd/pair.png"), 20, 31, 0);
    says(gan_dataset_open_pairs(&dataset, room.context, path_in(&room, "odd"), NULL, &unit), GAN_ERROR_FORMAT,
         "31 pixels wide");
    close_room(&room);
}
END_TEST

START_TEST(unpaired_folders_have_orders_of_their_own)
{
    struct room room = open_room();
    for (int i = 0; i < 4; i++)
        paint(&room, path_in(&room, "a/%d.png", i), 20, 20, i);
    for (int i = 0; i < 7; i++)
        paint(&room, path_in(&room, "b/x%d.png", i), 24, 20, i);
    gan_dataset *dataset;
    must(gan_dataset_open_unpaired(&dataset, room.context, path_in(&room, "a"), path_in(&room, "b"), &unit));
    ck_assert_int_eq(gan_dataset_count(dataset), 7);
    struct batch batch = make_batch(room.context, dataset, 28);
    next(dataset, &batch);
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

static int reported;
static void count_reports(void *user, const char *path, const char *reason)
{
    ck_assert_ptr_nonnull(strstr(path, user));
    ck_assert(reason[0] != '\0');
    reported++;
}

START_TEST(a_check_names_what_will_be_skipped)
{
    struct room room = open_room();
    for (int i = 0; i < 4; i++)
        paint(&room, path_in(&room, "data/%d.png", i), 20, 20, i);
    write_words(path_in(&room, "data/bad.png"));
    gan_dataset *dataset;
    must(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "data"), &unit));
    char bad[] = "bad.png";
    for (int round = 0; round < 2; round++) {
        reported = 0;
        must(gan_dataset_check(dataset, 4, count_reports, bad));
        ck_assert_int_eq(reported, 1);
    }
    ck_assert_int_eq(gan_dataset_count(dataset), 4);
    ck_assert_int_eq(gan_dataset_skipped(dataset), 1);
    says(gan_dataset_check(dataset, 5, NULL, NULL), GAN_ERROR_FORMAT,
         "4 usable pictures, expected at least 5");
    gan_dataset_free(dataset);
    close_room(&room);
}
END_TEST

START_TEST(pairs_that_differ_in_size_are_skipped_together)
{
    struct room room = open_room();
    for (int i = 0; i < 3; i++) {
        paint(&room, path_in(&room, "a/%d.png", i), 20, 20, i);
        paint(&room, path_in(&room, "b/%d.png", i), 20, i == 1 ? 22 : 20, i);
    }
    write_words(path_in(&room, "b/2.png"));
    gan_dataset *dataset;
    must(gan_dataset_open_pairs(&dataset, room.context, path_in(&room, "a"), path_in(&room, "b"), &unit));
    struct batch batch = make_batch(room.context, dataset, 5);
    next(dataset, &batch);
    check_partners(&batch, 5, 0);
    for (int64_t i = 0; i < 5; i++)
        ck_assert_int_eq(number_of(batch.first, i), 0);
    char any[] = ".png";
    reported = 0;
    says(gan_dataset_check(dataset, 2, count_reports, any), GAN_ERROR_FORMAT, "1 usable");
    ck_assert_int_eq(reported, 2);
    ck_assert_int_eq(gan_dataset_skipped(dataset), 2);
    free_batch(&batch);
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
    next(dataset, &batch);
    int seen = 0;
    for (int64_t i = 0; i < 5; i++) {
        const int label = ((int32_t *)gan_tensor_data(batch.labels))[i];
        seen |= 1 << label;
        ck_assert_int_eq(lroundf(*pixel(batch.first, i, 1, 2) * 255), 6 * label + 5);
    }
    ck_assert_int_eq(seen, 31);
    free_batch(&batch);
    gan_dataset_free(dataset);
    gan_dataset_options four = options;
    four.classes = 4;
    says(gan_dataset_open_idx(&dataset, room.context, path_in(&room, "pictures"), path_in(&room, "labels"),
                              &four),
         GAN_ERROR_FORMAT, "label 4 of");
    says(gan_dataset_open_idx(&dataset, room.context, path_in(&room, "pictures"), path_in(&room, "few"),
                              &options),
         GAN_ERROR_FORMAT, "5 pictures, but");
    says(gan_dataset_open_idx(&dataset, room.context, path_in(&room, "labels"), NULL, &options),
         GAN_ERROR_FORMAT, "expected bytes [N,H,W]");
    close_room(&room);
}
END_TEST

START_TEST(mistakes_are_named)
{
    struct room room = open_room();
    gan_dataset *dataset;
    mkdir(path_in(&room, "empty"), 0700);
    says(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "empty"), NULL), GAN_ERROR_FORMAT,
         "holds no pictures");
    ck_assert_ptr_null(dataset);
    says(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "none"), NULL), GAN_ERROR_NOT_FOUND,
         "none");
    write_words(path_in(&room, "bad/one.png"));
    says(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "bad"), NULL), GAN_ERROR_FORMAT,
         "none of the 1 pictures");
    const gan_dataset_options two = {.struct_size = sizeof two, .channels = 2};
    says(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "bad"), &two), GAN_ERROR_ARGUMENT,
         "channels is 2");
    paint(&room, path_in(&room, "good/one.png"), 20, 20, 1);
    must(gan_dataset_open_folder(&dataset, room.context, path_in(&room, "good"), &unit));
    struct batch batch = make_batch(room.context, dataset, 2);
    const int64_t count = 2;
    must(gan_tensor_create(&batch.labels, room.context, GAN_INT32, &count, 1));
    says(gan_dataset_next(dataset, batch.first, NULL, batch.labels), GAN_ERROR_ARGUMENT, "have none");
    says(gan_dataset_next(dataset, batch.first, batch.first, NULL), GAN_ERROR_ARGUMENT, "no partners");
    says(gan_dataset_next(dataset, batch.labels, NULL, NULL), GAN_ERROR_TYPE, "expected float32");
    says(gan_dataset_set_position(dataset, -1), GAN_ERROR_ARGUMENT, "position");
    must(gan_dataset_next(dataset, batch.first, NULL, NULL));
    free_batch(&batch);
    gan_dataset_free(dataset);
    close_room(&room);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        each_epoch_shows_each_picture_once,
        batches_are_the_same_with_a_worker_without_and_after_a_break,
        ranges_channels_and_crops_are_as_asked,
        pictures_are_mirrored_half_of_the_time_or_never,
        labels_count_the_sorted_subfolders,
        pairs_of_two_folders_share_crop_and_flip,
        halves_of_one_picture_share_crop_and_flip,
        unpaired_folders_have_orders_of_their_own,
        a_check_names_what_will_be_skipped,
        pairs_that_differ_in_size_are_skipped_together,
        idx_files_give_pictures_with_their_labels,
        mistakes_are_named,
    };
    return run_suite("dataset", tests, sizeof tests / sizeof tests[0]);
}
