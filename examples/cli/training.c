/* What every training of the program shares. */
#include "training.h"
#include "arguments.h"
#include "interrupt.h"
#include "json.h"
#include "paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void training_fill_options(struct training_job *job, struct option options[TRAINING_OPTIONS])
{
    const struct option lines[TRAINING_OPTIONS] = {
        {"output", 'o', OPTION_TEXT, "MODEL", "generator to write", &job->output, 0, 0},
        {"minutes", 0, OPTION_REAL, "M", "train for this long", &job->minutes, 1e-3, 1e6},
        {"steps", 0, OPTION_INTEGER, "N", "train for so many steps", &job->steps, 1, 1e12},
        {"seed", 0, OPTION_INTEGER, "S", "start of all random numbers (default 0)", &job->seed, 0, 9e15},
        {"threads", 0, OPTION_INTEGER, "N", "threads that compute (default: one per processor)",
         &job->threads, 1, 1024},
        {"checkpoint", 0, OPTION_TEXT, "FILE", "write the whole state here now and then", &job->checkpoint, 0,
         0},
        {"checkpoint-every", 0, OPTION_INTEGER, "K", "steps between checkpoints", &job->checkpoint_every, 1,
         1e12},
        {"resume", 0, OPTION_TEXT, "FILE", "go on from a checkpoint", &job->resume, 0, 0},
        {"log", 0, OPTION_TEXT, "CSV", "losses of each step", &job->log, 0, 0},
        {"plot", 0, OPTION_TEXT, "PNG", "curves of the losses", &job->plot, 0, 0},
        {"preview", 0, OPTION_TEXT, "PNG", "what is learned so far, now and then", &job->preview, 0, 0},
        {"half", 0, OPTION_FLAG, NULL, "store the model in 16 bits", &job->half, 0, 0},
        {"quiet", 'q', OPTION_FLAG, NULL, "say nothing but errors", &job->console.quiet, 0, 0},
        {"json", 0, OPTION_FLAG, NULL, "say it in JSON, one object a line", &job->console.json, 0, 0},
    };
    memcpy(options, lines, sizeof lines);
}

bool training_is_complete(const struct training_job *job)
{
    if (job->output == NULL)
        complain("expected a name for the model: -o MODEL");
    else if (job->minutes > 0 && job->steps > 0)
        complain("expected --minutes or --steps, not both");
    else
        return true;
    return false;
}

static int check_outputs(const struct training_job *job)
{
    const char *const paths[] = {job->output, job->checkpoint, job->log, job->plot, job->preview};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (paths[i] != NULL && !path_is_writable(paths[i]))
            return console_fail(&job->console, "%s: cannot write: %s", paths[i], strerror(errno));
    return EXIT_SUCCESS;
}

int training_prepare(struct training_job *job)
{
    if (check_outputs(job) != EXIT_SUCCESS)
        return EXIT_FAILURE;
    job->context = console_context(&job->console, job->threads, (uint64_t)job->seed);
    return job->context != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}

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

int32_t training_progress(void *user, const gan_progress *progress)
{
    struct training_job *job = user;
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

gan_training_options training_options(struct training_job *job)
{
    return (gan_training_options){.struct_size = sizeof(gan_training_options),
                                  .steps = job->steps,
                                  .minutes = job->minutes,
                                  .seed = (uint64_t)job->seed,
                                  .checkpoint = job->checkpoint,
                                  .checkpoint_every = job->checkpoint_every,
                                  .resume = job->resume,
                                  .log_csv = job->log,
                                  .plot_png = job->plot,
                                  .preview_png = job->preview,
                                  .progress = training_progress,
                                  .progress_user = job};
}

void training_begin(struct training_job *job)
{
    progress_begin(&job->progress, &job->console);
    interrupt_catch();
}

static int save(struct training_job *job, gan_model *model)
{
    const int32_t storage = job->half ? GAN_STORE_FLOAT16 : GAN_STORE_FLOAT32;
    if (gan_model_save(model, job->output, storage) != GAN_OK)
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

int training_end(struct training_job *job, gan_status status, gan_model *model)
{
    progress_end(&job->progress);
    if (status != GAN_OK)
        return console_fail(&job->console, "%s", gan_error_message());
    const int code = save(job, model);
    if (code != EXIT_SUCCESS || !interrupt_requested())
        return code;
    complain("interrupted after %lld steps; %s holds what was trained so far%s", (long long)job->step,
             job->output, job->checkpoint != NULL ? "; --resume goes on from the checkpoint" : "");
    return EXIT_INTERRUPTED;
}

static int run(const struct training_command *command, struct training_job *training, void *job)
{
    gan_model *model = NULL;
    if (!command->is_complete(job) || !training_is_complete(training))
        return EXIT_USAGE;
    int code = training_prepare(training);
    if (code == EXIT_SUCCESS)
        code = command->prepare(job);
    if (code == EXIT_SUCCESS) {
        training_begin(training);
        const gan_status status = command->train(job, &model);
        code = training_end(training, status, model);
    }
    gan_model_free(model);
    command->release(job);
    gan_context_free(training->context);
    return code;
}

int training_command_run(const struct training_command *command, struct training_job *training, void *job,
                         int argc, char **argv)
{
    struct option lines[TRAINING_OPTIONS];
    struct option_group own = {command->options, command->option_count}, shared = {lines, TRAINING_OPTIONS};
    const struct option groups[] = {{command->name, 0, OPTION_GROUP, NULL, NULL, &own, 0, 0},
                                    {"training", 0, OPTION_GROUP, NULL, NULL, &shared, 0, 0}};
    const struct arguments arguments = {
        command->name, command->usage, command->summary, groups, sizeof groups / sizeof groups[0], NULL};
    training_fill_options(training, lines);
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    const int code = parsed == PARSED_RUN ? run(command, training, job) : parsed_exit_code(parsed);
    arguments_free(&arguments);
    return code;
}
