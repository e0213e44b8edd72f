#include "formats/csv.h"
#include "formats/file.h"
#include "formats/json_write.h"

#include <math.h>
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

static const char *separator(int32_t column, int32_t columns)
{
    return column + 1 < columns ? "," : "\n";
}

static gan_status put_table(struct file_writer *writer, const char *const *names, int32_t columns,
                            const float *values, int64_t rows)
{
    gan_status status = GAN_OK;
    for (int32_t c = 0; status == GAN_OK && c < columns; c++) {
        status = put_name(writer, names[c]);
        if (status == GAN_OK)
            status = put(writer, separator(c, columns));
    }
    for (int64_t i = 0; status == GAN_OK && i < rows * columns; i++) {
        status = put_number(writer, values[i]);
        if (status == GAN_OK)
            status = put(writer, separator((int32_t)(i % columns), columns));
    }
    return status;
}

gan_status gan_csv_save(gan_context *context, const char *path, const char *const *names, int32_t columns,
                        const float *values, int64_t rows)
{
    struct file_writer writer;
    gan_status status = gan_file_writer_open(&writer, context, path);
    if (status != GAN_OK)
        return status;
    status = put_table(&writer, names, columns, values, rows);
    if (status == GAN_OK)
        return gan_file_writer_commit(&writer);
    gan_file_writer_discard(&writer);
    return status;
}
