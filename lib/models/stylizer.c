#include "gan/stylizer.h"
#include "base/threads.h"
#include "gan/image.h"
#include "graph/model.h"
#include "graph/session.h"
#include "kernels/sizes.h"
#include "models/generator_inputs.h"
#include "models/picture_padding.h"
#include "models/picture_words.h"
#include "style/style.h"
#include "tensor/tensor.h"

#include <inttypes.h>

/* A network of stride s gives up to s - 1 pixels too many, which are cut off; one that enlarges is scaled
 * down. */
enum { MOST_CROPPED = 32 };

/* Of a tile: its neighbours are seen so far, and its sides are multiples of what the strides of a network
 * make of one pixel. */
enum { TILE_MARGIN = 64, TILE_MULTIPLE = 8 };

struct gan_stylizer {
    gan_model *model;
    struct picture_words words;
    int32_t precision;
    float statistics_memory;
    bool tileable;
    gan_session *session;
    gan_tensor *input;     /* of the session: the picture */
    int64_t height, width; /* of the session */
    struct generator_inputs inputs;
};

gan_status gan_stylizer_set_styles(gan_stylizer *stylizer, const float *weights, int32_t count)
{
    if (stylizer == NULL || weights == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_stylizer_set_styles: %s is NULL",
                        stylizer == NULL ? "stylizer" : "weights");
    const gan_status status = gan_generator_inputs_choose(&stylizer->inputs, weights, count);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "model \"%s\": ", stylizer->model->name);
}

static gan_session_options session_options(int32_t precision, float statistics_memory)
{
    return (gan_session_options){.struct_size = sizeof(gan_session_options),
                                 .precision = precision,
                                 .statistics_memory = statistics_memory};
}

gan_status gan_stylizer_create(gan_stylizer **out, gan_model *model, const gan_stylizer_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_stylizer_create: out is NULL");
    *out = NULL;
    if (model == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_stylizer_create: model is NULL");
    gan_stylizer_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_stylizer_options");
    if (status != GAN_OK)
        return status;
    const gan_session_options session = session_options(options.precision, options.statistics_memory);
    status = gan_session_check_options(&session);
    if (status != GAN_OK)
        return status;
    gan_stylizer *stylizer = gan_allocate_zeroed(model->graph->context, sizeof *stylizer);
    if (stylizer == NULL)
        return gan_fail_memory("a stylizer", sizeof *stylizer);
    stylizer->model = gan_model_retain(model);
    stylizer->precision = options.precision;
    stylizer->statistics_memory = options.statistics_memory;
    stylizer->tileable = options.tileable != 0;
    status = gan_generator_inputs_find(&stylizer->inputs, model);
    if (status == GAN_OK)
        status = gan_picture_words_read(&stylizer->words, model);
    if (status == GAN_OK && stylizer->tileable &&
        (stylizer->inputs.fixed_height > 0 || stylizer->inputs.fixed_width > 0))
        status = gan_fail(GAN_ERROR_ARGUMENT, "it takes pictures of one size only, which cannot be tiles");
    if (status != GAN_OK) {
        gan_fail_within(status, "model \"%s\": ", model->name);
        gan_stylizer_free(stylizer);
        return status;
    }
    *out = stylizer;
    return GAN_OK;
}

void gan_stylizer_rest(gan_stylizer *stylizer)
{
    if (stylizer == NULL)
        return;
    gan_session_free(stylizer->session);
    gan_tensor_free(stylizer->input);
    stylizer->session = NULL;
    stylizer->input = NULL;
}

void gan_stylizer_free(gan_stylizer *stylizer)
{
    if (stylizer == NULL)
        return;
    gan_context *context = gan_context_retain(stylizer->model->graph->context);
    gan_stylizer_rest(stylizer);
    gan_generator_inputs_release(&stylizer->inputs);
    gan_model_free(stylizer->model);
    gan_release(context, stylizer);
    gan_context_free(context);
}

gan_session *gan_stylizer_session(const gan_stylizer *stylizer)
{
    return stylizer != NULL ? stylizer->session : NULL;
}

void gan_stylizer_forget(gan_stylizer *stylizer)
{
    if (stylizer != NULL)
        gan_session_forget(stylizer->session);
}

static int64_t tile_multiple(const gan_stylizer *stylizer)
{
    return stylizer->words.multiple > TILE_MULTIPLE ? stylizer->words.multiple : TILE_MULTIPLE;
}

static int64_t tile_margin(const gan_stylizer *stylizer)
{
    return rounded_up(TILE_MARGIN, tile_multiple(stylizer));
}

static gan_status check_tile(const gan_stylizer *stylizer, int64_t height, int64_t width)
{
    const int64_t multiple = tile_multiple(stylizer);
    if (height % multiple == 0 && width % multiple == 0)
        return GAN_OK;
    return gan_fail(GAN_ERROR_SHAPE,
                    "the picture is %" PRId64 "x%" PRId64
                    ", a tile needs sides that are multiples of %" PRId64 " (such as %" PRId64 "x%" PRId64
                    ")",
                    width, height, multiple, rounded_up(width, multiple), rounded_up(height, multiple));
}

/* The size that the network is given for a picture of this one. */
static void choose_size(const gan_stylizer *stylizer, int64_t *height, int64_t *width)
{
    const int64_t multiple = stylizer->words.multiple;
    *height =
        stylizer->inputs.fixed_height > 0 ? stylizer->inputs.fixed_height : rounded_up(*height, multiple);
    *width = stylizer->inputs.fixed_width > 0 ? stylizer->inputs.fixed_width : rounded_up(*width, multiple);
}

gan_status gan_stylizer_prepare(gan_stylizer *stylizer, int64_t height, int64_t width)
{
    if (stylizer == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_stylizer_prepare: stylizer is NULL");
    if (stylizer->tileable) {
        const gan_status status = check_tile(stylizer, height, width);
        if (status != GAN_OK)
            return status;
        height += 2 * tile_margin(stylizer);
        width += 2 * tile_margin(stylizer);
    }
    choose_size(stylizer, &height, &width);
    if (stylizer->session != NULL && stylizer->height == height && stylizer->width == width)
        return GAN_OK;
    const gan_session_options options = session_options(stylizer->precision, stylizer->statistics_memory);
    const struct shape shape = gan_shape_4(1, height, width, 3);
    gan_stylizer_rest(stylizer);
    stylizer->height = height;
    stylizer->width = width;
    int64_t shapes[GENERATOR_INPUTS * GAN_MAX_RANK];
    gan_generator_inputs_shapes(&stylizer->inputs, &shape, shapes);
    gan_status status = gan_session_create(&stylizer->session, stylizer->model, shapes, &options);
    if (status == GAN_OK)
        status = gan_tensor_make(&stylizer->input, stylizer->model->graph->context, GAN_FLOAT32, &shape);
    if (status != GAN_OK)
        gan_stylizer_rest(stylizer);
    return status;
}

struct conversion {
    const struct picture_words *words;
    const float *from; /* NULL: `to` is decoded in place */
    float *to;
    int64_t columns;
};

static void convert_row(void *argument, int64_t row, int32_t worker)
{
    const struct conversion *conversion = argument;
    const int64_t first = row * conversion->columns * 3;
    (void)worker;
    if (conversion->from != NULL)
        gan_picture_encode_row(conversion->words, conversion->from + first, conversion->to + first,
                               conversion->columns);
    else
        gan_picture_decode_row(conversion->words, conversion->to + first, conversion->columns);
}

static void convert(const gan_stylizer *stylizer, const gan_tensor *from, gan_tensor *to)
{
    struct conversion conversion = {&stylizer->words, from != NULL ? from->data : NULL, to->data,
                                    to->shape.size[2]};
    gan_parallel(stylizer->model->graph->context, to->shape.size[1], convert_row, &conversion);
}

/* The network on a picture of the session's size. */
static gan_status run_network(gan_stylizer *stylizer, const gan_tensor *picture, gan_tensor **result)
{
    struct shape shape = {4, {0}};
    gan_session_output_shape(stylizer->session, 0, shape.size);
    gan_status status = gan_tensor_make(result, stylizer->model->graph->context, GAN_FLOAT32, &shape);
    if (status != GAN_OK)
        return status;
    convert(stylizer, picture, stylizer->input);
    const gan_tensor *inputs[GENERATOR_INPUTS];
    const int32_t count = gan_generator_inputs_gather(&stylizer->inputs, stylizer->input, inputs);
    status = gan_session_run(stylizer->session, inputs, count, result, 1);
    if (status == GAN_OK)
        convert(stylizer, NULL, *result);
    return status;
}

/* Take the place of a picture. */
static void replace(gan_tensor **picture, gan_tensor *by)
{
    gan_tensor_free(*picture);
    *picture = by;
}

static gan_status resize(gan_tensor **picture, int64_t height, int64_t width)
{
    gan_tensor *resized = NULL;
    const gan_status status = gan_image_resize(&resized, *picture, height, width);
    if (status == GAN_OK)
        replace(picture, resized);
    return status;
}

static gan_status crop(gan_tensor **picture, int64_t height, int64_t width)
{
    gan_tensor *cropped = NULL;
    const gan_status status = gan_image_crop(&cropped, *picture, 0, 0, height, width);
    if (status == GAN_OK)
        replace(picture, cropped);
    return status;
}

/* A network's result at another size: a few pixels too many are cut off. */
static gan_status fit(gan_tensor **picture, int64_t height, int64_t width)
{
    const int64_t more_rows = (*picture)->shape.size[1] - height;
    const int64_t more_columns = (*picture)->shape.size[2] - width;
    if (more_rows == 0 && more_columns == 0)
        return GAN_OK;
    if (more_rows < 0 || more_columns < 0 || more_rows >= MOST_CROPPED || more_columns >= MOST_CROPPED)
        return resize(picture, height, width);
    return crop(picture, height, width);
}

/* A picture of the session's size to one of its own. */
static gan_status stylize(gan_stylizer *stylizer, const gan_tensor *picture, gan_tensor **result)
{
    gan_status status = run_network(stylizer, picture, result);
    if (status == GAN_OK)
        status = fit(result, stylizer->height, stylizer->width);
    return status;
}

/* The same for a picture of any other size, where the model demands its own. */
static gan_status stylize_scaled(gan_stylizer *stylizer, const gan_tensor *picture, gan_tensor **result)
{
    gan_tensor *scaled = NULL;
    gan_status status = gan_image_resize(&scaled, picture, stylizer->height, stylizer->width);
    if (status == GAN_OK)
        status = stylize(stylizer, scaled, result);
    gan_tensor_free(scaled);
    return status == GAN_OK ? resize(result, picture->shape.size[1], picture->shape.size[2]) : status;
}

/* The same where it demands multiples of a size. */
static gan_status stylize_padded(gan_stylizer *stylizer, const gan_tensor *picture, gan_tensor **result)
{
    gan_tensor *padded = NULL;
    gan_status status = gan_picture_pad(&padded, picture, stylizer->height, stylizer->width);
    if (status == GAN_OK)
        status = stylize(stylizer, padded, result);
    gan_tensor_free(padded);
    return status == GAN_OK ? crop(result, picture->shape.size[1], picture->shape.size[2]) : status;
}

/* A tile in the middle of its copies, of which the middle is kept. */
static gan_status stylize_tile(gan_stylizer *stylizer, const gan_tensor *picture, gan_tensor **result)
{
    const int64_t *size = picture->shape.size, margin = tile_margin(stylizer);
    gan_tensor *sheet = NULL;
    gan_status status = gan_picture_repeat(&sheet, picture, margin);
    if (status == GAN_OK)
        status = stylize(stylizer, sheet, result);
    gan_tensor_free(sheet);
    if (status != GAN_OK)
        return status;
    gan_tensor *middle = NULL;
    status = gan_image_crop(&middle, *result, margin, margin, size[1], size[2]);
    replace(result, middle);
    return status;
}

static gan_status stylize_any(gan_stylizer *stylizer, const gan_tensor *picture, gan_tensor **result)
{
    if (stylizer->tileable)
        return stylize_tile(stylizer, picture, result);
    if (stylizer->height == picture->shape.size[1] && stylizer->width == picture->shape.size[2])
        return stylize(stylizer, picture, result);
    return stylizer->inputs.fixed_height > 0 || stylizer->inputs.fixed_width > 0
               ? stylize_scaled(stylizer, picture, result)
               : stylize_padded(stylizer, picture, result);
}

gan_status gan_stylizer_run(gan_stylizer *stylizer, const gan_tensor *picture, gan_tensor **result)
{
    if (stylizer == NULL || result == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_stylizer_run: %s is NULL",
                        stylizer == NULL ? "stylizer" : "result");
    *result = NULL;
    gan_status status = gan_picture_check(picture, "the picture");
    if (status != GAN_OK)
        return status;
    if (gan_generator_inputs_wait(&stylizer->inputs))
        return gan_fail(GAN_ERROR_STATE,
                        "model \"%s\" has several styles: expected gan_stylizer_set_styles first",
                        stylizer->model->name);
    status = gan_stylizer_prepare(stylizer, picture->shape.size[1], picture->shape.size[2]);
    if (status == GAN_OK)
        status = stylize_any(stylizer, picture, result);
    if (status != GAN_OK) {
        gan_tensor_free(*result);
        *result = NULL;
    }
    return status;
}

gan_status gan_model_stylize(gan_model *model, const gan_tensor *picture, gan_tensor **result)
{
    gan_stylizer *stylizer;
    if (result != NULL)
        *result = NULL;
    gan_status status = gan_stylizer_create(&stylizer, model, NULL);
    if (status != GAN_OK)
        return status;
    status = gan_stylizer_run(stylizer, picture, result);
    gan_stylizer_free(stylizer);
    return status;
}
