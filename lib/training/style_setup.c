/* Making a style trainer. */
#include "base/hash.h"
#include "gan/context.h"
#include "gan/networks.h"
#include "training/image_folder.h"
#include "training/style_trainer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_SIZE = 1024 };

gan_status gan_trainer_open(struct training *training, gan_context *context,
                            const struct training_method *method, void *trainer,
                            const gan_style_trainer_options *given, const struct style_recipe *recipe)
{
    const gan_training_options options = {.struct_size = sizeof options,
                                          .steps = given->steps,
                                          .minutes = given->minutes,
                                          .seed = given->seed,
                                          .checkpoint = given->checkpoint,
                                          .checkpoint_every = given->checkpoint_every,
                                          .resume = given->resume,
                                          .log_csv = given->log_csv,
                                          .plot_png = given->plot_png,
                                          .preview_png = given->preview_png,
                                          .progress = given->progress,
                                          .progress_user = given->progress_user};
    return gan_training_open_cosine(training, context, method, trainer, &options, (double)recipe->end_factor);
}

gan_status gan_trainer_scale_style(gan_tensor **out, const gan_tensor *picture, int64_t longer)
{
    const int64_t height = gan_tensor_size(picture, 1), width = gan_tensor_size(picture, 2);
    const double factor = (double)longer / (double)(height > width ? height : width);
    const int64_t new_height = llround((double)height * factor), new_width = llround((double)width * factor);
    return gan_image_resize(out, picture, new_height > 0 ? new_height : 1, new_width > 0 ? new_width : 1);
}

gan_status gan_trainer_check_style(const gan_tensor *picture)
{
    if (picture == NULL || gan_tensor_type(picture) != GAN_FLOAT32 || gan_tensor_rank(picture) != 4 ||
        gan_tensor_size(picture, 0) != 1 || gan_tensor_size(picture, 3) != 3 ||
        gan_tensor_count(picture) == 0)
        return gan_fail(GAN_ERROR_SHAPE, "the style picture is no float32 [1,H,W,3]");
    const float *values = gan_tensor_data_const(picture);
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        if (!isfinite(values[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE, "the style picture's element %" PRId64 " is not finite", i);
    return GAN_OK;
}

static gan_status take_style_picture(struct style_trainer *trainer, const gan_tensor *picture)
{
    const gan_status status = gan_trainer_check_style(picture);
    if (status != GAN_OK)
        return status;
    const gan_status scaling =
        gan_trainer_scale_style(&trainer->style_picture, picture, trainer->recipe.style_size);
    if (scaling == GAN_OK)
        gan_palette_measure(&trainer->palette, gan_tensor_data_const(trainer->style_picture),
                            gan_tensor_count(trainer->style_picture) / 3);
    return scaling;
}

gan_status gan_trainer_select_levels(gan_model **out, gan_model *extractor, const struct scale_plan *plan)
{
    const char *names[64];
    int32_t count = 0;
    while (count < 8 && plan->levels[count] != NULL) {
        names[count] = plan->levels[count];
        count++;
    }
    const int32_t outputs = count == 0 ? gan_model_output_count(extractor) : 0;
    if (outputs > 64)
        return gan_fail(GAN_ERROR_ARGUMENT, "the extractor has %" PRId32 " outputs", outputs);
    while (count < outputs) {
        names[count] = gan_model_output_name(extractor, count);
        count++;
    }
    return gan_model_select_outputs(out, extractor, names, count);
}

/* The style at one scale, and the loss against it. */
static gan_status make_scale(struct style_trainer *trainer, int scale, const gan_tensor *picture)
{
    const struct scale_plan *plan = &trainer->plans[scale];
    const gan_style_loss_options options = {.struct_size = sizeof options,
                                            .content_weight = plan->content > 0 ? 1.0f : -1.0f};
    gan_model *extractor;
    gan_style *style = NULL;
    gan_status status = gan_trainer_select_levels(&extractor, trainer->options.extractor, plan);
    if (status != GAN_OK)
        return status;
    status = gan_style_create(&style, extractor, &picture, 1, NULL);
    if (status == GAN_OK)
        status = gan_style_loss_create(&trainer->losses[scale], style, &options);
    gan_style_free(style);
    gan_model_free(extractor);
    return status;
}

static gan_status make_losses(struct style_trainer *trainer)
{
    if (trainer->options.extractor == NULL)
        return GAN_OK;
    trainer->plans = gan_style_recipe_scales(trainer->options.extractor);
    gan_status status = GAN_OK;
    for (int i = 0; status == GAN_OK && i < TRAINER_SCALES; i++) {
        if (trainer->plans[i].weight == 0)
            continue;
        gan_tensor *picture;
        status = gan_trainer_scale_style(&picture, trainer->style_picture, trainer->recipe.style_size >> i);
        if (status != GAN_OK)
            return status;
        status = make_scale(trainer, i, picture);
        gan_tensor_free(picture);
    }
    return status;
}

/* A short memory at first: the first steps are far from where they lead. */
static gan_status make_average(struct style_trainer *trainer)
{
    const gan_average_options options = {
        .struct_size = sizeof options, .decay = trainer->recipe.average, .short_at_first = 1};
    const gan_status status = gan_average_create(&trainer->average, trainer->generator, &options);
    if (status == GAN_OK)
        gan_training_add_average(&trainer->training, "average", trainer->average, trainer->generator);
    return status;
}

static gan_status make_optimizer(gan_optimizer **out, struct style_trainer *trainer, const char *name,
                                 float rate, float beta1)
{
    const gan_adam_options options = {.struct_size = sizeof options, .learning_rate = rate, .beta1 = beta1};
    const gan_status status = gan_adam_create(out, trainer->context, &options);
    if (status == GAN_OK)
        gan_training_add_optimizer(&trainer->training, name, *out, rate);
    return status;
}

static gan_status make_generator(struct style_trainer *trainer)
{
    gan_status status = gan_trainer_make_generator(&trainer->generator, &trainer->unclamped, trainer->context,
                                                   &trainer->recipe);
    if (status != GAN_OK)
        return status;
    gan_training_add_network(&trainer->training, "generator", trainer->generator);
    status = make_average(trainer);
    return status == GAN_OK ? make_optimizer(&trainer->generator_optimizer, trainer, "generator_optimizer",
                                             trainer->recipe.learning_rate, 0.9f)
                            : status;
}

/* It is needed as a judge, or as the extractor, or not at all. */
static gan_status make_discriminator(struct style_trainer *trainer)
{
    const struct style_recipe *recipe = &trainer->recipe;
    if (recipe->adversarial_weight == 0 && trainer->plans != NULL)
        return GAN_OK;
    const gan_status status =
        gan_trainer_make_discriminator(&trainer->discriminator, trainer->context, recipe);
    if (status != GAN_OK)
        return status;
    gan_training_add_network(&trainer->training, "discriminator", trainer->discriminator);
    gan_training_add_judge(&trainer->training, LOSS_DISCRIMINATOR);
    return make_optimizer(&trainer->discriminator_optimizer, trainer, "discriminator_optimizer",
                          recipe->discriminator_rate, 0.5f);
}

static gan_status make_batches(struct style_trainer *trainer)
{
    const struct style_recipe *recipe = &trainer->recipe;
    const int64_t shape[4] = {recipe->batch, recipe->size, recipe->size, 3};
    gan_status status = gan_tensor_create(&trainer->content_batch, trainer->context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        status = gan_tensor_create(&trainer->target_batch, trainer->context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        status = gan_tensor_create(&trainer->style_batch, trainer->context, GAN_FLOAT32, shape, 4);
    if (status != GAN_OK || recipe->temporal_weight == 0)
        return status;
    const int64_t field[4] = {recipe->batch, recipe->size, recipe->size, 2};
    status = gan_tensor_create(&trainer->moved_batch, trainer->context, GAN_FLOAT32, shape, 4);
    return status == GAN_OK
               ? gan_tensor_create(&trainer->displacements, trainer->context, GAN_FLOAT32, field, 4)
               : status;
}

static gan_status open_folder(struct style_trainer *trainer, const char *path)
{
    const gan_image_folder_options options = {
        .struct_size = sizeof options, .size = trainer->recipe.size, .seed = trainer->recipe.seed};
    const gan_status status = gan_image_folder_open(&trainer->folder, trainer->context, path, &options);
    if (status == GAN_OK)
        trainer->folder_hash = gan_image_folder_hash(trainer->folder, path, GAN_HASH_OF_NOTHING);
    return status;
}

static uint64_t hash_tensor(uint64_t hash, const gan_tensor *tensor)
{
    return gan_hash(hash, gan_tensor_data_const(tensor), (size_t)gan_tensor_count(tensor) * sizeof(float));
}

gan_status gan_trainer_hash_model(uint64_t *hash, const gan_model *model)
{
    *hash = GAN_HASH_OF_NOTHING;
    for (int32_t i = 0; i < gan_model_parameter_count(model); i++) {
        gan_tensor *value;
        const gan_status status = gan_model_get_parameter(model, i, &value);
        if (status != GAN_OK)
            return status;
        *hash = hash_tensor(*hash, value);
        gan_tensor_free(value);
    }
    return GAN_OK;
}

static gan_status hash_extractor(struct style_trainer *trainer)
{
    if (trainer->plans == NULL)
        return GAN_OK;
    return gan_trainer_hash_model(&trainer->extractor_hash, trainer->options.extractor);
}

/* The fingerprint says all that decides what a step does. */
gan_status gan_trainer_run(struct style_trainer *trainer)
{
    const struct style_recipe *r = &trainer->recipe;
    char text[TEXT_SIZE];
    snprintf(text, sizeof text,
             "style channels=%" PRId32 " blocks=%" PRId32 " margin=%" PRId32 " size=%" PRId32
             " batch=%" PRId32 " style_size=%" PRId32
             " content=%g style=%g variation=%g range=%g adversarial=%g temporal=%g clip=%g rate=%g "
             "end=%g judge=%" PRId32 "x%g average=%g seed=%" PRIu64 " extractor=%s weights=%016" PRIx64
             " picture=%016" PRIx64 " folder=%016" PRIx64 " kernels=%s",
             r->channels, r->blocks, r->margin, r->size, r->batch, r->style_size, (double)r->content_weight,
             (double)r->style_weight, (double)r->variation_weight, (double)r->range_weight,
             (double)r->adversarial_weight, (double)r->temporal_weight, (double)r->longest_gradient,
             (double)r->learning_rate, (double)r->end_factor, r->discriminator_channels,
             (double)r->discriminator_rate, (double)r->average, r->seed,
             trainer->plans != NULL ? gan_model_name(trainer->options.extractor) : "none",
             trainer->extractor_hash, hash_tensor(GAN_HASH_OF_NOTHING, trainer->style_picture),
             trainer->folder_hash, gan_kernels_name(gan_context_kernels(trainer->context)));
    return gan_training_run(&trainer->training, text);
}

gan_status gan_trainer_prepare(struct style_trainer *trainer, const gan_tensor *style_picture,
                               const char *content_folder)
{
    gan_status status = take_style_picture(trainer, style_picture);
    if (status == GAN_OK)
        status = open_folder(trainer, content_folder);
    if (status == GAN_OK)
        status = make_losses(trainer);
    if (status == GAN_OK)
        status = hash_extractor(trainer);
    if (status == GAN_OK)
        status = make_generator(trainer);
    if (status == GAN_OK)
        status = make_discriminator(trainer);
    if (status == GAN_OK)
        status = make_batches(trainer);
    if (status == GAN_OK)
        status = gan_trainer_make_objectives(trainer);
    return status;
}

void gan_trainer_release(struct style_trainer *trainer)
{
    gan_objective_free(trainer->generator_objective);
    gan_objective_free(trainer->discriminator_objective);
    gan_optimizer_free(trainer->generator_optimizer);
    gan_optimizer_free(trainer->discriminator_optimizer);
    gan_model_free(trainer->generator);
    gan_model_free(trainer->unclamped);
    gan_model_free(trainer->discriminator);
    for (int i = 0; i < TRAINER_SCALES; i++)
        gan_style_loss_free(trainer->losses[i]);
    gan_average_free(trainer->average);
    gan_tensor_free(trainer->style_picture);
    gan_tensor_free(trainer->content_batch);
    gan_tensor_free(trainer->target_batch);
    gan_tensor_free(trainer->style_batch);
    gan_tensor_free(trainer->moved_batch);
    gan_tensor_free(trainer->displacements);
    gan_image_folder_free(trainer->folder);
    gan_training_close(&trainer->training);
}
