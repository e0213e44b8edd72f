/* gan verify: whether pictures bear a watermark, and what they say about where they come from. */
#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "json.h"
#include "watermark_text.h"

#include "gan/gan.h"

#include <stdlib.h>

struct verify {
    struct texts pictures;
    const char *expected; /* NULL: any */
    uint8_t bytes[GAN_WATERMARK_BYTES];
    int64_t threads;
    struct console console;
    gan_context *context;
    int missing; /* pictures without the mark that was expected */
};

static gan_status look(const struct verify *job, const char *path, gan_watermark *mark,
                       gan_image_metadata **metadata)
{
    gan_tensor *picture = NULL;
    gan_status status = gan_image_load_with_metadata(&picture, NULL, metadata, job->context, path);
    if (status == GAN_OK)
        status = gan_watermark_find(picture, 0, mark);
    gan_tensor_free(picture);
    return status;
}

static void report(const struct verify *job, const char *path, const gan_watermark *mark,
                   const gan_image_metadata *metadata)
{
    char text[WATERMARK_TEXT_SIZE] = "";
    const char *source = gan_image_metadata_get(metadata, GAN_METADATA_SOURCE_TYPE);
    if (mark->found != 0)
        watermark_write(mark->bytes, text);
    if (mark->found != 0)
        console_say(&job->console, "%s: watermark %s (clarity %.2f)", path, text, mark->clarity);
    else
        console_say(&job->console, "%s: no watermark", path);
    if (source != NULL)
        console_say(&job->console, "  %s: %s", GAN_METADATA_SOURCE_TYPE, source);
    if (!job->console.json)
        return;
    struct json json = json_event("verify");
    json_text(&json, "file", path);
    json_text(&json, "watermark", mark->found != 0 ? text : NULL);
    json_real(&json, "clarity", mark->clarity);
    json_integer(&json, "repaired_bits", mark->repaired_bits);
    json_text(&json, "source_type", source);
    json_finish(&json);
}

static bool is_expected(const struct verify *job, const gan_watermark *mark)
{
    bool same = mark->found != 0;
    for (int i = 0; same && job->expected != NULL && i < GAN_WATERMARK_BYTES; i++)
        same = mark->bytes[i] == job->bytes[i];
    return same;
}

static void verify(struct verify *job, const char *path)
{
    gan_watermark mark = {.struct_size = sizeof mark};
    gan_image_metadata *metadata = NULL;
    if (look(job, path, &mark, &metadata) == GAN_OK)
        report(job, path, &mark, metadata);
    else
        console_fail(&job->console, "%s", gan_error_message());
    gan_image_metadata_free(metadata);
    job->missing += !is_expected(job, &mark);
}

static int run(struct verify *job)
{
    if (job->pictures.count == 0) {
        complain("expected at least one picture (gan help verify)");
        return EXIT_USAGE;
    }
    if (job->expected != NULL && !watermark_read(job->expected, job->bytes))
        return EXIT_USAGE;
    job->context = console_context(&job->console, job->threads, 0);
    if (job->context == NULL)
        return EXIT_FAILURE;
    for (int i = 0; i < job->pictures.count; i++)
        verify(job, job->pictures.items[i]);
    gan_context_free(job->context);
    return job->missing > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int run_verify(int argc, char **argv)
{
    struct verify job = {0};
    const struct option options[] = {
        {"watermark", 0, OPTION_TEXT, "TEXT", "the watermark that is expected (default: any)", &job.expected,
         0, 0},
        {"threads", 0, OPTION_INTEGER, "N", "threads that compute (default: one per processor)", &job.threads,
         1, 1024},
        {"quiet", 'q', OPTION_FLAG, NULL, "say nothing but errors", &job.console.quiet, 0, 0},
        {"json", 0, OPTION_FLAG, NULL, "say it in JSON, one object a line", &job.console.json, 0, 0},
    };
    const struct arguments arguments = {
        "verify",
        "PICTURE... [options]",
        "Look for invisible watermarks (--watermark of gan stylize). The exit "
        "code is 1 where a picture has none.",
        options,
        sizeof options / sizeof options[0],
        &job.pictures};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    const int code = parsed == PARSED_RUN ? run(&job) : parsed_exit_code(parsed);
    arguments_free(&arguments);
    return code;
}
