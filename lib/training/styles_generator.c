/* The generator of several styles: that of gan_train_style, but that the scales and shifts behind its
 * normalizations are rows of a table, of which the input "style" says how much of each. */
#include "training/styles_trainer.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 32 };
static const char table_weight[] = "styles.weight";
static const char architecture[] = "johnson-styles-clamped";

/* Where the next normalization finds its scales and shifts among all. */
struct cursor {
    gan_layer *code; /* [1, all] */
    int64_t at;
};

struct stage {
    const char *name;
    int32_t filters, kernel, stride;
};

static gan_layer *convolve(gan_layer *x, const struct stage *stage)
{
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .name = stage->name,
                                        .filters = stage->filters,
                                        .kernel = {stage->kernel, stage->kernel},
                                        .stride = {stage->stride, stage->stride},
                                        .padding = GAN_PAD_HALF,
                                        .padding_mode = GAN_PADDING_REFLECT};
    return gan_conv2d(x, &options);
}

static gan_layer *normalize(gan_layer *x, int32_t channels, struct cursor *cursor)
{
    gan_layer *scale = gan_scale(gan_slice(cursor->code, 1, cursor->at, channels), 1, 1);
    gan_layer *shift = gan_slice(cursor->code, 1, cursor->at + channels, channels);
    cursor->at += 2 * (int64_t)channels;
    return gan_adain_affine(x, scale, shift, 0, 0);
}

static gan_layer *stage(gan_layer *x, struct stage stage, struct cursor *cursor)
{
    return gan_relu(normalize(convolve(x, &stage), stage.filters, cursor));
}

static gan_layer *residual(gan_layer *x, int32_t block, int32_t filters, struct cursor *cursor)
{
    char names[2][NAME_SIZE];
    snprintf(names[0], NAME_SIZE, "block%d_1", block + 1);
    snprintf(names[1], NAME_SIZE, "block%d_2", block + 1);
    const struct stage second = {names[1], filters, 3, 1};
    gan_layer *y = stage(x, (struct stage){names[0], filters, 3, 1}, cursor);
    return gan_add(x, normalize(convolve(y, &second), filters, cursor));
}

static gan_layer *transform(gan_layer *x, const struct style_recipe *recipe, struct cursor *cursor)
{
    const int32_t channels = recipe->channels;
    const struct stage last = {"output", 3, 9, 1};
    x = stage(x, (struct stage){"first", channels, 9, 1}, cursor);
    x = stage(x, (struct stage){"down1", 2 * channels, 3, 2}, cursor);
    x = stage(x, (struct stage){"down2", 4 * channels, 3, 2}, cursor);
    for (int32_t i = 0; i < recipe->blocks; i++)
        x = residual(x, i, 4 * channels, cursor);
    x = stage(gan_upsample_bilinear(x, 2), (struct stage){"up1", 2 * channels, 3, 1}, cursor);
    x = stage(gan_upsample_bilinear(x, 2), (struct stage){"up2", channels, 3, 1}, cursor);
    return gan_trainer_finish_picture(convolve(x, &last));
}

/* All scales and shifts: two for each channel that is normalized. */
static int32_t code_length(const struct style_recipe *recipe)
{
    return 2 * recipe->channels * (10 + 8 * recipe->blocks);
}

static gan_status build(struct styles_networks *networks, gan_graph *graph, const struct style_recipe *recipe,
                        int32_t styles)
{
    const int32_t margin = recipe->margin;
    const gan_dense_options options = {.struct_size = sizeof options,
                                       .name = "styles",
                                       .units = code_length(recipe),
                                       .no_bias = 1,
                                       .initializer = GAN_INITIALIZER_CONSTANT};
    gan_layer *inputs[2] = {gan_input(graph, "input", (const int64_t[]){-1, -1, -1, 3}, 4),
                            gan_input(graph, "style", (const int64_t[]){1, styles}, 2)};
    struct cursor cursor = {.code = gan_dense(inputs[1], &options)};
    gan_layer *wide = gan_pad(inputs[0], margin, margin, margin, margin, GAN_PADDING_REFLECT);
    gan_layer *picture = gan_crop(transform(wide, recipe, &cursor), margin, margin, margin, margin);
    gan_layer *output = gan_clamp(picture, 0, 1);
    gan_status status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_model_create(&networks->generator, "generator", inputs, 2, &output, 1);
    if (status == GAN_OK)
        status = gan_model_create(&networks->unclamped, "unclamped", inputs, 2, &picture, 1);
    if (status == GAN_OK)
        status = gan_model_create(&networks->table, "styles", inputs + 1, 1, &cursor.code, 1);
    return status;
}

static gan_status describe(gan_model *generator)
{
    static const char *const words[][2] = {{"architecture", architecture},
                                           {"input_range", "0..1"},
                                           {"output_range", "0..1"},
                                           {"input_channels", "RGB"}};
    gan_status status = GAN_OK;
    for (size_t i = 0; status == GAN_OK && i < sizeof words / sizeof words[0]; i++)
        status = gan_model_set_metadata(generator, words[i][0], words[i][1]);
    return status;
}

gan_status gan_styles_make_networks(struct styles_networks *networks, gan_context *context,
                                    const struct style_recipe *recipe, int32_t styles)
{
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    status = build(networks, graph, recipe, styles);
    gan_graph_free(graph);
    if (status == GAN_OK)
        status = gan_trainer_initialize(networks->generator, recipe->seed * UINT64_C(0x9e3779b97f4a7c15));
    return status == GAN_OK ? describe(networks->generator) : status;
}

void gan_styles_free_networks(struct styles_networks *networks)
{
    gan_model_free(networks->generator);
    gan_model_free(networks->unclamped);
    gan_model_free(networks->table);
}

gan_status gan_styles_read_size(struct style_recipe *recipe, const gan_model *generator)
{
    int64_t shape[GAN_MAX_RANK];
    const int32_t first = gan_model_parameter_find(generator, "first.weight");
    const char *named = gan_model_metadata(generator, "architecture");
    if (gan_model_style_count(generator) == 0 || first < 0 ||
        gan_model_parameter_find(generator, table_weight) < 0 ||
        gan_model_parameter_shape(generator, first, shape) != 4)
        return gan_fail(GAN_ERROR_ARGUMENT, "model \"%s\" is no generator of several styles",
                        gan_model_name(generator));
    if (named == NULL || strcmp(named, architecture) != 0)
        return gan_fail(
            GAN_ERROR_ARGUMENT,
            "model \"%s\" has the architecture \"%s\", expected \"%s\": earlier versions made others, "
            "to which no style can be added; train its styles anew",
            gan_model_name(generator), named != NULL ? named : "", architecture);
    recipe->channels = (int32_t)shape[0];
    recipe->blocks = 0;
    for (bool found = true; found && recipe->blocks < 32;) {
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "block%d_1.weight", recipe->blocks + 1);
        found = gan_model_parameter_find(generator, name) >= 0;
        recipe->blocks += found;
    }
    return GAN_OK;
}

/* Rows of [all, styles] become rows of [all, styles + 1]. */
static void widen(gan_tensor *to, const gan_tensor *from)
{
    const int64_t rows = gan_tensor_size(from, 0), styles = gan_tensor_size(from, 1);
    const float *old = gan_tensor_data_const(from);
    float *now = gan_tensor_data(to);
    for (int64_t i = 0; i < rows; i++) {
        float sum = 0;
        for (int64_t k = 0; k < styles; k++)
            sum += now[i * (styles + 1) + k] = old[i * styles + k];
        now[i * (styles + 1) + styles] = sum / (float)styles;
    }
}

static gan_status copy_parameter(gan_model *to, int32_t index, const gan_model *from)
{
    const char *name = gan_model_parameter_name(to, index);
    gan_tensor *old = NULL, *now = NULL;
    gan_status status = gan_model_get_parameter(from, gan_model_parameter_find(from, name), &old);
    if (status == GAN_OK)
        status = gan_model_get_parameter(to, index, &now);
    if (status == GAN_OK && strcmp(name, table_weight) == 0) {
        if (gan_tensor_size(now, 0) == gan_tensor_size(old, 0) &&
            gan_tensor_size(now, 1) == gan_tensor_size(old, 1) + 1)
            widen(now, old);
        else
            status = gan_fail(GAN_ERROR_ARGUMENT, "parameter \"%s\" has another shape than expected", name);
    } else if (status == GAN_OK) {
        status = gan_tensor_copy(now, old);
    }
    if (status == GAN_OK)
        status = gan_model_set_parameter(to, index, now);
    gan_tensor_free(old);
    gan_tensor_free(now);
    return status;
}

gan_status gan_styles_copy(gan_model *to, const gan_model *from)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_model_parameter_count(to); i++)
        status = copy_parameter(to, i, from);
    return status;
}
