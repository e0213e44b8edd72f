/* gan video: frames of y4m video through a trained generator. */
#include "adjusting.h"
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "interrupt.h"
#include "json.h"
#include "precision.h"
#include "style_course.h"

#include "gan/gan.h"

#include <stdlib.h>
#include <string.h>

struct video {
    struct texts models;
    const char *input, *output, *precision_words;
    int32_t precision;
    int64_t threads;
    double statistics_memory, steadiness;
    struct adjusting adjusting;
    struct style_course styles;
    double rate; /* frames in a second; 0: not known */
    struct console console;
    gan_context *context;
    gan_video_stylizer *stylizer;
    gan_video_reader *reader;
    gan_video_writer *writer;
    struct progress_line progress;
    int64_t frames;
    double begun;
};

static int fail(struct video *job)
{
    progress_end(&job->progress);
    return console_fail(&job->console, "%s", gan_error_message());
}

/* "-" is what the shell connected. */
static const char *path_of(const char *name, const char *standard)
{
    return name == NULL || strcmp(name, "-") == 0 ? standard : name;
}

static bool writes_to_pipe(const struct video *job)
{
    return job->output == NULL || strcmp(job->output, "-") == 0;
}

/* In the library's options 0 stands for the default. */
static float share(double given)
{
    return given > 0 ? (float)given : -1.0f;
}

/* false: what went wrong was named. */
static bool open_stylizer(struct video *job)
{
    const gan_video_stylizer_options options = {.struct_size = sizeof options,
                                                .precision = job->precision,
                                                .statistics_memory = share(job->statistics_memory),
                                                .steadiness = share(job->steadiness)};
    gan_model *model = NULL;
    gan_status status = gan_model_load(&model, job->context, job->models.items[0]);
    if (status == GAN_OK)
        status = gan_video_stylizer_create(&job->stylizer, model, &options);
    if (status != GAN_OK)
        fail(job);
    const bool opened = status == GAN_OK && style_course_open(&job->styles, &job->console, model);
    gan_model_free(model);
    return opened;
}

static gan_status open_videos(struct video *job)
{
    gan_video_format format = {.struct_size = sizeof format};
    gan_status status = gan_video_reader_open(&job->reader, job->context, path_of(job->input, "/dev/stdin"));
    if (status == GAN_OK)
        status = gan_video_reader_format(job->reader, &format);
    if (status == GAN_OK && format.rate_denominator > 0)
        job->rate = (double)format.rate_numerator / format.rate_denominator;
    return status == GAN_OK ? gan_video_writer_open(&job->writer, job->context,
                                                    path_of(job->output, "/dev/stdout"), &format)
                            : status;
}

/* Seconds mean something. */
static bool knows_time(struct video *job)
{
    if (!style_course_moves(&job->styles) || job->rate > 0)
        return true;
    progress_end(&job->progress);
    console_fail(&job->console, "the video does not say how many frames a second has: expected one --style");
    return false;
}

static void show_progress(struct video *job)
{
    if (job->console.json || !progress_due(&job->progress, false))
        return;
    const double rate = (double)job->frames / (seconds_now() - job->begun);
    progress_end(&job->progress);
    if (!job->console.quiet)
        complain("%lld frames, %.2f a second", (long long)job->frames, rate);
}

static gan_status choose_styles(struct video *job)
{
    const double seconds = job->rate > 0 ? (double)job->frames / job->rate : 0;
    const float *weights = style_course_at(&job->styles, seconds);
    return weights != NULL ? gan_video_stylizer_set_styles(job->stylizer, weights, job->styles.styles)
                           : GAN_OK;
}

/* *more: whether there was a frame. */
static gan_status paint_frame(struct video *job, bool *more)
{
    gan_tensor *frame = NULL, *result = NULL;
    gan_status status = gan_video_read(job->reader, &frame);
    *more = frame != NULL;
    if (status == GAN_OK && *more)
        status = choose_styles(job);
    if (status == GAN_OK && *more)
        status = gan_video_stylizer_run(job->stylizer, frame, &result);
    if (status == GAN_OK && *more)
        status = adjusting_apply(&job->adjusting, job->context, &(struct photo){.picture = frame}, &result);
    if (status == GAN_OK && *more)
        status = gan_video_write(job->writer, result);
    gan_tensor_free(frame);
    gan_tensor_free(result);
    return status;
}

static gan_status paint_all(struct video *job)
{
    bool more = true;
    gan_status status = GAN_OK;
    while (status == GAN_OK && more && !interrupt_requested()) {
        status = paint_frame(job, &more);
        job->frames += status == GAN_OK && more;
        show_progress(job);
    }
    if (status != GAN_OK || (interrupt_requested() && !writes_to_pipe(job)))
        return status; /* a file is whole or not there */
    return gan_video_writer_finish(job->writer);
}

static void report(struct video *job)
{
    const double seconds = seconds_now() - job->begun;
    const int64_t scenes = gan_video_stylizer_scenes(job->stylizer);
    progress_end(&job->progress);
    if (job->console.json) {
        struct json json = json_event("done");
        json_text(&json, "output", job->output);
        json_integer(&json, "frames", job->frames);
        json_integer(&json, "scenes", scenes);
        json_real(&json, "seconds", seconds);
        json_finish(&json);
    } else if (!writes_to_pipe(job)) {
        console_say(&job->console, "%s  %lld frames, %lld scenes  %.1f s", job->output,
                    (long long)job->frames, (long long)scenes, seconds);
    }
}

static int run(struct video *job)
{
    if (job->models.count != 1) {
        complain("video: expected one model");
        return EXIT_USAGE;
    }
    if (job->console.json && writes_to_pipe(job)) {
        complain("--json and the video both want standard output: expected -o FILE");
        return EXIT_USAGE;
    }
    if (!precision_read(job->precision_words, &job->precision) || !adjusting_read(&job->adjusting))
        return EXIT_USAGE;
    if (job->adjusting.adjustment.color == GAN_COLOR_HISTOGRAM) {
        complain("--preserve-color=histogram follows each frame by itself, which flickers: expected luma or "
                 "covariance");
        return EXIT_USAGE;
    }
    job->context = console_context(&job->console, job->threads, 0);
    if (job->context == NULL)
        return EXIT_FAILURE;
    job->begun = seconds_now();
    progress_begin(&job->progress, &job->console);
    interrupt_catch();
    if (!open_stylizer(job))
        return EXIT_FAILURE;
    if (open_videos(job) != GAN_OK)
        return fail(job);
    if (!knows_time(job))
        return EXIT_FAILURE;
    if (paint_all(job) != GAN_OK)
        return fail(job);
    report(job);
    return interrupt_requested() ? EXIT_INTERRUPTED : EXIT_SUCCESS;
}

int run_video(int argc, char **argv)
{
    struct video job = {.statistics_memory = 0.9, .steadiness = 0.8, .adjusting = {.strength = 1}};
    struct option_group adjusting = adjusting_options(&job.adjusting, false);
    const struct option options[] = {
        {"input", 'i', OPTION_TEXT, "FILE", "y4m video to read (default: standard input)", &job.input, 0, 0},
        {"output", 'o', OPTION_TEXT, "FILE", "y4m video to write (default: standard output)", &job.output, 0,
         0},
        {"style", 0, OPTION_TEXTS, "NAME[:WEIGHT],...[@S]",
         "of a generator of several styles: names, or numbers from 1; with times, one goes over into the "
         "next",
         &job.styles.words, 0, 0},
        {"statistics-memory", 0, OPTION_REAL, "0..0.99",
         "share of former frames in the statistics of normalizations (default 0.9)", &job.statistics_memory,
         0, 0.99},
        {"steadiness", 0, OPTION_REAL, "0..0.99",
         "share of the last result where a frame shows what the last one did (default 0.8)", &job.steadiness,
         0, 0.99},
        {"adjusting", 0, OPTION_GROUP, NULL, NULL, &adjusting, 0, 0},
        {"precision", 0, OPTION_TEXT, PRECISION_WORDS, "arithmetic; bf16 needs a processor with AMX",
         &job.precision_words, 0, 0},
        {"threads", 0, OPTION_INTEGER, "N", "threads that compute (default: one per processor)", &job.threads,
         1, 1024},
        {"quiet", 'q', OPTION_FLAG, NULL, "say nothing but errors", &job.console.quiet, 0, 0},
        {"json", 0, OPTION_FLAG, NULL, "say it in JSON, one object a line", &job.console.json, 0, 0},
    };
    const struct arguments arguments = {"video",
                                        "MODEL [< IN.y4m > OUT.y4m] [options]",
                                        "Paint the frames of a video, without flicker, from and to pipes of "
                                        "y4m.",
                                        options,
                                        sizeof options / sizeof options[0],
                                        &job.models};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    const int code = parsed == PARSED_RUN ? run(&job) : parsed_exit_code(parsed);
    gan_video_writer_free(job.writer);
    gan_video_reader_free(job.reader);
    gan_video_stylizer_free(job.stylizer);
    style_course_close(&job.styles);
    gan_context_free(job.context);
    arguments_free(&arguments);
    return code;
}
