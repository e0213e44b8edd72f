#include "streaming/stream.h"
#include "kernels/sizes.h"

#include <inttypes.h>
#include <string.h>

enum { MOST_SIDE = 1 << 20, DEFAULT_THUMBNAIL = 1024, LEAST_THUMBNAIL = 32 };

static gan_status check_range(const char *name, int64_t value, int64_t most)
{
    if (value >= 0 && value <= most)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "gan_stream_create: %s is %" PRId64 ", expected 0 to %" PRId64, name,
                    value, most);
}

static gan_status check_options(const gan_stream_options *options)
{
    gan_status status = check_range("precision", options->precision, GAN_PRECISION_BF16);
    if (status == GAN_OK)
        status = check_range("storage", options->storage, GAN_STREAM_STORE_NONE);
    if (status == GAN_OK)
        status = check_range("statistics", options->statistics, GAN_STREAM_STATISTICS_THUMBNAIL);
    if (status == GAN_OK)
        status = check_range("raw", options->raw, 1);
    if (status == GAN_OK)
        status = check_range("keep", options->keep, 1);
    if (status == GAN_OK)
        status = check_range("memory", options->memory, INT64_MAX);
    if (status == GAN_OK)
        status = check_range("band_rows", options->band_rows, MOST_SIDE);
    if (status == GAN_OK)
        status = check_range("thumbnail", options->thumbnail, MOST_SIDE);
    if (status == GAN_OK && options->thumbnail > 0 && options->thumbnail < LEAST_THUMBNAIL)
        status =
            gan_fail(GAN_ERROR_ARGUMENT, "gan_stream_create: thumbnail is %" PRId64 ", expected at least %d",
                     options->thumbnail, LEAST_THUMBNAIL);
    return status;
}

static gan_status check_sizes(int64_t height, int64_t width)
{
    if (height >= 1 && width >= 1 && height <= MOST_SIDE && width <= MOST_SIDE)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT,
                    "gan_stream_create: the picture is %" PRId64 "x%" PRId64 ", expected sides of 1 to %d",
                    width, height, MOST_SIDE);
}

static gan_status check_model(const gan_model *model, bool raw)
{
    const struct shape *input = &model->inputs[0]->shape;
    if (model->input_count != 1 || input->rank != 4 || input->size[3] < 1 || (!raw && input->size[3] != 3))
        return gan_fail(GAN_ERROR_UNSUPPORTED, "model \"%s\": expected one input, a picture with %s",
                        model->name, raw ? "a known number of channels" : "three channels");
    if (input->size[1] >= 0 || input->size[2] >= 0)
        return gan_fail(GAN_ERROR_UNSUPPORTED,
                        "model \"%s\": it demands pictures of a size of its own, which have no use for bands",
                        model->name);
    return GAN_OK;
}

/* Pictures come out as large as they go in, but for a few rows and columns that are cut off. */
static gan_status check_result(const gan_stream *stream)
{
    enum { MOST_CROPPED = 32 };
    const struct shape *shape = &stream->network.nodes[stream->network.output].shape;
    const int64_t rows = shape->size[1] - stream->network_height;
    const int64_t columns = shape->size[2] - stream->network_width;
    if (stream->options.raw != 0 ||
        (shape->size[3] == 3 && rows >= 0 && columns >= 0 && rows < MOST_CROPPED && columns < MOST_CROPPED))
        return GAN_OK;
    char text[SHAPE_TEXT_SIZE];
    return gan_fail(GAN_ERROR_UNSUPPORTED,
                    "model \"%s\": it makes %s of pictures of %" PRId64 "x%" PRId64
                    ", expected pictures of the same size",
                    stream->model->name, gan_shape_text(shape, text), stream->network_width,
                    stream->network_height);
}

static gan_status make_network(gan_stream *stream)
{
    const bool known = stream->options.statistics == GAN_STREAM_STATISTICS_THUMBNAIL;
    const int64_t multiple = stream->options.raw != 0 ? 1 : stream->words.multiple;
    stream->network_height = rounded_up(stream->height, multiple);
    stream->network_width = rounded_up(stream->width, multiple);
    gan_status status = gan_network_create(&stream->network, stream->model, stream->network_height,
                                           stream->network_width, known);
    if (status == GAN_OK)
        status = gan_network_choose_stored(&stream->network, stream->options.storage, &stream->file_size);
    if (status == GAN_OK)
        status = gan_stream_cut(stream);
    if (status == GAN_OK)
        status = check_result(stream);
    stream->result_offset = stream->file_size;
    if (status == GAN_OK && stream->options.keep != 0)
        stream->file_size += (size_t)gan_stream_result_bytes(stream);
    return status;
}

static int64_t thumbnail_side(int64_t side, int64_t longer, int64_t target)
{
    const int64_t scaled = (side * target + longer / 2) / longer;
    return scaled > 0 ? scaled : 1;
}

static gan_status make_thumbnail(gan_stream *stream)
{
    if (stream->options.statistics != GAN_STREAM_STATISTICS_THUMBNAIL)
        return GAN_OK;
    gan_stream_options options = stream->options;
    const int64_t longer = stream->height > stream->width ? stream->height : stream->width;
    const int64_t wanted = options.thumbnail > 0 ? options.thumbnail : DEFAULT_THUMBNAIL;
    const int64_t target = wanted < longer ? wanted : longer;
    options.struct_size = sizeof options;
    options.statistics = GAN_STREAM_STATISTICS_EXACT;
    options.storage = GAN_STREAM_STORE_AUTO;
    options.band_rows = 0;
    options.keep = 0;
    if (stream->options.raw != 0)
        return gan_fail(GAN_ERROR_UNSUPPORTED,
                        "gan_stream_create: a thumbnail is made of pictures, not of raw "
                        "values");
    const gan_status status =
        gan_stream_create(&stream->thumbnail, stream->model, thumbnail_side(stream->height, longer, target),
                          thumbnail_side(stream->width, longer, target), &options);
    return status == GAN_OK ? status : gan_fail_within(status, "its thumbnail: ");
}

static gan_status fill(gan_stream *stream)
{
    if (stream->options.folder != NULL) {
        stream->folder = gan_copy_string(stream->model->graph->context, stream->options.folder);
        if (stream->folder == NULL)
            return gan_fail_memory("the name of a folder", strlen(stream->options.folder));
        stream->options.folder = stream->folder;
    }
    gan_status status = gan_picture_words_read(&stream->words, stream->model);
    if (status != GAN_OK)
        return gan_fail_within(status, "model \"%s\": ", stream->model->name);
    status = make_network(stream);
    return status == GAN_OK ? make_thumbnail(stream) : status;
}

gan_status gan_stream_create(gan_stream **out, gan_model *model, int64_t height, int64_t width,
                             const gan_stream_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_stream_create: out is NULL");
    *out = NULL;
    if (model == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_stream_create: model is NULL");
    gan_stream_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_stream_options");
    if (status == GAN_OK)
        status = check_options(&options);
    if (status == GAN_OK)
        status = check_sizes(height, width);
    if (status == GAN_OK)
        status = check_model(model, options.raw != 0);
    if (status != GAN_OK)
        return status;
    gan_stream *stream = gan_allocate_zeroed(model->graph->context, sizeof *stream);
    if (stream == NULL)
        return gan_fail_memory("a stream", sizeof *stream);
    stream->model = gan_model_retain(model);
    stream->options = options;
    stream->height = height;
    stream->width = width;
    status = fill(stream);
    if (status != GAN_OK) {
        gan_stream_free(stream);
        return status;
    }
    *out = stream;
    return GAN_OK;
}

void gan_stream_free(gan_stream *stream)
{
    if (stream == NULL)
        return;
    gan_context *context = gan_context_retain(stream->model->graph->context);
    gan_stream_drop_result(stream);
    gan_stream_free(stream->thumbnail);
    for (int32_t i = 0; stream->passes != NULL && i < stream->network.pass_count; i++)
        gan_release(context, stream->passes[i].needed);
    gan_release(context, stream->passes);
    gan_network_free(&stream->network);
    gan_release(context, stream->folder);
    gan_model_free(stream->model);
    gan_release(context, stream);
    gan_context_free(context);
}

int32_t gan_stream_output_shape(const gan_stream *stream, int64_t *sizes)
{
    if (stream == NULL)
        return -1;
    const struct shape picture = gan_shape_4(1, stream->height, stream->width, 3);
    const struct shape *own = &stream->network.nodes[stream->network.output].shape;
    return gan_shape_give(stream->options.raw != 0 ? own : &picture, sizes);
}

static void sum_up(const gan_stream *stream, gan_stream_information *information)
{
    information->passes += stream->network.pass_count;
    for (int32_t i = 0; i < stream->network.pass_count; i++) {
        information->memory = larger(information->memory, stream->passes[i].memory);
        information->bands += stream->passes[i].bands;
        information->multiplications += stream->passes[i].multiplications;
    }
    information->least_memory = larger(information->least_memory, stream->least_memory);
    information->file_bytes = larger(information->file_bytes, (int64_t)stream->file_size);
}

gan_status gan_stream_describe(const gan_stream *stream, gan_stream_information *out)
{
    if (stream == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_stream_describe: stream is NULL");
    gan_status status = gan_check_result(out, sizeof *out, "gan_stream_information");
    if (status != GAN_OK)
        return status;
    gan_stream_information found = {.struct_size = sizeof found};
    struct network_cost cost;
    status = gan_network_cost(&stream->network, &cost);
    if (status != GAN_OK)
        return status;
    sum_up(stream, &found);
    if (stream->thumbnail != NULL)
        sum_up(stream->thumbnail, &found);
    found.file_traffic = (int64_t)cost.bytes;
    if (stream->options.keep != 0)
        found.file_traffic += 2 * gan_stream_result_bytes(stream);
    found.band_rows = stream->passes[stream->network.pass_count - 1].rows;
    found.least_rows = stream->least_rows;
    gan_give_result(out, &found, sizeof found);
    return GAN_OK;
}
