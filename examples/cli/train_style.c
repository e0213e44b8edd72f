/* gan train style: one style picture and a folder of photographs become a generator. */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "extractor.h"
#include "interrupt.h"
#include "json.h"
#include "paths.h"
#include "weight.h"

#include "gan/gan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct train_style {
    const char *style, *content, *output, *features;
    const char *preset, *checkpoint, *resume, *log, *plot, *preview;
    double minutes, learning_rate;
    struct weight content_weight, style_weight, variation_weight, adversarial_weight;
    int64_t steps, seed, threads, size, batch, style_size, channels, blocks, checkpoint_every;
    bool half;
    struct console console;
    struct progress_line progress;
    gan_context *context;
    gan_tensor *picture;
    gan_model *extractor, *generator;
    int64_t step;
    double seconds;
};

static void report_json(const gan_progress *progress)
{
    struct json json = json_event("progress");
    json_integer(&json, "step", progress->step);
    json_integer(&json, "total", progress->total);
    json_real(&json, "elapsed", progress->elapsed);
    json_real(&json, "remaining", progress->remaining);
    json_open(&json, "losses", '{');
    for (int32_t i = 0; i < progress->loss_count; i++)
        json_real(&json, progress->loss_names[i], (double)progress->losses[i]);
    json_close(&json, '}');
    json_finish(&json);
}

/* The step and as many losses as there is room for. */
static void write_losses(char *words, size_t size, const gan_progress *progress)
{
    size_t used = (size_t)snprintf(words, size, "step %lld", (long long)progress->step);
    for (int32_t i = 0; i < progress->loss_count; i++) {
        char item[64];
        const int length =
            snprintf(item, sizeof item, "  %s %.3g", progress->loss_names[i], (double)progress->losses[i]);
        if (length < 0 || used + (size_t)length >= size)
            break;
        memcpy(words + used, item, (size_t)length + 1);
        used += (size_t)length;
    }
}

static double fraction_done(const gan_progress *progress)
{
    if (progress->total > 0)
        return (double)progress->step / (double)progress->total;
    if (progress->remaining < 0)
        return 0;
    const double whole = progress->elapsed + progress->remaining;
    return whole > 0 ? progress->elapsed / whole : 0;
}

static int32_t on_progress(void *user, const gan_progress *progress)
{
    struct train_style *job = user;
    char words[256];
    job->step = progress->step;
    job->seconds = progress->elapsed;
    const bool final = progress->total > 0 && progress->step == progress->total;
    if (progress_due(&job->progress, final)) {
        if (job->console.json) {
            report_json(progress);
        } else {
            const size_t room = job->progress.terminal ? PROGRESS_WORDS : sizeof words;
            write_losses(words, room, progress);
            progress_show(&job->progress, fraction_done(progress), progress->remaining, words);
        }
    }
    return interrupt_requested();
}

static gan_style_trainer_options trainer_options(struct train_style *job)
{
    return (gan_style_trainer_options){
        .struct_size = sizeof(gan_style_trainer_options),
        .preset = job->preset,
        .extractor = job->extractor,
        .channels = (int32_t)job->channels,
        .blocks = (int32_t)job->blocks,
        .size = (int32_t)job->size,
        .batch = (int32_t)job->batch,
        .style_size = (int32_t)job->style_size,
        .content_weight = weight_option(&job->content_weight),
        .style_weight = weight_option(&job->style_weight),
        .variation_weight = weight_option(&job->variation_weight),
        .adversarial_weight = weight_option(&job->adversarial_weight),
        .learning_rate = (float)job->learning_rate,
        .steps = job->steps,
        .minutes = job->minutes,
        .seed = (uint64_t)job->seed,
        .checkpoint = job->checkpoint,
        .checkpoint_every = job->checkpoint_every,
        .resume = job->resume,
        .log_csv = job->log,
        .plot_png = job->plot,
        .preview_png = job->preview,
        .progress = on_progress,
        .progress_user = job,
    };
}

/* A mistake in a name should be told now, not after the training. */
static int check_outputs(const struct train_style *job)
{
    const char *const paths[] = {job->output, job->checkpoint, job->log, job->plot, job->preview};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (paths[i] != NULL && !path_is_writable(paths[i]))
            return console_fail(&job->console, "%s: cannot write: %s", paths[i], strerror(errno));
    return EXIT_SUCCESS;
}

static int prepare(struct train_style *job)
{
    if (check_outputs(job) != EXIT_SUCCESS)
        return EXIT_FAILURE;
    job->context = console_context(&job->console, job->threads, (uint64_t)job->seed);
    if (job->context == NULL)
        return EXIT_FAILURE;
    if (gan_image_load(&job->picture, NULL, job->context, job->style) != GAN_OK)
        return console_fail(&job->console, "%s", gan_error_message());
    if (job->features == NULL)
        return EXIT_SUCCESS;
    return extractor_open(&job->extractor, job->context, &job->console, job->features);
}

static int save(struct train_style *job)
{
    const int32_t storage = job->half ? GAN_STORE_FLOAT16 : GAN_STORE_FLOAT32;
    if (gan_model_save(job->generator, job->output, storage) != GAN_OK)
        return console_fail(&job->console, "%s", gan_error_message());
    console_say(&job->console, "%s  %lld steps in %.1f minutes", job->output, (long long)job->step,
                job->seconds / 60);
    if (job->console.json) {
        struct json json = json_event("done");
        json_text(&json, "output", job->output);
        json_integer(&json, "steps", job->step);
        json_real(&json, "seconds", job->seconds);
        json_boolean(&json, "interrupted", interrupt_requested());
        json_finish(&json);
    }
    return EXIT_SUCCESS;
}

static int train(struct train_style *job)
{
    progress_begin(&job->progress, &job->console);
    interrupt_catch();
    const gan_style_trainer_options options = trainer_options(job);
    const gan_status status =
        gan_train_style(&job->generator, job->context, job->picture, job->content, &options);
    progress_end(&job->progress);
    if (status != GAN_OK)
        return console_fail(&job->console, "%s", gan_error_message());
    const int code = save(job);
    if (code != EXIT_SUCCESS || !interrupt_requested())
        return code;
    complain("interrupted after %lld steps; %s holds what was trained so far%s", (long long)job->step,
             job->output, job->checkpoint != NULL ? "; --resume goes on from the checkpoint" : "");
    return EXIT_INTERRUPTED;
}

static void finish(struct train_style *job)
{
    gan_model_free(job->generator);
    gan_model_free(job->extractor);
    gan_tensor_free(job->picture);
    gan_context_free(job->context);
}

static bool complete(const struct train_style *job)
{
    if (job->style == NULL)
        complain("expected a style picture: --style PICTURE");
    else if (job->content == NULL)
        complain("expected a folder of photographs: --content FOLDER");
    else if (job->output == NULL)
        complain("expected a name for the model: -o MODEL");
    else if (job->minutes > 0 && job->steps > 0)
        complain("expected --minutes or --steps, not both");
    else
        return true;
    return false;
}

static int run(struct train_style *job)
{
    if (!complete(job))
        return EXIT_USAGE;
    int code = prepare(job);
    if (code == EXIT_SUCCESS)
        code = train(job);
    finish(job);
    return code;
}

int run_train_style(int argc, char **argv)
{
    struct train_style job = {0};
    weight_unset(&job.content_weight);
    weight_unset(&job.style_weight);
    weight_unset(&job.variation_weight);
    weight_unset(&job.adversarial_weight);
    const struct option options[] = {
        {"style", 0, OPTION_TEXT, "PICTURE", "the picture whose style is learned", &job.style, 0, 0},
        {"content", 0, OPTION_TEXT, "FOLDER", "photographs to learn on", &job.content, 0, 0},
        {"output", 'o', OPTION_TEXT, "MODEL", "generator to write", &job.output, 0, 0},
        {"features", 0, OPTION_TEXT, "FILE", "feature network: a model or published weights", &job.features,
         0, 0},
        {"preset", 0, OPTION_TEXT, "NAME", "small, balanced (default) or detailed", &job.preset, 0, 0},
        {"minutes", 0, OPTION_REAL, "M", "train for this long", &job.minutes, 1e-3, 1e6},
        {"steps", 0, OPTION_INTEGER, "N", "train for so many steps", &job.steps, 1, 1e12},
        {"seed", 0, OPTION_INTEGER, "S", "start of all random numbers (default 0)", &job.seed, 0, 9e15},
        {"threads", 0, OPTION_INTEGER, "N", "threads that compute (default: one per processor)", &job.threads,
         1, 1024},
        {"size", 0, OPTION_INTEGER, "PX", "side of the crops trained on", &job.size, 1, 65535},
        {"batch", 0, OPTION_INTEGER, "N", "crops per step", &job.batch, 1, 1024},
        {"style-size", 0, OPTION_INTEGER, "PX", "long side to which the style is scaled", &job.style_size, 1,
         65535},
        {"channels", 0, OPTION_INTEGER, "N", "of the generator's first layer", &job.channels, 1, 1024},
        {"blocks", 0, OPTION_INTEGER, "N", "residual blocks of the generator", &job.blocks, 1, 100},
        {"content-weight", 0, OPTION_REAL, "W", "0: none", &job.content_weight.value, 0, 1e12},
        {"style-weight", 0, OPTION_REAL, "W", "0: none", &job.style_weight.value, 0, 1e12},
        {"variation-weight", 0, OPTION_REAL, "W", "0: none", &job.variation_weight.value, 0, 1e12},
        {"adversarial-weight", 0, OPTION_REAL, "W", "0: none", &job.adversarial_weight.value, 0, 1e12},
        {"learning-rate", 0, OPTION_REAL, "R", "of Adam", &job.learning_rate, 1e-9, 10},
        {"checkpoint", 0, OPTION_TEXT, "FILE", "write the whole state here now and then", &job.checkpoint, 0,
         0},
        {"checkpoint-every", 0, OPTION_INTEGER, "K", "steps between checkpoints", &job.checkpoint_every, 1,
         1e12},
        {"resume", 0, OPTION_TEXT, "FILE", "go on from a checkpoint", &job.resume, 0, 0},
        {"log", 0, OPTION_TEXT, "CSV", "losses of each step", &job.log, 0, 0},
        {"plot", 0, OPTION_TEXT, "PNG", "curves of the losses", &job.plot, 0, 0},
        {"preview", 0, OPTION_TEXT, "PNG", "a photograph stylized now and then", &job.preview, 0, 0},
        {"half", 0, OPTION_FLAG, NULL, "store the model in 16 bits", &job.half, 0, 0},
        {"quiet", 'q', OPTION_FLAG, NULL, "say nothing but errors", &job.console.quiet, 0, 0},
        {"json", 0, OPTION_FLAG, NULL, "say it in JSON, one object a line", &job.console.json, 0, 0},
    };
    const struct arguments arguments = {
        "train style",
        "--style PICTURE --content FOLDER -o MODEL [options]",
        "Train a generator for the style of one picture. Ctrl-C stops early and "
        "keeps what was trained.",
        options,
        sizeof options / sizeof options[0],
        NULL};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    const int code = parsed == PARSED_RUN ? run(&job) : parsed_exit_code(parsed);
    arguments_free(&arguments);
    return code;
}
