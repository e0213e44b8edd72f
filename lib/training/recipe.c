#include "training/recipe.h"
#include "gan/context.h"
#include "training/dataset.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { TEXT_SIZE = 1024 };
static const double MOST_MINUTES = 1e6;

static gan_status check(const struct recipe *recipe, int32_t domains)
{
    if (recipe->context == NULL || recipe->data == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "the %s is NULL",
                        recipe->context == NULL ? "context" : "data set");
    if (gan_dataset_domains(recipe->data) != domains)
        return gan_fail(GAN_ERROR_ARGUMENT, "the data set has %" PRId32 " sides, expected %" PRId32,
                        gan_dataset_domains(recipe->data), domains);
    if (recipe->data->options.range != GAN_RANGE_SYMMETRIC)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "the data set's pictures are 0..1, expected -1..1 (GAN_RANGE_SYMMETRIC)");
    if (gan_dataset_height(recipe->data) != gan_dataset_width(recipe->data))
        return gan_fail(GAN_ERROR_SHAPE, "the pictures are %" PRId32 "x%" PRId32 ", expected squares",
                        gan_dataset_width(recipe->data), gan_dataset_height(recipe->data));
    return GAN_OK;
}

gan_status gan_recipe_open(struct recipe *recipe, gan_context *context, const struct training_method *method,
                           gan_dataset *data, int32_t domains, const gan_recipe_options *given)
{
    recipe->context = context;
    recipe->data = data;
    gan_status status = check(recipe, domains);
    if (status == GAN_OK)
        status = gan_copy_options(&recipe->options, sizeof recipe->options, given, "gan_recipe_options");
    if (status != GAN_OK)
        return status;
    recipe->options.struct_size = sizeof recipe->options;
    recipe->options.size = gan_dataset_height(data);
    status = gan_recipe_complete(method->name, &recipe->options);
    if (status == GAN_OK)
        status = gan_training_open(&recipe->training, context, method, recipe, recipe->options.training);
    if (status == GAN_OK && recipe->training.options.minutes > MOST_MINUTES)
        status = gan_fail(GAN_ERROR_ARGUMENT, "minutes is %g, expected at most %g",
                          recipe->training.options.minutes, MOST_MINUTES);
    recipe->seed = recipe->training.options.seed + 1;
    if (recipe->seed == 0)
        recipe->seed = 1;
    return status;
}

void gan_recipe_close(struct recipe *recipe)
{
    gan_tensor_free(recipe->shown[0]);
    gan_tensor_free(recipe->shown[1]);
    gan_training_close(&recipe->training);
}

/* SplitMix64's finalizer (Steele et al. 2014). */
static uint64_t mixed(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

uint64_t gan_recipe_seed(const struct recipe *recipe, int64_t purpose, int64_t step)
{
    const uint64_t seed = mixed(mixed(recipe->seed + (uint64_t)purpose) + (uint64_t)step);
    return seed != 0 ? seed : 1;
}

gan_status gan_recipe_batch(gan_tensor **out, const struct recipe *recipe, int32_t channels)
{
    const int64_t size = recipe->options.size;
    const int64_t shape[4] = {recipe->options.batch, size, size, channels};
    return gan_tensor_create(out, recipe->context, GAN_FLOAT32, shape, 4);
}

/* The position follows from the number, so that a step that is done again sees the same pictures. */
gan_status gan_recipe_load_batch(const struct recipe *recipe, int64_t number, gan_tensor *first,
                                 gan_tensor *second, gan_tensor *labels)
{
    const gan_status status = gan_dataset_set_position(recipe->data, number * recipe->options.batch);
    return status == GAN_OK ? gan_dataset_next(recipe->data, first, second, labels) : status;
}

gan_status gan_recipe_load(const struct recipe *recipe, gan_tensor *first, gan_tensor *second,
                           gan_tensor *labels)
{
    return gan_recipe_load_batch(recipe, recipe->training.step, first, second, labels);
}

gan_status gan_recipe_run(struct recipe *recipe)
{
    const gan_recipe_options *o = &recipe->options;
    char text[TEXT_SIZE];
    snprintf(text, sizeof text,
             "%s size=%" PRId32 " batch=%" PRId32 " generator=%" PRId32 " discriminator=%" PRId32
             " blocks=%" PRId32 " noise=%" PRId32 " loss=%" PRId32 " rate=%g reconstruction=%g identity=%g "
             "penalty=%g average=%g augment=%" PRId32 "%s%s critic=%" PRId32 " seed=%" PRIu64
             " data=%016" PRIx64 " kernels=%s%s%s",
             recipe->training.method->name, o->size, o->batch, o->generator_channels,
             o->discriminator_channels, o->blocks, o->noise, o->loss, (double)o->learning_rate,
             (double)o->reconstruction_weight, (double)o->identity_weight, (double)o->penalty_weight,
             (double)o->average_images, o->augment, o->conditional > 0 ? " conditional" : "",
             o->resize_convolution > 0 ? " resize-convolution" : "", o->critic_steps,
             recipe->training.options.seed, gan_dataset_identity(recipe->data),
             gan_kernels_name(gan_context_kernels(recipe->context)), recipe->words != NULL ? " " : "",
             recipe->words != NULL ? recipe->words : "");
    const gan_status status = gan_recipe_choose_shown(recipe);
    return status == GAN_OK ? gan_training_run(&recipe->training, text) : status;
}

gan_layer *gan_recipe_seen(const struct recipe *recipe, gan_layer *picture)
{
    const int32_t policy = recipe->options.augment;
    const gan_diff_augment_options options = {.struct_size = sizeof options, .policy = policy};
    return policy > 0 ? gan_diff_augment(picture, &options) : picture;
}

gan_status gan_recipe_average(gan_average **out, struct recipe *recipe, const char *name, gan_model *model)
{
    const double half_life = (double)recipe->options.average_images;
    *out = NULL;
    if (half_life <= 0)
        return GAN_OK;
    /* 0 would be taken for the default. */
    const float decay = (float)fmax(pow(0.5, (double)recipe->options.batch / half_life), 1e-30);
    const gan_average_options options = {
        .struct_size = sizeof options,
        .decay = decay,
        .bias_corrected = 1,
    };
    const gan_status status = gan_average_create(out, model, &options);
    if (status == GAN_OK)
        gan_training_add_average(&recipe->training, name, *out, model);
    return status;
}

gan_status gan_recipe_update_average(gan_average *average)
{
    return average != NULL ? gan_average_update(average) : GAN_OK;
}
