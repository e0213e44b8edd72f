/* Out of memory while data sets are opened and read, and while IDX files are. No thread works ahead here:
 * what fails in it fails when a batch is taken. */
#include "base/suite.h"
#include "faults/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct room {
    char folder[64], sub[80], picture[2][128];
};

static gan_status prepare(gan_context *context, void **state)
{
    struct room *room = calloc(1, sizeof *room);
    *state = room;
    make_room(room->folder);
    snprintf(room->sub, sizeof room->sub, "%s/class", room->folder);
    mkdir(room->sub, 0700);
    gan_tensor *picture = NULL;
    gan_status status = gan_tensor_create(&picture, context, GAN_FLOAT32, (const int64_t[]){1, 12, 20, 3}, 4);
    for (int i = 0; status == GAN_OK && i < 2; i++) {
        snprintf(room->picture[i], sizeof room->picture[i], "%s/%d.bmp", room->sub, i);
        status = gan_image_save(picture, NULL, room->picture[i], 0);
    }
    gan_tensor_free(picture);
    return status;
}

static void clean(void *state)
{
    struct room *room = state;
    unlink(room->picture[0]);
    unlink(room->picture[1]);
    rmdir(room->sub);
    rmdir(room->folder);
    free(room);
}

static gan_status take_batch(gan_context *context, gan_dataset *dataset, gan_tensor *labels)
{
    const int64_t shape[4] = {3, 8, 8, 3};
    gan_tensor *batches[2] = {NULL, NULL};
    const int32_t domains = gan_dataset_domains(dataset);
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < domains; i++)
        status = gan_tensor_create(&batches[i], context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        status = gan_dataset_check(dataset, 1, NULL, NULL);
    if (status == GAN_OK)
        status = gan_dataset_next(dataset, batches[0], batches[1], labels);
    gan_tensor_free(batches[0]);
    gan_tensor_free(batches[1]);
    return status;
}

static const gan_dataset_options options = {.struct_size = sizeof options, .size = 8, .no_worker = 1};

static gan_status use_classes(gan_context *context, void *state)
{
    const struct room *room = state;
    const int64_t count = 3;
    gan_dataset *dataset = NULL;
    gan_tensor *labels = NULL;
    gan_status status = gan_tensor_create(&labels, context, GAN_INT32, &count, 1);
    if (status == GAN_OK)
        status = gan_dataset_open_classes(&dataset, context, room->folder, &options);
    if (status == GAN_OK)
        status = take_batch(context, dataset, labels);
    gan_tensor_free(labels);
    gan_dataset_free(dataset);
    return status;
}

START_TEST(classes)
{
    exhaust_memory(&(struct scenario){prepare, use_classes, clean, 0});
}
END_TEST

static gan_status use_pairs(gan_context *context, void *state)
{
    const struct room *room = state;
    gan_dataset *dataset = NULL;
    gan_status status = gan_dataset_open_pairs(&dataset, context, room->sub, room->sub, &options);
    if (status == GAN_OK)
        status = take_batch(context, dataset, NULL);
    gan_dataset_free(dataset);
    return status;
}

START_TEST(pairs)
{
    exhaust_memory(&(struct scenario){prepare, use_pairs, clean, 0});
}
END_TEST

static gan_status use_halves(gan_context *context, void *state)
{
    const struct room *room = state;
    gan_dataset *dataset = NULL;
    gan_status status = gan_dataset_open_pairs(&dataset, context, room->sub, NULL, &options);
    if (status == GAN_OK)
        status = take_batch(context, dataset, NULL);
    gan_dataset_free(dataset);
    return status;
}

START_TEST(halves)
{
    exhaust_memory(&(struct scenario){prepare, use_halves, clean, 0});
}
END_TEST

/* Two bytes, plain and compressed. */
static gan_status read_idx(gan_context *context, void *state)
{
    (void)state;
    static const unsigned char file[] = {0, 0, 8, 1, 0, 0, 0, 2, 'a', 'b'};
    static const unsigned char compressed[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
                                               0x63, 0x60, 0xe0, 0x60, 0x64, 0x60, 0x60, 0x60, 0x4a, 0x4c,
                                               0x02, 0x00, 0x8b, 0xf6, 0xc6, 0x4a, 0x0a, 0x00, 0x00, 0x00};
    gan_tensor *tensor = NULL;
    gan_status status = gan_idx_decode(&tensor, context, file, sizeof file, "file");
    gan_tensor_free(tensor);
    if (status != GAN_OK)
        return status;
    status = gan_idx_decode(&tensor, context, compressed, sizeof compressed, "compressed");
    gan_tensor_free(tensor);
    return status;
}

START_TEST(idx)
{
    exhaust_memory(&(struct scenario){.act = read_idx});
}
END_TEST

int main(void)
{
    const TTest *tests[] = {classes, pairs, halves, idx};
    return run_suite("dataset", tests, sizeof tests / sizeof tests[0]);
}
