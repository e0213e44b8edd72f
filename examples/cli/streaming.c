#include "streaming.h"
#include "interrupt.h"
#include "json.h"
#include "memory_size.h"
#include "paths.h"
#include "photo.h"

#include <stdlib.h>
#include <string.h>

/* What the program itself takes, with its libraries, threads and rows on their way to a file. */
static const int64_t program_bytes = (int64_t)32 << 20;

struct option_group streaming_options(struct streaming *streaming)
{
    const struct option options[STREAMING_OPTIONS] = {
        {"tile", 0, OPTION_INTEGER, "PX",
         "work in bands of so many rows, which give what the whole picture gives", &streaming->tile, 1,
         65535},
        {"memory", 0, OPTION_TEXT, "SIZE",
         "work in bands that keep the program within this memory (1G, 512M)", &streaming->memory_words, 0, 0},
        {"approximate-statistics", 0, OPTION_FLAG, NULL,
         "in bands by the statistics of a thumbnail: one pass, but not the same picture",
         &streaming->approximate, 0, 0},
    };
    memcpy(streaming->options, options, sizeof options);
    return (struct option_group){streaming->options, STREAMING_OPTIONS};
}

bool streaming_wanted(const struct streaming *streaming)
{
    return streaming->tile > 0 || streaming->memory_words != NULL || streaming->approximate;
}

bool streaming_read(struct streaming *streaming, const struct adjusting *adjusting, bool whole)
{
    if (!memory_size_read(streaming->memory_words, "memory", &streaming->memory))
        return false;
    whole = whole || adjusting->mask_path != NULL || adjusting->detail > 0 ||
            adjusting->adjustment.color > GAN_COLOR_LUMA;
    if (!streaming_wanted(streaming) || !whole)
        return true;
    complain(
        "--mask, --detail, --preserve-color=covariance or histogram, --tileable, --watermark, --sheet and "
        "--profile look at whole pictures: not with --tile, --memory or --approximate-statistics");
    return false;
}

/* Weights, as they are and as they are packed. */
int64_t streaming_base(const gan_model *model)
{
    return program_bytes + 3 * (int64_t)sizeof(float) * gan_model_element_count(model);
}

/* ---- The photograph: as its file holds it, or scaled ---- */

struct passage {
    struct streamed *job;
    gan_image_source *source;     /* or else */
    gan_image_metadata *metadata; /* the source's */
    struct photo scaled;
    gan_image_sink *sink;
    float *rows, *photo_rows, *alpha; /* a few rows on their way out; NULL: not wanted */
};

/* So many rows at a time on their way out keep what they take small. */
enum { FEW_ROWS = 8 };

static gan_status open_photo(struct passage *passage)
{
    struct streamed *job = passage->job;
    if (job->size == 0) {
        const gan_status status = gan_image_source_open_with_metadata(&passage->source, &passage->metadata,
                                                                      job->context, job->photo);
        job->height = gan_image_source_height(passage->source);
        job->width = gan_image_source_width(passage->source);
        return status;
    }
    const gan_status status = photo_read(&passage->scaled, job->context, job->photo, job->size);
    if (status == GAN_OK) {
        job->height = gan_tensor_size(passage->scaled.picture, 1);
        job->width = gan_tensor_size(passage->scaled.picture, 2);
    }
    return status;
}

static bool has_alpha(const struct passage *passage)
{
    return passage->source != NULL ? gan_image_source_has_alpha(passage->source) != 0
                                   : passage->scaled.alpha != NULL;
}

static void copy_rows(const gan_tensor *tensor, int64_t first, int64_t count, float *to)
{
    const int64_t row = gan_tensor_size(tensor, 2) * gan_tensor_size(tensor, 3);
    memcpy(to, (const float *)gan_tensor_data_const(tensor) + first * row,
           (size_t)(count * row) * sizeof *to);
}

static gan_status read_photo(const struct passage *passage, int64_t first, int64_t count, float *rows,
                             float *alpha)
{
    if (passage->source != NULL)
        return gan_image_source_read(passage->source, first, count, rows, alpha);
    if (rows != NULL)
        copy_rows(passage->scaled.picture, first, count, rows);
    if (alpha != NULL)
        copy_rows(passage->scaled.alpha, first, count, alpha);
    return GAN_OK;
}

static int64_t photo_memory(const struct passage *passage)
{
    const int64_t pixels = passage->job->height * passage->job->width;
    return passage->source != NULL ? gan_image_source_memory(passage->source)
                                   : pixels * (has_alpha(passage) ? 4 : 3) * (int64_t)sizeof(float);
}

/* All but a PNG wait in memory until they are whole. */
static int64_t result_memory(const struct passage *passage)
{
    const struct streamed *job = passage->job;
    return path_is_png(job->output) ? 0 : job->height * job->width * 4;
}

/* ---- Rows ---- */

static gan_status read_rows(void *user, int64_t first, int64_t count, float *rows)
{
    return read_photo(user, first, count, rows, NULL);
}

static bool blends(const struct passage *passage)
{
    const struct adjusting *adjusting = passage->job->adjusting;
    return adjusting->strength < 1 || adjusting->adjustment.color != GAN_COLOR_RESULT;
}

static float *allocate_rows(const struct passage *passage, int64_t channels)
{
    return malloc((size_t)(FEW_ROWS * passage->job->width * channels) * sizeof(float));
}

/* What blending and transparency need, before anything is painted. */
static bool make_room(struct passage *passage)
{
    const bool blended = blends(passage), alpha = has_alpha(passage);
    if (blended) {
        passage->rows = allocate_rows(passage, 3);
        passage->photo_rows = allocate_rows(passage, 3);
    }
    if (alpha)
        passage->alpha = allocate_rows(passage, 1);
    if ((!blended || (passage->rows != NULL && passage->photo_rows != NULL)) &&
        (!alpha || passage->alpha != NULL))
        return true;
    console_fail(passage->job->console, "out of memory");
    return false;
}

static gan_status blend(const struct passage *passage, int64_t pixels)
{
    const struct adjusting *adjusting = passage->job->adjusting;
    const int32_t color = adjusting->adjustment.color;
    gan_context *context = passage->job->context;
    gan_status status = GAN_OK;
    if (color != GAN_COLOR_RESULT)
        status = gan_adjust_color(context, passage->rows, passage->photo_rows, pixels, color);
    if (status == GAN_OK && adjusting->strength < 1)
        status = gan_adjust_strength(context, passage->rows, passage->photo_rows, NULL, pixels,
                                     (float)adjusting->strength);
    return status;
}

static gan_status write_few(const struct passage *passage, int64_t first, int64_t count, const float *rows)
{
    const int64_t pixels = count * passage->job->width;
    gan_status status = GAN_OK;
    if (passage->photo_rows != NULL || passage->alpha != NULL)
        status = read_photo(passage, first, count, passage->photo_rows, passage->alpha);
    if (status == GAN_OK && passage->rows != NULL) {
        memcpy(passage->rows, rows, (size_t)(pixels * 3) * sizeof *rows);
        status = blend(passage, pixels);
        rows = passage->rows;
    }
    return status == GAN_OK ? gan_image_sink_write(passage->sink, count, rows, passage->alpha) : status;
}

static gan_status write_rows(void *user, int64_t first, int64_t count, const float *rows)
{
    const struct passage *passage = user;
    gan_status status = GAN_OK;
    for (int64_t y = 0; status == GAN_OK && y < count; y += FEW_ROWS)
        status = write_few(passage, first + y, count - y < FEW_ROWS ? count - y : FEW_ROWS,
                           rows + y * passage->job->width * 3);
    return status;
}

static int32_t tell(void *user, const gan_stream_progress *progress)
{
    const struct passage *passage = user;
    struct progress_line *line = passage->job->progress;
    if (!passage->job->console->json && progress_due(line, false))
        progress_show(line, progress->fraction, progress->remaining, passage->job->output);
    return interrupt_requested();
}

/* ---- All of it ---- */

static bool fail(const struct passage *passage)
{
    const struct streamed *job = passage->job;
    progress_end(job->progress);
    if (!interrupt_requested())
        console_fail(job->console, "%s through %s: %s", job->photo, job->model_path, gan_error_message());
    return false;
}

static gan_stream_options options_of(const struct streamed *job)
{
    return (gan_stream_options){.struct_size = sizeof(gan_stream_options),
                                .precision = job->precision,
                                .statistics = job->streaming->approximate ? GAN_STREAM_STATISTICS_THUMBNAIL
                                                                          : GAN_STREAM_STATISTICS_EXACT,
                                .band_rows = job->streaming->tile};
}

/* What is left for the stream of the memory asked for. */
static bool share_memory(const struct passage *passage, gan_stream_options *options)
{
    const struct streamed *job = passage->job;
    const int64_t base = streaming_base(job->model) + photo_memory(passage) + result_memory(passage);
    gan_stream_information about = {.struct_size = sizeof about};
    gan_stream *stream = NULL;
    if (job->streaming->memory == 0)
        return true;
    gan_stream_options plenty = *options;
    plenty.memory = (int64_t)1 << 50;
    const bool planned = gan_stream_create(&stream, job->model, job->height, job->width, &plenty) == GAN_OK &&
                         gan_stream_describe(stream, &about) == GAN_OK;
    gan_stream_free(stream);
    if (!planned)
        return fail(passage);
    options->memory = job->streaming->memory - base;
    const int64_t least = base + (options->band_rows > 0 ? about.memory : about.least_memory);
    if (job->streaming->memory >= least)
        return true;
    console_fail(job->console,
                 "--memory=%s is too little for %s (%lldx%lld) through %s: expected at least %lldM",
                 job->streaming->memory_words, job->photo, (long long)job->width, (long long)job->height,
                 job->model_path, (long long)memory_size_mebibytes(least));
    return false;
}

static bool run(struct passage *passage, gan_stream *stream)
{
    struct streamed *job = passage->job;
    const gan_stream_io io = {
        .struct_size = sizeof io, .user = passage, .read = read_rows, .write = write_rows, .progress = tell};
    const gan_image_metadata *said = NULL;
    gan_status status =
        saving_metadata(job->saving, passage->source != NULL ? passage->metadata : passage->scaled.metadata,
                        job->provenance, &said);
    const gan_image_sink_options options = {.struct_size = sizeof options,
                                            .quality = (int32_t)job->saving->quality,
                                            .depth = (int32_t)job->saving->depth,
                                            .alpha = has_alpha(passage),
                                            .metadata = said};
    if (status == GAN_OK)
        status =
            gan_image_sink_open(&passage->sink, job->context, job->output, job->height, job->width, &options);
    if (status == GAN_OK)
        status = gan_stream_run(stream, &io);
    if (status == GAN_OK)
        status = gan_image_sink_finish(passage->sink);
    gan_image_sink_free(passage->sink);
    progress_end(job->progress);
    return status == GAN_OK || fail(passage);
}

static bool paint(struct passage *passage)
{
    struct streamed *job = passage->job;
    gan_stream *stream = NULL;
    gan_stream_options options = options_of(job);
    if (!share_memory(passage, &options))
        return false;
    job->about = (gan_stream_information){.struct_size = sizeof job->about};
    const bool planned =
        gan_stream_create(&stream, job->model, job->height, job->width, &options) == GAN_OK &&
        gan_stream_describe(stream, &job->about) == GAN_OK;
    const bool done = planned ? make_room(passage) && run(passage, stream) : fail(passage);
    gan_stream_free(stream);
    return done;
}

static void report(const struct streamed *job, double seconds)
{
    const gan_stream_information *about = &job->about;
    console_say(job->console, "%s  %lldx%lld  %.2f s, in %lld bands", job->output, (long long)job->width,
                (long long)job->height, seconds, (long long)about->bands);
    if (!job->console->json)
        return;
    struct json json = json_event("picture");
    json_text(&json, "photo", job->photo);
    json_text(&json, "model", job->model_path);
    json_text(&json, "output", job->output);
    json_integer(&json, "width", job->width);
    json_integer(&json, "height", job->height);
    json_integer(&json, "passes", about->passes);
    json_integer(&json, "bands", about->bands);
    json_integer(&json, "stream_memory", about->memory);
    json_integer(&json, "file", about->file_bytes);
    json_real(&json, "seconds", seconds);
    json_finish(&json);
}

bool streamed_paint(struct streamed *job)
{
    const double begun = seconds_now();
    struct passage passage = {.job = job};
    bool done = false;
    if (open_photo(&passage) == GAN_OK)
        done = paint(&passage);
    else
        console_fail(job->console, "%s", gan_error_message());
    gan_image_source_free(passage.source);
    gan_image_metadata_free(passage.metadata);
    photo_free(&passage.scaled);
    free(passage.rows);
    free(passage.photo_rows);
    free(passage.alpha);
    if (done)
        report(job, seconds_now() - begun);
    return done;
}
