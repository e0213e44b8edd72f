/* Data sets of IDX files. */
#include "tensor/tensor.h"
#include "training/dataset.h"
#include "training/shuffle.h"

#include <inttypes.h>

static int64_t colours_of(const gan_tensor *pictures)
{
    return pictures->shape.rank == 4 ? pictures->shape.size[3] : 1;
}

static gan_status sample(gan_dataset *dataset, int64_t number, struct dataset_pieces *pieces)
{
    const int64_t *size = dataset->pictures->shape.size, colours = colours_of(dataset->pictures);
    const int64_t shape[4] = {1, size[1], size[2], colours}, each = size[1] * size[2] * colours;
    const int64_t index = gan_shuffle(dataset->options.seed, number / size[0], size[0], number % size[0]);
    const gan_status status = gan_tensor_create(&pieces->piece[0], dataset->alone, GAN_FLOAT32, shape, 4);
    if (status != GAN_OK)
        return status;
    const unsigned char *from = (const unsigned char *)dataset->pictures->data + index * each;
    float *to = pieces->piece[0]->data;
    for (int64_t i = 0; i < each; i++)
        to[i] = (float)from[i] / 255.0f;
    if (dataset->marks != NULL)
        pieces->label = ((const unsigned char *)dataset->marks->data)[index];
    return GAN_OK;
}

static const struct dataset_kind idx_kind = {"idx", sample, NULL};

static gan_status load_pictures(gan_dataset *dataset, const char *path)
{
    const gan_status status = gan_idx_load(&dataset->pictures, dataset->alone, path);
    if (status != GAN_OK)
        return status;
    const struct shape *shape = &dataset->pictures->shape;
    char text[SHAPE_TEXT_SIZE];
    const bool pictures =
        dataset->pictures->type == GAN_UINT8 && gan_shape_count(shape) > 0 &&
        (shape->rank == 3 || (shape->rank == 4 && (shape->size[3] == 1 || shape->size[3] == 3))) &&
        shape->size[1] <= 65535 && shape->size[2] <= 65535;
    if (!pictures)
        return gan_fail(GAN_ERROR_FORMAT, "\"%s\" holds %s %s, expected bytes [N,H,W] or [N,H,W,3]", path,
                        gan_type_name(dataset->pictures->type), gan_shape_text(shape, text));
    return GAN_OK;
}

static gan_status check_labels(gan_dataset *dataset, const char *path)
{
    const unsigned char *labels = dataset->marks->data;
    const int32_t most = dataset->options.classes;
    int32_t largest = 0;
    for (int64_t i = 0; i < dataset->marks->shape.size[0]; i++) {
        if (most > 0 && labels[i] >= most)
            return gan_fail(GAN_ERROR_FORMAT,
                            "label %" PRId64 " of \"%s\" is %d, expected less than %" PRId32, i, path,
                            labels[i], most);
        largest = labels[i] > largest ? labels[i] : largest;
    }
    dataset->classes = most > 0 ? most : largest + 1;
    return GAN_OK;
}

static gan_status load_labels(gan_dataset *dataset, const char *path)
{
    const gan_status status = gan_idx_load(&dataset->marks, dataset->alone, path);
    if (status != GAN_OK)
        return status;
    const gan_tensor *marks = dataset->marks;
    const int64_t count = dataset->pictures->shape.size[0];
    char text[SHAPE_TEXT_SIZE];
    if (marks->type != GAN_UINT8 || marks->shape.rank != 1)
        return gan_fail(GAN_ERROR_FORMAT, "\"%s\" holds %s %s, expected labels: bytes [N]", path,
                        gan_type_name(marks->type), gan_shape_text(&marks->shape, text));
    if (marks->shape.size[0] != count)
        return gan_fail(GAN_ERROR_FORMAT,
                        "there are %" PRId64 " pictures, but \"%s\" holds %" PRId64 " labels", count, path,
                        marks->shape.size[0]);
    gan_dataset_identify(dataset, marks->data, (size_t)count);
    return check_labels(dataset, path);
}

static void fill_options(gan_dataset *dataset)
{
    const int64_t *size = dataset->pictures->shape.size;
    gan_dataset_options *options = &dataset->options;
    dataset->height = options->size != 0 ? options->size : (int32_t)size[1];
    dataset->width = options->size != 0 ? options->size : (int32_t)size[2];
    if (options->channels == 0)
        options->channels = (int32_t)colours_of(dataset->pictures);
    gan_dataset_identify(dataset, dataset->pictures->shape.size,
                         (size_t)dataset->pictures->shape.rank * sizeof *size);
    gan_dataset_identify(dataset, dataset->pictures->data, (size_t)gan_tensor_count(dataset->pictures));
}

gan_status gan_dataset_open_idx(gan_dataset **out, gan_context *context, const char *pictures,
                                const char *labels, const gan_dataset_options *options)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_dataset_open_idx: out is NULL");
    *out = NULL;
    gan_dataset *dataset = NULL;
    gan_status status = pictures != NULL ? gan_dataset_make(&dataset, context, &idx_kind, options)
                                         : gan_fail(GAN_ERROR_ARGUMENT, "pictures is NULL");
    if (status == GAN_OK)
        status = load_pictures(dataset, pictures);
    if (status == GAN_OK && labels != NULL)
        status = load_labels(dataset, labels);
    if (status == GAN_OK)
        fill_options(dataset);
    status = gan_dataset_finish(out, dataset, status);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_dataset_open_idx: ");
}
