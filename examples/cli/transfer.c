/* gan transfer: pictures in the style of any other, without training. */
#include "adjusting.h"
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "interrupt.h"
#include "json.h"
#include "levels.h"
#include "network.h"
#include "outputs.h"
#include "paths.h"
#include "photo.h"
#include "precision.h"
#include "saving.h"

#include "gan/gan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct transfer {
    struct texts files; /* contents, then the style */
    struct texts contents, networks, encoders, decoders;
    const char *style, *network, *output, *generator, *precision_words;
    int32_t precision;
    int64_t size, style_size, threads;
    struct adjusting adjusting;
    struct saving saving;
    char network_digest[DIGEST_SIZE], style_digest[DIGEST_SIZE];
    bool half;
    struct console console;
    gan_context *context;
    gan_model *model;
    gan_tensor *code;
    gan_transfer *transfer;
    gan_feature_transfer *features; /* in the place of the network and its code */
    struct outputs outputs;
    int written, failed;
    double begun;
};

/* ---- The style ---- */

/* Large paintings are scaled down: their finest brushwork is not what a style is known by. */
static gan_status read_style(const struct transfer *job, gan_tensor **picture)
{
    const gan_status status = gan_image_load(picture, NULL, job->context, job->style);
    if (status != GAN_OK || photo_longer_side(*picture) <= job->style_size)
        return status;
    return photo_scale(picture, job->style_size);
}

static gan_status make_code(struct transfer *job)
{
    gan_tensor *picture = NULL;
    gan_status status = read_style(job, &picture);
    if (status == GAN_OK)
        status = gan_model_style_code(job->model, picture, &job->code);
    gan_tensor_free(picture);
    return status;
}

static gan_status save_generator(const struct transfer *job)
{
    gan_model *generator = NULL;
    gan_status status = gan_model_with_style(&generator, job->model, job->code);
    if (status == GAN_OK)
        status = gan_model_save(generator, job->generator, job->half ? GAN_STORE_FLOAT16 : GAN_STORE_FLOAT32);
    if (status == GAN_OK)
        console_say(&job->console, "%s  generator of this style", job->generator);
    gan_model_free(generator);
    return status;
}

static int open_features(struct transfer *job)
{
    gan_tensor *picture = NULL;
    const int code = levels_open(&job->features, job->context, &job->console, &job->encoders, &job->decoders,
                                 GAN_TRANSFORM_WHITENING);
    if (code != EXIT_SUCCESS)
        return code;
    gan_status status = read_style(job, &picture);
    if (status == GAN_OK)
        status = gan_feature_transfer_add_picture(job->features, picture);
    gan_tensor_free(picture);
    return status == GAN_OK ? EXIT_SUCCESS
                            : console_fail(&job->console, "%s: %s", job->style, gan_error_message());
}

static int open_style(struct transfer *job)
{
    const gan_stylizer_options options = {.struct_size = sizeof options, .precision = job->precision};
    gan_status status = make_code(job);
    if (status == GAN_OK)
        status = gan_transfer_create(&job->transfer, job->model, job->code, &options);
    if (status == GAN_OK && job->generator != NULL)
        status = save_generator(job);
    return status == GAN_OK ? EXIT_SUCCESS
                            : console_fail(&job->console, "%s in the style of %s: %s", job->network,
                                           job->style, gan_error_message());
}

/* ---- The contents ---- */

static void report_written(const struct transfer *job, const struct photo *photo, const char *output,
                           double seconds)
{
    const int64_t height = gan_tensor_size(photo->picture, 1), width = gan_tensor_size(photo->picture, 2);
    console_say(&job->console, "%s  %lldx%lld  %.2f s", output, (long long)width, (long long)height, seconds);
    if (!job->console.json)
        return;
    struct json json = json_event("picture");
    json_text(&json, "photo", photo->path);
    json_text(&json, "model", job->network);
    json_text(&json, "style", job->style);
    json_text(&json, "output", output);
    json_integer(&json, "width", width);
    json_integer(&json, "height", height);
    json_text(&json, "precision",
              precision_words(job->features != NULL ? GAN_PRECISION_DEFAULT
                                                    : gan_transfer_precision(job->transfer)));
    json_real(&json, "seconds", seconds);
    json_finish(&json);
}

static gan_status paint(const struct transfer *job, const struct photo *photo, const char *output)
{
    gan_tensor *result = NULL;
    const struct provenance provenance = {.method = job->features != NULL ? "whitening" : "transfer",
                                          .generator = job->network_digest,
                                          .style = job->style_digest};
    struct adjusting rest = job->adjusting;
    rest.strength = 1; /* the network takes it */
    const float strength = (float)job->adjusting.strength;
    gan_status status = job->features != NULL
                            ? gan_feature_transfer_run(job->features, photo->picture, strength, NULL, &result)
                            : gan_transfer_run(job->transfer, photo->picture, strength, &result);
    if (status == GAN_OK)
        status = adjusting_apply(&rest, job->context, photo, &result);
    if (status == GAN_OK)
        status = saving_write(&job->saving, job->context, photo, result, output, &provenance);
    gan_tensor_free(result);
    return status;
}

static void transfer_to(struct transfer *job, int index)
{
    const double begun = seconds_now();
    const char *output = job->outputs.paths[index];
    struct photo photo;
    gan_status status = photo_read(&photo, job->context, job->contents.items[index], job->size);
    if (status == GAN_OK)
        status = paint(job, &photo, output);
    if (status == GAN_OK) {
        report_written(job, &photo, output, seconds_now() - begun);
        job->written++;
    } else {
        const bool named = strstr(gan_error_message(), photo.path) != NULL;
        console_fail(&job->console, "%s%s%s", named ? "" : photo.path, named ? "" : ": ",
                     gan_error_message());
        job->failed++;
    }
    photo_free(&photo);
}

static int transfer_all(struct transfer *job)
{
    job->begun = seconds_now();
    interrupt_catch();
    for (int i = 0; i < job->contents.count && !interrupt_requested(); i++)
        transfer_to(job, i);
    if (job->console.json) {
        struct json json = json_event("done");
        json_integer(&json, "written", job->written);
        json_integer(&json, "failed", job->failed);
        json_real(&json, "seconds", seconds_now() - job->begun);
        json_finish(&json);
    }
    if (interrupt_requested()) {
        complain("interrupted: %d of %d results written", job->written, job->outputs.count);
        return EXIT_INTERRUPTED;
    }
    return job->failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* ---- The command ---- */

static int prepare(struct transfer *job)
{
    if (job->generator != NULL && !path_is_writable(job->generator))
        return console_fail(&job->console, "%s: cannot write: %s", job->generator, strerror(errno));
    int code = outputs_plan(&job->outputs, &job->console, &job->contents, &job->networks, job->output);
    if (code != EXIT_SUCCESS)
        return code;
    job->context = console_context(&job->console, job->threads, 0);
    if (job->context == NULL)
        return EXIT_FAILURE;
    for (int i = 0; i < job->outputs.count; i++)
        if (!saving_fits(&job->saving, job->outputs.paths[i]))
            return EXIT_FAILURE;
    if (adjusting_open(&job->adjusting, job->context) != GAN_OK ||
        (job->encoders.count == 0 && /* a digest is of one file */
         saving_digest(&job->saving, job->context, job->network, job->network_digest) != GAN_OK) ||
        saving_digest(&job->saving, job->context, job->style, job->style_digest) != GAN_OK)
        return console_fail(&job->console, "%s", gan_error_message());
    if (job->encoders.count > 0)
        return open_features(job);
    code = network_open(&job->model, job->context, &job->console, job->network);
    return code == EXIT_SUCCESS ? open_style(job) : code;
}

static void finish(struct transfer *job)
{
    outputs_free(&job->outputs);
    gan_transfer_free(job->transfer);
    gan_feature_transfer_free(job->features);
    gan_tensor_free(job->code);
    gan_model_free(job->model);
    adjusting_free(&job->adjusting);
    gan_context_free(job->context);
}

/* The last file is the style, as the last one of cp is the place. */
static bool complete(struct transfer *job)
{
    if (job->files.count < 2)
        complain("expected a content picture and a style picture (gan help transfer)");
    else if (job->encoders.count > 0 && (job->network != NULL || job->generator != NULL))
        complain("--encoder and --decoder take the place of a network; there is no generator to save");
    else if (job->encoders.count > 0 && job->precision_words != NULL)
        complain("--precision is of networks: encoders and decoders compute with the default one");
    else if (job->decoders.count > 0 && job->encoders.count == 0)
        complain("--decoder goes with --encoder");
    else if (job->network == NULL && job->encoders.count == 0)
        complain("expected a network: -m MODEL");
    else if (job->output == NULL)
        complain("expected a name for the result: -o OUT");
    else {
        job->contents = (struct texts){job->files.items, job->files.count - 1};
        if (job->encoders.count > 0)
            job->network = job->encoders.items[0];
        job->networks = (struct texts){&job->network, 1};
        job->style = job->files.items[job->files.count - 1];
        return true;
    }
    return false;
}

static int run(struct transfer *job)
{
    if (!complete(job) || !adjusting_read(&job->adjusting) || !saving_read(&job->saving) ||
        !precision_read(job->precision_words, &job->precision))
        return EXIT_USAGE;
    const int code = prepare(job);
    return code == EXIT_SUCCESS ? transfer_all(job) : code;
}

int run_transfer(int argc, char **argv)
{
    struct transfer job = {.adjusting = {.strength = 1}, .style_size = 512};
    struct option_group adjusting = adjusting_options(&job.adjusting, true);
    struct option_group saving = saving_options(&job.saving);
    const struct option options[] = {
        {"model", 'm', OPTION_TEXT, "MODEL", "network that takes a style, or published weights of MicroAST",
         &job.network, 0, 0},
        {"encoder", 0, OPTION_TEXTS, "FILE",
         "whitening and colouring instead: a level's encoder, the deepest level first", &job.encoders, 0, 0},
        {"decoder", 0, OPTION_TEXTS, "FILE", "a level's decoder, in the same order", &job.decoders, 0, 0},
        {"output", 'o', OPTION_TEXT, "OUT", "picture to write; a folder where there are several", &job.output,
         0, 0},
        {"size", 0, OPTION_INTEGER, "LONGSIDE", "scale the content to this many pixels first", &job.size, 1,
         65535},
        {"style-size", 0, OPTION_INTEGER, "LONGSIDE", "scale a larger style to this many pixels (512)",
         &job.style_size, 8, 65535},
        {"adjusting", 0, OPTION_GROUP, NULL, NULL, &adjusting, 0, 0},
        {"save", 0, OPTION_TEXT, "GENERATOR", "also write a generator of this style, for gan stylize",
         &job.generator, 0, 0},
        {"half", 0, OPTION_FLAG, NULL, "store that in 16 bits", &job.half, 0, 0},
        {"precision", 0, OPTION_TEXT, PRECISION_WORDS, "arithmetic; bf16 needs a processor with AMX",
         &job.precision_words, 0, 0},
        {"saving", 0, OPTION_GROUP, NULL, NULL, &saving, 0, 0},
        {"threads", 0, OPTION_INTEGER, "N", "threads that compute (default: one per processor)", &job.threads,
         1, 1024},
        {"quiet", 'q', OPTION_FLAG, NULL, "say nothing but errors", &job.console.quiet, 0, 0},
        {"json", 0, OPTION_FLAG, NULL, "say it in JSON, one object a line", &job.console.json, 0, 0},
    };
    const struct arguments arguments = {
        "transfer",
        "CONTENT... STYLE -m MODEL -o OUT [options]",
        "Paint pictures in the style of another one, without training. A result has its content's size.",
        options,
        sizeof options / sizeof options[0],
        &job.files};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    int code = parsed_exit_code(parsed);
    if (parsed == PARSED_RUN) {
        code = run(&job);
        finish(&job);
    }
    arguments_free(&arguments);
    return code;
}
