#include "sheet.h"

#include <stdlib.h>
#include <string.h>

enum { CELL = 320, GAP = 8 };

gan_status sheet_begin(struct sheet *sheet, gan_context *context, int rows, int columns)
{
    *sheet = (struct sheet){.context = context, .room = rows * columns, .columns = columns};
    sheet->cells = calloc((size_t)sheet->room, sizeof(gan_tensor *));
    return sheet->cells != NULL ? GAN_OK : GAN_ERROR_OUT_OF_MEMORY;
}

/* The size at which a side fits into the cell when the longer one does. */
static int64_t fitted(int64_t side, int64_t longer)
{
    const int64_t size = longer > CELL ? (side * CELL + longer / 2) / longer : side;
    return size > 0 ? size : 1;
}

/* Copy a small picture into the middle of a white cell. */
static gan_status mount(gan_context *context, const gan_tensor *small, gan_tensor **cell)
{
    const int64_t shape[] = {1, CELL, CELL, 3};
    const int64_t height = gan_tensor_size(small, 1), width = gan_tensor_size(small, 2);
    const gan_status status = gan_tensor_create(cell, context, GAN_FLOAT32, shape, 4);
    if (status != GAN_OK)
        return status;
    float *to = gan_tensor_data(*cell);
    const float *from = gan_tensor_data_const(small);
    for (int64_t i = 0; i < (int64_t)CELL * CELL * 3; i++)
        to[i] = 1;
    to += ((CELL - height) / 2 * CELL + (CELL - width) / 2) * 3;
    for (int64_t row = 0; row < height; row++)
        memcpy(to + row * CELL * 3, from + row * width * 3, (size_t)width * 3 * sizeof *to);
    return GAN_OK;
}

gan_status sheet_add(struct sheet *sheet, const gan_tensor *picture)
{
    const int64_t height = gan_tensor_size(picture, 1), width = gan_tensor_size(picture, 2);
    const int64_t longer = height > width ? height : width;
    gan_tensor *small = NULL;
    gan_status status = gan_image_resize(&small, picture, fitted(height, longer), fitted(width, longer));
    if (status != GAN_OK)
        return status;
    status = mount(sheet->context, small, &sheet->cells[sheet->count]);
    if (status == GAN_OK)
        sheet->count++;
    gan_tensor_free(small);
    return status;
}

void sheet_drop_row(struct sheet *sheet)
{
    while (sheet->count % sheet->columns != 0)
        gan_tensor_free(sheet->cells[--sheet->count]);
}

gan_status sheet_save(const struct sheet *sheet, const char *path)
{
    gan_tensor *grid = NULL;
    const gan_tensor *const *cells = (const gan_tensor *const *)sheet->cells;
    gan_status status = gan_image_grid(&grid, cells, sheet->count, sheet->columns, GAP);
    if (status == GAN_OK)
        status = gan_image_save(grid, NULL, path, 0);
    gan_tensor_free(grid);
    return status;
}

void sheet_end(struct sheet *sheet)
{
    for (int i = 0; i < sheet->count; i++)
        gan_tensor_free(sheet->cells[i]);
    free(sheet->cells);
}
