/* build_generator and build_discriminator of both articles. */
#include "base/context.h"
#include "models/articles.h"

static int32_t default_discriminator_size(const gan_article_options *options)
{
    if (options->reading == GAN_AS_PRINTED)
        return 128;
    return options->encode > 0 ? options->size : 4 * options->size;
}

static void fill_defaults(gan_article_options *options)
{
    if (options->article == 0)
        options->article = GAN_ARTICLE_1;
    if (options->size == 0)
        options->size = options->article == GAN_ARTICLE_1 ? 128 : 256;
    if (options->encode == 0)
        options->encode = 1;
    if (options->reading == GAN_AS_PRINTED)
        options->encode = -1;
    if (options->discriminator_size == 0)
        options->discriminator_size = default_discriminator_size(options);
    if (options->style_length == 0)
        options->style_length = 64 * 64;
}

static gan_status check_choices(const gan_article_options *options)
{
    if (options->article != GAN_ARTICLE_1 && options->article != GAN_ARTICLE_2)
        return gan_fail(GAN_ERROR_ARGUMENT, "article is %d, expected GAN_ARTICLE_1 or GAN_ARTICLE_2",
                        options->article);
    if (options->reading != GAN_WORKING && options->reading != GAN_AS_PRINTED)
        return gan_fail(GAN_ERROR_ARGUMENT, "reading is %d, expected GAN_WORKING or GAN_AS_PRINTED",
                        options->reading);
    if (options->encode < -1 || options->encode > 1)
        return gan_fail(GAN_ERROR_ARGUMENT, "encode is %d, expected -1, 0 or 1", options->encode);
    return GAN_OK;
}

static gan_status check_sizes(const gan_article_options *options)
{
    gan_status status = gan_build_check("size", options->size, 1);
    if (status == GAN_OK)
        status = gan_build_check("discriminator_size", options->discriminator_size, 1);
    if (status == GAN_OK)
        status = gan_build_check("style_length", options->style_length, 1);
    if (status == GAN_OK && options->size % 4 != 0)
        status = gan_fail(GAN_ERROR_ARGUMENT, "size is %d, expected a multiple of 4", options->size);
    return status;
}

static gan_status take_options(gan_article_options *options, const gan_article_options *given)
{
    gan_status status = gan_copy_options(options, sizeof *options, given, "gan_article_options");
    if (status == GAN_OK && options->size >= 0 && options->size <= 65536)
        fill_defaults(options);
    if (status == GAN_OK)
        status = check_choices(options);
    return status == GAN_OK ? check_sizes(options) : status;
}

/* What the second article prints can only be reshaped one picture at a time. */
static int64_t batch_of(const gan_article_options *options)
{
    return options->article == GAN_ARTICLE_2 && options->reading == GAN_AS_PRINTED ? 1 : -1;
}

static gan_layer *square_input(gan_graph *graph, const char *name, const gan_article_options *options,
                               int64_t size, int64_t channels)
{
    const int64_t shape[4] = {batch_of(options), size, size, channels};
    return gan_input(graph, name, shape, 4);
}

static gan_status build_generator_1(gan_model **out, gan_graph *graph, const gan_article_options *options)
{
    gan_layer *input = square_input(graph, "input", options, options->size, 3);
    gan_layer *output = gan_article_1_generator(input, options);
    const struct build_words words = {"article_1_generator", "-1..1", "-1..1"};
    return gan_build_end(out, graph, "generator", &input, 1, &output, 1, &words);
}

/* As printed the second article's generator does not take S. */
static gan_status build_generator_2(gan_model **out, gan_graph *graph, const gan_article_options *options)
{
    const int64_t style_shape[2] = {-1, options->style_length};
    const int32_t count = options->reading == GAN_AS_PRINTED ? 1 : 2;
    gan_layer *inputs[2] = {square_input(graph, "I_c", options, options->size, 3), NULL};
    if (count > 1)
        inputs[1] = gan_input(graph, "S", style_shape, 2);
    gan_layer *output = gan_article_2_generator(inputs[0], inputs[1], options);
    const struct build_words words = {"article_2_generator", "-1..1", "-1..1"};
    return gan_build_end(out, graph, "generator", inputs, count, &output, 1, &words);
}

gan_status gan_build_generator(gan_model **out, gan_context *context, const gan_article_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_build_generator: out is NULL");
    *out = NULL;
    gan_article_options options;
    gan_graph *graph;
    gan_status status = take_options(&options, given);
    if (status == GAN_OK)
        status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    return options.article == GAN_ARTICLE_1 ? build_generator_1(out, graph, &options)
                                            : build_generator_2(out, graph, &options);
}

static gan_layer *discriminator_input(gan_graph *graph, const gan_article_options *options)
{
    if (options->article == GAN_ARTICLE_1)
        return square_input(graph, "input", options, options->discriminator_size, 3);
    if (options->reading == GAN_AS_PRINTED)
        return square_input(graph, "input", options, options->size / 4, 5);
    return square_input(graph, "input", options, options->size, 3);
}

gan_status gan_build_discriminator(gan_model **out, gan_context *context, const gan_article_options *given)
{
    static const char *const architectures[] = {"article_1_discriminator", "article_2_discriminator"};
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_build_discriminator: out is NULL");
    *out = NULL;
    gan_article_options options;
    gan_graph *graph;
    gan_status status = take_options(&options, given);
    if (status == GAN_OK)
        status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    gan_layer *input = discriminator_input(graph, &options);
    gan_layer *output = options.article == GAN_ARTICLE_1 ? gan_article_1_discriminator(input)
                                                         : gan_article_2_discriminator(input, &options);
    const struct build_words words = {architectures[options.article - GAN_ARTICLE_1], "-1..1", "none"};
    return gan_build_end(out, graph, "discriminator", &input, 1, &output, 1, &words);
}
