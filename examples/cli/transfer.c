/* gan transfer: pictures in the style of any other, without training. */
#include "adjusting.h"
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "installed.h"
#include "interrupt.h"
#include "json.h"
#include "outputs.h"
#include "painter.h"
#include "paths.h"
#include "photo.h"
#include "precision.h"
#include "saving.h"

#include "gan/gan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct transfer {
    struct texts files; /* contents, then the style where no option names any */
    struct texts contents, networks, named_styles, weight_words, masks;
    const char *output, *generator, *precision_words, *last_file;
    char *installed; /* the decoder that comes with libgan, where it is the network; NULL: it is not */
    int64_t size, threads;
    float weights[MIXTURE_MOST_STYLES];
    struct adjusting adjusting;
    struct saving saving;
    char network_digest[DIGEST_SIZE], style_digest[DIGEST_SIZE]; /* of the first style */
    bool half;
    struct console console;
    gan_context *context;
    struct painter_choice choice;
    struct painter painter;
    struct outputs outputs;
    int written, failed;
    double begun;
};

/* ---- The contents ---- */

static void list_styles(struct json *json, const struct texts *styles)
{
    json_text(json, "style", styles->items[0]);
    if (styles->count == 1)
        return;
    json_open(json, "styles", '[');
    for (int i = 0; i < styles->count; i++)
        json_text(json, NULL, styles->items[i]);
    json_close(json, ']');
}

static void report_written(const struct transfer *job, const struct photo *photo, const char *output,
                           double seconds)
{
    const int64_t height = gan_tensor_size(photo->picture, 1), width = gan_tensor_size(photo->picture, 2);
    console_say(&job->console, "%s  %lldx%lld  %.2f s", output, (long long)width, (long long)height, seconds);
    if (!job->console.json)
        return;
    struct json json = json_event("picture");
    json_text(&json, "photo", photo->path);
    json_text(&json, "model", job->choice.network);
    list_styles(&json, &job->choice.styles);
    json_text(&json, "output", output);
    json_integer(&json, "width", width);
    json_integer(&json, "height", height);
    json_text(&json, "precision", precision_words(painter_precision(&job->painter)));
    json_real(&json, "seconds", seconds);
    json_finish(&json);
}

/* What is left to do after the network, which has taken the strength: below a half the photograph's own
 * pixels come through, as no network gives them back, and masks of several styles keep it where none is. */
static gan_status adjust(const struct transfer *job, const struct photo *photo,
                         const struct placement *placement, gan_tensor **result)
{
    struct adjusting rest = job->adjusting;
    const bool done = job->painter.features == NULL || rest.strength >= 0.5;
    rest.strength = done ? 1 : 2 * rest.strength;
    if (placement->count > 0)
        rest.mask = placement->covered;
    return adjusting_apply(&rest, job->context, photo, result);
}

static gan_status paint(const struct transfer *job, const struct photo *photo, const char *output)
{
    gan_tensor *result = NULL;
    struct placement placement;
    const struct texts none = {NULL, 0};
    const struct provenance provenance = {
        .method = "transfer", .generator = job->network_digest, .style = job->style_digest};
    gan_status status = placement_read(&placement, job->context, job->choice.masked ? &job->masks : &none,
                                       job->weights, photo->picture);
    if (status == GAN_OK)
        status =
            painter_run(&job->painter, photo->picture, (float)job->adjusting.strength, &placement, &result);
    if (status == GAN_OK)
        status = adjust(job, photo, &placement, &result);
    if (status == GAN_OK)
        status = saving_write(&job->saving, job->context, photo, result, output, &provenance);
    placement_free(&placement);
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

static int save_generator(const struct transfer *job)
{
    if (!painter_has_generator(&job->painter))
        return console_fail(&job->console,
                            "--save goes with --method mean-deviation: what the other methods do to features "
                            "is another matrix for each content, which no generator holds");
    if (painter_save_generator(&job->painter, job->generator, job->half, job->style_digest) != GAN_OK)
        return console_fail(&job->console, "%s", gan_error_message());
    console_say(&job->console, "%s  generator of this style", job->generator);
    return EXIT_SUCCESS;
}

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
        (job->choice.encoders.count == 0 && /* a digest is of one file */
         saving_digest(&job->saving, job->context, job->choice.network, job->network_digest) != GAN_OK) ||
        saving_digest(&job->saving, job->context, job->choice.styles.items[0], job->style_digest) != GAN_OK)
        return console_fail(&job->console, "%s", gan_error_message());
    code = painter_open(&job->painter, job->context, &job->console, &job->choice);
    if (code == EXIT_SUCCESS && job->painter.features != NULL && job->precision_words != NULL)
        return console_fail(&job->console, "%s is a decoder, which computes with the default precision",
                            job->choice.network);
    return code == EXIT_SUCCESS && job->generator != NULL ? save_generator(job) : code;
}

static void finish(struct transfer *job)
{
    outputs_free(&job->outputs);
    painter_close(&job->painter);
    adjusting_free(&job->adjusting);
    gan_context_free(job->context);
    free(job->installed);
}

/* Without options for styles the last file is the style, as the last one of cp is the place. */
static bool find_styles(struct transfer *job)
{
    struct texts *styles = &job->choice.styles;
    job->contents = job->files;
    *styles = job->named_styles;
    if (styles->count == 0 && job->files.count > 1) {
        job->contents.count--;
        job->last_file = job->files.items[job->contents.count];
        *styles = (struct texts){&job->last_file, 1};
    }
    if (styles->count == 0 || job->contents.count == 0)
        complain("expected a content picture and a style picture (gan help transfer)");
    else if (styles->count > MIXTURE_MOST_STYLES)
        complain("%d styles, expected at most %d", styles->count, (int)MIXTURE_MOST_STYLES);
    else if (job->weight_words.count != 0 && job->weight_words.count != styles->count)
        complain("%d weights for %d styles, expected one for each", job->weight_words.count, styles->count);
    else if (job->masks.count != 0 && job->masks.count != styles->count)
        complain("%d masks for %d styles, expected one for each", job->masks.count, styles->count);
    else
        return weights_read(job->weights, styles->count, &job->weight_words);
    return false;
}

static bool check_levels(const struct transfer *job)
{
    const struct painter_choice *choice = &job->choice;
    const bool levels = choice->encoders.count > 0;
    if (levels && choice->network != NULL)
        complain("--encoder and --decoder take the place of a network");
    else if (levels && job->precision_words != NULL)
        complain("--precision is of networks: encoders and decoders compute with the default one");
    else if (choice->decoders.count > 0 && !levels)
        complain("--decoder goes with --encoder");
    else
        return true;
    return false;
}

/* What paints: a network, encoders and decoders, or the decoder that comes with libgan. */
static bool find_network(struct transfer *job)
{
    struct painter_choice *choice = &job->choice;
    if (!check_levels(job))
        return false;
    if (choice->encoders.count > 0)
        choice->network = choice->encoders.items[0];
    if (choice->network == NULL)
        choice->network = job->installed = installed_network("transfer.safetensors");
    if (choice->network == NULL)
        complain("expected a network: -m MODEL (that of libgan is not installed beside the program, "
                 "share/gan/networks/transfer.safetensors)");
    return choice->network != NULL;
}

/* One style and its mask are adjusted as of gan stylize; masks of several say where each style goes. */
static void choose_masks(struct transfer *job)
{
    job->choice.weights = job->weights;
    job->choice.masked = job->masks.count > 1;
    job->adjusting.mask_path = job->masks.count > 0 ? job->masks.items[0] : NULL;
}

static bool complete(struct transfer *job)
{
    if (!find_styles(job) || !find_network(job) || !painter_check(&job->choice))
        return false;
    choose_masks(job);
    job->networks = (struct texts){&job->choice.network, 1};
    if (job->output == NULL)
        complain("expected a name for the result: -o OUT");
    else if (job->choice.masked && job->generator != NULL)
        complain("--save is of one style or mixture: not with a mask for each style");
    else
        return true;
    return false;
}

static int run(struct transfer *job)
{
    if (!complete(job) || !adjusting_read(&job->adjusting) || !saving_read(&job->saving) ||
        !precision_read(job->precision_words, &job->choice.precision))
        return EXIT_USAGE;
    const int code = prepare(job);
    return code == EXIT_SUCCESS ? transfer_all(job) : code;
}

int run_transfer(int argc, char **argv)
{
    struct transfer job = {.adjusting = {.strength = 1}, .choice = {.style_size = 512}};
    struct option_group adjusting = adjusting_options(&job.adjusting, false);
    struct option_group saving = saving_options(&job.saving);
    const struct option options[] = {
        {"model", 'm', OPTION_TEXT, "MODEL",
         "network that takes a style, published weights of MicroAST, or a decoder of features (default: "
         "libgan's own)",
         &job.choice.network, 0, 0},
        {"features", 'f', OPTION_TEXT, "FILE", "feature network of the decoder (default: libgan's own)",
         &job.choice.features, 0, 0},
        {"encoder", 0, OPTION_TEXTS, "FILE", "instead of a model: a level's encoder, the deepest level first",
         &job.choice.encoders, 0, 0},
        {"decoder", 0, OPTION_TEXTS, "FILE", "a level's decoder, in the same order", &job.choice.decoders, 0,
         0},
        {"method", 0, OPTION_TEXT, "NAME",
         "what features get of the style: mean-deviation, whitening or linear (default; with --encoder "
         "whitening)",
         &job.choice.method, 0, 0},
        {"style", 0, OPTION_TEXTS, "PICTURE|STYLE",
         "a style, once for each of several; all other files are contents then", &job.named_styles, 0, 0},
        {"weight", 0, OPTION_TEXTS, "W", "how much of a style; once for each (default: equal)",
         &job.weight_words, 0, 0},
        {"mask", 0, OPTION_TEXTS, "PICTURE", "where a style belongs (white); once for each style", &job.masks,
         0, 0},
        {"feather", 0, OPTION_INTEGER, "PX", "spread the edges of what is painted over so many pixels",
         &job.adjusting.feather, 0, 65535},
        {"output", 'o', OPTION_TEXT, "OUT", "picture to write; a folder where there are several", &job.output,
         0, 0},
        {"size", 0, OPTION_INTEGER, "LONGSIDE", "scale the content to this many pixels first", &job.size, 1,
         65535},
        {"style-size", 0, OPTION_INTEGER, "LONGSIDE", "scale a larger style to this many pixels (512)",
         &job.choice.style_size, 8, 65535},
        {"adjusting", 0, OPTION_GROUP, NULL, NULL, &adjusting, 0, 0},
        {"save", 0, OPTION_TEXT, "GENERATOR",
         "also write a generator of this style, for gan stylize and gan video (of a decoder with --method "
         "mean-deviation)",
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
        "CONTENT... STYLE -o OUT [options]",
        "Paint pictures in the style of others, without training. A result has its content's size.",
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
