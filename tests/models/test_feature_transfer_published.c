/* Transforms of features between published networks: VGG-19 and the decoders of Universal Style Transfer. */
#include "base/suite.h"
#include "gan/image.h"
#include "graph/networks.h"
#include "models/reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

START_TEST(published_decoders_undo_their_encoders)
{
    gan_context *context = reference_context();
    gan_model *decoder = reference_import(context, "weights/wct_feature_invertor_conv3_1.safetensors"),
              *relu3_1;
    gan_model *encoder = reference_import(context, "weights/wct_vgg_normalised_conv3_1.safetensors");
    succeed(gan_model_select_outputs(&relu3_1, encoder, (const char *const[]){"relu3_1"}, 1));
    gan_tensors *golden = reference_load(context, "golden/wct_vgg19/adain_0.8_128.safetensors");
    gan_tensor *features = reference_picture(golden, "adain_feat"),
               *expected = reference_picture(golden, "decoded");
    gan_tensor *picture = reference_picture(golden, "content"), *recon = reference_picture(golden, "recon");
    for (int32_t precision = 0; precision < 2; precision++) {
        gan_tensor *result, *seen, *again;
        reference_run(decoder, features, precision, &result);
        reference_compare("adain, decoded", result, expected, 5.9e-6);
        reference_run(relu3_1, picture, precision, &seen);
        reference_run(decoder, seen, precision, &again);
        reference_compare("decoded again", again, recon, 4.2e-6);
        gan_tensor_free(result);
        gan_tensor_free(seen);
        gan_tensor_free(again);
    }
    gan_tensor *const all[] = {features, expected, picture, recon};
    for (int i = 0; i < 4; i++)
        gan_tensor_free(all[i]);
    gan_tensors_free(golden);
    gan_model_free(relu3_1);
    gan_model_free(encoder);
    gan_model_free(decoder);
    gan_context_free(context);
}
END_TEST

/* Adaptive instance normalization at relu3_1, of which 0.8 was mixed with the content's own, decoded. The
 * whole passage: picture, features, mean and deviation, picture. The reference is not clamped. */
START_TEST(mean_and_deviation_are_those_of_the_reference)
{
    gan_context *context = reference_context();
    gan_model *decoder = reference_import(context, "weights/wct_feature_invertor_conv3_1.safetensors");
    gan_model *encoder = reference_import(context, "weights/wct_vgg_normalised_conv3_1.safetensors");
    gan_tensors *golden = reference_load(context, "golden/wct_vgg19/adain_0.8_128.safetensors");
    gan_tensor *content = reference_picture(golden, "content"), *style = reference_picture(golden, "style"),
               *expected = reference_picture(golden, "decoded"), *result;
    gan_feature_transfer *transfer;
    succeed(gan_feature_transfer_create(&transfer, &encoder, &decoder, 1, NULL));
    succeed(gan_feature_transfer_add_picture(transfer, style));
    succeed(gan_feature_transfer_run(transfer, content, 0.8f, NULL, &result));
    float *values = gan_tensor_data(expected);
    for (int64_t i = 0; i < gan_tensor_count(expected); i++)
        values[i] = fminf(fmaxf(values[i], 0.0f), 1.0f);
    reference_compare("mean and deviation", result, expected, 5.9e-6);
    gan_feature_transfer_free(transfer);
    gan_tensor *const all[] = {content, style, expected, result};
    for (int i = 0; i < 4; i++)
        gan_tensor_free(all[i]);
    gan_tensors_free(golden);
    gan_model_free(encoder);
    gan_model_free(decoder);
    gan_context_free(context);
}
END_TEST

/* Each level's round trip at strength 0 gives the picture back, about. */
START_TEST(every_level_gives_the_picture_back)
{
    static const double least[] = {28, 35, 30}; /* decibels of PSNR */
    gan_context *context = reference_context();
    gan_tensor *picture = NULL;
    char path[4096];
    snprintf(path, sizeof path, "%s/examples/images/chelsea.jpg", getenv("GAN_SOURCE_DIR"));
    succeed(gan_image_load(&picture, NULL, context, path));
    for (int level = 1; level <= 3; level++) {
        char encoder_name[80], decoder_name[80];
        snprintf(encoder_name, sizeof encoder_name, "weights/wct_vgg_normalised_conv%d_1.safetensors", level);
        snprintf(decoder_name, sizeof decoder_name, "weights/wct_feature_invertor_conv%d_1.safetensors",
                 level);
        gan_model *encoder = reference_import(context, encoder_name);
        gan_model *decoder = reference_import(context, decoder_name);
        gan_feature_transfer *transfer;
        gan_tensor *result;
        double decibels = 0;
        succeed(gan_feature_transfer_create(&transfer, &encoder, &decoder, 1, NULL));
        succeed(gan_feature_transfer_add_picture(transfer, picture));
        succeed(gan_feature_transfer_run(transfer, picture, 0, NULL, &result));
        succeed(gan_psnr(result, picture, &decibels));
        ck_assert_msg(decibels > least[level - 1], "level %d: %g dB", level, decibels);
        gan_tensor_free(result);
        gan_feature_transfer_free(transfer);
        gan_model_free(encoder);
        gan_model_free(decoder);
    }
    gan_tensor_free(picture);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    if (reference_folder() == NULL)
        return 77;
    const TTest *tests[] = {
        published_decoders_undo_their_encoders,
        mean_and_deviation_are_those_of_the_reference,
        every_level_gives_the_picture_back,
    };
    return run_suite("published feature transfer", tests, sizeof tests / sizeof tests[0]);
}
