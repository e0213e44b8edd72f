/* gan optimize: a picture whose pixels follow the content of one picture and the style of others. */
#include "adjusting.h"
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "interrupt.h"
#include "json.h"
#include "mixture.h"
#include "network.h"
#include "paths.h"
#include "photo.h"
#include "saving.h"
#include "weight.h"

#include "gan/gan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct optimize {
    struct texts pictures; /* the content, then the styles */
    struct texts masks;
    const char *features, *output, *method, *start, *content_level;
    struct weight content_weight, style_weight, variation_weight;
    int64_t size, style_size, steps, scales, seed, threads;
    struct adjusting adjusting;
    struct saving saving;
    char style_digest[DIGEST_SIZE]; /* of the first style */
    struct console console;
    struct progress_line line;
    gan_context *context;
    gan_model *extractor;
    struct photo content;
    gan_tensor *result, *mask[MIXTURE_MOST_STYLES];
    gan_style *style[MIXTURE_MOST_STYLES];
    gan_style_loss *loss[MIXTURE_MOST_STYLES];
    double begun;
    float last_loss;
    int64_t done;
};

static int fail(const struct optimize *job)
{
    return console_fail(&job->console, "%s", gan_error_message());
}

/* From a picture, or as gan style has saved it. */
static gan_status make_style(struct optimize *job, int index)
{
    const char *path = job->pictures.items[index + 1];
    struct photo style = {0};
    if (path_is_style(path))
        return gan_style_load(&job->style[index], job->extractor, path);
    gan_status status = photo_read(&style, job->context, path, job->style_size);
    const gan_tensor *const pictures[] = {style.picture};
    if (status == GAN_OK)
        status = gan_style_create(&job->style[index], job->extractor, pictures, 1, NULL);
    photo_free(&style);
    return status;
}

static gan_status load_style(struct optimize *job, int index)
{
    const gan_status status = make_style(job, index);
    const gan_style_loss_options options = {.struct_size = sizeof options,
                                            .content_weight = weight_option(&job->content_weight),
                                            .style_weight = weight_option(&job->style_weight),
                                            .variation_weight = weight_option(&job->variation_weight),
                                            .content_level = job->content_level};
    return status == GAN_OK ? gan_style_loss_create(&job->loss[index], job->style[index], &options) : status;
}

static int load(struct optimize *job)
{
    job->context = console_context(&job->console, job->threads, (uint64_t)job->seed);
    if (job->context == NULL)
        return EXIT_FAILURE;
    const int code = network_open_features(&job->extractor, job->context, &job->console, job->features);
    if (code != EXIT_SUCCESS)
        return code;
    gan_status status = network_select_maps(&job->extractor, NULL);
    if (status == GAN_OK)
        status = saving_digest(&job->saving, job->context, job->pictures.items[1], job->style_digest);
    if (status == GAN_OK)
        status = photo_read(&job->content, job->context, job->pictures.items[0], job->size);
    for (int i = 0; status == GAN_OK && i < job->pictures.count - 1; i++)
        status = load_style(job, i);
    for (int i = 0; status == GAN_OK && i < job->masks.count; i++)
        status = mask_read(&job->mask[i], job->context, job->masks.items[i], job->content.picture);
    return status == GAN_OK ? EXIT_SUCCESS : fail(job);
}

static int32_t show(void *argument, int32_t scale, int32_t step, float loss)
{
    struct optimize *job = argument;
    const int64_t all = job->steps * job->scales;
    job->done++;
    job->last_loss = loss;
    if (!job->console.json && progress_due(&job->line, false)) {
        char words[PROGRESS_WORDS];
        snprintf(words, sizeof words, "step %lld  loss %.3g", (long long)job->done, (double)loss);
        progress_show(&job->line, (double)(scale * job->steps + step + 1) / (double)all, -1, words);
    }
    return interrupt_requested();
}

static gan_picture_optimization_options options_of(struct optimize *job)
{
    return (gan_picture_optimization_options){
        .struct_size = sizeof(gan_picture_optimization_options),
        .method = strcmp(job->method, "adam") == 0 ? GAN_OPTIMIZE_ADAM : GAN_OPTIMIZE_LBFGS,
        .steps = (int32_t)job->steps,
        .scales = (int32_t)job->scales,
        .start = strcmp(job->start, "noise") == 0 ? GAN_START_NOISE : GAN_START_CONTENT,
        .seed = (uint64_t)job->seed,
        .progress = show,
        .progress_argument = job,
    };
}

static int paint(struct optimize *job)
{
    gan_painted_style painted[MIXTURE_MOST_STYLES];
    const gan_painted_style *styles[MIXTURE_MOST_STYLES];
    const int count = job->pictures.count - 1;
    for (int i = 0; i < count; i++) {
        painted[i] = (gan_painted_style){.struct_size = sizeof painted[i],
                                         .loss = job->loss[i],
                                         .weight = 1.0f / (float)(job->masks.count > 0 ? 1 : count),
                                         .mask = job->mask[i]};
        styles[i] = &painted[i];
    }
    const gan_picture_optimization_options options = options_of(job);
    progress_begin(&job->line, &job->console);
    const gan_status status =
        gan_picture_optimize(&job->result, job->content.picture, styles, count, &options);
    progress_end(&job->line);
    return status == GAN_OK ? EXIT_SUCCESS : fail(job);
}

static int save(struct optimize *job)
{
    if (adjusting_apply(&job->adjusting, job->context, &job->content, &job->result) != GAN_OK)
        return fail(job);
    const struct provenance provenance = {.method = "optimize", .style = job->style_digest};
    if (saving_write(&job->saving, job->context, &job->content, job->result, job->output, &provenance) !=
        GAN_OK)
        return fail(job);
    const double seconds = seconds_now() - job->begun;
    console_say(&job->console, "%s  %lldx%lld, %lld steps, loss %.4g, %.1f s", job->output,
                (long long)gan_tensor_size(job->result, 2), (long long)gan_tensor_size(job->result, 1),
                (long long)job->done, (double)job->last_loss, seconds);
    if (job->console.json) {
        struct json json = json_event("done");
        json_text(&json, "output", job->output);
        json_integer(&json, "width", gan_tensor_size(job->result, 2));
        json_integer(&json, "height", gan_tensor_size(job->result, 1));
        json_integer(&json, "steps", job->done);
        json_real(&json, "loss", (double)job->last_loss);
        json_real(&json, "seconds", seconds);
        json_finish(&json);
    }
    return interrupt_requested() ? EXIT_INTERRUPTED : EXIT_SUCCESS;
}

static void finish(struct optimize *job)
{
    for (int i = 0; i < MIXTURE_MOST_STYLES; i++) {
        gan_style_loss_free(job->loss[i]);
        gan_style_free(job->style[i]);
        gan_tensor_free(job->mask[i]);
    }
    photo_free(&job->content);
    gan_tensor_free(job->result);
    gan_model_free(job->extractor);
    gan_context_free(job->context);
}

static bool one_of(const char *option, const char *given, const char *a, const char *b)
{
    if (strcmp(given, a) == 0 || strcmp(given, b) == 0)
        return true;
    complain("--%s is %s, expected %s or %s", option, given, a, b);
    return false;
}

static bool complete(const struct optimize *job)
{
    const int styles = job->pictures.count - 1;
    if (styles < 1 || styles > MIXTURE_MOST_STYLES)
        complain("expected a content picture and 1 to %d style pictures", (int)MIXTURE_MOST_STYLES);
    else if (job->features != NULL && strcmp(job->features, "none") == 0)
        complain("--features none: expected a file, or no such option for libgan's own");
    else if (job->output == NULL)
        complain("expected -o PICTURE");
    else if (job->masks.count != 0 && job->masks.count != styles)
        complain("%d masks for %d styles, expected one for each", job->masks.count, styles);
    else
        return one_of("method", job->method, "lbfgs", "adam") &&
               one_of("start", job->start, "content", "noise");
    return false;
}

static int run(struct optimize *job)
{
    if (!complete(job) || !adjusting_read(&job->adjusting) || !saving_read(&job->saving) ||
        !saving_fits(&job->saving, job->output))
        return EXIT_USAGE;
    interrupt_catch();
    job->begun = seconds_now();
    int code = load(job);
    if (code == EXIT_SUCCESS)
        code = paint(job);
    if (code == EXIT_SUCCESS)
        code = save(job);
    finish(job);
    return code;
}

int run_optimize(int argc, char **argv)
{
    struct optimize job = {.adjusting = {.strength = 1},
                           .method = "lbfgs",
                           .start = "content",
                           .size = 512,
                           .style_size = 512,
                           .steps = 200,
                           .scales = 2};
    weight_unset(&job.content_weight);
    job.style_weight.value = 5;
    weight_unset(&job.variation_weight);
    struct option_group adjusting = adjusting_options(&job.adjusting, false);
    struct option_group saving = saving_options(&job.saving);
    const struct option options[] = {
        {"features", 'f', OPTION_TEXT, "FILE",
         "feature network: a model, or published weights (default: libgan's own)", &job.features, 0, 0},
        {"output", 'o', OPTION_TEXT, "PICTURE", "picture to write", &job.output, 0, 0},
        {"size", 0, OPTION_INTEGER, "PX", "long side of the result (default 512; 0: the content's)",
         &job.size, 0, 65535},
        {"style-size", 0, OPTION_INTEGER, "PX",
         "long side to which styles are scaled (default 512; 0: as they are)", &job.style_size, 0, 65535},
        {"steps", 0, OPTION_INTEGER, "N", "at each scale (default 200)", &job.steps, 1, 1000000},
        {"scales", 0, OPTION_INTEGER, "N", "sizes, each half of the next (default 2)", &job.scales, 1, 8},
        {"method", 0, OPTION_TEXT, "NAME", "lbfgs (default), or adam, in less memory", &job.method, 0, 0},
        {"start", 0, OPTION_TEXT, "NAME", "content (default) or noise", &job.start, 0, 0},
        {"mask", 0, OPTION_TEXTS, "PICTURE", "where a style belongs (white); once for each style", &job.masks,
         0, 0},
        {"content-level", 0, OPTION_TEXT, "NAME",
         "output that holds the content (default: that which the network names, or its last)",
         &job.content_level, 0, 0},
        {"content-weight", 0, OPTION_REAL, "W", "0: none (default 1)", &job.content_weight.value, 0, 1e12},
        {"style-weight", 0, OPTION_REAL, "W", "0: none (default 5)", &job.style_weight.value, 0, 1e12},
        {"variation-weight", 0, OPTION_REAL, "W", "default 0", &job.variation_weight.value, 0, 1e12},
        {"adjusting", 0, OPTION_GROUP, NULL, NULL, &adjusting, 0, 0},
        {"saving", 0, OPTION_GROUP, NULL, NULL, &saving, 0, 0},
        {"seed", 0, OPTION_INTEGER, "S", "of the noise (default 0)", &job.seed, 0, 9e15},
        {"threads", 0, OPTION_INTEGER, "N", "threads that compute (default: one per processor)", &job.threads,
         1, 1024},
        {"quiet", 'q', OPTION_FLAG, NULL, "say nothing but errors", &job.console.quiet, 0, 0},
        {"json", 0, OPTION_FLAG, NULL, "say it in JSON, one object a line", &job.console.json, 0, 0},
    };
    const struct arguments arguments = {"optimize",
                                        "CONTENT STYLE... -o PICTURE [options]",
                                        "Paint one picture in the style of others by changing its pixels, "
                                        "without a generator. Ctrl-C stops early and keeps what there is.",
                                        options,
                                        sizeof options / sizeof options[0],
                                        &job.pictures};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    const int code = parsed == PARSED_RUN ? run(&job) : parsed_exit_code(parsed);
    arguments_free(&arguments);
    return code;
}
