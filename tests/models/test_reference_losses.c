/* Losses by published feature extractors, gradients at the picture, and AdaIN. */
#include "base/suite.h"
#include "models/reference.h"
#include "models/reference_extractor.h"

#include <stdio.h>

enum { STYLES = 3 };

struct loss_case {
    const struct extractor *extractor;
    const char *styles[STYLES], *content;
    double gram_errors[STYLES];
    float style_weight;
    double content_error, style_error, total_error;
};

struct loss_graph {
    gan_layer *grams[STYLES], *parts[2], *total;
};

static gan_layer *gram_constant(gan_graph *graph, const gan_tensors *golden, const char *style)
{
    char name[64];
    snprintf(name, sizeof name, "gram_style.%s", style);
    gan_tensor *gram = reference_take(golden, name);
    gan_layer *layer = gan_constant(graph, name, gram);
    gan_tensor_free(gram);
    return layer;
}

static gan_layer *content_constant(gan_graph *graph, const struct loss_case *c, gan_model *model,
                                   const gan_tensors *golden)
{
    gan_tensor *outputs[MOST_OUTPUTS], *picture = take_picture(c->extractor, golden, "content");
    reference_run(model, picture, GAN_PRECISION_EXACT, outputs);
    gan_layer *layer = gan_constant(graph, "content", outputs[output_index(model, c->content)]);
    free_outputs(model, outputs);
    gan_tensor_free(picture);
    return layer;
}

static struct loss_graph build_loss(const struct loss_case *c, gan_model *model, const gan_tensors *golden,
                                    gan_layer *x)
{
    gan_graph *graph = gan_layer_graph(x);
    gan_layer *features[MOST_OUTPUTS], *losses[STYLES];
    struct loss_graph loss;
    must(gan_apply_many(model, &x, 1, features, gan_model_output_count(model), NULL));
    for (int i = 0; i < STYLES; i++) {
        loss.grams[i] = gan_gram_matrix(features[output_index(model, c->styles[i])], GAN_GRAM_PER_ELEMENT);
        losses[i] =
            gan_style_matrix_loss(loss.grams[i], gram_constant(graph, golden, c->styles[i]), GAN_REDUCE_SUM);
    }
    loss.parts[0] = gan_content_loss(features[output_index(model, c->content)],
                                     content_constant(graph, c, model, golden), GAN_REDUCE_MEAN);
    loss.parts[1] = gan_weighted_sum(losses, (const float[]){1, 1, 1}, STYLES);
    loss.total = gan_weighted_sum(loss.parts, (const float[]){1, c->style_weight}, 2);
    return loss;
}

static double number_of(const gan_tensors *golden, const char *name)
{
    gan_tensor *tensor = reference_take(golden, name);
    const double number = (double)*(const float *)gan_tensor_data_const(tensor);
    gan_tensor_free(tensor);
    return number;
}

/* d loss / d (normalised picture) = deviation * d loss / d picture. */
static void compare_picture_gradient(const struct loss_case *c, const gan_objective *objective,
                                     const gan_tensors *golden)
{
    gan_tensor *gradient, *expected = reference_picture(golden, "grad.input");
    must(gan_objective_input_gradient(objective, 0, &gradient));
    float *values = gan_tensor_data(gradient);
    for (int64_t i = 0; i < gan_tensor_count(gradient); i++)
        values[i] *= c->extractor->deviation[i % 3];
    reference_compare("gradient at the picture", gradient, expected, 1e-4 * reference_largest(expected));
    gan_tensor_free(gradient);
    gan_tensor_free(expected);
}

static void compare_values(const struct loss_case *c, const gan_objective *objective,
                           const gan_tensors *golden, double total)
{
    for (int32_t i = 0; i < STYLES; i++) {
        char name[64];
        gan_tensor *gram;
        snprintf(name, sizeof name, "gram_input.%s", c->styles[i]);
        must(gan_objective_value(objective, i, &gram));
        gan_tensor *expected = reference_take(golden, name);
        reference_compare(name, gram, expected, 10 * c->gram_errors[i]);
        gan_tensor_free(gram);
        gan_tensor_free(expected);
    }
    reference_compare_number("content loss", (double)gan_objective_scalar(objective, STYLES),
                             number_of(golden, "loss.content"), 10 * c->content_error);
    reference_compare_number("style loss", (double)gan_objective_scalar(objective, STYLES + 1),
                             number_of(golden, "loss.style"), 10 * c->style_error);
    reference_compare_number("total loss", total, number_of(golden, "loss.total"), 10 * c->total_error);
    compare_picture_gradient(c, objective, golden);
}

static void compare_losses_at(const struct loss_case *c, gan_context *context, gan_model *model,
                              const gan_tensors *golden, int32_t precision)
{
    const int64_t shape[4] = {-1, -1, -1, 3};
    gan_graph *graph;
    gan_optimizer *optimizer;
    gan_objective *objective;
    float total;
    must(gan_graph_create(&graph, context));
    must(gan_sgd_create(&optimizer, context, NULL));
    gan_layer *x = gan_input(graph, "x", shape, 4);
    const struct loss_graph loss = build_loss(c, model, golden, x);
    gan_layer *watched[] = {loss.grams[0], loss.grams[1], loss.grams[2], loss.parts[0], loss.parts[1]};
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .precision = precision,
                                           .watched = watched,
                                           .watched_count = STYLES + 2};
    must(gan_objective_create(&objective, loss.total, &x, 1, &model, 1, optimizer, &options));
    must(gan_objective_request_input_gradient(objective, 0));
    gan_tensor *picture = take_picture(c->extractor, golden, "input");
    must(gan_objective_gradients(objective, (const gan_tensor *const[]){picture}, 1, &total));
    compare_values(c, objective, golden, (double)total);
    gan_tensor_free(picture);
    gan_objective_free(objective);
    gan_optimizer_free(optimizer);
    gan_graph_free(graph);
}

static void compare_losses(const struct loss_case *c)
{
    gan_context *context = reference_context();
    gan_model *model = reference_import(context, c->extractor->weights);
    gan_tensors *golden = load_of_extractor(context, c->extractor, "losses_96x80");
    compare_losses_at(c, context, model, golden, GAN_PRECISION_EXACT);
    compare_losses_at(c, context, model, golden, GAN_PRECISION_DEFAULT);
    gan_tensors_free(golden);
    gan_model_free(model);
    gan_context_free(context);
}

START_TEST(squeezenet_losses)
{
    static const struct loss_case c = {&squeezenet_extractor,
                                       {"relu1", "fire2", "fire4"},
                                       "fire5",
                                       {5.8e-9, 1.6e-7, 1.6e-6},
                                       0.1f,
                                       2e-5,
                                       5.5e-4,
                                       9.3e-5};
    compare_losses(&c);
}
END_TEST

START_TEST(vgg19_losses)
{
    static const struct loss_case c = {&vgg19_extractor,
                                       {"relu1_1", "relu2_1", "relu3_1"},
                                       "relu3_1",
                                       {1.8e-8, 3.4e-8, 4.4e-8},
                                       100,
                                       2.2e-7,
                                       2.5e-6,
                                       2.5e-4};
    compare_losses(&c);
}
END_TEST

static gan_layer *decoder_convolution(gan_layer *x, int32_t filters)
{
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .filters = filters,
                                     .kernel = {3, 3},
                                     .padding = GAN_PAD_HALF,
                                     .padding_mode = GAN_PADDING_REFLECT};
    return gan_conv2d(x, &conv);
}

static gan_model *build_decoder(gan_context *context)
{
    const int64_t shape[4] = {-1, -1, -1, 256};
    gan_graph *graph;
    gan_model *decoder;
    must(gan_graph_create(&graph, context));
    gan_layer *input = gan_input(graph, "features", shape, 4);
    gan_layer *x = gan_upsample_nearest(gan_relu(decoder_convolution(input, 128)), 2);
    x = gan_relu(decoder_convolution(gan_relu(decoder_convolution(x, 128)), 64));
    x = decoder_convolution(gan_relu(decoder_convolution(gan_upsample_nearest(x, 2), 64)), 3);
    must(gan_model_create(&decoder, "decoder", &input, 1, &x, 1));
    gan_graph_free(graph);
    return decoder;
}

static gan_model *load_decoder(gan_context *context)
{
    gan_model *decoder = build_decoder(context);
    gan_tensors *weights = reference_load(context, "weights/wct_feature_invertor_conv3_1.safetensors");
    ck_assert_int_eq(gan_tensors_count(weights), gan_model_parameter_count(decoder));
    for (int32_t i = 0; i < gan_tensors_count(weights); i++) {
        const char *name = gan_tensors_name(weights, i);
        gan_tensor *value = i % 2 == 0 ? reference_picture(weights, name) : reference_take(weights, name);
        must(gan_model_set_parameter(decoder, i, value));
        gan_tensor_free(value);
    }
    gan_tensors_free(weights);
    return decoder;
}

/* Features of content and style, fused 0.8 to 0.2 with the content's own, decoded; and the content's alone.
 */
static gan_model *build_transfer(gan_context *context, gan_model *encoder, gan_model *decoder)
{
    const int64_t shape[4] = {-1, -1, -1, 3};
    gan_graph *graph;
    gan_model *transfer;
    must(gan_graph_create(&graph, context));
    gan_layer *inputs[2] = {gan_input(graph, "content", shape, 4), gan_input(graph, "style", shape, 4)};
    gan_layer *content = gan_apply(encoder, inputs[0]), *style = gan_apply(encoder, inputs[1]);
    gan_layer *fused = gan_adain(content, style, 1e-5f, 1);
    gan_layer *mixed = gan_add(gan_scale(fused, 0.8f, 0), gan_scale(content, 0.2f, 0));
    gan_layer *outputs[3] = {mixed, gan_apply(decoder, mixed), gan_apply(decoder, content)};
    must(gan_model_create(&transfer, "transfer", inputs, 2, outputs, 3));
    gan_graph_free(graph);
    return transfer;
}

START_TEST(vgg19_adain)
{
    static const struct {
        const char *name;
        double float32_error;
    } results[3] = {{"adain_feat", 1.8e-5}, {"decoded", 5.9e-7}, {"recon", 4.2e-7}};
    gan_context *context = reference_context();
    gan_model *all = reference_import(context, vgg19_extractor.weights), *encoder;
    must(gan_model_select_outputs(&encoder, all, (const char *const[]){"relu3_1"}, 1));
    gan_model *decoder = load_decoder(context), *transfer = build_transfer(context, encoder, decoder);
    gan_tensors *golden = load_of_extractor(context, &vgg19_extractor, "adain_0.8_128");
    gan_tensor *content = reference_picture(golden, "content"), *style = reference_picture(golden, "style");
    const int64_t shapes[8] = {1, 128, 128, 3, 1, 120, 160, 3};
    gan_tensor *expected[3], *outputs[3];
    for (int i = 0; i < 3; i++) {
        expected[i] = reference_picture(golden, results[i].name);
        outputs[i] = reference_picture(golden, results[i].name);
    }
    for (int32_t precision = 0; precision < 2; precision++) {
        const gan_session_options options = {.struct_size = sizeof options, .precision = precision};
        gan_session *session;
        must(gan_session_create(&session, transfer, shapes, &options));
        must(gan_session_run(session, (const gan_tensor *const[]){content, style}, 2, outputs, 3));
        for (int i = 0; i < 3; i++)
            reference_compare(results[i].name, outputs[i], expected[i], 10 * results[i].float32_error);
        gan_session_free(session);
    }
    for (int i = 0; i < 3; i++) {
        gan_tensor_free(expected[i]);
        gan_tensor_free(outputs[i]);
    }
    gan_tensor_free(content);
    gan_tensor_free(style);
    gan_tensors_free(golden);
    gan_model_free(transfer);
    gan_model_free(decoder);
    gan_model_free(encoder);
    gan_model_free(all);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    if (reference_folder() == NULL)
        return 77;
    const TTest *const tests[] = {squeezenet_losses, vgg19_losses, vgg19_adain};
    return run_suite("reference losses", tests, sizeof tests / sizeof tests[0]);
}
