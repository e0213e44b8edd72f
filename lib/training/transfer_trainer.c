/* gan_train_transfer: what a step does, and the public call. */
#include "training/transfer_trainer.h"
#include "gan/context.h"
#include "gan/image.h"
#include "style/style.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    DEFAULT_CHANNELS = 24,
    DEFAULT_SIZE = 128,
    DEFAULT_BATCH = 4,
    DEFAULT_RECONSTRUCTION = 400,
    TEXT_SIZE = 1024,
    PREVIEW_GAP = 2
};

static const float default_rate = 1e-3f, average_decay = 0.995f;
static const char *const loss_names[TRANSFER_LOSSES] = {"loss", "content", "style", "identity", "variation"};

/* ---- A step ---- */

/* Sample i of the batch as something of its own. */
static float *sample(gan_tensor *batch, int64_t i)
{
    return (float *)gan_tensor_data(batch) + i * (gan_tensor_count(batch) / gan_tensor_size(batch, 0));
}

/* The Gram matrices half way between two styles are those of what is half changed, nearly. */
static void mix_grams(struct transfer_trainer *trainer, int64_t i, const struct transfer_sight *sight,
                      int64_t from, double strength)
{
    for (int32_t k = 0; k < trainer->gram_count; k++) {
        const float *content = sample(trainer->content.grams[k], i), *style = sample(sight->grams[k], from);
        float *to = sample(trainer->grams[k], i);
        const int64_t count = gan_tensor_count(trainer->grams[k]) / trainer->options.batch;
        for (int64_t j = 0; j < count; j++)
            to[j] = (float)(strength * (double)style[j] + (1 - strength) * (double)content[j]);
    }
}

static gan_status grant(struct transfer_trainer *trainer, int64_t i, const struct transfer_wish *wish)
{
    const int64_t channels = gan_tensor_size(trainer->changed, 3);
    const int64_t pixels = gan_tensor_size(trainer->changed, 1) * gan_tensor_size(trainer->changed, 2);
    const bool photograph = wish->style != STYLE_OF_PAINTING;
    const struct transfer_sight *sight = photograph ? &trainer->content : &trainer->style;
    const int64_t from = wish->style == STYLE_OF_PHOTOGRAPH ? (i + 1) % trainer->options.batch : i;
    sample(trainer->kept, i)[0] = wish->style == STYLE_OF_ITSELF ? 1 : 0;
    mix_grams(trainer, i, sight, from, wish->strength);
    return gan_transfer_features(trainer->context, wish, sample(trainer->content.features, i),
                                 sample(sight->features, from), pixels, channels,
                                 sample(trainer->changed, i));
}

static gan_status look(struct transfer_trainer *trainer, int64_t index)
{
    gan_status status = gan_transfer_pictures_load(&trainer->pictures, index);
    if (status == GAN_OK)
        status = gan_transfer_look(trainer, trainer->pictures.photograph_batch, &trainer->content);
    return status == GAN_OK ? gan_transfer_look(trainer, trainer->pictures.painting_batch, &trainer->style)
                            : status;
}

static gan_status load_batches(struct transfer_trainer *trainer)
{
    const int64_t batch = trainer->options.batch, step = trainer->training.step;
    const bool reconstruct = step < trainer->options.reconstruction_steps;
    gan_status status = look(trainer, step);
    for (int64_t i = 0; status == GAN_OK && i < batch; i++) {
        const struct transfer_wish wish =
            gan_transfer_wish(trainer->pictures.seed, step * batch + i, reconstruct);
        status = grant(trainer, i, &wish);
    }
    return status;
}

static gan_status step(struct training *training)
{
    struct transfer_trainer *trainer = training->recipe;
    const gan_tensor *inputs[TRANSFER_MOST_INPUTS] = {trainer->changed, trainer->pictures.photograph_batch,
                                                      trainer->kept};
    gan_status status = load_batches(trainer);
    for (int32_t i = 0; i < trainer->gram_count; i++)
        inputs[3 + i] = trainer->grams[i];
    if (status == GAN_OK)
        status = gan_objective_step(trainer->objective, inputs, 3 + trainer->gram_count,
                                    &training->losses[TRANSFER_TOTAL]);
    if (status != GAN_OK)
        return status;
    for (int i = TRANSFER_CONTENT; i < TRANSFER_LOSSES; i++)
        training->losses[i] = gan_objective_scalar(trainer->objective, i - TRANSFER_CONTENT);
    return gan_average_update(trainer->average);
}

/* Photographs, styles, and the photographs in these styles, one below the other. */
static gan_status preview(const struct training *training, const char *path)
{
    struct transfer_trainer *trainer = training->recipe;
    gan_tensor *painted = NULL, *sheet = NULL;
    const struct transfer_wish wish = {.style = STYLE_OF_PAINTING, .strength = 1};
    gan_status status = look(trainer, 0);
    for (int64_t i = 0; status == GAN_OK && i < trainer->options.batch; i++)
        status = grant(trainer, i, &wish);
    if (status == GAN_OK)
        status = gan_model_run(trainer->decoder, trainer->changed, &painted);
    if (status == GAN_OK) {
        const gan_tensor *const rows[3] = {trainer->pictures.photograph_batch,
                                           trainer->pictures.painting_batch, painted};
        status = gan_image_grid(&sheet, rows, 3, trainer->options.batch, PREVIEW_GAP);
    }
    if (status == GAN_OK)
        status = gan_image_save(sheet, NULL, path, 0);
    gan_tensor_free(painted);
    gan_tensor_free(sheet);
    return status;
}

static const struct training_method method = {.name = "transfer",
                                              .loss_names = loss_names,
                                              .loss_count = TRANSFER_LOSSES,
                                              .step = step,
                                              .preview = preview};

/* ---- Options ---- */

static gan_status take_weight(const char *name, float *weight)
{
    if (!isfinite(*weight))
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is %g, expected a finite number", name, (double)*weight);
    *weight = *weight == 0 ? 1 : *weight < 0 ? 0 : *weight;
    return GAN_OK;
}

static gan_status take_weights(gan_transfer_trainer_options *options)
{
    gan_status status = take_weight("content_weight", &options->content_weight);
    if (status == GAN_OK)
        status = take_weight("style_weight", &options->style_weight);
    if (status == GAN_OK)
        status = take_weight("identity_weight", &options->identity_weight);
    if (status == GAN_OK)
        status = take_weight("variation_weight", &options->variation_weight);
    if (status == GAN_OK && options->content_weight + options->style_weight == 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "neither content nor style has a weight");
    return status;
}

static gan_status take_options(gan_transfer_trainer_options *options,
                               const gan_transfer_trainer_options *given)
{
    gan_status status = gan_copy_options(options, sizeof *options, given, "gan_transfer_trainer_options");
    if (status != GAN_OK)
        return status;
    if (options->channels == 0)
        options->channels = DEFAULT_CHANNELS;
    if (options->size == 0)
        options->size = DEFAULT_SIZE;
    if (options->batch == 0)
        options->batch = DEFAULT_BATCH;
    if (options->learning_rate == 0)
        options->learning_rate = default_rate;
    if (options->reconstruction_steps == 0)
        options->reconstruction_steps = DEFAULT_RECONSTRUCTION;
    status = gan_training_check_crops(options->size, 16, options->batch, options->learning_rate);
    return status == GAN_OK ? take_weights(options) : status;
}

/* ---- Making it ---- */

/* How often the decoder has to double its features' sides to those of a picture. */
static gan_status count_doublings(const struct transfer_trainer *trainer, int32_t *doublings)
{
    const int64_t size = trainer->options.size;
    const gan_tensor *features = trainer->content.features;
    for (*doublings = 1; *doublings <= 4; ++*doublings)
        if (gan_tensor_size(features, 1) << *doublings == size &&
            gan_tensor_size(features, 2) << *doublings == size)
            return GAN_OK;
    return gan_fail(GAN_ERROR_SHAPE,
                    "the extractor's output \"%s\" has %" PRId64 "x%" PRId64 " positions for a picture of "
                    "%" PRId64 "x%" PRId64 ", expected a half, a quarter, an 8th or a 16th of its sides",
                    gan_model_output_name(trainer->extractor, trainer->level), gan_tensor_size(features, 1),
                    gan_tensor_size(features, 2), size, size);
}

static gan_status make_decoder(struct transfer_trainer *trainer)
{
    gan_transfer_decoder_options options = {.struct_size = sizeof options,
                                            .features =
                                                (int32_t)gan_tensor_size(trainer->content.features, 3),
                                            .channels = trainer->options.channels};
    const gan_average_options average = {
        .struct_size = sizeof average, .decay = average_decay, .short_at_first = 1};
    gan_status status = count_doublings(trainer, &options.doublings);
    if (status == GAN_OK)
        status = gan_transfer_decoder_create(&trainer->decoder, trainer->context, &options);
    if (status == GAN_OK)
        status = gan_model_initialize(trainer->decoder, trainer->training.options.seed);
    if (status != GAN_OK)
        return status;
    gan_training_add_network(&trainer->training, "decoder", trainer->decoder);
    status = gan_average_create(&trainer->average, trainer->decoder, &average);
    if (status == GAN_OK)
        gan_training_add_average(&trainer->training, "average", trainer->average, trainer->decoder);
    return status;
}

static gan_status make_optimizer(struct transfer_trainer *trainer)
{
    const float rate = trainer->options.learning_rate;
    const gan_adam_options options = {.struct_size = sizeof options, .learning_rate = rate};
    const gan_status status = gan_adam_create(&trainer->optimizer, trainer->context, &options);
    if (status == GAN_OK)
        gan_training_add_optimizer(&trainer->training, "optimizer", trainer->optimizer, rate);
    return status;
}

static gan_status make_like(gan_tensor **out, const struct transfer_trainer *trainer, const gan_tensor *like)
{
    int64_t shape[GAN_MAX_RANK];
    const int32_t rank = gan_tensor_rank(like);
    for (int32_t i = 0; i < rank; i++)
        shape[i] = gan_tensor_size(like, i);
    return gan_tensor_create(out, trainer->context, GAN_FLOAT32, shape, rank);
}

static gan_status make_inputs(struct transfer_trainer *trainer)
{
    const int64_t shape[4] = {trainer->options.batch, 1, 1, 1};
    gan_status status = make_like(&trainer->changed, trainer, trainer->content.features);
    if (status == GAN_OK)
        status = gan_tensor_create(&trainer->kept, trainer->context, GAN_FLOAT32, shape, 4);
    for (int32_t i = 0; status == GAN_OK && i < trainer->gram_count; i++)
        status = make_like(&trainer->grams[i], trainer, trainer->content.grams[i]);
    return status;
}

/* ---- All of it ---- */

static gan_status run(struct transfer_trainer *trainer)
{
    const gan_transfer_trainer_options *o = &trainer->options;
    char text[TEXT_SIZE];
    uint64_t hash;
    const gan_status status = gan_extractor_identity(trainer->extractor, &hash);
    if (status != GAN_OK)
        return status;
    snprintf(text, sizeof text,
             "transfer level=%.100s channels=%" PRId32 " size=%" PRId32 " batch=%" PRId32
             " content=%g style=%g identity=%g variation=%g rate=%g first=%" PRId32 " seed=%" PRIu64
             " extractor=%016" PRIx64 " folders=%016" PRIx64 " kernels=%s",
             gan_model_output_name(trainer->extractor, trainer->level), o->channels, o->size, o->batch,
             (double)o->content_weight, (double)o->style_weight, (double)o->identity_weight,
             (double)o->variation_weight, (double)o->learning_rate, o->reconstruction_steps,
             trainer->training.options.seed, hash, trainer->pictures.hash,
             gan_kernels_name(gan_context_kernels(trainer->context)));
    return gan_training_run(&trainer->training, text);
}

/* Whose features the decoder paints. */
static gan_status describe(const struct transfer_trainer *trainer)
{
    char identity[EXTRACTOR_IDENTITY_SIZE];
    gan_status status = gan_extractor_identity_text(identity, trainer->extractor);
    if (status == GAN_OK)
        status = gan_model_set_metadata(trainer->decoder, "encoder", identity);
    return status == GAN_OK
               ? gan_model_set_metadata(trainer->decoder, "encoder_level",
                                        gan_model_output_name(trainer->extractor, trainer->level))
               : status;
}

static gan_status prepare(struct transfer_trainer *trainer, const char *photographs, const char *paintings)
{
    const gan_transfer_trainer_options *options = &trainer->options;
    gan_status status = gan_training_open_cosine(&trainer->training, trainer->context, &method, trainer,
                                                 trainer->options.training, 0.02);
    if (status == GAN_OK)
        status = gan_transfer_eye_open(trainer);
    if (status == GAN_OK)
        status = gan_transfer_pictures_open(&trainer->pictures, trainer->context, photographs, paintings,
                                            options->batch, options->size, trainer->training.options.seed);
    if (status == GAN_OK)
        status = make_decoder(trainer);
    if (status == GAN_OK)
        status = make_optimizer(trainer);
    if (status == GAN_OK)
        status = make_inputs(trainer);
    return status == GAN_OK ? gan_transfer_make_objective(trainer) : status;
}

static gan_status train(gan_model **out, struct transfer_trainer *trainer, const char *photographs,
                        const char *paintings)
{
    gan_status status = prepare(trainer, photographs, paintings);
    if (status == GAN_OK)
        status = run(trainer);
    if (status == GAN_OK)
        status = describe(trainer);
    return status == GAN_OK
               ? gan_training_finish(out, &trainer->training, &trainer->decoder, trainer->average)
               : status;
}

static void release(struct transfer_trainer *trainer)
{
    gan_objective_free(trainer->objective);
    gan_optimizer_free(trainer->optimizer);
    gan_average_free(trainer->average);
    gan_model_free(trainer->decoder);
    for (int32_t i = 0; i < TRANSFER_GRAMS; i++)
        gan_tensor_free(trainer->grams[i]);
    gan_tensor_free(trainer->kept);
    gan_tensor_free(trainer->changed);
    gan_transfer_pictures_close(&trainer->pictures);
    gan_transfer_eye_close(trainer);
    gan_training_close(&trainer->training);
}

gan_status gan_train_transfer(gan_model **out, gan_context *context, gan_model *extractor,
                              const char *photographs, const char *paintings,
                              const gan_transfer_trainer_options *options)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_transfer: out is NULL");
    *out = NULL;
    if (context == NULL || extractor == NULL || photographs == NULL || paintings == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_transfer: %s is NULL",
                        context == NULL       ? "context"
                        : extractor == NULL   ? "extractor"
                        : photographs == NULL ? "photographs"
                                              : "paintings");
    struct transfer_trainer trainer = {.context = context, .extractor = extractor};
    gan_status status = take_options(&trainer.options, options);
    if (status == GAN_OK)
        status = train(out, &trainer, photographs, paintings);
    release(&trainer);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_train_transfer: ");
}
