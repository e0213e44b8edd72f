/* gan plan: what a picture of some size takes, before it is painted. */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "json.h"
#include "memory_size.h"
#include "precision.h"
#include "streaming.h"

#include "gan/gan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct planning {
    struct texts models;
    const char *size_words, *precision_words, *memory_words;
    int64_t threads, tile;
    struct console console;
    gan_context *context;
    gan_model *model;
    int32_t precision;
    int64_t width, height, memory; /* memory: 0 where no bound was given */
    gan_session_needs whole;
    gan_stream_information bands;
    int64_t
        base; /* of the program, with a picture of 8 bits that is read, and rows that are written to a PNG */
    double speed, seconds;
};

static bool read_size(struct planning *planning)
{
    char end = '\0';
    const int count = planning->size_words == NULL
                          ? 0
                          : sscanf(planning->size_words, "%7" SCNd64 "x%7" SCNd64 "%c", &planning->width,
                                   &planning->height, &end);
    if (count == 2 && planning->width > 0 && planning->height > 0)
        return true;
    complain("--size %s: expected WIDTHxHEIGHT, such as 8192x8192",
             planning->size_words != NULL ? planning->size_words : "is missing");
    return false;
}

static bool read_words(struct planning *planning)
{
    if (planning->models.count != 1) {
        complain("expected one generator (gan help plan)");
        return false;
    }
    return read_size(planning) && precision_read(planning->precision_words, &planning->precision) &&
           memory_size_read(planning->memory_words, "memory", &planning->memory);
}

static gan_status measure_whole(struct planning *planning)
{
    const int64_t shape[] = {1, planning->height, planning->width, 3};
    const gan_session_options options = {.struct_size = sizeof options, .precision = planning->precision};
    planning->whole.struct_size = sizeof planning->whole;
    return gan_session_measure(planning->model, shape, &options, &planning->whole);
}

static int too_little(const struct planning *planning)
{
    const int64_t least =
        planning->base + (planning->tile > 0 ? planning->bands.memory : planning->bands.least_memory);
    return console_fail(
        &planning->console,
        "--memory=%s is too little for pictures of %lldx%lld through %s: expected at least %lldM",
        planning->memory_words, (long long)planning->width, (long long)planning->height,
        planning->models.items[0], (long long)memory_size_mebibytes(least));
}

static gan_status open_stream(struct planning *planning, int64_t memory, gan_stream **stream)
{
    const gan_stream_options options = {.struct_size = sizeof options,
                                        .precision = planning->precision,
                                        .memory = memory,
                                        .band_rows = planning->tile};
    planning->bands.struct_size = sizeof planning->bands;
    gan_status status =
        gan_stream_create(stream, planning->model, planning->height, planning->width, &options);
    if (status == GAN_OK)
        status = gan_stream_describe(*stream, &planning->bands);
    return status;
}

/* The least is known of a stream that may take what it likes. */
static int plan_bands(struct planning *planning)
{
    const int64_t plenty = (int64_t)1 << 50;
    gan_stream *stream = NULL;
    planning->base = streaming_base(planning->model) + planning->height * planning->width * 3;
    gan_status status = open_stream(planning, plenty, &stream);
    gan_stream_free(stream);
    stream = NULL;
    const int64_t least =
        planning->base + (planning->tile > 0 ? planning->bands.memory : planning->bands.least_memory);
    if (status == GAN_OK && planning->memory > 0 && planning->memory < least)
        return too_little(planning);
    if (status == GAN_OK)
        status =
            open_stream(planning, planning->memory > 0 ? planning->memory - planning->base : plenty, &stream);
    if (status == GAN_OK)
        status = gan_model_speed(planning->model, planning->precision, &planning->speed);
    if (status == GAN_OK)
        status = gan_stream_estimate(stream, &planning->seconds);
    gan_stream_free(stream);
    return status == GAN_OK ? EXIT_SUCCESS : console_fail(&planning->console, "%s", gan_error_message());
}

/* Photo and result are floats then. */
static int64_t whole_memory(const struct planning *planning)
{
    return planning->whole.memory + streaming_base(planning->model) +
           2 * planning->height * planning->width * 3 * (int64_t)sizeof(float);
}

static void print_plan(const struct planning *planning)
{
    const struct console *console = &planning->console;
    const gan_stream_information *bands = &planning->bands;
    const long long rows = bands->band_rows < planning->height ? bands->band_rows : planning->height;
    console_say(console, "%s  %lldx%lld", planning->models.items[0], (long long)planning->width,
                (long long)planning->height);
    console_say(console, "  whole      %lld MiB, about %.1f s",
                (long long)memory_size_mebibytes(whole_memory(planning)),
                planning->whole.multiplications / planning->speed);
    console_say(console,
                "  in bands   %lld MiB, about %.1f s: %d passes, %lld bands, of %lld rows in the last pass",
                (long long)memory_size_mebibytes(planning->base + bands->memory), planning->seconds,
                (int)bands->passes, (long long)bands->bands, rows);
    console_say(console, "  file       %lld MiB in TMPDIR while it runs, %lld MiB written and read",
                (long long)memory_size_mebibytes(bands->file_bytes),
                (long long)memory_size_mebibytes(bands->file_traffic));
    console_say(console, "  least      --memory %lldM, --tile %lld",
                (long long)memory_size_mebibytes(planning->base + bands->least_memory),
                (long long)bands->least_rows);
    console_say(console,
                "  (seconds by multiplications and bytes, from a short measurement of this machine)");
}

static void print_json(const struct planning *planning)
{
    const gan_stream_information *bands = &planning->bands;
    struct json json = json_event("plan");
    json_text(&json, "model", planning->models.items[0]);
    json_integer(&json, "width", planning->width);
    json_integer(&json, "height", planning->height);
    json_open(&json, "whole", '{');
    json_integer(&json, "memory", whole_memory(planning));
    json_real(&json, "multiplications", planning->whole.multiplications);
    json_real(&json, "seconds", planning->whole.multiplications / planning->speed);
    json_close(&json, '}');
    json_open(&json, "bands", '{');
    json_integer(&json, "memory", planning->base + bands->memory);
    json_integer(&json, "least_memory", planning->base + bands->least_memory);
    json_integer(&json, "rows", bands->band_rows);
    json_integer(&json, "least_rows", bands->least_rows);
    json_integer(&json, "passes", bands->passes);
    json_integer(&json, "bands", bands->bands);
    json_integer(&json, "file", bands->file_bytes);
    json_integer(&json, "file_traffic", bands->file_traffic);
    json_real(&json, "multiplications", bands->multiplications);
    json_real(&json, "seconds", planning->seconds);
    json_close(&json, '}');
    json_finish(&json);
}

static int plan(struct planning *planning)
{
    planning->context = console_context(&planning->console, planning->threads, 0);
    if (planning->context == NULL)
        return EXIT_FAILURE;
    gan_status status = gan_model_load(&planning->model, planning->context, planning->models.items[0]);
    if (status == GAN_OK)
        status = measure_whole(planning);
    if (status != GAN_OK)
        return console_fail(&planning->console, "%s", gan_error_message());
    const int code = plan_bands(planning);
    if (code != EXIT_SUCCESS)
        return code;
    if (planning->console.json)
        print_json(planning);
    else
        print_plan(planning);
    return EXIT_SUCCESS;
}

int run_plan(int argc, char **argv)
{
    struct planning planning = {0};
    const struct option options[] = {
        {"size", 0, OPTION_TEXT, "WxH", "of the pictures", &planning.size_words, 0, 0},
        {"memory", 0, OPTION_TEXT, "SIZE", "that the program may take (1G, 512M)", &planning.memory_words, 0,
         0},
        {"tile", 0, OPTION_INTEGER, "PX", "rows of a band (default: as memory allows)", &planning.tile, 1,
         65535},
        {"precision", 0, OPTION_TEXT, PRECISION_WORDS, "arithmetic; bf16 needs a processor with AMX",
         &planning.precision_words, 0, 0},
        {"threads", 0, OPTION_INTEGER, "N", "threads that compute (default: one per processor)",
         &planning.threads, 1, 1024},
        {"json", 0, OPTION_FLAG, NULL, "say it in JSON", &planning.console.json, 0, 0},
    };
    const struct arguments arguments = {"plan",
                                        "MODEL --size WxH [options]",
                                        "Say what memory and time a picture of this size takes, whole and in "
                                        "bands (gan stylize --memory), before "
                                        "it is painted.",
                                        options,
                                        sizeof options / sizeof options[0],
                                        &planning.models};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    int code = parsed_exit_code(parsed);
    if (parsed == PARSED_RUN)
        code = read_words(&planning) ? plan(&planning) : EXIT_USAGE;
    gan_model_free(planning.model);
    gan_context_free(planning.context);
    arguments_free(&arguments);
    return code;
}
