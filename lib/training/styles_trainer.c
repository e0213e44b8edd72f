/* gan_train_styles and gan_train_added_style: what a step does, and the public calls. */
#include "training/styles_trainer.h"
#include "base/hash.h"
#include "gan/context.h"
#include "gan/session.h"
#include "training/image_folder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_SIZE = 1024 };

static const char *const loss_names[STYLES_LOSSES] = {"loss", "content", "style", "variation", "range"};

/* ---- A step ---- */

/* The photographs, and what their content is judged against: themselves in the style's colours. */
static gan_status load_pictures(struct styles_trainer *trainer, const struct one_style *style)
{
    const int64_t pixels = (int64_t)trainer->recipe.size * trainer->recipe.size;
    const gan_status status =
        gan_image_folder_batch(trainer->folder, trainer->training.step, trainer->content_batch);
    const float *from = gan_tensor_data_const(trainer->content_batch);
    float *to = gan_tensor_data(trainer->target_batch);
    for (int64_t i = 0; status == GAN_OK && i < trainer->recipe.batch; i++)
        gan_palette_apply(&style->palette, from + 3 * pixels * i, to + 3 * pixels * i, pixels);
    return status;
}

static void choose_style(struct styles_trainer *trainer, int32_t style)
{
    float *weights = gan_tensor_data(trainer->weights);
    for (int32_t i = 0; i < trainer->total; i++)
        weights[i] = i == trainer->first + style ? 1 : 0;
}

/* The styles take turns. */
static gan_status step(struct training *training)
{
    struct styles_trainer *trainer = training->recipe;
    const int32_t style = (int32_t)(training->step % trainer->style_count);
    const gan_tensor *inputs[STYLES_MOST_INPUTS] = {trainer->content_batch, trainer->target_batch,
                                                    trainer->weights};
    const int32_t count = 3 + gan_styles_grams(trainer, style, inputs + 3);
    gan_status status = load_pictures(trainer, &trainer->styles[style]);
    if (status != GAN_OK)
        return status;
    choose_style(trainer, style);
    status = gan_objective_step(trainer->objective, inputs, count, &training->losses[STYLES_TOTAL]);
    for (int32_t i = STYLES_CONTENT; i < STYLES_LOSSES; i++)
        training->losses[i] = gan_objective_scalar(trainer->objective, i - STYLES_CONTENT);
    return status == GAN_OK ? gan_average_update(trainer->average) : status;
}

/* A photograph in the style that learned last. */
static gan_status preview(const struct training *training, const char *path)
{
    const struct styles_trainer *trainer = training->recipe;
    gan_tensor *photo = NULL, *picture = NULL;
    gan_model *one = NULL;
    gan_status status = gan_image_folder_picture(trainer->folder, 0, &photo);
    if (status == GAN_OK)
        status = gan_model_mix_styles(&one, trainer->networks.generator,
                                      gan_tensor_data_const(trainer->weights), trainer->total);
    if (status == GAN_OK)
        status = gan_model_run(one, photo, &picture);
    if (status == GAN_OK)
        status = gan_image_save(picture, NULL, path, 0);
    gan_model_free(one);
    gan_tensor_free(photo);
    gan_tensor_free(picture);
    return status;
}

static const struct training_method method = {.name = "styles",
                                              .loss_names = loss_names,
                                              .loss_count = STYLES_LOSSES,
                                              .step = step,
                                              .preview = preview};

/* ---- Making it ---- */

static gan_status make_extractors(struct styles_trainer *trainer)
{
    gan_model *extractor = trainer->options.extractor;
    trainer->plans = gan_style_recipe_scales(extractor);
    gan_status status = gan_trainer_hash_model(&trainer->extractor_hash, extractor);
    for (int i = 0; status == GAN_OK && i < TRAINER_SCALES && trainer->plans[i].weight > 0; i++)
        status = gan_trainer_select_levels(&trainer->extractors[i], extractor, &trainer->plans[i]);
    for (int i = 0; status == GAN_OK && i < TRAINER_SCALES && trainer->extractors[i] != NULL; i++)
        if (gan_model_output_count(trainer->extractors[i]) > 8)
            status = gan_fail(GAN_ERROR_ARGUMENT, "the extractor has more than 8 outputs");
    return status;
}

static gan_status measure_scales(struct styles_trainer *trainer, struct one_style *style,
                                 const gan_tensor *picture)
{
    gan_status status = GAN_OK;
    for (int i = 0; status == GAN_OK && i < TRAINER_SCALES && trainer->extractors[i] != NULL; i++) {
        gan_tensor *scaled;
        status = gan_trainer_scale_style(&scaled, picture, trainer->recipe.style_size >> i);
        if (status != GAN_OK)
            return status;
        const gan_tensor *one = scaled;
        status = gan_style_create(&style->scales[i], trainer->extractors[i], &one, 1, NULL);
        gan_tensor_free(scaled);
    }
    return status;
}

static gan_status measure_style(struct styles_trainer *trainer, struct one_style *style,
                                const gan_tensor *picture)
{
    gan_tensor *scaled;
    gan_status status = gan_trainer_check_style(picture);
    if (status == GAN_OK)
        status = gan_trainer_scale_style(&scaled, picture, trainer->recipe.style_size);
    if (status != GAN_OK)
        return status;
    const float *values = gan_tensor_data_const(scaled);
    const int64_t count = gan_tensor_count(scaled);
    gan_palette_measure(&style->palette, values, count / 3);
    style->hash = gan_hash(GAN_HASH_OF_NOTHING, values, (size_t)count * sizeof(float));
    status = measure_scales(trainer, style, scaled);
    gan_tensor_free(scaled);
    return status;
}

static gan_status make_styles(struct styles_trainer *trainer, const gan_tensor *const *pictures,
                              const char *const *names)
{
    const size_t count = (size_t)trainer->style_count;
    trainer->styles = gan_allocate_array(trainer->context, count, sizeof *trainer->styles);
    if (trainer->styles == NULL)
        return gan_fail_memory("styles", count * sizeof *trainer->styles);
    memset(trainer->styles, 0, count * sizeof *trainer->styles);
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < trainer->style_count; i++) {
        status = measure_style(trainer, &trainer->styles[i], pictures[i]);
        if (status != GAN_OK)
            return gan_fail_within(status, "style \"%s\": ", names[i]);
    }
    return status;
}

static gan_status make_folder(struct styles_trainer *trainer, const char *path)
{
    const gan_image_folder_options options = {
        .struct_size = sizeof options, .size = trainer->recipe.size, .seed = trainer->recipe.seed};
    const int64_t size = trainer->recipe.size, shape[4] = {trainer->recipe.batch, size, size, 3};
    gan_status status = gan_image_folder_open(&trainer->folder, trainer->context, path, &options);
    if (status != GAN_OK)
        return status;
    trainer->folder_hash = gan_image_folder_hash(trainer->folder, path, GAN_HASH_OF_NOTHING);
    status = gan_tensor_create(&trainer->content_batch, trainer->context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        status = gan_tensor_create(&trainer->target_batch, trainer->context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        status = gan_tensor_create(&trainer->weights, trainer->context, GAN_FLOAT32,
                                   (const int64_t[]){1, trainer->total}, 2);
    return status;
}

/* Where there is a generator already, only the table of a wider one learns, and in that only the new style:
 * the others are multiplied by 0, so their gradients are 0. */
static gan_status make_generator(struct styles_trainer *trainer, const gan_model *former)
{
    struct styles_networks *networks = &trainer->networks;
    gan_status status =
        gan_styles_make_networks(networks, trainer->context, &trainer->recipe, trainer->total);
    if (status == GAN_OK && former != NULL)
        status = gan_styles_copy(networks->generator, former);
    trainer->learner = former == NULL ? networks->generator : networks->table;
    if (status != GAN_OK)
        return status;
    const gan_average_options average = {
        .struct_size = sizeof average, .decay = trainer->recipe.average, .short_at_first = 1};
    const gan_adam_options adam = {.struct_size = sizeof adam,
                                   .learning_rate = trainer->recipe.learning_rate};
    gan_training_add_network(&trainer->training, "generator", trainer->networks.generator);
    status = gan_average_create(&trainer->average, trainer->learner, &average);
    if (status != GAN_OK)
        return status;
    gan_training_add_average(&trainer->training, "average", trainer->average, trainer->learner);
    status = gan_adam_create(&trainer->optimizer, trainer->context, &adam);
    if (status == GAN_OK)
        gan_training_add_optimizer(&trainer->training, "optimizer", trainer->optimizer, adam.learning_rate);
    return status;
}

/* ---- All of it ---- */

static gan_status run(struct styles_trainer *trainer, const gan_model *former)
{
    const struct style_recipe *r = &trainer->recipe;
    char text[TEXT_SIZE];
    uint64_t pictures = GAN_HASH_OF_NOTHING, base = 0;
    for (int32_t i = 0; i < trainer->style_count; i++)
        pictures = gan_hash(pictures, &trainer->styles[i].hash, sizeof trainer->styles[i].hash);
    const gan_status status = former != NULL ? gan_trainer_hash_model(&base, former) : GAN_OK;
    if (status != GAN_OK)
        return status;
    snprintf(text, sizeof text,
             "styles count=%" PRId32 " of=%" PRId32 " channels=%" PRId32 " blocks=%" PRId32 " margin=%" PRId32
             " size=%" PRId32 " batch=%" PRId32 " style_size=%" PRId32
             " content=%g style=%g variation=%g range=%g clip=%g rate=%g end=%g average=%g seed=%" PRIu64
             " weights=%016" PRIx64 " pictures=%016" PRIx64 " base=%016" PRIx64 " folder=%016" PRIx64
             " kernels=%s",
             trainer->style_count, trainer->total, r->channels, r->blocks, r->margin, r->size, r->batch,
             r->style_size, (double)r->content_weight, (double)r->style_weight, (double)r->variation_weight,
             (double)r->range_weight, (double)r->longest_gradient, (double)r->learning_rate,
             (double)r->end_factor, (double)r->average, r->seed, trainer->extractor_hash, pictures, base,
             trainer->folder_hash, gan_kernels_name(gan_context_kernels(trainer->context)));
    return gan_training_run(&trainer->training, text);
}

static gan_status train(gan_model **out, struct styles_trainer *trainer, const gan_model *former,
                        const gan_tensor *const *pictures, const char *const *names,
                        const char *content_folder)
{
    gan_status status = gan_style_recipe_take(&trainer->recipe, &trainer->options);
    if (status == GAN_OK && former != NULL)
        status = gan_styles_read_size(&trainer->recipe, former);
    if (status == GAN_OK)
        status = gan_trainer_open(&trainer->training, trainer->context, &method, trainer, &trainer->options,
                                  &trainer->recipe);
    if (status == GAN_OK)
        status = make_extractors(trainer);
    if (status == GAN_OK)
        status = make_styles(trainer, pictures, names);
    if (status == GAN_OK)
        status = make_folder(trainer, content_folder);
    if (status == GAN_OK)
        status = make_generator(trainer, former);
    if (status == GAN_OK)
        status = gan_styles_write_names(trainer->networks.generator, former, names, trainer->style_count);
    if (status == GAN_OK)
        status = gan_styles_make_objective(trainer);
    if (status == GAN_OK)
        status = run(trainer, former);
    if (status == GAN_OK)
        status = gan_average_apply(trainer->average, trainer->learner);
    return status == GAN_OK ? gan_training_finish(out, &trainer->training, &trainer->networks.generator, NULL)
                            : status;
}

static void release(struct styles_trainer *trainer)
{
    gan_objective_free(trainer->objective);
    gan_optimizer_free(trainer->optimizer);
    gan_average_free(trainer->average);
    gan_styles_free_networks(&trainer->networks);
    for (int32_t i = 0; trainer->styles != NULL && i < trainer->style_count; i++)
        for (int k = 0; k < TRAINER_SCALES; k++)
            gan_style_free(trainer->styles[i].scales[k]);
    gan_release(trainer->context, trainer->styles);
    for (int i = 0; i < TRAINER_SCALES; i++)
        gan_model_free(trainer->extractors[i]);
    gan_tensor_free(trainer->content_batch);
    gan_tensor_free(trainer->target_batch);
    gan_tensor_free(trainer->weights);
    gan_image_folder_free(trainer->folder);
    gan_training_close(&trainer->training);
}

static gan_status start(gan_model **out, gan_context *context, const gan_model *former,
                        const gan_tensor *const *pictures, const char *const *names, int32_t count,
                        const char *content_folder, const gan_style_trainer_options *options)
{
    const int32_t before = gan_model_style_count(former);
    struct styles_trainer trainer = {
        .context = context, .style_count = count, .first = before, .total = before + count};
    if (context == NULL || pictures == NULL || names == NULL || content_folder == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "the %s is NULL",
                        context == NULL    ? "context"
                        : pictures == NULL ? "list of pictures"
                        : names == NULL    ? "list of names"
                                           : "content folder");
    if (count < 1 || trainer.total > MOST_STYLES)
        return gan_fail(GAN_ERROR_ARGUMENT, "%" PRId32 " styles, expected 1 to %d", trainer.total,
                        (int)MOST_STYLES);
    if (former != NULL && before == 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "the model is no generator of several styles");
    gan_status status = gan_styles_check_names(former, names, count);
    if (status == GAN_OK)
        status =
            gan_copy_options(&trainer.options, sizeof trainer.options, options, "gan_style_trainer_options");
    if (status == GAN_OK && trainer.options.extractor == NULL)
        status = gan_fail(GAN_ERROR_ARGUMENT, "the extractor is NULL, expected a feature network");
    if (status != GAN_OK)
        return status;
    trainer.options.adversarial_weight = -1;
    status = train(out, &trainer, former, pictures, names, content_folder);
    release(&trainer);
    return status;
}

gan_status gan_train_styles(gan_model **out, gan_context *context, const gan_tensor *const *pictures,
                            const char *const *names, int32_t count, const char *content_folder,
                            const gan_style_trainer_options *options)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_styles: out is NULL");
    *out = NULL;
    const gan_status status = start(out, context, NULL, pictures, names, count, content_folder, options);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_train_styles: ");
}

gan_status gan_train_added_style(gan_model **out, gan_context *context, const gan_model *model,
                                 const gan_tensor *picture, const char *name, const char *content_folder,
                                 const gan_style_trainer_options *options)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_added_style: out is NULL");
    *out = NULL;
    if (model == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_added_style: model is NULL");
    const gan_status status = start(out, context, model, &picture, &name, 1, content_folder, options);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_train_added_style: ");
}
