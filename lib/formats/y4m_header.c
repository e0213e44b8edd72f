#include "base/status.h"
#include "formats/y4m.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_SIDE = 65535 };

/* The first name of a sampling is the one that is written. */
static const struct sampling_name {
    const char *name;
    int32_t sampling;
} sampling_names[] = {
    {"420jpeg", GAN_SAMPLING_420_CENTER},
    {"420mpeg2", GAN_SAMPLING_420_LEFT},
    {"422", GAN_SAMPLING_422},
    {"444", GAN_SAMPLING_444},
    {"mono", GAN_SAMPLING_GREY},
    {"420", GAN_SAMPLING_420_CENTER},
    {"420paldv", GAN_SAMPLING_420_LEFT},
};
enum { SAMPLING_NAMES = sizeof sampling_names / sizeof sampling_names[0] };

static gan_status parse_side(int32_t *side, const char *word, const char *path)
{
    char *end;
    const long value = strtol(word + 1, &end, 10);
    if (word[1] < '0' || word[1] > '9' || *end != '\0' || value < 1 || value > LARGEST_SIDE)
        return gan_fail(GAN_ERROR_FORMAT, "%s: the header says %s, expected %s of 1 to %d", path, word,
                        word[0] == 'W' ? "a width" : "a height", LARGEST_SIDE);
    *side = (int32_t)value;
    return GAN_OK;
}

/* 0:0 is unknown. */
static bool is_ratio(int32_t numerator, int32_t denominator)
{
    return (numerator > 0 && denominator > 0) || (numerator == 0 && denominator == 0);
}

/* "F25:1", "A1:1". */
static gan_status parse_ratio(int32_t *numerator, int32_t *denominator, const char *word, const char *path)
{
    int length = 0;
    if (sscanf(word + 1, "%9" SCNd32 ":%9" SCNd32 "%n", numerator, denominator, &length) != 2 ||
        word[1 + length] != '\0' || !is_ratio(*numerator, *denominator))
        return gan_fail(GAN_ERROR_FORMAT, "%s: the header says %s, expected a ratio such as %c25:1", path,
                        word, word[0]);
    return GAN_OK;
}

static gan_status parse_sampling(int32_t *sampling, const char *word, const char *path)
{
    for (int i = 0; i < SAMPLING_NAMES; i++)
        if (strcmp(word + 1, sampling_names[i].name) == 0) {
            *sampling = sampling_names[i].sampling;
            return GAN_OK;
        }
    return gan_fail(GAN_ERROR_UNSUPPORTED,
                    "%s: colour is sampled as %s, expected C420jpeg, C420mpeg2, C420paldv, C422, C444 or "
                    "Cmono, of 8 bits (ffmpeg: -pix_fmt yuv420p)",
                    path, word);
}

static gan_status parse_interlacing(const char *word, const char *path)
{
    return word[1] == 'p' || word[1] == '?'
               ? GAN_OK
               : gan_fail(GAN_ERROR_UNSUPPORTED, "%s: the frames are interlaced (%s), expected whole ones",
                          path, word);
}

static gan_status parse_word(gan_video_format *format, const char *word, const char *path)
{
    switch (word[0]) {
    case 'W':
        return parse_side(&format->width, word, path);
    case 'H':
        return parse_side(&format->height, word, path);
    case 'F':
        return parse_ratio(&format->rate_numerator, &format->rate_denominator, word, path);
    case 'A':
        return parse_ratio(&format->aspect_numerator, &format->aspect_denominator, word, path);
    case 'C':
        return parse_sampling(&format->sampling, word, path);
    case 'I':
        return parse_interlacing(word, path);
    default: /* X: comments of applications, of which one matters */
        if (strcmp(word, "XCOLORRANGE=FULL") == 0)
            format->full_range = 1;
        return GAN_OK;
    }
}

gan_status gan_y4m_parse(gan_video_format *format, const char *line, const char *path)
{
    static const char magic[] = "YUV4MPEG2";
    *format = (gan_video_format){.struct_size = sizeof *format};
    const char next = strncmp(line, magic, sizeof magic - 1) == 0 ? line[sizeof magic - 1] : 'x';
    if (next != ' ' && next != '\0')
        return gan_fail(GAN_ERROR_FORMAT, "%s: does not begin with %s, expected y4m video", path, magic);
    char words[Y4M_LINE];
    snprintf(words, sizeof words, "%s", line + sizeof magic - 1);
    gan_status status = GAN_OK;
    char *rest = NULL;
    for (char *word = strtok_r(words, " ", &rest); word != NULL && status == GAN_OK;
         word = strtok_r(NULL, " ", &rest))
        status = parse_word(format, word, path);
    if (status == GAN_OK && (format->width == 0 || format->height == 0))
        status = gan_fail(GAN_ERROR_FORMAT, "%s: the header lacks a size (W and H)", path);
    return status == GAN_OK ? gan_y4m_settle(format) : status;
}

static const char *sampling_name(int32_t sampling)
{
    for (int i = 0; i < SAMPLING_NAMES; i++)
        if (sampling_names[i].sampling == sampling)
            return sampling_names[i].name;
    return NULL;
}

int gan_y4m_header(const gan_video_format *format, char line[Y4M_LINE])
{
    return snprintf(line, Y4M_LINE,
                    "YUV4MPEG2 W%" PRId32 " H%" PRId32 " F%" PRId32 ":%" PRId32 " Ip A%" PRId32 ":%" PRId32
                    " C%s%s\n",
                    format->width, format->height, format->rate_numerator, format->rate_denominator,
                    format->aspect_numerator, format->aspect_denominator, sampling_name(format->sampling),
                    format->full_range ? " XCOLORRANGE=FULL" : "");
}

gan_status gan_y4m_settle(gan_video_format *format)
{
    if (format->width < 1 || format->height < 1 || format->width > LARGEST_SIDE ||
        format->height > LARGEST_SIDE)
        return gan_fail(GAN_ERROR_ARGUMENT, "frames are %" PRId32 "x%" PRId32 ", expected sides of 1 to %d",
                        format->width, format->height, LARGEST_SIDE);
    if (!is_ratio(format->rate_numerator, format->rate_denominator) ||
        !is_ratio(format->aspect_numerator, format->aspect_denominator))
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "the frame rate is %" PRId32 ":%" PRId32 " and the pixel aspect %" PRId32 ":%" PRId32
                        ", expected numbers above 0, or 0:0",
                        format->rate_numerator, format->rate_denominator, format->aspect_numerator,
                        format->aspect_denominator);
    if (sampling_name(format->sampling) == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "sampling %" PRId32 " is no GAN_SAMPLING_*", format->sampling);
    if (format->full_range != 0 && format->full_range != 1)
        return gan_fail(GAN_ERROR_ARGUMENT, "full_range is %" PRId32 ", expected 0 or 1", format->full_range);
    if (format->matrix < GAN_MATRIX_BY_SIZE || format->matrix > GAN_MATRIX_BT709)
        return gan_fail(GAN_ERROR_ARGUMENT, "matrix %" PRId32 " is no GAN_MATRIX_*", format->matrix);
    if (format->matrix == GAN_MATRIX_BY_SIZE)
        format->matrix = format->width >= 1280 || format->height >= 720 ? GAN_MATRIX_BT709 : GAN_MATRIX_BT601;
    return GAN_OK;
}

static bool halves_rows(int32_t sampling)
{
    return sampling == GAN_SAMPLING_420_CENTER || sampling == GAN_SAMPLING_420_LEFT;
}

static int64_t half(int64_t size, bool halved)
{
    return halved ? (size + 1) / 2 : size;
}

struct y4m_planes gan_y4m_planes(const gan_video_format *format)
{
    struct y4m_planes planes = {.width = format->width, .height = format->height};
    if (format->sampling != GAN_SAMPLING_GREY) {
        planes.columns = half(format->width, format->sampling != GAN_SAMPLING_444);
        planes.rows = half(format->height, halves_rows(format->sampling));
    }
    planes.bytes = planes.width * planes.height + 2 * planes.columns * planes.rows;
    return planes;
}
