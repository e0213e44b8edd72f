/* gan_train_style: what a step does, and the public call. */
#include "training/style_trainer.h"
#include "gan/session.h"
#include "training/image_folder.h"

static const char *const loss_names[LOSS_COUNT] = {"loss",  "content",     "style",    "variation",
                                                   "range", "adversarial", "temporal", "discriminator"};

/* What the content is judged against: the photographs in the colours of the style picture. */
static void paint_targets(struct style_trainer *trainer)
{
    const int64_t pixels = (int64_t)trainer->recipe.size * trainer->recipe.size;
    const float *from = gan_tensor_data_const(trainer->content_batch);
    float *to = gan_tensor_data(trainer->target_batch);
    for (int64_t i = 0; i < trainer->recipe.batch; i++)
        gan_palette_apply(&trainer->palette, from + 3 * pixels * i, to + 3 * pixels * i, pixels);
}

static gan_status load_batches(struct style_trainer *trainer)
{
    gan_status status =
        gan_image_folder_batch(trainer->folder, trainer->training.step, trainer->content_batch);
    if (status == GAN_OK && trainer->plans != NULL)
        paint_targets(trainer);
    if (status == GAN_OK && trainer->moved_batch != NULL)
        status = gan_trainer_move_contents(trainer);
    if (status == GAN_OK && trainer->discriminator != NULL)
        status = gan_trainer_style_crops(trainer, trainer->style_batch);
    return status;
}

static gan_status step_generator(struct style_trainer *trainer, float *losses)
{
    const gan_tensor *inputs[] = {trainer->content_batch,
                                  trainer->plans != NULL ? trainer->target_batch : trainer->style_batch,
                                  trainer->moved_batch, trainer->displacements};
    const gan_status status = gan_objective_step(trainer->generator_objective, inputs,
                                                 trainer->moved_batch != NULL ? 4 : 2, &losses[LOSS_TOTAL]);
    for (int i = LOSS_CONTENT; i < LOSS_DISCRIMINATOR; i++)
        losses[i] = gan_objective_scalar(trainer->generator_objective, WATCHED_PARTS + i - LOSS_CONTENT);
    if (trainer->discriminator == NULL)
        losses[LOSS_ADVERSARIAL] = 0;
    if (trainer->moved_batch == NULL)
        losses[LOSS_TEMPORAL] = 0;
    return status;
}

/* The discriminator learns from the pictures that the generator's step has just made. */
static gan_status step_discriminator(struct style_trainer *trainer, float *losses)
{
    if (trainer->discriminator == NULL)
        return GAN_OK;
    gan_tensor *generated;
    gan_status status = gan_objective_value(trainer->generator_objective, WATCHED_PICTURE, &generated);
    if (status != GAN_OK)
        return status;
    const gan_tensor *inputs[2] = {generated, trainer->style_batch};
    status = gan_objective_step(trainer->discriminator_objective, inputs, 2, &losses[LOSS_DISCRIMINATOR]);
    gan_tensor_free(generated);
    return status;
}

/* Photographs without contrast make the norms behind them amplify noise. */
static gan_status begin(struct training *training)
{
    struct style_trainer *trainer = training->recipe;
    const gan_status status = load_batches(trainer);
    return status == GAN_OK
               ? gan_training_check_normalization(training, trainer->generator, trainer->content_batch)
               : status;
}

static gan_status step(struct training *training)
{
    struct style_trainer *trainer = training->recipe;
    gan_status status = load_batches(trainer);
    if (status == GAN_OK)
        status = step_generator(trainer, training->losses);
    if (status == GAN_OK)
        status = gan_average_update(trainer->average);
    return status == GAN_OK ? step_discriminator(trainer, training->losses) : status;
}

static gan_status preview(const struct training *training, const char *path)
{
    const struct style_trainer *trainer = training->recipe;
    gan_tensor *photo = NULL, *picture = NULL;
    gan_status status = gan_image_folder_picture(trainer->folder, 0, &photo);
    if (status == GAN_OK)
        status = gan_model_run(trainer->generator, photo, &picture);
    if (status == GAN_OK)
        status = gan_image_save(picture, NULL, path, 0);
    gan_tensor_free(photo);
    gan_tensor_free(picture);
    return status;
}

static const struct training_method method = {.name = "style",
                                              .loss_names = loss_names,
                                              .loss_count = LOSS_COUNT,
                                              .begin = begin,
                                              .step = step,
                                              .preview = preview};

static gan_status train(gan_model **out, struct style_trainer *trainer, const gan_tensor *style_picture,
                        const char *content_folder)
{
    gan_status status = gan_style_recipe_take(&trainer->recipe, &trainer->options);
    if (status == GAN_OK)
        status = gan_trainer_open(&trainer->training, trainer->context, &method, trainer, &trainer->options,
                                  &trainer->recipe);
    if (status == GAN_OK)
        status = gan_trainer_prepare(trainer, style_picture, content_folder);
    if (status == GAN_OK)
        status = gan_trainer_run(trainer);
    return status == GAN_OK
               ? gan_training_finish(out, &trainer->training, &trainer->generator, trainer->average)
               : status;
}

gan_status gan_train_style(gan_model **out, gan_context *context, const gan_tensor *style_picture,
                           const char *content_folder, const gan_style_trainer_options *options)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_style: out is NULL");
    *out = NULL;
    if (context == NULL || content_folder == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_style: %s is NULL",
                        context == NULL ? "context" : "content_folder");
    struct style_trainer trainer = {.context = context};
    gan_status status =
        gan_copy_options(&trainer.options, sizeof trainer.options, options, "gan_style_trainer_options");
    if (status == GAN_OK)
        status = train(out, &trainer, style_picture, content_folder);
    gan_trainer_release(&trainer);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_train_style: ");
}
