/* gan generate: samples of a generator that makes pictures from noise, side by side on one sheet. */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "json.h"
#include "saving.h"

#include "gan/gan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SAMPLES = 4096, MOST_AT_ONCE = 64, GAP = 2 };

struct generate {
    struct texts models;
    const char *output, *label;
    int64_t count, columns, seed, threads;
    int64_t classes; /* 0: the generator takes no labels */
    struct saving saving;
    char digest[DIGEST_SIZE]; /* of the generator's file */
    struct console console;
    gan_context *context;
    gan_model *generator;
    gan_tensor *noise, *labels, *pictures, *sheet;
};

static int fail(const struct generate *job)
{
    return console_fail(&job->console, "%s", gan_error_message());
}

/* ---- Classes ---- */

/* Number of the class of this name, or -1: names stand apart by slashes. */
static int64_t find_name(const struct generate *job, const char *name)
{
    const char *names = gan_model_metadata(job->generator, "class_names");
    for (int64_t i = 0; names != NULL && i < job->classes; i++) {
        const size_t length = strcspn(names, "/");
        if (strlen(name) == length && strncmp(names, name, length) == 0)
            return i;
        names += length + (names[length] == '/' ? 1 : 0);
    }
    return -1;
}

/* By name or number; -1 where there is no such class. */
static int64_t find_class(const struct generate *job)
{
    char *end;
    const int64_t named = find_name(job, job->label);
    if (named >= 0)
        return named;
    const long number = strtol(job->label, &end, 10);
    const bool whole = end != job->label && *end == '\0';
    return whole && number >= 0 && number < job->classes ? number : -1;
}

/* One class for all, or the columns run through the classes. */
static int make_labels(struct generate *job)
{
    const char *names = gan_model_metadata(job->generator, "class_names");
    const int64_t one = job->label != NULL ? find_class(job) : 0;
    if (one < 0)
        return console_fail(&job->console, "there is no class \"%s\", expected 0 to %lld%s%s", job->label,
                            (long long)job->classes - 1, names != NULL ? " or one of " : "",
                            names != NULL ? names : "");
    if (gan_tensor_create(&job->labels, job->context, GAN_FLOAT32, &job->count, 1) != GAN_OK)
        return fail(job);
    if (job->columns == 0 && job->label == NULL)
        job->columns = job->classes < job->count ? job->classes : job->count;
    float *labels = gan_tensor_data(job->labels);
    for (int64_t i = 0; i < job->count; i++)
        labels[i] = (float)(job->label != NULL ? one : i % job->columns % job->classes);
    return EXIT_SUCCESS;
}

/* Where the generator takes labels its metadata says how many classes there are. */
static int take_classes(struct generate *job)
{
    int64_t shape[8];
    const char *classes = gan_model_metadata(job->generator, "classes"), *path = job->models.items[0];
    if (gan_model_input_count(job->generator) == 1 && job->label != NULL)
        return console_fail(&job->console, "%s: the generator knows no classes, so --label has no meaning",
                            path);
    if (gan_model_input_count(job->generator) == 1)
        return EXIT_SUCCESS;
    job->classes = classes != NULL ? strtol(classes, NULL, 10) : 0;
    if (gan_model_input_shape(job->generator, 1, shape) != 1 || job->classes < 1)
        return console_fail(&job->console,
                            "%s: expected the second input to be labels [N], and metadata \"classes\"", path);
    return make_labels(job);
}

/* ---- Pictures ---- */

static int open_generator(struct generate *job)
{
    int64_t shape[8];
    const char *path = job->models.items[0];
    job->context = console_context(&job->console, job->threads, (uint64_t)job->seed);
    if (job->context == NULL)
        return EXIT_FAILURE;
    if (saving_digest(&job->saving, job->context, path, job->digest) != GAN_OK ||
        gan_model_load(&job->generator, job->context, path) != GAN_OK)
        return fail(job);
    if (gan_model_input_count(job->generator) > 2 || gan_model_input_shape(job->generator, 0, shape) != 2 ||
        shape[1] < 1)
        return console_fail(&job->console,
                            "%s: expected a generator that takes noise [N, length]; gan stylize applies "
                            "those that take pictures",
                            path);
    const int64_t sizes[2] = {job->count, shape[1]};
    if (gan_tensor_create(&job->noise, job->context, GAN_FLOAT32, sizes, 2) != GAN_OK ||
        gan_tensor_fill_normal(job->noise, (uint64_t)job->seed, 0, 1) != GAN_OK)
        return fail(job);
    return take_classes(job);
}

/* Pictures first..first + count of a tensor that holds one each along its first axis, in its own memory. */
static gan_status slice(gan_tensor **out, const struct generate *job, gan_tensor *whole, int64_t first,
                        int64_t count)
{
    int64_t sizes[GAN_MAX_RANK], each = 1;
    const int32_t rank = gan_tensor_rank(whole);
    for (int32_t i = 1; i < rank; i++)
        each *= sizes[i] = gan_tensor_size(whole, i);
    sizes[0] = count;
    float *data = (float *)gan_tensor_data(whole) + first * each;
    return gan_tensor_wrap(out, job->context, GAN_FLOAT32, sizes, rank, data, NULL, NULL);
}

static gan_status draw_some(struct generate *job, gan_session *session, int64_t first, int64_t count)
{
    gan_tensor *inputs[2] = {NULL, NULL}, *pictures = NULL;
    gan_status status = slice(&inputs[0], job, job->noise, first, count);
    if (status == GAN_OK && job->classes > 0)
        status = slice(&inputs[1], job, job->labels, first, count);
    if (status == GAN_OK)
        status = slice(&pictures, job, job->pictures, first, count);
    if (status == GAN_OK)
        status = gan_session_run(session, (const gan_tensor *const *)inputs, job->classes > 0 ? 2 : 1,
                                 &pictures, 1);
    gan_tensor_free(inputs[0]);
    gan_tensor_free(inputs[1]);
    gan_tensor_free(pictures);
    return status;
}

/* By batches of one size: the last one goes back as far as it must. */
static int draw(struct generate *job)
{
    const int64_t batch = job->count < MOST_AT_ONCE ? job->count : MOST_AT_ONCE;
    const int64_t shapes[3] = {batch, gan_tensor_size(job->noise, 1), batch};
    int64_t sizes[GAN_MAX_RANK];
    gan_session *session = NULL;
    gan_status status = gan_session_create(&session, job->generator, shapes, NULL);
    const int32_t rank = gan_session_output_shape(session, 0, sizes);
    sizes[0] = job->count;
    if (status == GAN_OK)
        status = gan_tensor_create(&job->pictures, job->context, GAN_FLOAT32, sizes, rank);
    for (int64_t i = 0; status == GAN_OK && i < job->count; i += batch)
        status = draw_some(job, session, i + batch <= job->count ? i : job->count - batch, batch);
    gan_session_free(session);
    return status == GAN_OK ? EXIT_SUCCESS : fail(job);
}

/* Values to 0..1, as the model's metadata says where they lie. */
static void brighten(const struct generate *job)
{
    const char *range = gan_model_metadata(job->generator, "output_range");
    float *values = gan_tensor_data(job->pictures);
    if (range == NULL || strcmp(range, "-1..1") != 0)
        return;
    for (int64_t i = 0; i < gan_tensor_count(job->pictures); i++)
        values[i] = 0.5f * values[i] + 0.5f;
}

static int write_sheet(struct generate *job)
{
    const gan_tensor *batches[] = {job->pictures};
    const int64_t columns = job->columns > 0 ? job->columns : (int64_t)ceil(sqrt((double)job->count));
    const struct provenance provenance = {.method = "generate", .generator = job->digest, .generated = true};
    if (gan_image_grid(&job->sheet, batches, 1, (int32_t)columns, GAP) != GAN_OK ||
        saving_write(&job->saving, job->context, NULL, job->sheet, job->output, &provenance) != GAN_OK)
        return fail(job);
    console_say(&job->console, "%s  %lld pictures", job->output, (long long)job->count);
    if (job->console.json) {
        struct json json = json_event("done");
        json_text(&json, "output", job->output);
        json_integer(&json, "pictures", job->count);
        json_finish(&json);
    }
    return EXIT_SUCCESS;
}

static int run(struct generate *job)
{
    if (job->models.count != 1 || job->output == NULL) {
        complain(job->models.count != 1 ? "generate: expected one model" : "expected -o PICTURE");
        return EXIT_USAGE;
    }
    if (!saving_read(&job->saving) || !saving_fits(&job->saving, job->output))
        return EXIT_USAGE;
    int code = open_generator(job);
    if (code == EXIT_SUCCESS)
        code = draw(job);
    if (code == EXIT_SUCCESS) {
        brighten(job);
        code = write_sheet(job);
    }
    gan_tensor_free(job->noise);
    gan_tensor_free(job->labels);
    gan_tensor_free(job->pictures);
    gan_tensor_free(job->sheet);
    gan_model_free(job->generator);
    gan_context_free(job->context);
    return code;
}

int run_generate(int argc, char **argv)
{
    struct generate job = {.count = 64};
    struct option_group saving = saving_options(&job.saving);
    const struct option options[] = {
        {"output", 'o', OPTION_TEXT, "PICTURE", "sheet to write", &job.output, 0, 0},
        {"number", 'n', OPTION_INTEGER, "N", "how many (default 64)", &job.count, 1, MOST_SAMPLES},
        {"columns", 0, OPTION_INTEGER, "N", "pictures in a row (default: about a square)", &job.columns, 1,
         MOST_SAMPLES},
        {"label", 0, OPTION_TEXT, "CLASS", "name or number (default: the columns run through the classes)",
         &job.label, 0, 0},
        {"saving", 0, OPTION_GROUP, NULL, NULL, &saving, 0, 0},
        {"seed", 0, OPTION_INTEGER, "S", "start of the noise (default 0)", &job.seed, 0, 9e15},
        {"threads", 0, OPTION_INTEGER, "N", "threads that compute (default: one per processor)", &job.threads,
         1, 1024},
        {"quiet", 'q', OPTION_FLAG, NULL, "say nothing but errors", &job.console.quiet, 0, 0},
        {"json", 0, OPTION_FLAG, NULL, "say it in JSON, one object a line", &job.console.json, 0, 0},
    };
    const struct arguments arguments = {"generate",
                                        "MODEL -o PICTURE [options]",
                                        "Draw pictures from noise with a generator such as gan train dcgan "
                                        "makes.",
                                        options,
                                        sizeof options / sizeof options[0],
                                        &job.models};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    const int code = parsed == PARSED_RUN ? run(&job) : parsed_exit_code(parsed);
    arguments_free(&arguments);
    return code;
}
