#include "formats/csv.h"
#include "formats/file.h"
#include "formats/json_write.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static gan_status put(struct file_writer *writer, const char *text)
{
    return gan_file_write(writer, text, strlen(text));
}

/* Names with commas or quotation marks are quoted. */
static gan_status put_name(struct file_writer *writer, const char *name)
{
    if (strpbrk(name, ",\"\r\n") == NULL)
        return put(writer, name);
    gan_status status = put(writer, "\"");
    for (; status == GAN_OK && *name != '\0'; name++) {
        const char character[3] = {*name, *name == '"' ? '"' : '\0', '\0'};
        status = put(writer, character);
    }
    return status == GAN_OK ? put(writer, "\"") : status;
}

static gan_status put_number(struct file_writer *writer, float value)
{
    char text[NUMBER_TEXT_SIZE];
    if (!isfinite(value))
        return GAN_OK;
    return put(writer, gan_number_text((double)value, true, text));
}

static gan_status put_names(struct file_writer *writer, const struct csv_table *table)
{
    gan_status status = GAN_OK;
    for (int32_t c = 0; status == GAN_OK && c < table->columns; c++) {
        status = put_name(writer, table->names[c]);
        if (status == GAN_OK)
            status = put(writer, c + 1 < table->columns ? "," : "\n");
    }
    return status;
}

static gan_status put_row(struct file_writer *writer, const struct csv_table *table, int64_t row)
{
    char text[NUMBER_TEXT_SIZE];
    const int32_t others = table->columns - 1;
    snprintf(text, sizeof text, "%" PRId64, table->first[row]);
    gan_status status = put(writer, text);
    for (int32_t c = 0; status == GAN_OK && c < others; c++) {
        status = put(writer, ",");
        if (status == GAN_OK)
            status = put_number(writer, table->others[row * others + c]);
    }
    return status == GAN_OK ? put(writer, "\n") : status;
}

gan_status gan_csv_save(gan_context *context, const char *path, const struct csv_table *table)
{
    struct file_writer writer;
    gan_status status = gan_file_writer_open(&writer, context, path);
    if (status != GAN_OK)
        return status;
    status = put_names(&writer, table);
    for (int64_t i = 0; status == GAN_OK && i < table->rows; i++)
        status = put_row(&writer, table, i);
    if (status == GAN_OK)
        return gan_file_writer_commit(&writer);
    gan_file_writer_discard(&writer);
    return status;
}
