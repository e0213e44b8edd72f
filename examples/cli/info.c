/* gan info: what a file holds. */
#include "info.h"
#include "arguments.h"
#include "commands.h"
#include "precision.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void info_shape(char *text, size_t size, const int64_t *sizes, int32_t rank)
{
    static const char letters[] = "NHWC";
    size_t used = 0;
    text[0] = '\0';
    for (int32_t i = 0; i < rank && used + 24 < size; i++) {
        const char *before = i == 0 ? "[" : ", ";
        if (sizes[i] < 0)
            used += (size_t)snprintf(text + used, size - used, "%s%c", before,
                                     rank == 4 ? letters[i]
                                     : i == 0  ? 'N'
                                               : '?');
        else
            used += (size_t)snprintf(text + used, size - used, "%s%" PRId64, before, sizes[i]);
    }
    snprintf(text + used, size - used, rank == 0 ? "[]" : "]");
}

/* Safetensors begins with the length of a header, 8 bytes, and the header's brace. */
static bool is_safetensors(const char *path)
{
    unsigned char start[9] = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    const size_t count = fread(start, 1, sizeof start, file);
    fclose(file);
    return count == sizeof start && start[8] == '{' && start[7] == 0 && start[6] == 0;
}

/* It is looked at before it is read, which a pipe allows once. */
static bool is_pipe(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
}

static int describe_model(const struct info *info)
{
    gan_model *model = NULL;
    if (gan_model_load(&model, info->context, info->path) != GAN_OK)
        return console_fail(&info->console, "%s", gan_error_message());
    const int code = info_model(info, model);
    gan_model_free(model);
    return code;
}

static int describe(struct info *info)
{
    gan_tensors *tensors = NULL;
    if (is_pipe(info->path))
        return console_fail(
            &info->console,
            "%s can be read only once, and gan info reads twice: expected a file that is stored", info->path);
    if (!is_safetensors(info->path))
        return info_picture(info);
    if (gan_tensors_load(&tensors, info->context, info->path) != GAN_OK)
        return console_fail(&info->console, "%s", gan_error_message());
    info->tensors = tensors;
    const bool is_model = gan_tensors_metadata(tensors, INFO_GRAPH_KEY) != NULL;
    const int code = is_model ? describe_model(info) : info_tensors(info);
    gan_tensors_free(tensors);
    return code;
}

static bool read_size(struct info *info, const char *words)
{
    char end = '\0';
    const int count =
        sscanf(words, "%5" SCNd64 "x%5" SCNd64 "%c", &info->plan_width, &info->plan_height, &end);
    if (count == 2 && info->plan_width > 0 && info->plan_height > 0)
        return true;
    complain("--size %s: expected WIDTHxHEIGHT, such as 640x480", words);
    return false;
}

static int run(struct info *info, const struct texts *files, const char *size, const char *precision)
{
    if (files->count != 1) {
        complain("expected one file (gan help info)");
        return EXIT_USAGE;
    }
    info->plan_width = info->plan_height = 512;
    if (size != NULL && !read_size(info, size))
        return EXIT_USAGE;
    if (!precision_read(precision, &info->precision))
        return EXIT_USAGE;
    info->plan = info->plan || size != NULL || precision != NULL;
    info->path = files->items[0];
    info->context = console_context(&info->console, info->threads, 0);
    if (info->context == NULL)
        return EXIT_FAILURE;
    const int code = describe(info);
    gan_context_free(info->context);
    return code;
}

int run_info(int argc, char **argv)
{
    struct info info = {0};
    struct texts files = {0};
    const char *size = NULL, *precision = NULL;
    const struct option options[] = {
        {"plan", 0, OPTION_FLAG, NULL, "of a model: steps, memory and time of a run", &info.plan, 0, 0},
        {"size", 0, OPTION_TEXT, "WxH", "picture that the plan is for (default 512x512)", &size, 0, 0},
        {"precision", 0, OPTION_TEXT, PRECISION_WORDS, "arithmetic of the plan", &precision, 0, 0},
        {"threads", 0, OPTION_INTEGER, "N", "threads that compute (default: one per processor)",
         &info.threads, 1, 1024},
        {"json", 0, OPTION_FLAG, NULL, "say it in JSON", &info.console.json, 0, 0},
    };
    const struct arguments arguments = {
        "info",
        "FILE [options]",
        "Say what a file holds: a model, a style, a checkpoint, weights, a picture.",
        options,
        sizeof options / sizeof options[0],
        &files};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    const int code = parsed == PARSED_RUN ? run(&info, &files, size, precision) : parsed_exit_code(parsed);
    arguments_free(&arguments);
    return code;
}
