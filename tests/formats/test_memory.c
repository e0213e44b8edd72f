/* Reading and writing while the memory runs out, at every single request. */
#include "base/suite.h"
#include "faults/scenario.h"
#include "formats/csv.h"
#include "formats/folder.h"
#include "formats/json_read.h"
#include "formats/plot.h"
#include "gan/tensors.h"
#include "tensor/exchanged.h"

#include <string.h>
#include <unistd.h>

static struct folder folder;
static const char *path;

static void exhaust(gan_status (*act)(gan_context *context, void *state), const char *name)
{
    folder_open(&folder);
    path = folder_file(&folder, name);
    exhaust_memory(&(struct scenario){.act = act});
    unlink(path);
    folder_close(&folder, 0); /* no temporary file is left either */
}

static gan_status make_tensors(gan_tensors **tensors, gan_context *context)
{
    gan_tensor *tensor = NULL;
    gan_status status = gan_tensors_create(tensors, context);
    if (status == GAN_OK)
        status = gan_tensor_create(&tensor, context, GAN_FLOAT32, (int64_t[]){2, 3}, 2);
    if (status == GAN_OK)
        status = gan_tensors_add(*tensors, "first", tensor);
    if (status == GAN_OK)
        status = gan_tensors_add(*tensors, "second", tensor);
    if (status == GAN_OK)
        status = gan_tensors_set_metadata(*tensors, "key", "value");
    if (status == GAN_OK)
        status = gan_tensors_set_metadata(*tensors, "key", "other");
    gan_tensor_free(tensor);
    return status;
}

static gan_status save_and_load(gan_context *context, void *state)
{
    (void)state;
    gan_tensors *tensors = NULL, *loaded = NULL;
    gan_status status = make_tensors(&tensors, context);
    if (status == GAN_OK)
        status = gan_tensors_save(tensors, path);
    if (status == GAN_OK)
        status = gan_tensors_load(&loaded, context, path);
    gan_tensors_free(tensors);
    gan_tensors_free(loaded);
    return status;
}

START_TEST(tensors_survive)
{
    exhaust(save_and_load, "a.safetensors");
}
END_TEST

static gan_status parse(gan_context *context, void *state)
{
    (void)state;
    static const char text[] = "{\"a\":[1,\"x\"],\"b\":\"y\"}";
    struct json json;
    char *string = NULL;
    gan_status status = gan_json_open(&json, context, text, sizeof text - 1, "text");
    if (status != GAN_OK)
        return status;
    status = gan_json_string(&json, gan_json_find(&json, 0, "b"), &string);
    gan_release(context, string);
    gan_json_close(&json);
    return status;
}

START_TEST(json_survives)
{
    exhaust_memory(&(struct scenario){.act = parse});
}
END_TEST

static gan_status make_pictures(gan_tensor **picture, gan_tensor **alpha, gan_context *context)
{
    gan_status status = gan_tensor_create(picture, context, GAN_FLOAT32, (int64_t[]){1, 20, 30, 3}, 4);
    if (status == GAN_OK)
        status = gan_tensor_create(alpha, context, GAN_FLOAT32, (int64_t[]){1, 20, 30, 1}, 4);
    if (status == GAN_OK)
        status = gan_tensor_fill_uniform(*picture, 1, 0.0f, 1.0f);
    return status;
}

static gan_status save_and_load_picture(gan_context *context, void *state)
{
    (void)state;
    gan_tensor *tensors[5] = {NULL};
    gan_status status = make_pictures(&tensors[0], &tensors[1], context);
    if (status == GAN_OK)
        status = gan_image_save(tensors[0], tensors[1], path, 80);
    if (status == GAN_OK)
        status = gan_image_load(&tensors[2], &tensors[3], context, path);
    if (status == GAN_OK)
        status = gan_image_resize(&tensors[4], tensors[2], 7, 50);
    for (int i = 0; i < 5; i++)
        gan_tensor_free(tensors[i]);
    return status;
}

START_TEST(pictures_survive)
{
    static const char *const names[] = {"a.png", "a.jpg", "a.bmp", "a.tga"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        exhaust(save_and_load_picture, names[i]);
}
END_TEST

/* The formats that are only read; the second is a JPEG with an EXIF orientation. */
static const char grey[] = "P5 2 1 65535\n\x01\x02\xFF\xFF";
static const char gif[] = "GIF89a\3\0\2\0\x81\0\0\xFF\0\0\0\xFF\0\0\0\xFF\t\t\t!\xF9\4\1\0\0\2\0,\0\0\0\0\3\0"
                          "\2\0\0\2\4\x44\xA8\x11*\0;";

static gan_status decode(gan_context *context, const void *bytes, size_t size)
{
    gan_tensor *picture = NULL, *alpha = NULL;
    const gan_status status = gan_image_decode(&picture, &alpha, context, bytes, size, "FILE");
    gan_tensor_free(picture);
    gan_tensor_free(alpha);
    return status;
}

static gan_status decode_grey(gan_context *context, void *state)
{
    (void)state;
    return decode(context, grey, sizeof grey - 1);
}

static gan_status decode_gif(gan_context *context, void *state)
{
    (void)state;
    return decode(context, gif, sizeof gif - 1);
}

static unsigned char jpeg[8192];
static size_t jpeg_size;

static gan_status decode_jpeg(gan_context *context, void *state)
{
    (void)state;
    return decode(context, jpeg, jpeg_size);
}

static void make_jpeg(void)
{
    static const char exif[] = "\xFF\xE1\0\x22"
                               "Exif\0\0MM\0\x2A\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0";
    gan_context *context;
    gan_tensor *picture = NULL, *alpha = NULL;
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    ck_assert_int_eq(make_pictures(&picture, &alpha, context), GAN_OK);
    ck_assert_int_eq(gan_image_save(picture, NULL, path, 80), GAN_OK);
    jpeg_size = (size_t)read_bytes(path, jpeg, sizeof jpeg - 36) + 36;
    memmove(jpeg + 38, jpeg + 2, jpeg_size - 38);
    memcpy(jpeg + 2, exif, 36);
    gan_tensor_free(picture);
    gan_tensor_free(alpha);
    gan_context_free(context);
}

START_TEST(decoding_survives)
{
    exhaust_memory(&(struct scenario){.act = decode_grey});
    exhaust_memory(&(struct scenario){.act = decode_gif});
    folder_open(&folder);
    path = folder_file(&folder, "a.jpg");
    make_jpeg();
    folder_close(&folder, 1);
    exhaust_memory(&(struct scenario){.act = decode_jpeg});
}
END_TEST

static gan_status plot(gan_context *context, void *state)
{
    (void)state;
    static const double values[] = {1, 2, 3};
    const struct plot_series series = {"loss", values, values, 3};
    return gan_plot_save(context, path, "title", "step", &series, 1, true);
}

static gan_status save_table(gan_context *context, void *state)
{
    (void)state;
    static const char *const names[] = {"step", "loss"};
    const struct csv_table table = {names, 2, 1, (const int64_t[]){5}, (const float[]){1}};
    return gan_csv_save(context, path, &table);
}

START_TEST(plots_and_tables_survive)
{
    exhaust(plot, "a.png");
    exhaust(save_table, "a.csv");
}
END_TEST

static gan_status exchange(gan_context *context, void *state)
{
    (void)state;
    gan_tensor *tensor = NULL, *turned = NULL, *imported = NULL;
    void *managed = NULL;
    gan_status status = gan_tensor_create(&tensor, context, GAN_INT32, (int64_t[]){2, 3}, 2);
    if (status == GAN_OK)
        status = gan_tensor_transpose(&turned, tensor, (int32_t[]){1, 0});
    if (status == GAN_OK)
        status = gan_tensor_to_dlpack(turned, &managed);
    if (status == GAN_OK)
        status = gan_tensor_from_dlpack(&imported, context, managed);
    /* A refused import leaves the exported tensor with the caller. */
    if (status != GAN_OK && managed != NULL)
        ((struct exchanged *)managed)->deleter(managed);
    gan_tensor_free(tensor);
    gan_tensor_free(turned);
    gan_tensor_free(imported);
    return status;
}

START_TEST(tensors_survive_exchange)
{
    exhaust_memory(&(struct scenario){.act = exchange});
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        tensors_survive,          json_survives,
        pictures_survive,         decoding_survives,
        plots_and_tables_survive, tensors_survive_exchange,
    };
    return run_suite("memory", tests, sizeof tests / sizeof tests[0]);
}
