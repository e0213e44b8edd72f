/* gan eval: how near pictures are to one another. */
#include "eval.h"
#include "commands.h"
#include "network.h"

#include <stdlib.h>
#include <string.h>

int eval_load(const struct eval *eval, const char *path, gan_tensor **picture)
{
    gan_tensor *scaled = NULL;
    if (gan_image_load(picture, NULL, eval->context, path) != GAN_OK)
        return console_fail(&eval->console, "%s", gan_error_message());
    if (eval->size == 0)
        return EXIT_SUCCESS;
    const gan_status status = gan_image_resize(&scaled, *picture, eval->size, eval->size);
    gan_tensor_free(*picture);
    *picture = scaled;
    return status == GAN_OK ? EXIT_SUCCESS
                            : console_fail(&eval->console, "%s: %s", path, gan_error_message());
}

static int measure(struct eval *eval, const struct pair_metric *metric)
{
    const bool needed = metric == NULL || eval_needs_features(metric);
    if (needed) {
        const int code = network_open(&eval->extractor, eval->context, &eval->console, eval->features);
        if (code != EXIT_SUCCESS)
            return code;
    }
    return metric != NULL ? eval_pairs(eval, metric) : eval_sets(eval, strcmp(eval->metric, "kid") == 0);
}

static int mistake(const char *words)
{
    complain("%s (gan help eval)", words);
    return EXIT_USAGE;
}

static int check(const struct eval *eval, const struct pair_metric *metric)
{
    const bool set = strcmp(eval->metric, "fid") == 0 || strcmp(eval->metric, "kid") == 0;
    if (metric == NULL && !set) {
        complain("%s: no such metric; there are ssim, psnr, lpips, style-loss, content-loss, fid, kid",
                 eval->metric);
        return EXIT_USAGE;
    }
    if ((set || eval_needs_features(metric)) && eval->features == NULL)
        return mistake("this metric needs --features FILE: a model or published weights");
    if (strcmp(eval->metric, "lpips") == 0 && eval->heads == NULL)
        return mistake("lpips needs --heads FILE: its published weights");
    return EXIT_SUCCESS;
}

static int run(struct eval *eval)
{
    if (eval->words.count != 3)
        return mistake("expected METRIC A B");
    eval->metric = eval->words.items[0];
    eval->a = eval->words.items[1];
    eval->b = eval->words.items[2];
    const struct pair_metric *metric = eval_find_pair_metric(eval->metric);
    int code = check(eval, metric);
    if (code != EXIT_SUCCESS)
        return code;
    eval->context = console_context(&eval->console, eval->threads, 0);
    if (eval->context == NULL)
        return EXIT_FAILURE;
    code = measure(eval, metric);
    gan_model_free(eval->extractor);
    gan_context_free(eval->context);
    return code;
}

int run_eval(int argc, char **argv)
{
    struct eval eval = {0};
    const struct option options[] = {
        {"features", 'f', OPTION_TEXT, "FILE", "feature network: a model, or published weights",
         &eval.features, 0, 0},
        {"heads", 0, OPTION_TEXT, "FILE", "published weights of lpips for SqueezeNet", &eval.heads, 0, 0},
        {"output", 'o', OPTION_TEXT, "NAME",
         "output of the feature network to use; default: all, for fid and kid the last", &eval.output, 0, 0},
        {"size", 's', OPTION_INTEGER, "PX", "scale each picture to so many pixels square first", &eval.size,
         1, 65535},
        {"subsets", 0, OPTION_INTEGER, "K", "subsets that kid draws; 100", &eval.subsets, 1, 100000},
        {"subset-size", 0, OPTION_INTEGER, "N",
         "pictures of each folder in a subset; 1000, or half of the smaller folder", &eval.subset_size, 2,
         1000000},
        {"seed", 0, OPTION_INTEGER, "S", "of the subsets", &eval.seed, 0, 9e15},
        {"threads", 't', OPTION_INTEGER, "N", "threads that compute; one per processor", &eval.threads, 1,
         1024},
        {"quiet", 'q', OPTION_FLAG, NULL, "say nothing but errors", &eval.console.quiet, 0, 0},
        {"json", 0, OPTION_FLAG, NULL, "say it in JSON, one object a line", &eval.console.json, 0, 0},
    };
    const struct arguments arguments = {"eval",
                                        "METRIC A B [options]",
                                        "Measure how near picture A is to B, or folder A to folder B.\n"
                                        "METRIC: ssim, psnr, lpips, style-loss, content-loss (two pictures, "
                                        "or two folders with equal names),\n"
                                        "fid, kid (two folders).",
                                        options,
                                        sizeof options / sizeof options[0],
                                        &eval.words};
    const enum parsed parsed = arguments_parse(&arguments, argc, argv);
    const int code = parsed == PARSED_RUN ? run(&eval) : parsed_exit_code(parsed);
    arguments_free(&arguments);
    return code;
}
