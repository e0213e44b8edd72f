/* gan import: published weights become a model that says how it wants its pictures. */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "json.h"
#include "paths.h"
#include "replay.h"

#include "gan/gan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct import {
    struct texts files;
    const char *output, *architecture;
    bool half;
    struct replay replay;
    struct console console;
};

static int report(const struct import *job, const gan_model *model)
{
    const char *architecture = gan_model_metadata(model, "architecture");
    console_say(&job->console, "%s  %s, %lld parameters", job->output,
                architecture != NULL ? architecture : gan_model_name(model),
                (long long)gan_model_element_count(model));
    const gan_replay *replayed = replay_wanted(&job->replay) ? &job->replay.found : NULL;
    if (replayed != NULL)
        console_say(&job->console, "replay: largest error %.3g, on average %.3g, where values reach %.3g",
                    replayed->largest_error, replayed->mean_error, replayed->largest_value);
    if (job->console.json) {
        struct json json = json_event("done");
        json_text(&json, "output", job->output);
        json_text(&json, "architecture", architecture);
        json_integer(&json, "elements", gan_model_element_count(model));
        if (replayed != NULL) {
            json_open(&json, "replay", '{');
            json_real(&json, "largest_error", replayed->largest_error);
            json_real(&json, "mean_error", replayed->mean_error);
            json_real(&json, "largest_value", replayed->largest_value);
            json_close(&json, '}');
        }
        json_finish(&json);
    }
    return EXIT_SUCCESS;
}

static int save(const struct import *job, const gan_model *model)
{
    if (gan_model_save(model, job->output, job->half ? GAN_STORE_FLOAT16 : GAN_STORE_FLOAT32) != GAN_OK)
        return console_fail(&job->console, "%s", gan_error_message());
    return report(job, model);
}

static int convert(struct import *job, gan_context *context)
{
    gan_model *model = NULL;
    if (gan_import(&model, context, job->files.items[0], job->architecture) != GAN_OK)
        return console_fail(&job->console, "%s", gan_error_message());
    const bool sound =
        !replay_wanted(&job->replay) || replay_run(&job->replay, &job->console, context, model);
    const int code = sound ? save(job, model) : EXIT_FAILURE;
    gan_model_free(model);
    return code;
}

static int run(struct import *job)
{
    if (job->files.count != 1 || job->output == NULL) {
        complain("expected one file of weights and -o MODEL (gan help import)");
        return EXIT_USAGE;
    }
    if (!replay_read(&job->replay))
        return EXIT_USAGE;
    if (!path_is_writable(job->output))
        return console_fail(&job->console, "%s: cannot write: %s", job->output, strerror(errno));
    gan_context *context = console_context(&job->console, 1, 0);
    if (context == NULL)
        return EXIT_FAILURE;
    const int code = convert(job, context);
    gan_context_free(context);
    return code;
}

int run_import(int argc, char **argv)
{
    struct import job = {.replay = {.tolerance = -1}};
    struct option_group replay = replay_options(&job.replay);
    const struct option options[] = {
        {"output", 'o', OPTION_TEXT, "MODEL", "model to write", &job.output, 0, 0},
        {"architecture", 'a', OPTION_TEXT, "NAME", "fns, johnson, microast, squeezenet1.1, vgg19",
         &job.architecture, 0, 0},
        {"half", 0, OPTION_FLAG, NULL, "store the model in 16 bits", &job.half, 0, 0},
        {"replay", 0, OPTION_GROUP, NULL, NULL, &replay, 0, 0},
        {"quiet", 'q', OPTION_FLAG, NULL, "say nothing but errors", &job.console.quiet, 0, 0},
        {"json", 0, OPTION_FLAG, NULL, "say it in JSON, one object a line", &job.console.json, 0, 0},
    };
    const struct arguments arguments = {
        "import",
        "WEIGHTS.safetensors -o MODEL [options]",
        "Turn published weights (safetensors, PyTorch's layout) into a model.",
        options,
        sizeof options / sizeof options[0],
        &job.files};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    const int code = parsed == PARSED_RUN ? run(&job) : parsed_exit_code(parsed);
    arguments_free(&arguments);
    return code;
}
