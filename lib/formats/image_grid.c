/* Pictures on one sheet. */
#include "gan/image.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <string.h>

static const int64_t longest_side = INT64_C(1) << 30;

static bool is_picture(const gan_tensor *pictures, const gan_tensor *first)
{
    const int64_t *size = pictures->shape.size;
    return pictures->shape.rank == 4 && (size[3] == 3 || size[3] == 1) && size[1] == first->shape.size[1] &&
           size[2] == first->shape.size[2] && size[1] <= longest_side && size[2] <= longest_side;
}

static gan_status check_pictures(const gan_tensor *const *pictures, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        char text[SHAPE_TEXT_SIZE], first[SHAPE_TEXT_SIZE];
        if (pictures[i] == NULL || pictures[i]->type != GAN_FLOAT32)
            return gan_fail(GAN_ERROR_TYPE, "gan_image_grid: picture %" PRId32 " is %s, expected float32", i,
                            pictures[i] == NULL ? "NULL" : gan_type_name(pictures[i]->type));
        if (!is_picture(pictures[i], pictures[0]))
            return gan_fail(GAN_ERROR_SHAPE,
                            "gan_image_grid: picture %" PRId32
                            " is %s, the first %s; expected [N,H,W,3] or [N,H,W,1] of one size",
                            i, gan_shape_text(&pictures[i]->shape, text),
                            gan_shape_text(&pictures[0]->shape, first));
    }
    return GAN_OK;
}

static gan_status check(gan_tensor **out, const gan_tensor *const *pictures, int32_t count, int32_t columns,
                        int32_t gap)
{
    if (out == NULL || pictures == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_grid: %s is NULL", out == NULL ? "out" : "pictures");
    *out = NULL;
    if (count < 1 || columns < 1 || gap < 0)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "gan_image_grid: count %" PRId32 ", columns %" PRId32 ", gap %" PRId32
                        "; expected at least 1, 1, 0",
                        count, columns, gap);
    return check_pictures(pictures, count);
}

struct sheet {
    float *values;
    int64_t height, width, gap, columns, step;
    int64_t placed;
};

static gan_status make_sheet(struct sheet *sheet, gan_tensor **out, const gan_tensor *picture, int64_t count)
{
    struct shape shape;
    const int64_t rows = (count + sheet->columns - 1) / sheet->columns;
    sheet->height = picture->shape.size[1];
    sheet->width = picture->shape.size[2];
    const int64_t sizes[] = {1, rows * sheet->height + (rows - 1) * sheet->gap,
                             sheet->columns * sheet->width + (sheet->columns - 1) * sheet->gap, 3};
    gan_status status = gan_shape_take(&shape, sizes, 4, 0);
    if (status == GAN_OK)
        status = gan_tensor_make(out, picture->context, GAN_FLOAT32, &shape);
    if (status != GAN_OK)
        return status;
    sheet->values = (*out)->data;
    sheet->step = sizes[2] * 3;
    for (int64_t i = 0; i < gan_shape_count(&shape); i++)
        sheet->values[i] = 1.0f;
    return GAN_OK;
}

/* One row of pixels; grey becomes RGB. */
static void place_row(float *to, const float *from, int64_t width, int64_t channels)
{
    if (channels == 3)
        memcpy(to, from, (size_t)width * 3 * sizeof *to);
    else
        for (int64_t i = 0; i < 3 * width; i++)
            to[i] = from[i / 3];
}

static void place(struct sheet *sheet, const float *picture, int64_t channels)
{
    const int64_t top = sheet->placed / sheet->columns * (sheet->height + sheet->gap);
    const int64_t left = sheet->placed % sheet->columns * (sheet->width + sheet->gap);
    for (int64_t y = 0; y < sheet->height && sheet->width > 0; y++)
        place_row(sheet->values + (top + y) * sheet->step + left * 3, picture + y * sheet->width * channels,
                  sheet->width, channels);
    sheet->placed++;
}

gan_status gan_image_grid(gan_tensor **out, const gan_tensor *const *pictures, int32_t count, int32_t columns,
                          int32_t gap)
{
    gan_status status = check(out, pictures, count, columns, gap);
    if (status != GAN_OK)
        return status;
    int64_t total = 0;
    for (int32_t i = 0; i < count; i++)
        total += pictures[i]->shape.size[0];
    if (total == 0)
        return gan_fail(GAN_ERROR_SHAPE, "gan_image_grid: there is no picture in the batches");
    struct sheet sheet = {.gap = gap, .columns = columns < total ? columns : total};
    status = make_sheet(&sheet, out, pictures[0], total);
    for (int32_t i = 0; status == GAN_OK && i < count; i++) {
        const int64_t channels = pictures[i]->shape.size[3], size = sheet.height * sheet.width * channels;
        for (int64_t n = 0; n < pictures[i]->shape.size[0]; n++)
            place(&sheet, (const float *)pictures[i]->data + n * size, channels);
    }
    return status;
}
