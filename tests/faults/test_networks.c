/* Out of memory while the named architectures are built. */
#include "base/suite.h"
#include "faults/scenario.h"

static gan_status build_small(gan_context *context, void *state)
{
    (void)state;
    const gan_johnson_options johnson = {
        .struct_size = sizeof johnson, .channels = 2, .blocks = 1, .kernel = 3};
    const gan_patchgan_options patches = {.struct_size = sizeof patches, .channels = 2, .layers = 2};
    const gan_dcgan_options dcgan = {
        .struct_size = sizeof dcgan, .size = 32, .width = 2, .noise = 3, .classes = 2};
    const gan_unet_options unet = {.struct_size = sizeof unet, .channels = 1, .downs = 3};
    const gan_resnet_generator_options resnet = {
        .struct_size = sizeof resnet, .channels = 1, .blocks = 1, .separable = 1};
    const gan_anime_network_options anime = {.struct_size = sizeof anime, .channels = 1, .depth = 1};
    gan_model *models[10] = {NULL};
    gan_status status = gan_johnson_create(&models[0], context, &johnson);
    if (status == GAN_OK)
        status = gan_patchgan_create(&models[1], context, &patches);
    if (status == GAN_OK)
        status = gan_dcgan_generator_create(&models[2], context, &dcgan);
    if (status == GAN_OK)
        status = gan_dcgan_discriminator_create(&models[3], context, &dcgan);
    if (status == GAN_OK)
        status = gan_unet_create(&models[4], context, &unet);
    if (status == GAN_OK)
        status = gan_resnet_generator_create(&models[5], context, &resnet);
    if (status == GAN_OK)
        status = gan_pixel_discriminator_create(&models[6], context, NULL);
    if (status == GAN_OK)
        status = gan_multiscale_patchgan_create(&models[7], context, 2, &patches);
    if (status == GAN_OK)
        status = gan_anime_generator_create(&models[8], context, &anime);
    if (status == GAN_OK)
        status = gan_anime_discriminator_create(&models[9], context, &anime);
    for (int i = 0; i < 10; i++)
        gan_model_free(models[i]);
    return status;
}

START_TEST(small_networks)
{
    exhaust_memory(&(struct scenario){.act = build_small, .stride = 5});
}
END_TEST

static gan_status build_squeezenet(gan_context *context, void *state)
{
    (void)state;
    const char *const names[] = {"relu1", "fire3"};
    gan_model *whole = NULL, *part = NULL;
    gan_status status = gan_squeezenet_create(&whole, context);
    if (status == GAN_OK)
        status = gan_model_select_outputs(&part, whole, names, 2);
    gan_model_free(whole);
    gan_model_free(part);
    return status;
}

START_TEST(feature_networks)
{
    exhaust_memory(&(struct scenario){.act = build_squeezenet, .stride = 61});
}
END_TEST

static gan_status transfer_style(gan_context *context, void *state)
{
    (void)state;
    const int64_t shape[4] = {1, 8, 8, 3};
    gan_model *model = NULL;
    gan_tensor *picture = NULL, *result = NULL;
    gan_status status = gan_microast_create(&model, context, NULL);
    if (status == GAN_OK)
        status = gan_tensor_create(&picture, context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        status = gan_model_transfer(model, picture, picture, 0.5f, &result);
    gan_tensor_free(result);
    gan_tensor_free(picture);
    gan_model_free(model);
    return status;
}

START_TEST(transfer_of_a_style)
{
    exhaust_memory(&(struct scenario){.act = transfer_style, .stride = 97});
}
END_TEST

static gan_status build_article(gan_context *context, const gan_article_options *options)
{
    gan_model *models[2] = {NULL, NULL};
    gan_status status = gan_build_generator(&models[0], context, options);
    if (status == GAN_OK)
        status = gan_build_discriminator(&models[1], context, options);
    gan_model_free(models[0]);
    gan_model_free(models[1]);
    return status;
}

static gan_status build_articles(gan_context *context, void *state)
{
    (void)state;
    gan_article_options options = {.struct_size = sizeof options, .article = GAN_ARTICLE_1, .size = 16};
    gan_status status = build_article(context, &options);
    options.article = GAN_ARTICLE_2;
    options.style_length = 9;
    if (status == GAN_OK)
        status = build_article(context, &options);
    return status;
}

START_TEST(networks_of_the_articles)
{
    exhaust_memory(&(struct scenario){.act = build_articles, .stride = 11});
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        small_networks,
        feature_networks,
        transfer_of_a_style,
        networks_of_the_articles,
    };
    return run_suite("networks", tests, sizeof tests / sizeof tests[0]);
}
