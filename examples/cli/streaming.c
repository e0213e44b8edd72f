#include "streaming.h"
#include "interrupt.h"
#include "json.h"
#include "memory_size.h"
#include "paths.h"
#include "streamed_photo.h"
#include "streamed_rows.h"

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

bool streaming_read(struct streaming *streaming, bool whole)
{
    if (!memory_size_read(streaming->memory_words, "memory", &streaming->memory))
        return false;
    if (!streaming_wanted(streaming) || !whole)
        return true;
    complain("--tileable, --watermark, --sheet and --profile look at whole pictures: not with --tile, "
             "--memory or --approximate-statistics");
    return false;
}

/* Weights, as they are and as they are packed. */
int64_t streaming_base(const gan_model *model)
{
    return program_bytes + 3 * (int64_t)sizeof(float) * gan_model_element_count(model);
}

struct passage {
    struct streamed *job;
    struct streamed_photo photo;
    struct streamed_rows rows;
    gan_image_sink *sink;
    float *alpha; /* a few rows; NULL: there is none */
    float *kept; /* a few rows of the result, where it waits until all of it is measured; NULL: it does not */
};

static bool result_waits(const struct passage *passage)
{
    return streamed_rows_rounds(&passage->rows) > 0;
}

static int64_t kept_memory(const struct passage *passage)
{
    return result_waits(passage) ? STREAMED_ROWS * passage->job->width * 3 * (int64_t)sizeof(float) : 0;
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
    const struct passage *passage = user;
    return streamed_photo_read(&passage->photo, first, count, rows, NULL);
}

/* What adjusting and transparency need, before anything is painted. */
static bool make_room(struct passage *passage)
{
    const bool alpha = streamed_photo_has_alpha(&passage->photo), kept = result_waits(passage);
    if (alpha)
        passage->alpha = malloc((size_t)(STREAMED_ROWS * passage->job->width) * sizeof(float));
    if (kept)
        passage->kept = malloc((size_t)kept_memory(passage));
    if (streamed_rows_make_room(&passage->rows) && (!alpha || passage->alpha != NULL) &&
        (!kept || passage->kept != NULL))
        return true;
    console_fail(passage->job->console, "out of memory");
    return false;
}

/* What becomes of a few rows of the result. */
typedef gan_status row_work(struct passage *passage, int64_t first, int64_t count, const float *rows);

static gan_status measure_few(struct passage *passage, int64_t first, int64_t count, const float *rows)
{
    return streamed_rows_measure(&passage->rows, first, count, rows);
}

static gan_status write_few(struct passage *passage, int64_t first, int64_t count, const float *rows)
{
    const float *adjusted = NULL;
    gan_status status = streamed_rows_adjust(&passage->rows, first, count, rows, &adjusted);
    if (status == GAN_OK && passage->alpha != NULL)
        status = streamed_photo_read(&passage->photo, first, count, NULL, passage->alpha);
    return status == GAN_OK ? gan_image_sink_write(passage->sink, count, adjusted, passage->alpha) : status;
}

/* At most so many rows are at work at a time. */
static int64_t few(int64_t left)
{
    return left < STREAMED_ROWS ? left : STREAMED_ROWS;
}

static gan_status take_rows(void *user, int64_t first, int64_t count, const float *rows)
{
    struct passage *passage = user;
    row_work *work = result_waits(passage) ? measure_few : write_few;
    gan_status status = GAN_OK;
    for (int64_t y = 0; status == GAN_OK && y < count; y += STREAMED_ROWS)
        status = work(passage, first + y, few(count - y), rows + y * passage->job->width * 3);
    return status;
}

/* All rows of the result that waits. */
static gan_status revisit_rows(struct passage *passage, gan_stream *stream, row_work *work)
{
    const int64_t height = passage->job->height;
    gan_status status = GAN_OK;
    for (int64_t y = 0; status == GAN_OK && y < height; y += STREAMED_ROWS) {
        if (interrupt_requested())
            return GAN_ERROR_CANCELLED;
        status = gan_stream_read_result(stream, y, few(height - y), passage->kept);
        if (status == GAN_OK)
            status = work(passage, y, few(height - y), passage->kept);
    }
    return status;
}

/* The first round was measured while the rows came. */
static gan_status finish_rows(struct passage *passage, gan_stream *stream)
{
    gan_status status = GAN_OK;
    for (int32_t round = 1; status == GAN_OK && round < streamed_rows_rounds(&passage->rows); round++)
        status = revisit_rows(passage, stream, measure_few);
    if (status == GAN_OK && result_waits(passage))
        status = revisit_rows(passage, stream, write_few);
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

static gan_stream_options options_of(const struct passage *passage)
{
    const struct streamed *job = passage->job;
    return (gan_stream_options){.struct_size = sizeof(gan_stream_options),
                                .precision = job->precision,
                                .statistics = job->streaming->approximate ? GAN_STREAM_STATISTICS_THUMBNAIL
                                                                          : GAN_STREAM_STATISTICS_EXACT,
                                .band_rows = job->streaming->tile,
                                .keep = result_waits(passage)};
}

/* What is left for the stream of the memory asked for. */
static bool share_memory(const struct passage *passage, gan_stream_options *options)
{
    const struct streamed *job = passage->job;
    const int64_t base = streaming_base(job->model) + streamed_photo_memory(&passage->photo) +
                         streamed_rows_memory(&passage->rows) + kept_memory(passage) + result_memory(passage);
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
        .struct_size = sizeof io, .user = passage, .read = read_rows, .write = take_rows, .progress = tell};
    const gan_image_metadata *said = NULL;
    gan_status status =
        saving_metadata(job->saving, streamed_photo_metadata(&passage->photo), job->provenance, &said);
    const gan_image_sink_options options = {.struct_size = sizeof options,
                                            .quality = (int32_t)job->saving->quality,
                                            .depth = (int32_t)job->saving->depth,
                                            .alpha = streamed_photo_has_alpha(&passage->photo),
                                            .metadata = said};
    if (status == GAN_OK)
        status =
            gan_image_sink_open(&passage->sink, job->context, job->output, job->height, job->width, &options);
    if (status == GAN_OK)
        status = gan_stream_run(stream, &io);
    if (status == GAN_OK)
        status = finish_rows(passage, stream);
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
    gan_stream_options options = options_of(passage);
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

static bool open_photo(struct passage *passage)
{
    struct streamed *job = passage->job;
    if (streamed_photo_open(&passage->photo, job->context, job->photo, job->size) != GAN_OK) {
        console_fail(job->console, "%s", gan_error_message());
        return false;
    }
    job->height = passage->photo.height;
    job->width = passage->photo.width;
    return streamed_rows_open(&passage->rows, job->console, job->context, job->adjusting, &passage->photo);
}

bool streamed_paint(struct streamed *job)
{
    const double begun = seconds_now();
    struct passage passage = {.job = job};
    const bool done = open_photo(&passage) && paint(&passage);
    streamed_rows_close(&passage.rows);
    streamed_photo_close(&passage.photo);
    free(passage.alpha);
    free(passage.kept);
    if (done)
        report(job, seconds_now() - begun);
    return done;
}
