#include "streaming/streamed_networks.h"
#include "graph/networks.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

void stir_parameters(gan_model *model)
{
    for (int32_t i = 0; i < gan_model_parameter_count(model); i++) {
        gan_tensor *value;
        const char *name = gan_model_parameter_name(model, i);
        int64_t sizes[GAN_MAX_RANK];
        if (gan_model_parameter_shape(model, i, sizes) != 1)
            continue;
        const bool around_one = strstr(name, ".weight") != NULL || strstr(name, "variance") != NULL;
        succeed(gan_model_get_parameter(model, i, &value));
        succeed(gan_tensor_fill_uniform(value, (uint64_t)(100 + i), around_one ? 0.5f : -0.5f,
                                        around_one ? 1.5f : 0.5f));
        succeed(gan_model_set_parameter(model, i, value));
        gan_tensor_free(value);
    }
}

static gan_model *finish(gan_model *model)
{
    stir_parameters(model);
    return model;
}

static gan_model *make_johnson(gan_context *context)
{
    const gan_johnson_options options = {.struct_size = sizeof options, .channels = 8, .blocks = 2};
    gan_model *model;
    succeed(gan_johnson_create(&model, context, &options));
    return finish(model);
}

static gan_model *make_transposed_johnson(gan_context *context)
{
    const gan_johnson_options options = {.struct_size = sizeof options,
                                         .channels = 4,
                                         .blocks = 1,
                                         .kernel = 5,
                                         .upsampling = GAN_UPSAMPLE_TRANSPOSED,
                                         .output = GAN_OUTPUT_TANH,
                                         .normalize_output = 1};
    gan_model *model;
    succeed(gan_johnson_create(&model, context, &options));
    return finish(model);
}

static gan_model *make_resnet(gan_context *context)
{
    const gan_resnet_generator_options options = {.struct_size = sizeof options, .channels = 4, .blocks = 2};
    gan_model *model;
    succeed(gan_resnet_generator_create(&model, context, &options));
    return finish(model);
}

static gan_model *make_unet(gan_context *context, int32_t norm)
{
    const gan_unet_options options = {.struct_size = sizeof options, .channels = 4, .downs = 5, .norm = norm};
    gan_model *model;
    succeed(gan_unet_create(&model, context, &options));
    return finish(model);
}

static gan_model *make_batch_unet(gan_context *context)
{
    return make_unet(context, GAN_NORM_BATCH);
}

static gan_model *make_instance_unet(gan_context *context)
{
    return make_unet(context, GAN_NORM_INSTANCE);
}

/* Any style by MicroAST, bound to one. */
static gan_model *make_bound(gan_context *context)
{
    const int64_t sizes[] = {1, 40, 44, 3};
    gan_model *model, *bound;
    gan_tensor *style;
    succeed(gan_microast_create(&model, context, NULL));
    succeed(gan_tensor_create(&style, context, GAN_FLOAT32, sizes, 4));
    succeed(gan_tensor_fill_uniform(style, 5, 0, 1));
    succeed(gan_model_bind(&bound, model, "style", style));
    gan_tensor_free(style);
    gan_model_free(model);
    return bound;
}

static gan_layer *convolve_by(gan_layer *x, const gan_conv2d_options *given)
{
    gan_conv2d_options options = *given;
    options.struct_size = sizeof options;
    return gan_conv2d(x, &options);
}

static gan_layer *layer_norm(gan_layer *x)
{
    const gan_norm_options options = {.struct_size = sizeof options};
    return gan_layer_norm(x, &options);
}

/* An inverted residual block as AnimeGANv2 has it. */
static gan_layer *inverted_block(gan_layer *x)
{
    gan_layer *wide =
        gan_leaky_relu(layer_norm(convolve_by(x, &(gan_conv2d_options){.filters = 16, .kernel = {1}})), 0.2f);
    gan_layer *deep = convolve_by(wide, &(gan_conv2d_options){.filters = 16,
                                                              .kernel = {3},
                                                              .groups = 16,
                                                              .padding = GAN_PAD_HALF,
                                                              .padding_mode = GAN_PADDING_REFLECT});
    gan_layer *narrow = layer_norm(convolve_by(gan_leaky_relu(layer_norm(deep), 0.2f),
                                               &(gan_conv2d_options){.filters = 8, .kernel = {1}}));
    return gan_add(narrow, x);
}

static gan_model *make_anime(gan_context *context)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "picture", 3);
    gan_layer *y = gan_pad(x, 3, 3, 3, 3, GAN_PADDING_REFLECT);
    y = gan_leaky_relu(layer_norm(convolve_by(y, &(gan_conv2d_options){.filters = 6, .kernel = {7}})), 0.2f);
    y = gan_pad(y, 0, 0, 1, 1, GAN_PADDING_REPLICATE);
    y = convolve_by(y, &(gan_conv2d_options){.filters = 8, .kernel = {3}, .stride = {2}});
    y = inverted_block(gan_leaky_relu(layer_norm(y), 0.2f));
    y = gan_upsample_bilinear(y, 2);
    y = gan_leaky_relu(layer_norm(convolve(y, "last", 6, 3, 1)), 0.2f);
    gan_model *model = make_model("anime", x, gan_tanh(convolve(y, "out", 3, 1, 1)));
    gan_graph_free(graph);
    return finish(model);
}

/* A gate on channels by what the whole picture holds. */
static gan_layer *squeeze(gan_layer *x)
{
    gan_layer *all[] = {gan_global_average_pool(x), gan_global_max_pool(x), gan_channel_deviation(x, 0, 1)};
    gan_layer *gate = gan_sigmoid(convolve(gan_concat(all, 3, -1), "gate", 8, 1, 1));
    return gan_multiply(x, gate);
}

/* What the other networks lack. */
static gan_model *make_medley(gan_context *context)
{
    gan_graph *graph = make_graph(context);
    const gan_norm_options groups = {.struct_size = sizeof groups, .groups = 2};
    const gan_pool_options overlapping = {
        .struct_size = sizeof overlapping, .kernel = {3}, .stride = {2}, .pad = {1, 1, 1, 1}};
    const gan_pool_options ceiling = {.struct_size = sizeof ceiling, .ceil_mode = 1};
    gan_layer *x = open_pictures(graph, "picture", 3);
    gan_layer *y = convolve_by(x, &(gan_conv2d_options){.filters = 8,
                                                        .kernel = {4},
                                                        .stride = {2},
                                                        .padding = GAN_PAD_SAME,
                                                        .padding_mode = GAN_PADDING_REPLICATE});
    y = squeeze(gan_prelu(gan_group_norm(y, &groups), NULL, 0));
    gan_layer *less = gan_average_pool(y, &overlapping);
    gan_layer *least = gan_max_pool(less, &ceiling);
    least = convolve_by(
        least, &(gan_conv2d_options){.filters = 8, .kernel = {3}, .dilation = {2}, .padding = GAN_PAD_HALF});
    gan_layer *up = gan_crop(gan_upsample_nearest(least, 4), 1, 1, 3, 3);
    gan_layer *both[] = {y, gan_pad(up, 1, 1, 3, 3, GAN_PADDING_ZERO)};
    gan_layer *level = gan_reshape(gan_mean(gan_clamp(y, -1, 1)), (const int64_t[]){1, 1, 1, 1}, 4);
    gan_layer *joined = gan_add(gan_concat(both, 2, 3), level);
    gan_layer *shuffled = gan_pixel_shuffle(joined, 2);
    gan_layer *deep = gan_pixel_unshuffle(shuffled, 2);
    gan_layer *part = gan_slice(deep, 3, 2, 12);
    gan_layer *out = gan_pixel_shuffle(part, 2);
    gan_model *model = make_model("medley", x, gan_softmax(gan_scale(out, 2, 0.5f)));
    gan_graph_free(graph);
    return finish(model);
}

/* Batch norms that look at the picture at hand, as pix2pix has them. */
static gan_model *make_of_its_own_statistics(gan_context *context)
{
    const gan_apply_options options = {.struct_size = sizeof options, .statistics = GAN_STATISTICS_BATCH};
    gan_model *generator = make_generator(context);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "picture", 3), *y = NULL;
    succeed(gan_apply_many(generator, &x, 1, &y, 1, &options));
    gan_model *model = make_model("of its own statistics", x, y);
    gan_graph_free(graph);
    gan_model_free(generator);
    return finish(model);
}

/* Deviations of the whole picture steer its normalization, and the margin mirrors small pictures more than
 * once. */
static gan_model *make_transfer(gan_context *context)
{
    const gan_feature_network_options network = {.struct_size = sizeof network, .channels = 4};
    const gan_transfer_decoder_options painter = {
        .struct_size = sizeof painter, .features = 8, .channels = 4, .doublings = 1};
    const gan_feature_transfer_options options = {
        .struct_size = sizeof options, .margin = 50, .level_names = (const char *const[]){"level2"}};
    gan_model *features, *decoder, *model;
    gan_feature_transfer *transfer;
    gan_tensor *style = make_filled(context, (const int64_t[]){1, 16, 16, 3}, 4, 0.5f);
    succeed(gan_tensor_fill_uniform(style, 7, 0, 1));
    succeed(gan_feature_network_create(&features, context, &network));
    succeed(gan_transfer_decoder_create(&decoder, context, &painter));
    succeed(gan_feature_transfer_create(&transfer, &features, &decoder, 1, &options));
    succeed(gan_feature_transfer_add_picture(transfer, style));
    succeed(gan_feature_transfer_generator(&model, transfer, NULL));
    gan_feature_transfer_free(transfer);
    gan_model_free(features);
    gan_model_free(decoder);
    gan_tensor_free(style);
    return finish(model);
}

const struct streamed_network streamed_networks[] = {
    {"johnson", make_johnson, 1},
    {"johnson with transposed convolutions", make_transposed_johnson, 4},
    {"resnet", make_resnet, 4},
    {"u-net with batch norm", make_batch_unet, 32},
    {"u-net with instance norm", make_instance_unet, 32},
    {"microast", make_bound, 1},
    {"anime", make_anime, 2},
    {"medley", make_medley, 16},
    {"transfer", make_transfer, 16},
    {"batch norms by the picture", make_of_its_own_statistics, 2},
};
const int streamed_network_count = sizeof streamed_networks / sizeof streamed_networks[0];

gan_model *make_streamed_network(gan_context *context, const char *name)
{
    for (int i = 0; i < streamed_network_count; i++)
        if (strcmp(streamed_networks[i].name, name) == 0)
            return streamed_networks[i].make(context);
    ck_abort_msg("no network %s", name);
}
