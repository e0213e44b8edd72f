/* gan stylize: photographs through trained generators. */
#include "adjusting.h"
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "generators.h"
#include "interrupt.h"
#include "json.h"
#include "outputs.h"
#include "paths.h"
#include "photo.h"
#include "precision.h"
#include "saving.h"
#include "sheet.h"
#include "steps.h"
#include "streaming.h"

#include "gan/gan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stylize {
    struct texts photos, models;
    const char *style, *output, *sheet_path, *precision_words;
    int32_t precision;
    int64_t size, threads;
    struct adjusting adjusting;
    struct saving saving;
    struct streaming streaming;
    bool tileable, profile, fallback_told;
    struct console console;
    gan_context *context;
    struct generators generators;
    int written, failed;
    struct outputs outputs;
    struct sheet sheet;
    struct progress_line progress;
    double begun;
};

static void show_progress(struct stylize *job, const char *words)
{
    if (job->console.json || !progress_due(&job->progress, false))
        return;
    const int done = job->written + job->failed;
    const double fraction = (double)done / job->outputs.count, elapsed = seconds_now() - job->begun;
    const double remaining = done > 0 ? elapsed / fraction - elapsed : -1;
    if (job->progress.terminal)
        progress_show(&job->progress, fraction, remaining, words);
}

/* Once, where the processor cannot do what was asked for. */
static void tell_fallback(struct stylize *job, int32_t effective)
{
    if (job->fallback_told || effective == job->precision)
        return;
    job->fallback_told = true;
    if (!job->console.quiet)
        complain("no AMX with bfloat16 here: computing with precision %s", precision_words(effective));
}

static void report_written(struct stylize *job, const struct photo *photo, int model, const char *output,
                           double seconds)
{
    const int64_t height = gan_tensor_size(photo->picture, 1), width = gan_tensor_size(photo->picture, 2);
    progress_end(&job->progress);
    const int32_t precision =
        gan_session_precision(gan_stylizer_session(job->generators.items[model].stylizer));
    tell_fallback(job, precision);
    console_say(&job->console, "%s  %lldx%lld  %.2f s", output, (long long)width, (long long)height, seconds);
    if (!job->console.json)
        return;
    struct json json = json_event("picture");
    json_text(&json, "photo", photo->path);
    json_text(&json, "model", job->models.items[model]);
    json_text(&json, "output", output);
    json_integer(&json, "width", width);
    json_integer(&json, "height", height);
    json_text(&json, "precision", precision_words(precision));
    json_real(&json, "seconds", seconds);
    json_finish(&json);
}

/* The times of the steps, on average over the pictures of this size. */
static void report_profile(const struct stylize *job, int model)
{
    const gan_session *session = gan_stylizer_session(job->generators.items[model].stylizer);
    if (!job->console.json) {
        steps_print_times(&job->console, session);
        return;
    }
    struct json json = json_event("profile");
    json_text(&json, "model", job->models.items[model]);
    steps_json(session, &json);
    json_finish(&json);
}

static gan_status run_network(const struct stylize *job, const struct photo *photo, int model,
                              gan_tensor **result)
{
    gan_stylizer *stylizer = job->generators.items[model].stylizer;
    const gan_status status = gan_stylizer_prepare(stylizer, gan_tensor_size(photo->picture, 1),
                                                   gan_tensor_size(photo->picture, 2));
    if (status != GAN_OK)
        return status;
    gan_session_set_profiling(gan_stylizer_session(stylizer), job->profile);
    return gan_stylizer_run(stylizer, photo->picture, result);
}

/* The finished picture in memory. */
static gan_status paint(struct stylize *job, const struct photo *photo, int model, gan_tensor **result)
{
    const gan_status status = run_network(job, photo, model, result);
    return status == GAN_OK ? adjusting_apply(&job->adjusting, job->context, photo, result) : status;
}

/* One photograph through one model, to its file. */
static bool write_result(struct stylize *job, const struct photo *photo, int model, const char *output)
{
    const double begun = seconds_now();
    gan_tensor *result = NULL;
    show_progress(job, output);
    gan_status status = paint(job, photo, model, &result);
    if (status != GAN_OK) {
        progress_end(&job->progress);
        gan_tensor_free(result);
        console_fail(&job->console, "%s (%lldx%lld) through %s: %s", photo->path,
                     (long long)gan_tensor_size(photo->picture, 2),
                     (long long)gan_tensor_size(photo->picture, 1), job->models.items[model],
                     gan_error_message());
        return false;
    }
    const struct provenance provenance = {.method = "stylize",
                                          .generator = job->generators.items[model].digest,
                                          .style = job->generators.items[model].style_digest};
    status = saving_write(&job->saving, job->context, photo, result, output, &provenance);
    if (status == GAN_OK && job->sheet_path != NULL)
        status = sheet_add(&job->sheet, result);
    gan_tensor_free(result);
    progress_end(&job->progress);
    if (status != GAN_OK) {
        console_fail(&job->console, "%s", gan_error_message());
        return false;
    }
    report_written(job, photo, model, output, seconds_now() - begun);
    if (job->profile)
        report_profile(job, model);
    return true;
}

static void stylize_photo(struct stylize *job, int index)
{
    struct photo photo;
    gan_status status = photo_read(&photo, job->context, job->photos.items[index], job->size);
    if (status == GAN_OK && job->sheet_path != NULL)
        status = sheet_add(&job->sheet, photo.picture);
    if (status != GAN_OK) {
        progress_end(&job->progress);
        console_fail(&job->console, "%s", gan_error_message());
        job->failed += job->models.count;
    }
    for (int model = 0; status == GAN_OK && model < job->models.count; model++) {
        const char *output = job->outputs.paths[index * job->models.count + model];
        if (write_result(job, &photo, model, output))
            job->written++;
        else
            job->failed++;
        if (job->models.count > 1)
            gan_stylizer_rest(job->generators.items[model].stylizer); /* memory for one network at a time */
    }
    if (job->sheet_path != NULL)
        sheet_drop_row(&job->sheet);
    photo_free(&photo);
}

/* The same in bands of rows, never whole in memory. */
static bool stream_result(struct stylize *job, int photo, int model)
{
    const struct provenance provenance = {.method = "stylize",
                                          .generator = job->generators.items[model].digest,
                                          .style = job->generators.items[model].style_digest};
    struct streamed streamed = {.streaming = &job->streaming,
                                .adjusting = &job->adjusting,
                                .console = &job->console,
                                .progress = &job->progress,
                                .context = job->context,
                                .model = job->generators.items[model].model,
                                .photo = job->photos.items[photo],
                                .model_path = job->models.items[model],
                                .output = job->outputs.paths[photo * job->models.count + model],
                                .size = job->size,
                                .saving = &job->saving,
                                .provenance = &provenance,
                                .precision = job->precision};
    return streamed_paint(&streamed);
}

static void stream_photo(struct stylize *job, int index)
{
    for (int model = 0; model < job->models.count && !interrupt_requested(); model++)
        if (stream_result(job, index, model))
            job->written++;
        else if (!interrupt_requested())
            job->failed++;
}

static int save_sheet(struct stylize *job)
{
    if (job->sheet_path == NULL || job->sheet.count == 0)
        return EXIT_SUCCESS;
    if (sheet_save(&job->sheet, job->sheet_path, (int32_t)job->saving.quality) != GAN_OK)
        return console_fail(&job->console, "%s", gan_error_message());
    console_say(&job->console, "%s  contact sheet", job->sheet_path);
    return EXIT_SUCCESS;
}

static int report_end(const struct stylize *job)
{
    if (job->console.json) {
        struct json json = json_event("done");
        json_integer(&json, "written", job->written);
        json_integer(&json, "failed", job->failed);
        json_real(&json, "seconds", seconds_now() - job->begun);
        json_finish(&json);
    } else if (job->failed > 0 && job->outputs.count > 1) {
        complain("%d of %d results failed, %d written", job->failed, job->outputs.count, job->written);
    }
    return job->failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int stylize_all(struct stylize *job)
{
    job->begun = seconds_now();
    progress_begin(&job->progress, &job->console);
    interrupt_catch();
    for (int i = 0; i < job->photos.count && !interrupt_requested(); i++)
        (streaming_wanted(&job->streaming) ? stream_photo : stylize_photo)(job, i);
    const int sheet_code = save_sheet(job);
    const int code = report_end(job);
    if (interrupt_requested()) {
        complain("interrupted: %d of %d results written", job->written, job->outputs.count);
        return EXIT_INTERRUPTED;
    }
    return code != EXIT_SUCCESS ? code : sheet_code;
}

static int open_generators(struct stylize *job)
{
    const struct generators_request request = {.paths = &job->models,
                                               .style = job->style,
                                               .precision = job->precision,
                                               .tileable = job->tileable,
                                               .saving = &job->saving};
    return generators_open(&job->generators, &request, &job->console, job->context);
}

static int check_sheet(const struct stylize *job)
{
    if (job->sheet_path == NULL)
        return EXIT_SUCCESS;
    if (!path_is_picture(job->sheet_path))
        return console_fail(&job->console, "%s: expected a name that ends in .png, .jpg, .bmp or .tga",
                            job->sheet_path);
    if (!path_is_writable(job->sheet_path))
        return console_fail(&job->console, "%s: cannot write: %s", job->sheet_path, strerror(errno));
    return EXIT_SUCCESS;
}

static int prepare(struct stylize *job)
{
    job->context = console_context(&job->console, job->threads, 0);
    if (job->context == NULL)
        return EXIT_FAILURE;
    const bool mask_by_rows = streaming_wanted(&job->streaming) && job->size == 0;
    if (!mask_by_rows && adjusting_open(&job->adjusting, job->context) != GAN_OK)
        return console_fail(&job->console, "%s", gan_error_message());
    int code = open_generators(job);
    if (code == EXIT_SUCCESS)
        code = outputs_plan(&job->outputs, &job->console, &job->photos, &job->models, job->output);
    for (int i = 0; code == EXIT_SUCCESS && i < job->outputs.count; i++)
        code = saving_fits(&job->saving, job->outputs.paths[i]) ? EXIT_SUCCESS : EXIT_FAILURE;
    if (code == EXIT_SUCCESS)
        code = check_sheet(job);
    if (code == EXIT_SUCCESS && job->sheet_path != NULL &&
        sheet_begin(&job->sheet, job->photos.count, 1 + job->models.count) != GAN_OK)
        code = console_fail(&job->console, "out of memory");
    return code;
}

static void finish(struct stylize *job)
{
    if (job->sheet_path != NULL)
        sheet_end(&job->sheet);
    outputs_free(&job->outputs);
    generators_close(&job->generators);
    adjusting_free(&job->adjusting);
    gan_context_free(job->context);
}

static bool complete(const struct stylize *job)
{
    if (job->photos.count == 0)
        complain("expected at least one photograph (gan help stylize)");
    else if (job->models.count == 0)
        complain("expected a generator: -m MODEL");
    else if (job->output == NULL)
        complain("expected a name for the result: -o OUT");
    else
        return true;
    return false;
}

int run_stylize(int argc, char **argv)
{
    struct stylize job = {.adjusting = {.strength = 1}};
    struct option_group adjusting = adjusting_options(&job.adjusting, true);
    struct option_group saving = saving_options(&job.saving);
    struct option_group streaming = streaming_options(&job.streaming);
    const struct option options[] = {
        {"model", 'm', OPTION_TEXTS, "MODEL", "trained generator; several may be given", &job.models, 0, 0},
        {"output", 'o', OPTION_TEXT, "OUT", "picture to write; a folder where there are several", &job.output,
         0, 0},
        {"style", 0, OPTION_TEXT, "NAME[:WEIGHT],...",
         "of a generator of several styles: names, or numbers from 1", &job.style, 0, 0},
        {"size", 0, OPTION_INTEGER, "LONGSIDE", "scale the photograph to this many pixels first", &job.size,
         1, 65535},
        {"adjusting", 0, OPTION_GROUP, NULL, NULL, &adjusting, 0, 0},
        {"tileable", 0, OPTION_FLAG, NULL, "textures: what tiles still does", &job.tileable, 0, 0},
        {"precision", 0, OPTION_TEXT, PRECISION_WORDS, "arithmetic; bf16 needs a processor with AMX",
         &job.precision_words, 0, 0},
        {"sheet", 0, OPTION_TEXT, "FILE", "also write photographs and results on one sheet", &job.sheet_path,
         0, 0},
        {"saving", 0, OPTION_GROUP, NULL, NULL, &saving, 0, 0},
        {"streaming", 0, OPTION_GROUP, NULL, NULL, &streaming, 0, 0},
        {"profile", 0, OPTION_FLAG, NULL, "also tell what each layer of the network took", &job.profile, 0,
         0},
        {"threads", 0, OPTION_INTEGER, "N", "threads that compute (default: one per processor)", &job.threads,
         1, 1024},
        {"quiet", 'q', OPTION_FLAG, NULL, "say nothing but errors", &job.console.quiet, 0, 0},
        {"json", 0, OPTION_FLAG, NULL, "say it in JSON, one object a line", &job.console.json, 0, 0},
    };
    const struct arguments arguments = {
        "stylize",
        "PHOTO... -m MODEL -o OUT [options]",
        "Paint photographs in the style of a trained generator. A result has its photograph's size.",
        options,
        sizeof options / sizeof options[0],
        &job.photos};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    int code = parsed_exit_code(parsed);
    if (parsed == PARSED_RUN) {
        const bool whole =
            job.sheet_path != NULL || job.profile || job.tileable || job.saving.watermark != NULL;
        const bool sound = complete(&job) && adjusting_read(&job.adjusting) && saving_read(&job.saving) &&
                           streaming_read(&job.streaming, whole) &&
                           precision_read(job.precision_words, &job.precision);
        code = sound ? prepare(&job) : EXIT_USAGE;
        if (code == EXIT_SUCCESS)
            code = stylize_all(&job);
        finish(&job);
    }
    arguments_free(&arguments);
    return code;
}
