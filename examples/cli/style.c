/* gan style: the style matrix S of pictures, or a mixture of such styles, as a file. */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "json.h"
#include "mixture.h"
#include "network.h"
#include "paths.h"
#include "photo.h"

#include "gan/gan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_INPUTS = 64 };

struct style_job {
    struct texts inputs, masks, weight_words;
    const char *features, *output, *normalization_words;
    int64_t size, scales, threads;
    int32_t normalization;
    float weights[MOST_INPUTS];
    struct console console;
    gan_context *context;
    gan_model *extractor;
    gan_style *styles[MOST_INPUTS], *result;
};

static const char *const normalizations[] = {"element", "position", "covariance"};

static bool read_normalization(struct style_job *job)
{
    for (int32_t i = 0; i < 3; i++)
        if (strcmp(job->normalization_words, normalizations[i]) == 0) {
            job->normalization = i;
            return true;
        }
    complain("--normalization %s: expected element, position or covariance", job->normalization_words);
    return false;
}

static bool complete(struct style_job *job)
{
    const int count = job->inputs.count;
    if (count < 1 || count > MOST_INPUTS)
        complain("expected 1 to %d pictures or styles (gan help style)", (int)MOST_INPUTS);
    else if (job->output == NULL)
        complain("expected a name for the style: -o S.safetensors");
    else if (job->features != NULL && strcmp(job->features, "none") == 0)
        complain("--features none: expected a file, or no such option for libgan's own");
    else if (job->masks.count != 0 && job->masks.count != count)
        complain("%d masks for %d pictures, expected one for each", job->masks.count, count);
    else if (job->weight_words.count != 0 && job->weight_words.count != count)
        complain("%d weights for %d pictures or styles, expected one for each", job->weight_words.count,
                 count);
    else
        return read_normalization(job) && weights_read(job->weights, count, &job->weight_words);
    return false;
}

static gan_status measure(struct style_job *job, int index)
{
    struct photo photo;
    gan_tensor *mask = NULL;
    gan_status status = photo_read(&photo, job->context, job->inputs.items[index], job->size);
    if (status == GAN_OK && job->masks.count > 0)
        status = mask_read(&mask, job->context, job->masks.items[index], photo.picture);
    if (status == GAN_OK) {
        const gan_tensor *const pictures[] = {photo.picture}, *const masks[] = {mask};
        const gan_style_options options = {.struct_size = sizeof options,
                                           .normalization = job->normalization,
                                           .scales = (int32_t)job->scales,
                                           .masks = masks};
        status = gan_style_create(&job->styles[index], job->extractor, pictures, 1, &options);
    }
    gan_tensor_free(mask);
    photo_free(&photo);
    return status;
}

static gan_status take(struct style_job *job, int index)
{
    const char *path = job->inputs.items[index];
    return path_is_style(path) ? gan_style_load(&job->styles[index], job->extractor, path)
                               : measure(job, index);
}

static void report(const struct style_job *job)
{
    console_say(&job->console, "%s  style of %d levels", job->output,
                (int)gan_style_level_count(job->result));
    if (!job->console.json)
        return;
    struct json json = json_event("style");
    json_text(&json, "output", job->output);
    json_open(&json, "levels", '[');
    for (int32_t i = 0; i < gan_style_level_count(job->result); i++)
        json_text(&json, NULL, gan_style_level_name(job->result, i));
    json_close(&json, ']');
    json_finish(&json);
}

static int make(struct style_job *job)
{
    gan_status status = GAN_OK;
    for (int i = 0; status == GAN_OK && i < job->inputs.count; i++) {
        status = take(job, i);
        if (status == GAN_OK)
            continue;
        const char *path = job->inputs.items[i];
        const bool named = strstr(gan_error_message(), path) != NULL;
        return console_fail(&job->console, "%s%s%s", named ? "" : path, named ? "" : ": ",
                            gan_error_message());
    }
    status = gan_style_average(&job->result, (const gan_style *const *)job->styles, job->weights,
                               job->inputs.count);
    if (status == GAN_OK)
        status = gan_style_save(job->result, job->output);
    if (status != GAN_OK)
        return console_fail(&job->console, "%s", gan_error_message());
    report(job);
    return EXIT_SUCCESS;
}

static int run(struct style_job *job)
{
    if (!complete(job))
        return EXIT_USAGE;
    if (!path_is_writable(job->output))
        return console_fail(&job->console, "%s: cannot write: %s", job->output, strerror(errno));
    job->context = console_context(&job->console, job->threads, 0);
    if (job->context == NULL)
        return EXIT_FAILURE;
    const int code = network_open_features(&job->extractor, job->context, &job->console, job->features);
    if (code != EXIT_SUCCESS)
        return code;
    if (network_select_maps(&job->extractor, NULL) != GAN_OK)
        return console_fail(&job->console, "%s", gan_error_message());
    return make(job);
}

static void finish(struct style_job *job)
{
    gan_style_free(job->result);
    for (int i = 0; i < MOST_INPUTS; i++)
        gan_style_free(job->styles[i]);
    gan_model_free(job->extractor);
    gan_context_free(job->context);
}

int run_style(int argc, char **argv)
{
    struct style_job job = {.size = 512, .scales = 1, .normalization_words = normalizations[0]};
    const struct option options[] = {
        {"output", 'o', OPTION_TEXT, "S.safetensors", "style to write", &job.output, 0, 0},
        {"features", 'f', OPTION_TEXT, "FILE",
         "feature network: a model, or published weights (default: libgan's own)", &job.features, 0, 0},
        {"size", 0, OPTION_INTEGER, "PX",
         "long side to which pictures are scaled (default 512; 0: as they are)", &job.size, 0, 65535},
        {"scales", 0, OPTION_INTEGER, "N",
         "sizes that are looked at, each half of the one before (default 1)", &job.scales, 1, 8},
        {"mask", 0, OPTION_TEXTS, "PICTURE", "what of a picture counts (white); once for each picture",
         &job.masks, 0, 0},
        {"weight", 0, OPTION_TEXTS, "W", "how much of a picture or style; once for each (default: equal)",
         &job.weight_words, 0, 0},
        {"normalization", 0, OPTION_TEXT, "NAME", "element (default), position or covariance",
         &job.normalization_words, 0, 0},
        {"threads", 0, OPTION_INTEGER, "N", "threads that compute (default: one per processor)", &job.threads,
         1, 1024},
        {"quiet", 'q', OPTION_FLAG, NULL, "say nothing but errors", &job.console.quiet, 0, 0},
        {"json", 0, OPTION_FLAG, NULL, "say it in JSON, one object a line", &job.console.json, 0, 0},
    };
    const struct arguments arguments = {"style",
                                        "PICTURE|STYLE... -o S.safetensors [options]",
                                        "Put the style of pictures into a file, or mix such files: what gan "
                                        "optimize and gan transfer take in place of a picture.",
                                        options,
                                        sizeof options / sizeof options[0],
                                        &job.inputs};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    int code = parsed_exit_code(parsed);
    if (parsed == PARSED_RUN) {
        code = run(&job);
        finish(&job);
    }
    arguments_free(&arguments);
    return code;
}
