/* How the trainer of decoders looks at pictures: one model gives the features of the decoded level and the
 * Gram matrices of all levels at all scales. */
#include "gan/layers.h"
#include "style/style.h"
#include "training/player.h"
#include "training/transfer_trainer.h"

#include <inttypes.h>
#include <string.h>

static gan_status check_extractor(const gan_model *extractor)
{
    int64_t sizes[GAN_MAX_RANK];
    const gan_status status = gan_extractor_check(extractor);
    if (status != GAN_OK)
        return status;
    const int32_t count = gan_model_output_count(extractor);
    if (count > TRANSFER_LEVELS)
        return gan_fail(GAN_ERROR_ARGUMENT, "the extractor has %" PRId32 " outputs, expected 1 to %d", count,
                        (int)TRANSFER_LEVELS);
    for (int32_t i = 0; i < count; i++)
        if (gan_model_output_shape(extractor, i, sizes) == 4 && sizes[3] > 1024)
            return gan_fail(GAN_ERROR_ARGUMENT,
                            "the extractor's output \"%s\" has %" PRId64 " features, expected at most 1024",
                            gan_model_output_name(extractor, i), sizes[3]);
    return GAN_OK;
}

/* Deeper levels than the second say too little about colours for a picture to come back as it was. */
static gan_status find_level(struct transfer_trainer *trainer)
{
    const gan_model *extractor = trainer->extractor;
    const char *wanted = trainer->options.level;
    const int32_t count = gan_model_output_count(extractor);
    trainer->level = count > 1 ? 1 : 0;
    if (wanted == NULL)
        return GAN_OK;
    for (int32_t i = 0; i < count; i++)
        if (strcmp(gan_model_output_name(extractor, i), wanted) == 0) {
            trainer->level = i;
            return GAN_OK;
        }
    return gan_fail(GAN_ERROR_ARGUMENT, "the extractor has no output \"%.60s\"", wanted);
}

static gan_status build(void *recipe, gan_graph *graph)
{
    struct transfer_trainer *trainer = recipe;
    const int64_t shape[4] = {-1, trainer->options.size, trainer->options.size, 3};
    const int32_t levels = gan_model_output_count(trainer->extractor);
    gan_layer *input = gan_input(graph, "pictures", shape, 4), *picture = input;
    gan_layer *outputs[1 + TRANSFER_GRAMS] = {NULL};
    trainer->gram_count = 0;
    for (int scale = 0; scale < TRANSFER_SCALES; scale++) {
        gan_layer *features[TRANSFER_LEVELS];
        gan_apply_many(trainer->extractor, &picture, 1, features, levels, NULL);
        if (scale == 0)
            outputs[0] = features[trainer->level];
        for (int32_t i = 0; i < levels; i++)
            outputs[1 + trainer->gram_count++] = gan_gram_matrix(features[i], GAN_GRAM_PER_POSITION);
        picture = gan_average_pool(picture, NULL);
    }
    const gan_status status = gan_graph_status(graph);
    return status == GAN_OK
               ? gan_model_create(&trainer->eye, "eye", &input, 1, outputs, 1 + trainer->gram_count)
               : status;
}

static gan_status make_output(gan_tensor **out, const struct transfer_trainer *trainer, int32_t index)
{
    int64_t shape[GAN_MAX_RANK];
    const int32_t rank = gan_session_output_shape(trainer->session, index, shape);
    return gan_tensor_create(out, trainer->context, GAN_FLOAT32, shape, rank);
}

static gan_status make_sight(struct transfer_sight *sight, const struct transfer_trainer *trainer)
{
    gan_status status = make_output(&sight->features, trainer, 0);
    for (int32_t i = 0; status == GAN_OK && i < trainer->gram_count; i++)
        status = make_output(&sight->grams[i], trainer, 1 + i);
    return status;
}

gan_status gan_transfer_eye_open(struct transfer_trainer *trainer)
{
    const int64_t size = trainer->options.size;
    gan_status status = check_extractor(trainer->extractor);
    if (status == GAN_OK)
        status = find_level(trainer);
    if (status == GAN_OK)
        status = gan_player_with_graph(trainer->context, trainer, build);
    if (status == GAN_OK)
        status =
            gan_session_create_2d(&trainer->session, trainer->eye, trainer->options.batch, size, size, NULL);
    if (status == GAN_OK)
        status = make_sight(&trainer->content, trainer);
    return status == GAN_OK ? make_sight(&trainer->style, trainer) : status;
}

static void free_sight(struct transfer_sight *sight)
{
    gan_tensor_free(sight->features);
    for (int32_t i = 0; i < TRANSFER_GRAMS; i++)
        gan_tensor_free(sight->grams[i]);
}

void gan_transfer_eye_close(struct transfer_trainer *trainer)
{
    free_sight(&trainer->content);
    free_sight(&trainer->style);
    gan_session_free(trainer->session);
    gan_model_free(trainer->eye);
}

gan_status gan_transfer_look(struct transfer_trainer *trainer, const gan_tensor *pictures,
                             const struct transfer_sight *sight)
{
    gan_tensor *outputs[1 + TRANSFER_GRAMS] = {sight->features};
    memcpy(outputs + 1, sight->grams, sizeof sight->grams);
    return gan_session_run(trainer->session, &pictures, 1, outputs, 1 + trainer->gram_count);
}
