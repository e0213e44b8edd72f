/* Twenty steps of a DCGAN on pictures of clothes, against PyTorch. */
#include "base/suite.h"
#include "training/reference_training.h"

static const struct parameter_map generator_map[] = {
    {"start.weight", "1.weight", PARAMETER_START, 0, 0, 0},
    {"start_norm.weight", "2.weight", PARAMETER_VECTOR, 0, 0, 0},
    {"start_norm.bias", "2.bias", PARAMETER_VECTOR, 0, 0, 0},
    {"start_norm.running_mean", "2.running_mean", PARAMETER_VECTOR, 0, 0, 0},
    {"start_norm.running_variance", "2.running_var", PARAMETER_VECTOR, 0, 0, 0},
    {"up1.weight", "4.weight", PARAMETER_CONVOLUTION, 0, 0, 0},
    {"up1_norm.weight", "5.weight", PARAMETER_VECTOR, 0, 0, 0},
    {"up1_norm.bias", "5.bias", PARAMETER_VECTOR, 0, 0, 0},
    {"up1_norm.running_mean", "5.running_mean", PARAMETER_VECTOR, 0, 0, 0},
    {"up1_norm.running_variance", "5.running_var", PARAMETER_VECTOR, 0, 0, 0},
    {"picture.weight", "7.weight", PARAMETER_CONVOLUTION, 0, 0, 0},
    {"picture.bias", "7.bias", PARAMETER_VECTOR, 0, 0, 0},
};

static const struct parameter_map discriminator_map[] = {
    {"conv1.weight", "0.weight", PARAMETER_CONVOLUTION, 0, 0, 0},
    {"conv1.bias", "0.bias", PARAMETER_VECTOR, 0, 0, 0},
    {"conv2.weight", "2.weight", PARAMETER_CONVOLUTION, 0, 0, 0},
    {"conv2_norm.weight", "3.weight", PARAMETER_VECTOR, 0, 0, 0},
    {"conv2_norm.bias", "3.bias", PARAMETER_VECTOR, 0, 0, 0},
    {"conv2_norm.running_mean", "3.running_mean", PARAMETER_VECTOR, 0, 0, 0},
    {"conv2_norm.running_variance", "3.running_var", PARAMETER_VECTOR, 0, 0, 0},
    {"logit.weight", "6.weight", PARAMETER_AFTER_FLATTEN, 64, 7, 7},
    {"logit.bias", "6.bias", PARAMETER_VECTOR, 0, 0, 0},
};

enum {
    BATCH = 16,
    GENERATOR_PARAMETERS = sizeof generator_map / sizeof generator_map[0],
    DISCRIMINATOR_PARAMETERS = sizeof discriminator_map / sizeof discriminator_map[0]
};

static gan_optimizer *adam(gan_context *context)
{
    const gan_adam_options options = {.struct_size = sizeof options,
                                      .learning_rate = 2e-4f,
                                      .beta1 = 0.5f,
                                      .beta2 = 0.999f,
                                      .epsilon = 1e-8f};
    gan_optimizer *optimizer;
    must(gan_adam_create(&optimizer, context, &options));
    return optimizer;
}

static void train(struct training_reference *reference, gan_adversarial *adversarial)
{
    for (int32_t step = 0; step < training_reference_steps(reference); step++) {
        float d_real, d_fake, g;
        gan_tensor *noise = training_reference_batch(reference, "noise", step, BATCH);
        gan_tensor *real = training_reference_batch(reference, "real", step, BATCH);
        must(gan_adversarial_step(adversarial, noise, real, &d_real, &d_fake, &g));
        training_reference_compare(reference, step, "d_real", d_real);
        training_reference_compare(reference, step, "d_fake", d_fake);
        training_reference_compare(reference, step, "g", g);
        gan_tensor_free(noise);
        gan_tensor_free(real);
    }
}

START_TEST(dcgan_fashion)
{
    struct training_reference reference;
    training_reference_open(&reference, "dcgan_fashion");
    const gan_dcgan_options options = {.struct_size = sizeof options, .size = 28, .channels = 1, .noise = 64};
    const gan_adversarial_options exact = {.struct_size = sizeof exact, .precision = GAN_PRECISION_EXACT};
    gan_model *generator, *discriminator;
    gan_adversarial *adversarial;
    must(gan_dcgan_generator_create(&generator, reference.context, &options));
    must(gan_dcgan_discriminator_create(&discriminator, reference.context, &options));
    training_reference_start(&reference, generator, "generator", generator_map, GENERATOR_PARAMETERS);
    training_reference_start(&reference, discriminator, "discriminator", discriminator_map,
                             DISCRIMINATOR_PARAMETERS);
    gan_optimizer *optimizers[2] = {adam(reference.context), adam(reference.context)};
    must(
        gan_adversarial_create(&adversarial, generator, discriminator, optimizers[0], optimizers[1], &exact));
    train(&reference, adversarial);
    training_reference_finish(&reference, generator, "generator", generator_map, GENERATOR_PARAMETERS);
    training_reference_finish(&reference, discriminator, "discriminator", discriminator_map,
                              DISCRIMINATOR_PARAMETERS);
    gan_adversarial_free(adversarial);
    gan_optimizer_free(optimizers[0]);
    gan_optimizer_free(optimizers[1]);
    gan_model_free(generator);
    gan_model_free(discriminator);
    training_reference_close(&reference);
}
END_TEST

int main(void)
{
    if (reference_folder() == NULL)
        return 77;
    const TTest *const tests[] = {dcgan_fashion};
    return run_suite("reference dcgan", tests, sizeof tests / sizeof tests[0]);
}
