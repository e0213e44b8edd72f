/* gan generate: samples of a generator that makes pictures from noise, side by side on one sheet. */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "json.h"

#include "gan/gan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SAMPLES = 4096, GAP = 2 };

struct generate {
    struct texts models;
    const char *output;
    int64_t count, columns, seed, threads;
    struct console console;
    gan_context *context;
    gan_model *generator;
    gan_tensor *noise, *pictures, *sheet;
};

static int fail(const struct generate *job)
{
    return console_fail(&job->console, "%s", gan_error_message());
}

static int open_generator(struct generate *job)
{
    int64_t shape[8];
    const char *path = job->models.items[0];
    job->context = console_context(&job->console, job->threads, (uint64_t)job->seed);
    if (job->context == NULL)
        return EXIT_FAILURE;
    if (gan_model_load(&job->generator, job->context, path) != GAN_OK)
        return fail(job);
    if (gan_model_input_count(job->generator) != 1 || gan_model_input_shape(job->generator, 0, shape) != 2 ||
        shape[1] < 1)
        return console_fail(&job->console,
                            "%s: expected a generator that takes noise [N, length]; gan stylize applies "
                            "those that take pictures",
                            path);
    const int64_t sizes[2] = {job->count, shape[1]};
    if (gan_tensor_create(&job->noise, job->context, GAN_FLOAT32, sizes, 2) != GAN_OK ||
        gan_tensor_fill_normal(job->noise, (uint64_t)job->seed, 0, 1) != GAN_OK)
        return fail(job);
    return EXIT_SUCCESS;
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
    if (gan_image_grid(&job->sheet, batches, 1, (int32_t)columns, GAP) != GAN_OK ||
        gan_image_save(job->sheet, NULL, job->output, 0) != GAN_OK)
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
    int code = open_generator(job);
    if (code == EXIT_SUCCESS && gan_model_run(job->generator, job->noise, &job->pictures) != GAN_OK)
        code = fail(job);
    if (code == EXIT_SUCCESS) {
        brighten(job);
        code = write_sheet(job);
    }
    gan_tensor_free(job->noise);
    gan_tensor_free(job->pictures);
    gan_tensor_free(job->sheet);
    gan_model_free(job->generator);
    gan_context_free(job->context);
    return code;
}

int run_generate(int argc, char **argv)
{
    struct generate job = {.count = 64};
    const struct option options[] = {
        {"output", 'o', OPTION_TEXT, "PICTURE", "sheet to write", &job.output, 0, 0},
        {"number", 'n', OPTION_INTEGER, "N", "how many (default 64)", &job.count, 1, MOST_SAMPLES},
        {"columns", 0, OPTION_INTEGER, "N", "pictures in a row (default: about a square)", &job.columns, 1,
         MOST_SAMPLES},
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
