/* A contact sheet: for each photograph a row with it and what became of it. */
#ifndef CLI_SHEET_H
#define CLI_SHEET_H

#include "gan/image.h"

struct sheet {
    gan_tensor **cells;
    int count, room, columns;
};

gan_status sheet_begin(struct sheet *sheet, int rows, int columns);
/* Add the middle of a picture, scaled to a square. */
gan_status sheet_add(struct sheet *sheet, const gan_tensor *picture);
/* Forget the pictures of a row that was not finished. */
void sheet_drop_row(struct sheet *sheet);
/* `quality` is gan_image_save's. */
gan_status sheet_save(const struct sheet *sheet, const char *path, int32_t quality);
void sheet_end(struct sheet *sheet);

#endif
