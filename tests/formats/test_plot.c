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
static const char *const names[] = {"loss", "content, \"c\""};

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

static void write_steps(const char *path, int64_t first, int64_t last)
{
    struct csv csv;
    ck_assert_int_eq(gan_csv_open(&csv, context, path, names, 2, first), GAN_OK);
    for (int64_t step = first; step <= last; step++)
        ck_assert_int_eq(gan_csv_append(&csv, step, (double[]){(double)step / 2, NAN}), GAN_OK);
    ck_assert_int_eq(gan_csv_close(&csv), GAN_OK);
}

static void expect_content(const char *path, const char *expected)
{
    char text[256] = {0};
    ck_assert_int_eq(read_bytes(path, text, sizeof text - 1), (long)strlen(expected));
    ck_assert_str_eq(text, expected);
}

#define HEADER "step,loss,\"content, \"\"c\"\"\"\n"

START_TEST(a_resumed_table_goes_on_where_it_was)
{
    begin();
    const char *path = folder_file(&folder, "a.csv");
    write_steps(path, 0, 3);
    expect_content(path, HEADER "0,0,\n1,0.5,\n2,1,\n3,1.5,\n");
    write_steps(path, 2, 2);
    expect_content(path, HEADER "0,0,\n1,0.5,\n2,1,\n");
    write_bytes(path, HEADER "0,0,\n1,0.", strlen(HEADER) + 10);
    write_steps(path, 5, 5);
    expect_content(path, HEADER "0,0,\n5,2.5,\n");
    write_steps(path, 0, 0);
    expect_content(path, HEADER "0,0,\n");
    write_steps(folder_file(&folder, "b.csv"), 7, 7);
    expect_content(folder_file(&folder, "b.csv"), HEADER "7,3.5,\n");
    end(2);
}
END_TEST

START_TEST(other_columns_and_places_are_refused)
{
    begin();
    struct csv csv;
    const char *path = folder_file(&folder, "a.csv");
    write_bytes(path, "step,other\n0,1\n", 15);
    ck_assert_int_eq(gan_csv_open(&csv, context, path, names, 2, 1), GAN_ERROR_FORMAT);
    expect_content(path, "step,other\n0,1\n");
    ck_assert_int_eq(gan_csv_open(&csv, context, folder.path, names, 2, 0), GAN_ERROR_IO);
    ck_assert_int_eq(gan_csv_open(&csv, context, "/dev/full", names, 2, 0), GAN_ERROR_IO);
    ck_assert_int_eq(gan_csv_open(&csv, context, path, names, 65, 0), GAN_ERROR_ARGUMENT);
    end(1);
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
        a_resumed_table_goes_on_where_it_was,
        other_columns_and_places_are_refused,
        axes_have_marks_inside,
        plots_are_pictures_for_any_values,
    };
    return run_suite("plot", tests, sizeof tests / sizeof tests[0]);
}
