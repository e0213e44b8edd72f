/* The content/style loss: how far a picture is from a style S and from a content I_c. */
#include "style/style.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void gan_style_loss_free(gan_style_loss *loss)
{
    if (loss == NULL)
        return;
    gan_context *context = loss->context;
    gan_style_free(loss->style);
    gan_release(context, loss);
    gan_context_free(context);
}

static gan_status check(const gan_style *style, const gan_style_loss_options *options)
{
    if (style == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "the style is NULL");
    if (!isfinite(options->content_weight) || !isfinite(options->style_weight) ||
        !isfinite(options->variation_weight))
        return gan_fail(GAN_ERROR_ARGUMENT, "a weight is not finite");
    if (options->content_weight < 0 && options->style_weight < 0 && !(options->variation_weight > 0))
        return gan_fail(GAN_ERROR_ARGUMENT, "content, style and variation all have no weight");
    if (options->reduction < GAN_REDUCE_MEAN || options->reduction > GAN_REDUCE_RELATIVE)
        return gan_fail(GAN_ERROR_ARGUMENT, "reduction is %" PRId32 ", expected a GAN_REDUCE_* number",
                        options->reduction);
    for (int32_t i = 0; options->level_weights != NULL && i < style->level_count; i++)
        if (!(options->level_weights[i] >= 0) || !isfinite(options->level_weights[i]))
            return gan_fail(GAN_ERROR_ARGUMENT, "the weight of level \"%s\" is %g, expected 0 or more",
                            gan_style_level_name(style, i), (double)options->level_weights[i]);
    return GAN_OK;
}

/* Whether a level has this name, and its number. */
static bool has_level(const gan_style *style, const char *name, int32_t *level)
{
    for (int32_t i = 0; name != NULL && i < style->level_count; i++)
        if (strcmp(gan_style_level_name(style, i), name) == 0) {
            *level = i;
            return true;
        }
    return false;
}

/* Without a name, the one that the extractor's words say, or the last. */
static gan_status find_level(const gan_style *style, const char *name, int32_t *level)
{
    if (has_level(style, name, level))
        return GAN_OK;
    if (name != NULL)
        return gan_fail(GAN_ERROR_NOT_FOUND, "content_level is \"%s\", the extractor has no such output",
                        name);
    if (!has_level(style, gan_model_metadata(style->extractor, "content_level"), level))
        *level = style->level_count - 1;
    return GAN_OK;
}

/* A weight as the options give it: 0 stands for 1, below 0 for none. */
static float weight_of(float option)
{
    return option == 0.0f ? 1.0f : option < 0.0f ? 0.0f : option;
}

static void take_options(gan_style_loss *loss, const gan_style_loss_options *options)
{
    loss->content_weight = weight_of(options->content_weight);
    loss->style_weight = weight_of(options->style_weight);
    loss->variation_weight = options->variation_weight > 0 ? options->variation_weight : 0;
    const bool relative = options->reduction == 0 && options->default_reduction == 0;
    loss->reduction = relative ? GAN_REDUCE_RELATIVE : options->reduction;
    for (int32_t i = 0; i < loss->style->level_count; i++)
        loss->level_weights[i] = options->level_weights != NULL ? options->level_weights[i] : 1;
}

gan_status gan_style_loss_create(gan_style_loss **out, gan_style *style, const gan_style_loss_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_style_loss_create: out is NULL");
    *out = NULL;
    gan_style_loss_options options;
    int32_t content_level = 0;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_style_loss_options");
    if (status == GAN_OK)
        status = check(style, &options);
    if (status == GAN_OK)
        status = find_level(style, options.content_level, &content_level);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_style_loss_create: ");
    gan_style_loss *loss = gan_allocate_zeroed(style->context, sizeof *loss);
    if (loss == NULL)
        return gan_fail_memory("a style loss", sizeof *loss);
    loss->context = gan_context_retain(style->context);
    loss->style = gan_style_retain(style);
    loss->content_level = content_level;
    take_options(loss, &options);
    *out = loss;
    return GAN_OK;
}

/* The extractor's features of a picture; unused ones cost nothing once a plan is made. */
static void extract(const gan_style *style, gan_layer *picture, gan_layer **features)
{
    const gan_status status =
        gan_apply_many(style->extractor, &picture, 1, features, style->level_count, NULL);
    gan_graph *graph = gan_layer_graph(picture);
    if (status != GAN_OK && gan_graph_status(graph) == GAN_OK)
        gan_graph_refuse(graph, "style_loss", NULL, status);
}

gan_layer *gan_style_loss_content_part(const gan_style_loss *loss, gan_layer *const *features,
                                       gan_layer *target)
{
    return gan_content_loss(features[loss->content_level], target, loss->reduction);
}

static gan_layer *content_target(const gan_style_loss *loss, gan_layer *content_picture)
{
    gan_layer *features[STYLE_MOST_LEVELS] = {NULL};
    gan_layer *fixed = gan_stop_gradient(content_picture);
    if (fixed != NULL)
        extract(loss->style, fixed, features);
    return features[loss->content_level];
}

gan_layer *gan_style_loss_style_part(const gan_style_loss *loss, gan_layer *const *features)
{
    const gan_style *style = loss->style;
    gan_layer *terms[STYLE_MOST_LEVELS];
    float weights[STYLE_MOST_LEVELS];
    int32_t count = 0;
    for (int32_t i = 0; i < style->level_count; i++) {
        if (loss->level_weights[i] == 0 || features[i] == NULL)
            continue;
        gan_layer *target = gan_constant(gan_layer_graph(features[i]), NULL, style->levels[i].gram);
        gan_layer *gram = gan_gram_matrix(features[i], style->normalization);
        weights[count] = loss->level_weights[i];
        terms[count++] = gan_style_matrix_loss(gram, target, loss->reduction);
    }
    return gan_weighted_sum(terms, weights, count);
}

gan_layer *gan_style_loss_apply(gan_style_loss *loss, gan_layer *picture, gan_layer *content_picture,
                                gan_style_loss_parts *parts)
{
    if (loss == NULL || picture == NULL)
        return NULL;
    gan_layer *features[STYLE_MOST_LEVELS] = {NULL}, *terms[3];
    gan_style_loss_parts made = {.struct_size = sizeof made};
    float weights[3];
    int32_t count = 0;
    const gan_status status =
        parts != NULL ? gan_check_result(parts, sizeof *parts, "gan_style_loss_parts") : GAN_OK;
    if (status != GAN_OK)
        return gan_graph_refuse(gan_layer_graph(picture), "style_loss", NULL, status);
    extract(loss->style, picture, features);
    if (loss->content_weight > 0) {
        made.content = gan_style_loss_content_part(loss, features, content_target(loss, content_picture));
        terms[count] = made.content, weights[count++] = loss->content_weight;
    }
    if (loss->style_weight > 0) {
        made.style = gan_style_loss_style_part(loss, features);
        terms[count] = made.style, weights[count++] = loss->style_weight;
    }
    if (loss->variation_weight > 0) {
        made.variation = gan_mean(gan_total_variation(picture, 1));
        terms[count] = made.variation, weights[count++] = loss->variation_weight;
    }
    if (parts != NULL)
        gan_give_result(parts, &made, sizeof made);
    return gan_weighted_sum(terms, weights, count);
}
