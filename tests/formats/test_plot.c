/* Tables of losses and their plots. */
#include "base/suite.h"
#include "formats/csv.h"
#include "formats/folder.h"
#include "formats/plot.h"
#include "formats/plot_axis.h"
#include "gan/image.h"

#include <math.h>
#include <string.h>

static gan_context *context;
static struct folder folder;
static const char *const names[] = {"step", "loss", "content, \"c\""};

static void begin(void)
{
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    folder_open(&folder);
}

static void end(int files)
{
    folder_close(&folder, files);
    gan_context_free(context);
}

static void expect_content(const char *path, const char *expected)
{
    char text[256] = {0};
    ck_assert_int_eq(read_bytes(path, text, sizeof text - 1), (long)strlen(expected));
    ck_assert_str_eq(text, expected);
}

#define HEADER "step,loss,\"content, \"\"c\"\"\"\n"

START_TEST(a_table_is_written_whole)
{
    static const int64_t steps[] = {1, (INT64_C(1) << 50) - 1};
    static const float others[] = {0.1f, NAN, -2.5e-7f, INFINITY};
    struct csv_table table = {names, 3, 2, steps, others};
    begin();
    const char *path = folder_file(&folder, "a.csv");
    ck_assert_int_eq(gan_csv_save(context, path, &table), GAN_OK);
    expect_content(path, HEADER "1,0.1,\n1125899906842623,-2.5e-07,\n");
    table.rows = 0;
    ck_assert_int_eq(gan_csv_save(context, path, &table), GAN_OK);
    expect_content(path, HEADER);
    end(1);
}
END_TEST

START_TEST(a_table_that_cannot_be_written_leaves_nothing)
{
    begin();
    const struct csv_table table = {names, 3, 1, (const int64_t[]){1}, (const float[]){2, 3}};
    ck_assert_int_eq(gan_csv_save(context, folder.path, &table), GAN_ERROR_IO);
    ck_assert_int_eq(gan_csv_save(context, "/dev/full", &table), GAN_ERROR_IO);
    end(0);
}
END_TEST

static void expect_axis(bool logarithmic, double least, double most)
{
    struct axis axis = {.logarithmic = logarithmic};
    gan_axis_fit(&axis, least, most);
    ck_assert(axis.low < axis.high);
    ck_assert_msg(axis.marks >= 2 && axis.marks < MOST_MARKS, "%g to %g: %d marks", least, most, axis.marks);
    for (int32_t i = 0; i < axis.marks; i++) {
        const double place = gan_axis_place(&axis, axis.mark[i]);
        ck_assert_msg(place > -1e-6 && place < 1 + 1e-6, "%g to %g: mark %g at %g", least, most, axis.mark[i],
                      place);
    }
}

START_TEST(axes_have_marks_inside)
{
    static const double ranges[][2] = {{0, 1},          {0.1, 0.3},     {5, 5},       {1e-12, 1e12},
                                       {1e-299, 1e299}, {3, 8},         {100, 101},   {2, 90},
                                       {1, 1000},       {1e6, 1e6 + 1}, {0.99, 1.01}, {1e-5, 2e-5}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        for (int logarithmic = 0; logarithmic < 2; logarithmic++)
            if (!logarithmic || ranges[i][0] > 0)
                expect_axis(logarithmic, ranges[i][0], ranges[i][1]);
}
END_TEST

START_TEST(plots_are_pictures_for_any_values)
{
    static const double x[] = {0, 1, 2, 3, 4, 5}, y[] = {1, NAN, 3, -2, INFINITY, 1e308};
    static const double none[] = {NAN, -INFINITY, NAN, NAN, NAN, NAN};
    begin();
    const struct plot_series series[] = {{"values \xC3\xA9\n", x, y, 6}, {"", none, none, 6}, {"x", x, x, 0}};
    const char *path = folder_file(&folder, "a.png");
    for (int32_t count = 0; count <= 3; count++)
        for (int logarithmic = 0; logarithmic < 2; logarithmic++) {
            gan_tensor *picture;
            ck_assert_int_eq(gan_plot_save(context, path, "title", "step", series, count, logarithmic),
                             GAN_OK);
            ck_assert_int_eq(gan_image_load(&picture, NULL, context, path), GAN_OK);
            ck_assert_int_eq(gan_tensor_size(picture, 2), PLOT_WIDTH);
            gan_tensor_free(picture);
        }
    ck_assert_int_eq(gan_plot_save(context, folder_file(&folder, "a.xyz"), "", "", NULL, 0, false),
                     GAN_ERROR_ARGUMENT);
    end(1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_table_is_written_whole,
        a_table_that_cannot_be_written_leaves_nothing,
        axes_have_marks_inside,
        plots_are_pictures_for_any_values,
    };
    return run_suite("plot", tests, sizeof tests / sizeof tests[0]);
}
