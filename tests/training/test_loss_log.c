/* Losses as files, and their state; sheets of generated pictures. */
#include "base/suite.h"
#include "formats/folder.h"
#include "gan/gan.h"
#include "models/reference.h"

#include <math.h>
#include <string.h>

static const char *const names[] = {"generator", "discriminator"};

static gan_loss_log *open_log(gan_context *context, const char *csv, const char *png)
{
    gan_loss_log *log;
    const gan_loss_log_options options = {.struct_size = sizeof options, .csv = csv, .png = png};
    must(gan_loss_log_create(&log, context, names, 2, &options));
    return log;
}

static void append(gan_loss_log *log, int64_t step, float first, float second)
{
    const float losses[2] = {first, second};
    must(gan_loss_log_append(log, step, losses));
}

static void expect_file(const char *path, const char *expected)
{
    char text[400] = "";
    const long size = read_bytes(path, text, sizeof text - 1);
    ck_assert_int_ge(size, 0);
    text[size] = '\0';
    ck_assert_str_eq(text, expected);
}

START_TEST(steps_become_lines_and_curves)
{
    struct folder folder;
    folder_open(&folder);
    gan_context *context = reference_context();
    const char *csv = folder_file(&folder, "losses.csv"), *png = folder_file(&folder, "losses.png");
    gan_loss_log *log = open_log(context, csv, png);
    append(log, 1, 0.5f, 2);
    append(log, 2, NAN, -1.25f);
    must(gan_loss_log_write(log));
    expect_file(csv, "step,generator,discriminator\n1,0.5,2\n2,,-1.25\n");
    gan_tensor *plot;
    must(gan_image_load(&plot, NULL, context, png));
    gan_tensor_free(plot);
    gan_loss_log_free(log);
    gan_context_free(context);
    folder_close(&folder, 2);
}
END_TEST

/* Two steps of a loss, beside a column that leaps where `undrawn` is 1. */
static void draw(gan_context *context, const char *png, int32_t undrawn, int32_t logarithmic)
{
    static const char *const columns[] = {"seconds", "loss"};
    const gan_loss_log_options options = {
        .struct_size = sizeof options, .png = png, .undrawn = undrawn, .logarithmic = logarithmic};
    const float rows[2][2] = {{7, 0.5f}, {-900, 40}};
    gan_loss_log *log;
    must(gan_loss_log_create(&log, context, columns + 1 - undrawn, 1 + undrawn, &options));
    for (int i = 0; i < 2; i++)
        must(gan_loss_log_append(log, i + 1, rows[i] + 1 - undrawn));
    must(gan_loss_log_write(log));
    gan_loss_log_free(log);
}

static float difference_of_pictures(gan_context *context, const char *first, const char *second)
{
    gan_tensor *a, *b;
    must(gan_image_load(&a, NULL, context, first));
    must(gan_image_load(&b, NULL, context, second));
    float largest = 0;
    for (int64_t i = 0; i < gan_tensor_count(a); i++)
        largest = fmaxf(largest, fabsf(((float *)gan_tensor_data(a))[i] - ((float *)gan_tensor_data(b))[i]));
    gan_tensor_free(a);
    gan_tensor_free(b);
    return largest;
}

START_TEST(curves_leave_out_what_is_not_to_be_drawn)
{
    struct folder folder;
    folder_open(&folder);
    gan_context *context = reference_context();
    const char *const files[] = {folder_file(&folder, "alone.png"), folder_file(&folder, "beside.png"),
                                 folder_file(&folder, "logarithmic.png")};
    for (int i = 0; i < 3; i++)
        draw(context, files[i], i == 1, i == 2);
    ck_assert(difference_of_pictures(context, files[0], files[1]) == 0);
    ck_assert(difference_of_pictures(context, files[0], files[2]) > 0);
    gan_loss_log *log;
    const gan_loss_log_options options = {.struct_size = sizeof options, .undrawn = 3};
    ck_assert_int_eq(gan_loss_log_create(&log, context, names, 2, &options), GAN_ERROR_ARGUMENT);
    gan_context_free(context);
    folder_close(&folder, 3);
}
END_TEST

START_TEST(a_restored_log_goes_on)
{
    struct folder folder;
    folder_open(&folder);
    gan_context *context = reference_context();
    const char *csv = folder_file(&folder, "losses.csv");
    gan_loss_log *log = open_log(context, NULL, NULL), *resumed = open_log(context, csv, NULL);
    append(log, 1, 4, 5);
    append(log, (INT64_C(1) << 50) - 1, 6, 7); /* no float is that */
    gan_tensors *state;
    must(gan_tensors_create(&state, context));
    must(gan_loss_log_store(log, state, "losses"));
    append(resumed, 9, 9, 9);
    must(gan_loss_log_restore(resumed, state, "losses"));
    append(resumed, INT64_C(1) << 50, 8, 9);
    expect_file(csv, "step,generator,discriminator\n1,4,5\n1125899906842623,6,7\n1125899906842624,8,9\n");
    ck_assert_int_eq(gan_loss_log_restore(resumed, state, "other"), GAN_ERROR_FORMAT);
    gan_loss_log *single, *none;
    must(gan_loss_log_create(&single, context, names, 1, NULL));
    ck_assert_int_eq(gan_loss_log_restore(single, state, "losses"), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "[2,2], expected [rows,1]"));
    ck_assert_int_eq(gan_loss_log_create(&none, context, names, 0, NULL), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(none);
    gan_loss_log_free(single);
    gan_tensors_free(state);
    gan_loss_log_free(log);
    gan_loss_log_free(resumed);
    gan_context_free(context);
    folder_close(&folder, 1);
}
END_TEST

START_TEST(a_place_that_cannot_be_written_is_an_error)
{
    gan_context *context = reference_context();
    gan_loss_log *log = open_log(context, "/nowhere/at/all.csv", NULL);
    const float losses[2] = {1, 2};
    ck_assert_int_eq(gan_loss_log_append(log, 1, losses), GAN_ERROR_NOT_FOUND);
    gan_loss_log_free(log);
    gan_context_free(context);
}
END_TEST

START_TEST(a_batch_becomes_a_sheet)
{
    gan_context *context = reference_context();
    gan_tensor *batch, *sheet;
    must(gan_tensor_create(&batch, context, GAN_FLOAT32, (const int64_t[]){5, 2, 3, 1}, 4));
    for (int i = 0; i < 30; i++)
        ((float *)gan_tensor_data(batch))[i] = -1 + 0.5f * (float)(i / 6);
    ((float *)gan_tensor_data(batch))[0] = -7;
    must(gan_image_grid_batch(&sheet, batch, 0, 1, -1, 1));
    ck_assert_int_eq(gan_tensor_size(sheet, 1), 2 * 2 + 1);
    ck_assert_int_eq(gan_tensor_size(sheet, 2), 3 * 3 + 2);
    const float *values = gan_tensor_data(sheet);
    ck_assert(values[0] == 0);                    /* clamped */
    ck_assert(values[4 * 3] == 0.25f);            /* the second picture */
    ck_assert(values[3 * 3] == 1);                /* the gap */
    ck_assert(values[(3 * 11 + 4) * 3 + 2] == 1); /* the fifth, in the second row */
    gan_tensor_free(sheet);
    ck_assert_int_eq(gan_image_grid_batch(&sheet, batch, 0, 1, 1, 1), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(sheet);
    gan_tensor_free(batch);
    must(gan_tensor_create(&batch, context, GAN_FLOAT32, (const int64_t[]){5, 2, 3, 2}, 4));
    ck_assert_int_eq(gan_image_grid_batch(&sheet, batch, 0, 1, 0, 1), GAN_ERROR_SHAPE);
    gan_tensor_free(batch);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        steps_become_lines_and_curves, curves_leave_out_what_is_not_to_be_drawn,
        a_restored_log_goes_on,        a_place_that_cannot_be_written_is_an_error,
        a_batch_becomes_a_sheet,
    };
    return run_suite("loss_log", tests, sizeof tests / sizeof tests[0]);
}
