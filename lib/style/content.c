/* I_c: the content of a picture as features. */
#include "gan/session.h"
#include "style/style.h"

void gan_content_free(gan_content *content)
{
    if (content == NULL)
        return;
    gan_context *context = content->context;
    for (int32_t i = 0; i < content->level_count; i++)
        gan_tensor_free(content->levels[i]);
    gan_release(context, content);
    gan_context_free(context);
}

static gan_status make_content(gan_content **out, const gan_model *extractor)
{
    gan_context *context = extractor->graph->context;
    gan_content *content = gan_allocate_zeroed(context, sizeof *content);
    if (content == NULL)
        return gan_fail_memory("a content", sizeof *content);
    content->context = gan_context_retain(context);
    content->level_count = gan_model_output_count(extractor);
    *out = content;
    return GAN_OK;
}

static gan_status fill(gan_content *content, gan_session *session, const gan_tensor *picture)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < content->level_count; i++) {
        int64_t size[GAN_MAX_RANK];
        const int32_t rank = gan_session_output_shape(session, i, size);
        status = gan_tensor_create(&content->levels[i], content->context, GAN_FLOAT32, size, rank);
    }
    if (status == GAN_OK)
        status = gan_session_run(session, &picture, 1, content->levels, content->level_count);
    return status;
}

gan_status gan_content_create(gan_content **out, gan_model *extractor, const gan_tensor *picture)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_content_create: out is NULL");
    *out = NULL;
    gan_status status = gan_extractor_check(extractor);
    if (status == GAN_OK)
        status = gan_picture_check(picture, "the picture");
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_content_create: ");
    gan_content *content = NULL;
    status = make_content(&content, extractor);
    if (status != GAN_OK)
        return status;
    gan_session *session = NULL;
    status = gan_session_create_2d(&session, extractor, 1, gan_tensor_size(picture, 1),
                                   gan_tensor_size(picture, 2), NULL);
    if (status == GAN_OK)
        status = fill(content, session, picture);
    gan_session_free(session);
    if (status != GAN_OK) {
        gan_content_free(content);
        return status;
    }
    *out = content;
    return GAN_OK;
}

int32_t gan_content_level_count(const gan_content *content)
{
    return content != NULL ? content->level_count : 0;
}

const gan_tensor *gan_content_features(const gan_content *content, int32_t level)
{
    if (content == NULL || level < 0 || level >= content->level_count)
        return NULL;
    return content->levels[level];
}
