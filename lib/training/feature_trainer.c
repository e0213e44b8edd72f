/* gan_train_features: a small network learns to see what large ones see. */
#include "training/feature_trainer.h"
#include "gan/layers.h"
#include "gan/losses.h"
#include "gan/networks.h"
#include "style/style.h"
#include "training/image_folder.h"
#include "training/player.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LOSS_ALL, LOSS_LEVELS, LOSS_COUNT = LOSS_LEVELS + TAUGHT_LEVELS };
enum { DEFAULT_SIZE = 64, DEFAULT_BATCH = 8, MEASURED_BATCHES = 8, TEXT_SIZE = 1024 };

static const float DEFAULT_RATE = 4e-3f;
static const char *const loss_names[LOSS_COUNT] = {"loss", "level1", "level2", "level3", "level4"};

struct feature_trainer {
    struct training training;
    gan_context *context;
    gan_feature_trainer_options options; /* complete */
    struct feature_pictures pictures;
    gan_tensor *batch;
    struct feature_lesson lessons[TAUGHT_LEVELS];
    gan_model *network;
    gan_average *average;
    gan_optimizer *optimizer;
    gan_objective *objective;
};

/* ---- A step ---- */

static gan_status step(struct training *training)
{
    struct feature_trainer *trainer = training->recipe;
    const gan_tensor *inputs[1 + TAUGHT_LEVELS] = {trainer->batch};
    gan_status status = gan_feature_pictures_disturbed(&trainer->pictures, training->step, trainer->batch);
    for (int i = 0; status == GAN_OK && i < TAUGHT_LEVELS; i++) {
        struct feature_lesson *lesson = &trainer->lessons[i];
        status = gan_session_run(lesson->session, inputs, 1, &lesson->target, 1);
        inputs[1 + i] = lesson->target;
    }
    if (status == GAN_OK)
        status =
            gan_objective_step(trainer->objective, inputs, 1 + TAUGHT_LEVELS, &training->losses[LOSS_ALL]);
    if (status != GAN_OK)
        return status;
    for (int i = 0; i < TAUGHT_LEVELS; i++)
        training->losses[LOSS_LEVELS + i] = gan_objective_scalar(trainer->objective, i);
    return gan_average_update(trainer->average);
}

static const struct training_method method = {
    .name = "features", .loss_names = loss_names, .loss_count = LOSS_COUNT, .step = step};

/* ---- Making it ---- */

static gan_status take_options(struct feature_trainer *trainer, const gan_feature_trainer_options *given)
{
    gan_feature_trainer_options *options = &trainer->options;
    const gan_status status =
        gan_copy_options(options, sizeof *options, given, "gan_feature_trainer_options");
    if (status != GAN_OK)
        return status;
    if (options->size == 0)
        options->size = DEFAULT_SIZE;
    if (options->batch == 0)
        options->batch = DEFAULT_BATCH;
    if (options->learning_rate == 0)
        options->learning_rate = DEFAULT_RATE;
    return gan_training_check_crops(options->size, 8, options->batch, options->learning_rate);
}

static gan_status make_pictures(struct feature_trainer *trainer, const char *photographs,
                                const char *paintings)
{
    const int64_t batch = trainer->options.batch, size = trainer->options.size;
    const int64_t shape[4] = {batch, size, size, 3};
    const gan_status status =
        gan_feature_pictures_open(&trainer->pictures, trainer->context, photographs, paintings, batch, size,
                                  trainer->training.options.seed);
    return status == GAN_OK ? gan_tensor_create(&trainer->batch, trainer->context, GAN_FLOAT32, shape, 4)
                            : status;
}

static gan_status make_optimizer(struct feature_trainer *trainer)
{
    const float rate = trainer->options.learning_rate;
    const gan_adam_options options = {.struct_size = sizeof options, .learning_rate = rate};
    const gan_status status = gan_adam_create(&trainer->optimizer, trainer->context, &options);
    if (status == GAN_OK)
        gan_training_add_optimizer(&trainer->training, "optimizer", trainer->optimizer, rate);
    return status;
}

static gan_status make_network(struct feature_trainer *trainer)
{
    const gan_feature_network_options features = {.struct_size = sizeof features,
                                                  .channels = trainer->options.channels};
    const gan_average_options average = {.struct_size = sizeof average, .decay = 0.99f, .short_at_first = 1};
    gan_status status = gan_feature_network_create(&trainer->network, trainer->context, &features);
    if (status == GAN_OK)
        status = gan_model_initialize(trainer->network, trainer->training.options.seed);
    if (status != GAN_OK)
        return status;
    gan_training_add_network(&trainer->training, "network", trainer->network);
    status = gan_average_create(&trainer->average, trainer->network, &average);
    if (status != GAN_OK)
        return status;
    gan_training_add_average(&trainer->training, "average", trainer->average, trainer->network);
    return make_optimizer(trainer);
}

static gan_model *find_teacher(gan_model *const *teachers, int32_t count, const char *architecture)
{
    for (int32_t i = 0; i < count; i++) {
        const char *words = gan_model_metadata(teachers[i], "architecture");
        if (words != NULL && strcmp(words, architecture) == 0)
            return teachers[i];
    }
    return NULL;
}

static gan_status make_lesson(struct feature_trainer *trainer, gan_model *const *teachers, int32_t count,
                              int i)
{
    const struct taught_level *level = &gan_taught_levels[i];
    gan_model *teacher = find_teacher(teachers, count, level->architecture);
    int64_t shape[GAN_MAX_RANK];
    if (teacher == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s needs a teacher of the architecture %s", level->name,
                        level->architecture);
    gan_model_output_shape(trainer->network, i, shape);
    return gan_feature_lesson_make(&trainer->lessons[i], teacher, level, (int32_t)shape[3],
                                   &trainer->pictures, trainer->batch, MEASURED_BATCHES);
}

static gan_status make_lessons(struct feature_trainer *trainer, gan_model *const *teachers, int32_t count)
{
    gan_status status = GAN_OK;
    for (int i = 0; status == GAN_OK && i < TAUGHT_LEVELS; i++)
        status = make_lesson(trainer, teachers, count, i);
    return status;
}

/* Each level's loss is the share of its features that is not learned, weighted by their deviations. */
static gan_status make_objective(void *recipe, gan_graph *graph)
{
    struct feature_trainer *trainer = recipe;
    const int64_t size = trainer->options.size;
    gan_layer *inputs[1 + TAUGHT_LEVELS], *levels[TAUGHT_LEVELS], *losses[TAUGHT_LEVELS];
    float even[TAUGHT_LEVELS];
    inputs[0] = gan_input(graph, "pictures", (const int64_t[]){-1, size, size, 3}, 4);
    gan_apply_many(trainer->network, inputs, 1, levels, TAUGHT_LEVELS, NULL);
    for (int i = 0; i < TAUGHT_LEVELS; i++) {
        const struct feature_lesson *lesson = &trainer->lessons[i];
        const int64_t shape[4] = {-1, gan_tensor_size(lesson->target, 1), gan_tensor_size(lesson->target, 2),
                                  gan_tensor_size(lesson->target, 3)};
        const int32_t crop = gan_taught_levels[i].crop;
        inputs[1 + i] = gan_input(graph, gan_taught_levels[i].name, shape, 4);
        gan_layer *seen = crop > 0 ? gan_crop(levels[i], crop, crop, 0, 0) : levels[i];
        losses[i] = gan_content_loss(seen, inputs[1 + i], GAN_REDUCE_RELATIVE);
        even[i] = 1;
    }
    gan_layer *loss = gan_weighted_sum(losses, even, TAUGHT_LEVELS);
    const gan_status status = gan_graph_status(graph);
    if (status != GAN_OK)
        return status;
    const gan_objective_options options = {
        .struct_size = sizeof options, .watched = losses, .watched_count = TAUGHT_LEVELS};
    return gan_objective_create(&trainer->objective, loss, inputs, 1 + TAUGHT_LEVELS, &trainer->network, 1,
                                trainer->optimizer, &options);
}

/* ---- All of it ---- */

static gan_status hash_lessons(const struct feature_trainer *trainer, uint64_t *hash)
{
    *hash = 0;
    for (int i = 0; i < TAUGHT_LEVELS; i++) {
        uint64_t one;
        const gan_status status = gan_extractor_identity(trainer->lessons[i].model, &one);
        if (status != GAN_OK)
            return status;
        *hash = *hash * 31 + one;
    }
    return GAN_OK;
}

static gan_status run(struct feature_trainer *trainer)
{
    char text[TEXT_SIZE];
    uint64_t hash;
    const gan_status status = hash_lessons(trainer, &hash);
    if (status != GAN_OK)
        return status;
    snprintf(text, sizeof text,
             "features channels=%" PRId32 " size=%" PRId32 " batch=%" PRId32 " rate=%g seed=%" PRIu64
             " teachers=%016" PRIx64 " folders=%016" PRIx64 " kernels=%s",
             trainer->options.channels, trainer->options.size, trainer->options.batch,
             (double)trainer->options.learning_rate, trainer->training.options.seed, hash,
             trainer->pictures.hash, gan_kernels_name(gan_context_kernels(trainer->context)));
    return gan_training_run(&trainer->training, text);
}

static gan_status describe(gan_model *network)
{
    char text[TEXT_SIZE];
    int at = 0;
    for (int i = 0; i < TAUGHT_LEVELS; i++) {
        const struct taught_level *level = &gan_taught_levels[i];
        at += snprintf(text + at, (size_t)(TEXT_SIZE - at), "%s%s: %s %s", i > 0 ? ", " : "", level->name,
                       level->architecture, level->output);
    }
    return gan_model_set_metadata(network, "teachers", text);
}

static gan_status train(gan_model **out, struct feature_trainer *trainer, gan_model *const *teachers,
                        int32_t count, const char *photographs, const char *paintings)
{
    gan_status status = gan_training_open_cosine(&trainer->training, trainer->context, &method, trainer,
                                                 trainer->options.training, 0.02);
    if (status == GAN_OK)
        status = make_pictures(trainer, photographs, paintings);
    if (status == GAN_OK)
        status = make_network(trainer);
    if (status == GAN_OK)
        status = make_lessons(trainer, teachers, count);
    if (status == GAN_OK)
        status = gan_player_with_graph(trainer->context, trainer, make_objective);
    if (status == GAN_OK)
        status = run(trainer);
    if (status == GAN_OK)
        status = describe(trainer->network);
    if (status == GAN_OK)
        status = gan_training_finish(out, &trainer->training, &trainer->network, trainer->average);
    for (int i = 0; status == GAN_OK && i < TAUGHT_LEVELS; i++)
        status = gan_feature_lesson_finish(&trainer->lessons[i], *out, gan_taught_levels[i].name);
    return status;
}

static void release(struct feature_trainer *trainer)
{
    gan_objective_free(trainer->objective);
    gan_optimizer_free(trainer->optimizer);
    gan_average_free(trainer->average);
    gan_model_free(trainer->network);
    for (int i = 0; i < TAUGHT_LEVELS; i++)
        gan_feature_lesson_free(&trainer->lessons[i]);
    gan_tensor_free(trainer->batch);
    gan_feature_pictures_close(&trainer->pictures);
    gan_training_close(&trainer->training);
}

gan_status gan_train_features(gan_model **out, gan_context *context, gan_model *const *teachers,
                              int32_t teacher_count, const char *photographs, const char *paintings,
                              const gan_feature_trainer_options *options)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_features: out is NULL");
    *out = NULL;
    if (context == NULL || teachers == NULL || photographs == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_features: %s is NULL",
                        context == NULL    ? "context"
                        : teachers == NULL ? "teachers"
                                           : "photographs");
    struct feature_trainer trainer = {.context = context};
    gan_status status = take_options(&trainer, options);
    if (status == GAN_OK)
        status = train(out, &trainer, teachers, teacher_count, photographs, paintings);
    release(&trainer);
    if (status != GAN_OK) {
        gan_model_free(*out);
        *out = NULL;
    }
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_train_features: ");
}
