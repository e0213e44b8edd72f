/* Pictures read and written row by row are those read and written whole. */
#include "base/suite.h"
#include "formats/folder.h"
#include "graph/networks.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { HEIGHT = 37, WIDTH = 29 };

struct pair {
    gan_tensor *picture, *alpha;
};

static struct pair make_picture(gan_context *context)
{
    struct pair pair;
    pair.picture = make_zeros(context, (const int64_t[]){1, HEIGHT, WIDTH, 3}, 4);
    pair.alpha = make_zeros(context, (const int64_t[]){1, HEIGHT, WIDTH, 1}, 4);
    succeed(gan_tensor_fill_uniform(pair.picture, 1, -0.1f, 1.1f));
    succeed(gan_tensor_fill_uniform(pair.alpha, 2, 0, 1));
    return pair;
}

static void free_picture(struct pair pair)
{
    gan_tensor_free(pair.picture);
    gan_tensor_free(pair.alpha);
}

static const float *values_of(const gan_tensor *tensor)
{
    return gan_tensor_data_const(tensor);
}

/* A few rows at a time, none of them as many as the others. */
static void write_rows(gan_image_sink *sink, const struct pair *pair, bool alpha)
{
    for (int64_t y = 0, count = 1; y < HEIGHT; y += count, count = count % 7 + 2) {
        const int64_t left = HEIGHT - y;
        count = count < left ? count : left;
        succeed(gan_image_sink_write(sink, count, values_of(pair->picture) + y * WIDTH * 3,
                                     alpha ? values_of(pair->alpha) + y * WIDTH : NULL));
    }
}

static bool same_files(const char *a, const char *b)
{
    char left[1 << 16], right[1 << 16];
    const long first = read_bytes(a, left, sizeof left), second = read_bytes(b, right, sizeof right);
    return first > 0 && first == second && first < (long)sizeof left &&
           memcmp(left, right, (size_t)first) == 0;
}

START_TEST(files_are_the_same_as_written_whole)
{
    static const char *const names[] = {"a.png", "a.jpg", "a.bmp", "a.tga"};
    struct folder folder;
    char whole_name[32], rows_name[32];
    gan_context *context = make_context(2);
    const struct pair pair = make_picture(context);
    folder_open(&folder);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (int32_t kind = 0; kind < (i == 0 ? 4 : 2); kind++) {
            const bool alpha = kind % 2 == 1;
            const int32_t depth = kind >= 2 ? 16 : 8;
            const gan_image_save_options saving = {
                .struct_size = sizeof saving, .quality = 80, .depth = depth};
            const gan_image_sink_options options = {
                .struct_size = sizeof options, .quality = 80, .depth = depth, .alpha = alpha};
            gan_image_sink *sink;
            snprintf(whole_name, sizeof whole_name, "whole-%s", names[i]);
            snprintf(rows_name, sizeof rows_name, "rows-%s", names[i]);
            const char *whole = folder_file(&folder, whole_name), *rows = folder_file(&folder, rows_name);
            succeed(gan_image_save_with_options(pair.picture, alpha ? pair.alpha : NULL, whole, &saving));
            succeed(gan_image_sink_open(&sink, context, rows, HEIGHT, WIDTH, &options));
            write_rows(sink, &pair, alpha);
            ck_assert(access(rows, F_OK) != 0 || kind > 0);
            succeed(gan_image_sink_finish(sink));
            gan_image_sink_free(sink);
            ck_assert(same_files(whole, rows));
        }
    free_picture(pair);
    folder_close(&folder, 8);
    gan_context_free(context);
}
END_TEST

/* Alpha that nobody gave is opaque. */
START_TEST(rows_are_those_of_the_whole_picture)
{
    static const char *const names[] = {"a.png", "a.jpg", "a.tga", "deep.png"};
    struct folder folder;
    gan_context *context = make_context(2);
    const struct pair pair = make_picture(context);
    float *rows = malloc(HEIGHT * WIDTH * 3 * sizeof *rows),
          *alphas = malloc(HEIGHT * WIDTH * sizeof *alphas);
    folder_open(&folder);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const gan_image_save_options saving = {.struct_size = sizeof saving, .depth = i == 3 ? 16 : 8};
        gan_image_source *source;
        gan_tensor *picture, *alpha;
        const char *path = folder_file(&folder, names[i]);
        succeed(gan_image_save_with_options(pair.picture, i % 2 == 0 ? pair.alpha : NULL, path, &saving));
        succeed(gan_image_load(&picture, &alpha, context, path));
        succeed(gan_image_source_open(&source, context, path));
        ck_assert_int_eq(gan_image_source_height(source), HEIGHT);
        ck_assert_int_eq(gan_image_source_width(source), WIDTH);
        ck_assert_int_eq(gan_image_source_has_alpha(source), alpha != NULL);
        ck_assert(gan_image_source_memory(source) >= HEIGHT * WIDTH * 3 * (i == 3 ? 2 : 1));
        for (int64_t y = 0; y < HEIGHT; y += 5)
            succeed(gan_image_source_read(source, y, HEIGHT - y < 5 ? HEIGHT - y : 5, rows + y * WIDTH * 3,
                                          alphas + y * WIDTH));
        ck_assert(memcmp(rows, values_of(picture), HEIGHT * WIDTH * 3 * sizeof *rows) == 0);
        for (int64_t k = 0; k < HEIGHT * WIDTH; k++)
            ck_assert(alphas[k] == (alpha != NULL ? values_of(alpha)[k] : 1.0f));
        fails_with(gan_image_source_read(source, 30, 8, rows, NULL), GAN_ERROR_ARGUMENT, "37");
        gan_image_source_free(source);
        gan_tensor_free(picture);
        gan_tensor_free(alpha);
    }
    free(rows);
    free(alphas);
    free_picture(pair);
    folder_close(&folder, 4);
    gan_context_free(context);
}
END_TEST

START_TEST(unfinished_files_leave_nothing)
{
    struct folder folder;
    gan_context *context = make_context(1);
    const struct pair pair = make_picture(context);
    gan_image_sink *sink;
    folder_open(&folder);
    const char *path = folder_file(&folder, "a.png");
    succeed(gan_image_sink_open(&sink, context, path, HEIGHT, WIDTH, NULL));
    succeed(gan_image_sink_write(sink, 10, values_of(pair.picture), NULL));
    fails_with(gan_image_sink_finish(sink), GAN_ERROR_STATE, "10 of 37");
    fails_with(gan_image_sink_write(sink, 28, values_of(pair.picture), NULL), GAN_ERROR_ARGUMENT, "27");
    gan_image_sink_free(sink);
    folder_close(&folder, 0);
    free_picture(pair);
    gan_context_free(context);
}
END_TEST

/* A file that may not grow stands for a disk that is full for a while. */
START_TEST(a_file_with_a_lost_row_is_not_finished)
{
    struct folder folder;
    gan_context *context = make_context(1);
    const int64_t height = 200, width = 200;
    gan_tensor *picture = make_zeros(context, (const int64_t[]){1, height, width, 3}, 4);
    const float *rows = values_of(picture);
    const struct rlimit small = {20000, RLIM_INFINITY};
    struct rlimit usual;
    gan_image_sink *sink;
    gan_status status = GAN_OK;
    int64_t y = 0;
    succeed(gan_tensor_fill_uniform(picture, 1, 0, 1));
    folder_open(&folder);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &usual), 0);
    signal(SIGXFSZ, SIG_IGN);
    succeed(gan_image_sink_open(&sink, context, folder_file(&folder, "a.png"), height, width, NULL));
    /* Check writes a file of its own at each assertion: none while the limit stands. */
    const int limited = setrlimit(RLIMIT_FSIZE, &small);
    for (; status == GAN_OK && y < height; y++)
        status = gan_image_sink_write(sink, 1, rows + y * width * 3, NULL);
    const int freed = setrlimit(RLIMIT_FSIZE, &usual);
    ck_assert(limited == 0 && freed == 0);
    fails_with(status, GAN_ERROR_IO, "a.png");
    fails_with(gan_image_sink_write(sink, 1, rows, NULL), GAN_ERROR_STATE, "could not be written");
    fails_with(gan_image_sink_finish(sink), GAN_ERROR_STATE, "could not be written");
    gan_image_sink_free(sink);
    folder_close(&folder, 0);
    gan_tensor_free(picture);
    gan_context_free(context);
}
END_TEST

START_TEST(a_row_that_is_not_finite_may_be_given_anew)
{
    struct folder folder;
    gan_context *context = make_context(1);
    const struct pair pair = make_picture(context);
    float *rows = gan_tensor_data(pair.picture), *bad = rows + 5 * WIDTH * 3 + 1;
    gan_image_sink *sink;
    folder_open(&folder);
    const char *whole = folder_file(&folder, "a.png"), *anew = folder_file(&folder, "b.png");
    succeed(gan_image_save(pair.picture, NULL, whole, 0));
    succeed(gan_image_sink_open(&sink, context, anew, HEIGHT, WIDTH, NULL));
    const float good = *bad;
    *bad = INFINITY;
    fails_with(gan_image_sink_write(sink, HEIGHT, rows, NULL), GAN_ERROR_NOT_FINITE, "row 5, column 0");
    *bad = good;
    succeed(gan_image_sink_write(sink, HEIGHT - 5, rows + 5 * WIDTH * 3, NULL));
    succeed(gan_image_sink_finish(sink));
    gan_image_sink_free(sink);
    ck_assert(same_files(whole, anew));
    folder_close(&folder, 2);
    free_picture(pair);
    gan_context_free(context);
}
END_TEST

START_TEST(mistakes_are_told)
{
    struct folder folder;
    gan_context *context = make_context(1);
    const struct pair pair = make_picture(context);
    gan_image_sink *sink;
    gan_image_source *source;
    gan_image_sink_options options = {.struct_size = sizeof options, .depth = 16};
    folder_open(&folder);
    const char *path = folder_file(&folder, "a.jpg");
    fails_with(gan_image_sink_open(&sink, context, path, HEIGHT, WIDTH, &options), GAN_ERROR_ARGUMENT,
               "depth");
    ck_assert_ptr_null(sink);
    options = (gan_image_sink_options){.struct_size = sizeof options, .quality = 101};
    fails_with(gan_image_sink_open(&sink, context, path, HEIGHT, WIDTH, &options), GAN_ERROR_ARGUMENT,
               "quality");
    fails_with(gan_image_sink_open(&sink, context, path, 0, WIDTH, NULL), GAN_ERROR_SHAPE, "no pixels");
    fails_with(gan_image_sink_open(&sink, context, "a.gif", 4, 4, NULL), GAN_ERROR_ARGUMENT, ".png");
    fails_with(gan_image_sink_open(&sink, context, "/nowhere/a.png", 4, 4, NULL), GAN_ERROR_NOT_FOUND,
               "/nowhere");
    fails_with(gan_image_source_open(&source, context, path), GAN_ERROR_NOT_FOUND, path);
    ck_assert_ptr_null(source);
    fails_with(gan_image_source_open(NULL, context, path), GAN_ERROR_ARGUMENT, "out");
    fails_with(gan_image_source_read(NULL, 0, 1, NULL, NULL), GAN_ERROR_ARGUMENT, "source");
    path = folder_file(&folder, "a.png");
    succeed(gan_image_sink_open(&sink, context, path, HEIGHT, WIDTH, NULL));
    ((float *)gan_tensor_data(pair.picture))[WIDTH * 3 + 7] = NAN;
    fails_with(gan_image_sink_write(sink, 2, values_of(pair.picture), NULL), GAN_ERROR_NOT_FINITE,
               "row 1, column 2");
    fails_with(gan_image_sink_write(sink, 1, NULL, NULL), GAN_ERROR_ARGUMENT, "rows");
    gan_image_sink_free(sink);
    gan_image_sink_free(NULL);
    gan_image_source_free(NULL);
    folder_close(&folder, 0);
    free_picture(pair);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        files_are_the_same_as_written_whole,
        rows_are_those_of_the_whole_picture,
        unfinished_files_leave_nothing,
        a_file_with_a_lost_row_is_not_finished,
        a_row_that_is_not_finite_may_be_given_anew,
        mistakes_are_told,
    };
    return run_suite("image rows", tests, sizeof tests / sizeof tests[0]);
}
