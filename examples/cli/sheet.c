#include "sheet.h"

#include <stdlib.h>

enum { CELL = 320, GAP = 8 };

gan_status sheet_begin(struct sheet *sheet, int rows, int columns)
{
    *sheet = (struct sheet){.room = rows * columns, .columns = columns};
    sheet->cells = calloc((size_t)sheet->room, sizeof(gan_tensor *));
    return sheet->cells != NULL ? GAN_OK : GAN_ERROR_OUT_OF_MEMORY;
}

gan_status sheet_add(struct sheet *sheet, const gan_tensor *picture)
{
    const int64_t height = gan_tensor_size(picture, 1), width = gan_tensor_size(picture, 2);
    const int64_t side = height < width ? height : width;
    gan_tensor *middle = NULL;
    gan_status status = gan_image_crop(&middle, picture, (height - side) / 2, (width - side) / 2, side, side);
    if (status == GAN_OK)
        status = gan_image_resize(&sheet->cells[sheet->count], middle, CELL, CELL);
    if (status == GAN_OK)
        sheet->count++;
    gan_tensor_free(middle);
    return status;
}

void sheet_drop_row(struct sheet *sheet)
{
    while (sheet->count % sheet->columns != 0)
        gan_tensor_free(sheet->cells[--sheet->count]);
}

gan_status sheet_save(const struct sheet *sheet, const char *path, int32_t quality)
{
    gan_tensor *grid = NULL;
    const gan_tensor *const *cells = (const gan_tensor *const *)sheet->cells;
    gan_status status = gan_image_grid(&grid, cells, sheet->count, sheet->columns, GAP);
    if (status == GAN_OK)
        status = gan_image_save(grid, NULL, path, quality);
    gan_tensor_free(grid);
    return status;
}

void sheet_end(struct sheet *sheet)
{
    for (int i = 0; i < sheet->count; i++)
        gan_tensor_free(sheet->cells[i]);
    free(sheet->cells);
}
