#include "models/picture_words.h"
#include "formats/json_read.h"
#include "graph/model.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_SIZE = 160, MOST_MULTIPLE = 4096 };

static gan_status read_range(const gan_model *model, const char *key, struct value_range *range)
{
    static const struct {
        const char *words;
        struct value_range range;
    } ranges[] = {
        {"0..1", {1, 0}},
        {"0..255", {255, 0}},
        {"-1..1", {2, -1}},
        {"none", {1, 0}},
    };
    const char *words = gan_model_metadata(model, key);
    *range = ranges[0].range;
    if (words == NULL)
        return GAN_OK;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (strcmp(ranges[i].words, words) != 0)
            continue;
        *range = ranges[i].range;
        return GAN_OK;
    }
    return gan_fail(GAN_ERROR_ARGUMENT, "its %s is \"%.40s\", expected 0..1, 0..255, -1..1 or none", key,
                    words);
}

/* "0.4, 0.5 0.6" as "[0.4,0.5,0.6]": numbers are then read whatever the locale's decimal point. */
static void write_list(const char *words, char list[WORDS_SIZE])
{
    size_t used = 0;
    list[used++] = '[';
    for (const char *at = words; *at != '\0' && used < WORDS_SIZE - 2; at++) {
        const bool gap = *at == ' ' || *at == ',';
        if (!gap)
            list[used++] = *at;
        else if (list[used - 1] != ',' && used > 1)
            list[used++] = ',';
    }
    list[used++] = ']';
    list[used] = '\0';
}

static bool read_numbers(const struct json *json, float *three)
{
    int32_t value = gan_json_first(json, 0);
    if (gan_json_count(json, 0) != 3)
        return false;
    for (int i = 0; i < 3; i++, value = gan_json_next(json, value))
        if (gan_json_float(json, value, &three[i]) != GAN_OK)
            return false;
    return true;
}

static gan_status read_three(const gan_model *model, const char *key, float missing, float *three)
{
    const char *words = gan_model_metadata(model, key);
    three[0] = three[1] = three[2] = missing;
    if (words == NULL)
        return GAN_OK;
    char list[WORDS_SIZE];
    struct json json;
    write_list(words, list);
    const gan_status status = gan_json_open(&json, model->graph->context, list, strlen(list), key);
    if (status == GAN_ERROR_OUT_OF_MEMORY)
        return status;
    const bool read = status == GAN_OK && read_numbers(&json, three);
    if (status == GAN_OK)
        gan_json_close(&json);
    return read ? GAN_OK
                : gan_fail(GAN_ERROR_ARGUMENT, "its %s is \"%.40s\", expected three numbers", key, words);
}

static gan_status read_channels(const gan_model *model, bool *blue_first)
{
    const char *words = gan_model_metadata(model, "input_channels");
    *blue_first = words != NULL && strcmp(words, "BGR") == 0;
    if (words == NULL || *blue_first || strcmp(words, "RGB") == 0)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "its input_channels is \"%.40s\", expected RGB or BGR", words);
}

static gan_status read_multiple(const gan_model *model, int64_t *multiple)
{
    const char *words = gan_model_metadata(model, "size_multiple");
    char *end = NULL;
    const long value = words != NULL ? strtol(words, &end, 10) : 1;
    *multiple = value;
    if (words == NULL || (end != words && *end == '\0' && value >= 1 && value <= MOST_MULTIPLE))
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "its size_multiple is \"%.40s\", expected 1 to %d", words,
                    (int)MOST_MULTIPLE);
}

gan_status gan_picture_words_read(struct picture_words *words, const gan_model *model)
{
    gan_status status = read_range(model, "input_range", &words->input);
    if (status == GAN_OK)
        status = read_range(model, "output_range", &words->output);
    if (status == GAN_OK)
        status = read_three(model, "input_mean", 0, words->mean);
    if (status == GAN_OK)
        status = read_three(model, "input_scale", 1, words->scale);
    if (status == GAN_OK)
        status = read_channels(model, &words->blue_first);
    if (status == GAN_OK)
        status = read_multiple(model, &words->multiple);
    return status;
}

void gan_picture_encode_row(const struct picture_words *words, const float *from, float *to, int64_t columns)
{
    for (int64_t i = 0; i < columns; i++)
        for (int c = 0; c < 3; c++) {
            const float value = from[3 * i + (words->blue_first ? 2 - c : c)];
            to[3 * i + c] =
                (value * words->input.scale + words->input.shift - words->mean[c]) * words->scale[c];
        }
}

void gan_picture_decode_row(const struct picture_words *words, float *row, int64_t columns)
{
    for (int64_t i = 0; i < 3 * columns; i++) {
        const float value = (row[i] - words->output.shift) / words->output.scale;
        row[i] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
}
