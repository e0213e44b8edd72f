/* Metrics of two sets of pictures. */
#include "eval.h"
#include "json.h"
#include "listing.h"

#include <stdlib.h>

struct sets {
    const struct eval *eval;
    gan_tensor *vectors[2];
    int failed;
};

/* A picture that cannot be read is reported and left out. */
static void add_picture(struct sets *sets, gan_features *features, const char *path)
{
    gan_tensor *picture = NULL;
    int code = eval_load(sets->eval, path, &picture);
    if (code == EXIT_SUCCESS && gan_features_add(features, picture) != GAN_OK)
        code = console_fail(&sets->eval->console, "%s: %s", path, gan_error_message());
    gan_tensor_free(picture);
    sets->failed += code != EXIT_SUCCESS;
}

static int gather(struct sets *sets, const char *folder, gan_tensor **vectors)
{
    const struct eval *eval = sets->eval;
    struct listing listing;
    gan_features *features = NULL;
    int code = listing_open(&listing, &eval->console, folder);
    if (code == EXIT_SUCCESS && gan_features_create(&features, eval->extractor, eval->output) != GAN_OK)
        code = console_fail(&eval->console, "--features: %s", gan_error_message());
    for (int i = 0; code == EXIT_SUCCESS && i < listing.count; i++)
        add_picture(sets, features, listing.paths[i]);
    if (code == EXIT_SUCCESS && gan_features_count(features) < 2)
        code =
            console_fail(&eval->console, "%s: expected at least 2 pictures that can be measured, found %lld",
                         folder, (long long)gan_features_count(features));
    if (code == EXIT_SUCCESS && gan_features_get(features, vectors) != GAN_OK)
        code = console_fail(&eval->console, "%s", gan_error_message());
    gan_features_free(features);
    listing_free(&listing);
    return code;
}

/* Members that both metrics have. */
static struct json begin_report(const struct sets *sets, double value)
{
    struct json json = json_event("done");
    json_text(&json, "metric", sets->eval->metric);
    json_real(&json, "value", value);
    json_integer(&json, "count_a", gan_tensor_size(sets->vectors[0], 0));
    json_integer(&json, "count_b", gan_tensor_size(sets->vectors[1], 0));
    json_integer(&json, "channels", gan_tensor_size(sets->vectors[0], 1));
    json_integer(&json, "failed", sets->failed);
    return json;
}

static int report_frechet(const struct sets *sets)
{
    const struct console *console = &sets->eval->console;
    double distance = 0;
    if (gan_frechet_distance(sets->vectors[0], sets->vectors[1], &distance) != GAN_OK)
        return console_fail(console, "%s", gan_error_message());
    console_say(console, "fid %.6g  (%lld and %lld pictures, %lld channels)", distance,
                (long long)gan_tensor_size(sets->vectors[0], 0),
                (long long)gan_tensor_size(sets->vectors[1], 0),
                (long long)gan_tensor_size(sets->vectors[0], 1));
    if (console->json) {
        struct json json = begin_report(sets, distance);
        json_finish(&json);
    }
    return EXIT_SUCCESS;
}

static int report_kernel(const struct sets *sets)
{
    const struct eval *eval = sets->eval;
    const gan_kernel_distance_options options = {.struct_size = sizeof options,
                                                 .subsets = (int32_t)eval->subsets,
                                                 .subset_size = (int32_t)eval->subset_size,
                                                 .seed = (uint64_t)eval->seed};
    gan_kernel_distance_result result = {.struct_size = sizeof result};
    if (gan_kernel_distance(sets->vectors[0], sets->vectors[1], &options, &result) != GAN_OK)
        return console_fail(&eval->console, "%s", gan_error_message());
    console_say(&eval->console, "kid %.6g  (deviation %.3g, 95 %% of %d subsets of %d from %.6g to %.6g)",
                result.mean, result.deviation, result.subsets, result.subset_size, result.low, result.high);
    if (eval->console.json) {
        struct json json = begin_report(sets, result.mean);
        json_real(&json, "deviation", result.deviation);
        json_real(&json, "low", result.low);
        json_real(&json, "high", result.high);
        json_integer(&json, "subsets", result.subsets);
        json_integer(&json, "subset_size", result.subset_size);
        json_finish(&json);
    }
    return EXIT_SUCCESS;
}

int eval_sets(struct eval *eval, bool kernel)
{
    struct sets sets = {.eval = eval};
    int code = gather(&sets, eval->a, &sets.vectors[0]);
    if (code == EXIT_SUCCESS)
        code = gather(&sets, eval->b, &sets.vectors[1]);
    if (code == EXIT_SUCCESS)
        code = kernel ? report_kernel(&sets) : report_frechet(&sets);
    gan_tensor_free(sets.vectors[0]);
    gan_tensor_free(sets.vectors[1]);
    return code == EXIT_SUCCESS && sets.failed > 0 ? EXIT_FAILURE : code;
}
