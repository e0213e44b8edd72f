#include "stylizer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A network of stride s gives up to s - 1 pixels too many, which are cut off; one that enlarges is scaled
 * down. */
enum { MOST_CROPPED = 32 };

__attribute__((format(printf, 2, 3))) static gan_status refuse(char **why, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    if (vasprintf(why, format, list) < 0)
        *why = NULL;
    va_end(list);
    return GAN_ERROR_ARGUMENT;
}

static bool read_range(const char *words, struct value_range *range)
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
    *range = ranges[0].range;
    if (words == NULL)
        return true;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (strcmp(ranges[i].words, words) != 0)
            continue;
        *range = ranges[i].range;
        return true;
    }
    return false;
}

static bool read_three(const char *words, float missing, float *three)
{
    three[0] = three[1] = three[2] = missing;
    return words == NULL || sscanf(words, "%f%*[ ,]%f%*[ ,]%f", &three[0], &three[1], &three[2]) == 3;
}

static gan_status read_words(struct stylizer *stylizer, char **why)
{
    const gan_model *model = stylizer->model;
    static const char *const keys[] = {"input_range", "output_range"};
    struct value_range *const ranges[] = {&stylizer->input, &stylizer->output};
    for (int i = 0; i < 2; i++) {
        const char *words = gan_model_metadata(model, keys[i]);
        if (!read_range(words, ranges[i]))
            return refuse(why, "its %s is \"%s\", expected 0..1, 0..255, -1..1 or none", keys[i], words);
    }
    if (!read_three(gan_model_metadata(model, "input_mean"), 0, stylizer->mean) ||
        !read_three(gan_model_metadata(model, "input_scale"), 1, stylizer->scale))
        return refuse(why, "its input_mean or input_scale is not three numbers");
    const char *channels = gan_model_metadata(model, "input_channels");
    stylizer->blue_first = channels != NULL && strcmp(channels, "BGR") == 0;
    return GAN_OK;
}

static gan_status check_shapes(struct stylizer *stylizer, char **why)
{
    const gan_model *model = stylizer->model;
    int64_t in[GAN_MAX_RANK] = {0}, out[GAN_MAX_RANK] = {0};
    if (gan_model_input_count(model) != 1 || gan_model_output_count(model) != 1)
        return refuse(why,
                      "it has %d inputs and %d outputs, expected one picture in and one out (a generator)",
                      gan_model_input_count(model), gan_model_output_count(model));
    const int32_t in_rank = gan_model_input_shape(model, 0, in);
    const int32_t out_rank = gan_model_output_shape(model, 0, out);
    if (in_rank != 4 || in[3] != 3 || out_rank != 4 || out[3] != 3)
        return refuse(why, "its input or output is no RGB picture [N, H, W, 3] (gan info shows the shapes)");
    stylizer->fixed_height = in[1];
    stylizer->fixed_width = in[2];
    return GAN_OK;
}

gan_status stylizer_open(struct stylizer *stylizer, gan_context *context, const char *path, int32_t precision,
                         char **why)
{
    *stylizer = (struct stylizer){.context = context, .precision = precision};
    *why = NULL;
    gan_status status = gan_model_load(&stylizer->model, context, path);
    if (status != GAN_OK) {
        *why = strdup(gan_error_message());
        return status;
    }
    status = check_shapes(stylizer, why);
    if (status == GAN_OK)
        status = read_words(stylizer, why);
    if (status != GAN_OK)
        stylizer_close(stylizer);
    return status;
}

void stylizer_rest(struct stylizer *stylizer)
{
    gan_session_free(stylizer->session);
    stylizer->session = NULL;
}

void stylizer_close(struct stylizer *stylizer)
{
    stylizer_rest(stylizer);
    gan_model_free(stylizer->model);
    stylizer->model = NULL;
}

static gan_status prepare_session(struct stylizer *stylizer, int64_t height, int64_t width)
{
    if (stylizer->session != NULL && stylizer->height == height && stylizer->width == width)
        return GAN_OK;
    stylizer_rest(stylizer);
    stylizer->height = height;
    stylizer->width = width;
    const gan_session_options options = {.struct_size = sizeof options, .precision = stylizer->precision};
    const gan_status status =
        gan_session_create_2d(&stylizer->session, stylizer->model, 1, height, width, &options);
    if (status == GAN_OK)
        stylizer->effective = gan_session_precision(stylizer->session);
    return status;
}

static gan_status new_picture(gan_context *context, int64_t height, int64_t width, gan_tensor **out)
{
    const int64_t shape[] = {1, height, width, 3};
    return gan_tensor_create(out, context, GAN_FLOAT32, shape, 4);
}

static gan_status encode(const struct stylizer *stylizer, const gan_tensor *photo, gan_tensor **out)
{
    const int64_t height = gan_tensor_size(photo, 1), width = gan_tensor_size(photo, 2);
    const gan_status status = new_picture(stylizer->context, height, width, out);
    if (status != GAN_OK)
        return status;
    const float *from = gan_tensor_data_const(photo);
    float *to = gan_tensor_data(*out);
    for (int64_t i = 0; i < height * width; i++)
        for (int c = 0; c < 3; c++) {
            const float value = from[3 * i + (stylizer->blue_first ? 2 - c : c)];
            to[3 * i + c] = (value * stylizer->input.scale + stylizer->input.shift - stylizer->mean[c]) *
                            stylizer->scale[c];
        }
    return GAN_OK;
}

static void decode(const struct stylizer *stylizer, gan_tensor *picture)
{
    float *values = gan_tensor_data(picture);
    const int64_t count = gan_tensor_count(picture);
    for (int64_t i = 0; i < count; i++) {
        const float value = (values[i] - stylizer->output.shift) / stylizer->output.scale;
        values[i] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
}

/* The network on a picture of a size that it takes. */
static gan_status run_network(struct stylizer *stylizer, const gan_tensor *photo, gan_tensor **result)
{
    gan_tensor *input = NULL;
    int64_t out[GAN_MAX_RANK] = {0};
    gan_status status = prepare_session(stylizer, gan_tensor_size(photo, 1), gan_tensor_size(photo, 2));
    if (status == GAN_OK) {
        gan_session_output_shape(stylizer->session, 0, out);
        status = new_picture(stylizer->context, out[1], out[2], result);
    }
    if (status == GAN_OK)
        status = encode(stylizer, photo, &input);
    const gan_tensor *const inputs[] = {input};
    if (status == GAN_OK)
        status = gan_session_run(stylizer->session, inputs, 1, result, 1);
    if (status == GAN_OK)
        decode(stylizer, *result);
    gan_tensor_free(input);
    return status;
}

/* Replace a picture by itself at the size that was asked for. */
static gan_status fit(gan_tensor **picture, int64_t height, int64_t width)
{
    const int64_t more_rows = gan_tensor_size(*picture, 1) - height;
    const int64_t more_columns = gan_tensor_size(*picture, 2) - width;
    if (more_rows == 0 && more_columns == 0)
        return GAN_OK;
    gan_tensor *fitted = NULL;
    const bool few =
        more_rows >= 0 && more_columns >= 0 && more_rows < MOST_CROPPED && more_columns < MOST_CROPPED;
    const gan_status status = few ? gan_image_crop(&fitted, *picture, 0, 0, height, width)
                                  : gan_image_resize(&fitted, *picture, height, width);
    if (status != GAN_OK)
        return status;
    gan_tensor_free(*picture);
    *picture = fitted;
    return GAN_OK;
}

gan_status stylizer_run(struct stylizer *stylizer, const gan_tensor *photo, gan_tensor **result)
{
    const int64_t height = gan_tensor_size(photo, 1), width = gan_tensor_size(photo, 2);
    const int64_t rows = stylizer->fixed_height > 0 ? stylizer->fixed_height : height;
    const int64_t columns = stylizer->fixed_width > 0 ? stylizer->fixed_width : width;
    gan_tensor *scaled = NULL;
    gan_status status = GAN_OK;
    *result = NULL;
    if (rows != height || columns != width)
        status = gan_image_resize(&scaled, photo, rows, columns);
    if (status == GAN_OK)
        status = run_network(stylizer, scaled != NULL ? scaled : photo, result);
    if (status == GAN_OK && scaled != NULL) {
        gan_tensor *back = NULL;
        status = gan_image_resize(&back, *result, height, width);
        gan_tensor_free(*result);
        *result = back;
    }
    if (status == GAN_OK)
        status = fit(result, height, width);
    if (status != GAN_OK) {
        gan_tensor_free(*result);
        *result = NULL;
    }
    gan_tensor_free(scaled);
    return status;
}
