#include "training/dataset_room.h"
#include "models/reference.h"

#include <check.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct room open_room(void)
{
    struct room room = {.path = "/tmp/gan_dataset_XXXXXX", .context = reference_context()};
    ck_assert_ptr_nonnull(mkdtemp(room.path));
    return room;
}

void close_room(struct room *room)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", room->path);
    ck_assert_int_eq(system(command), 0);
    gan_context_free(room->context);
}

const char *path_in(const struct room *room, const char *format, ...)
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

void paint_picture(const struct room *room, const char *path, int64_t height, int64_t width, int number)
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

void write_words(const char *path)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("no picture", file);
    fclose(file);
}

const gan_dataset_options unit_options = {.struct_size = sizeof unit_options,
                                          .size = 16,
                                          .range = GAN_RANGE_UNIT,
                                          .largest_scale = 1.5f,
                                          .seed = 7};

void message_says(gan_status status, gan_status expected, const char *words)
{
    ck_assert_msg(status == expected, "%s: %s", gan_status_name(status), gan_error_message());
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
}

struct batch make_batch(gan_context *context, const gan_dataset *dataset, int64_t count)
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

void free_batch(struct batch *batch)
{
    gan_tensor_free(batch->first);
    gan_tensor_free(batch->second);
    gan_tensor_free(batch->labels);
}

void next_batch(gan_dataset *dataset, struct batch *batch)
{
    must(gan_dataset_next(dataset, batch->first, batch->second, batch->labels));
}

const float *picture_pixel(const gan_tensor *batch, int64_t n, int64_t y, int64_t x)
{
    const int64_t width = gan_tensor_size(batch, 2), channels = gan_tensor_size(batch, 3);
    return (const float *)gan_tensor_data_const(batch) +
           ((n * gan_tensor_size(batch, 1) + y) * width + x) * channels;
}

int number_of(const gan_tensor *batch, int64_t n)
{
    return (int)lround((double)picture_pixel(batch, n, 0, 0)[2] * 20);
}

int reported_pictures;
void count_reports(void *user, const char *path, const char *reason)
{
    ck_assert_ptr_nonnull(strstr(path, user));
    ck_assert(reason[0] != '\0');
    reported_pictures++;
}
