/* Metrics of two pictures. */
#include "eval.h"
#include "json.h"
#include "listing.h"
#include "network.h"
#include "paths.h"

#include <stdlib.h>
#include <string.h>

struct judge {
    struct eval *eval;
    const struct pair_metric *metric;
    gan_lpips *lpips;
    double sum;
    int measured, failed;
};

struct pair_metric {
    const char *name;
    bool needs_features;
    gan_status (*measure)(struct judge *judge, const gan_tensor *a, const gan_tensor *b, double *value);
};

static gan_status measure_ssim(struct judge *judge, const gan_tensor *a, const gan_tensor *b, double *value)
{
    (void)judge;
    return gan_ssim(a, b, NULL, value);
}

static gan_status measure_psnr(struct judge *judge, const gan_tensor *a, const gan_tensor *b, double *value)
{
    (void)judge;
    return gan_psnr(a, b, value);
}

static gan_status measure_lpips(struct judge *judge, const gan_tensor *a, const gan_tensor *b, double *value)
{
    gan_status status = GAN_OK;
    if (judge->lpips == NULL)
        status = gan_lpips_create(&judge->lpips, judge->eval->extractor, judge->eval->heads);
    return status == GAN_OK ? gan_lpips_distance(judge->lpips, a, b, value, NULL) : status;
}

/* Both losses of `a`: the style is that of `b`, the content that of `content`. */
static gan_status measure_losses(gan_model *extractor, const gan_tensor *a, const gan_tensor *b,
                                 const gan_tensor *content, float *content_value, float *style_value)
{
    gan_style *style = NULL;
    gan_style_loss *loss = NULL;
    gan_content *of_content = NULL;
    gan_status status = gan_style_create(&style, extractor, &b, 1, NULL);
    if (status == GAN_OK)
        status = gan_style_loss_create(&loss, style, NULL);
    if (status == GAN_OK)
        status = gan_content_create(&of_content, extractor, content);
    if (status == GAN_OK)
        status = gan_style_loss_evaluate(loss, a, of_content, content_value, style_value, NULL);
    gan_content_free(of_content);
    gan_style_loss_free(loss);
    gan_style_free(style);
    return status;
}

static gan_status measure_style(struct judge *judge, const gan_tensor *a, const gan_tensor *b, double *value)
{
    float found = 0;
    const gan_status status = measure_losses(judge->eval->extractor, a, b, a, NULL, &found);
    *value = (double)found;
    return status;
}

static gan_status measure_content(struct judge *judge, const gan_tensor *a, const gan_tensor *b,
                                  double *value)
{
    float found = 0;
    const gan_status status = measure_losses(judge->eval->extractor, a, b, b, &found, NULL);
    *value = (double)found;
    return status;
}

static const struct pair_metric metrics[] = {
    {"ssim", false, measure_ssim},           {"psnr", false, measure_psnr},
    {"lpips", true, measure_lpips},          {"style-loss", true, measure_style},
    {"content-loss", true, measure_content},
};

const struct pair_metric *eval_find_pair_metric(const char *name)
{
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++)
        if (strcmp(metrics[i].name, name) == 0)
            return &metrics[i];
    return NULL;
}

bool eval_needs_features(const struct pair_metric *metric)
{
    return metric->needs_features;
}

static void report(const struct judge *judge, const char *a, const char *b, double value)
{
    const struct console *console = &judge->eval->console;
    console_say(console, "%s  %s %.6g", a, judge->metric->name, value);
    if (!console->json)
        return;
    struct json json = json_event("pair");
    json_text(&json, "a", a);
    json_text(&json, "b", b);
    json_real(&json, "value", value);
    json_finish(&json);
}

static void measure_pair(struct judge *judge, const char *a, const char *b)
{
    gan_tensor *first = NULL, *second = NULL;
    double value = 0;
    int code = eval_load(judge->eval, a, &first);
    if (code == EXIT_SUCCESS)
        code = eval_load(judge->eval, b, &second);
    if (code == EXIT_SUCCESS && judge->metric->measure(judge, first, second, &value) != GAN_OK)
        code = console_fail(&judge->eval->console, "%s and %s: %s", a, b, gan_error_message());
    gan_tensor_free(first);
    gan_tensor_free(second);
    if (code != EXIT_SUCCESS) {
        judge->failed++;
        return;
    }
    judge->sum += value;
    judge->measured++;
    report(judge, a, b, value);
}

static int measure_folders(struct judge *judge)
{
    const struct eval *eval = judge->eval;
    struct listing first = {NULL, 0}, second = {NULL, 0};
    int code = listing_open(&first, &eval->console, eval->a);
    if (code == EXIT_SUCCESS)
        code = listing_open(&second, &eval->console, eval->b);
    for (int i = 0; code == EXIT_SUCCESS && i < first.count; i++) {
        const char *partner = listing_find(&second, first.paths[i]);
        if (partner != NULL) {
            measure_pair(judge, first.paths[i], partner);
        } else {
            console_fail(&eval->console, "%s: %s has no picture of this name", first.paths[i], eval->b);
            judge->failed++;
        }
    }
    listing_free(&first);
    listing_free(&second);
    return code;
}

static int conclude(const struct judge *judge)
{
    const struct console *console = &judge->eval->console;
    if (judge->measured > 1)
        console_say(console, "mean of %d pairs  %s %.6g", judge->measured, judge->metric->name,
                    judge->sum / judge->measured);
    if (console->json && judge->measured > 0) {
        struct json json = json_event("done");
        json_text(&json, "metric", judge->metric->name);
        json_real(&json, "value", judge->sum / judge->measured);
        json_integer(&json, "pairs", judge->measured);
        json_integer(&json, "failed", judge->failed);
        json_finish(&json);
    }
    return judge->failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int eval_pairs(struct eval *eval, const struct pair_metric *metric)
{
    struct judge judge = {.eval = eval, .metric = metric};
    int code = EXIT_SUCCESS;
    if (path_is_folder(eval->a) != path_is_folder(eval->b)) {
        complain("expected two pictures or two folders");
        return EXIT_USAGE;
    }
    if (metric->needs_features && metric->measure != measure_lpips &&
        network_select_maps(&eval->extractor, eval->output) != GAN_OK)
        return console_fail(&eval->console, "--features: %s", gan_error_message());
    if (path_is_folder(eval->a))
        code = measure_folders(&judge);
    else
        measure_pair(&judge, eval->a, eval->b);
    gan_lpips_free(judge.lpips);
    return code == EXIT_SUCCESS ? conclude(&judge) : code;
}
