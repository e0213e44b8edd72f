#include "streaming/passage.h"
#include "graph/model.h"
#include "graph/networks.h"

#include <check.h>
#include <string.h>

gan_tensor *make_photo(gan_context *context, int64_t height, int64_t width)
{
    gan_tensor *photo = make_zeros(context, (const int64_t[]){1, height, width, 3}, 4);
    succeed(gan_tensor_fill_uniform(photo, 3, 0, 1));
    return photo;
}

static int64_t row_floats(const gan_tensor *tensor)
{
    return gan_tensor_size(tensor, 2) * gan_tensor_size(tensor, 3);
}

static gan_status read_rows(void *user, int64_t first, int64_t count, float *rows)
{
    struct passage *passage = user;
    const int64_t width = row_floats(passage->from);
    ck_assert(first >= 0 && count >= 1 && first + count <= gan_tensor_size(passage->from, 1));
    memcpy(rows, (const float *)gan_tensor_data_const(passage->from) + first * width,
           (size_t)(count * width) * sizeof *rows);
    passage->reads++;
    return passage->refuse;
}

/* From the top down, each row once. */
static gan_status write_rows(void *user, int64_t first, int64_t count, const float *rows)
{
    struct passage *passage = user;
    const int64_t width = row_floats(passage->to);
    ck_assert_int_eq(first, passage->written);
    ck_assert(count >= 1 && first + count <= gan_tensor_size(passage->to, 1));
    memcpy((float *)gan_tensor_data(passage->to) + first * width, rows,
           (size_t)(count * width) * sizeof *rows);
    passage->written += count;
    return GAN_OK;
}

static int32_t hear(void *user, const gan_stream_progress *progress)
{
    struct passage *passage = user;
    ck_assert(progress->fraction >= 0 && progress->fraction <= 1);
    ck_assert(progress->pass >= 0 && progress->pass < progress->passes);
    passage->told++;
    return passage->stop_after > 0 && passage->told >= passage->stop_after;
}

gan_stream_io passage_io(struct passage *passage)
{
    return (gan_stream_io){.struct_size = sizeof(gan_stream_io),
                           .user = passage,
                           .read = read_rows,
                           .write = write_rows,
                           .progress = hear};
}

static gan_status run(gan_stream *stream, const gan_tensor *picture, gan_context *context, gan_tensor **out)
{
    int64_t sizes[GAN_MAX_RANK];
    struct passage passage = {.from = picture};
    const gan_stream_io io = passage_io(&passage);
    gan_stream_output_shape(stream, sizes);
    gan_status status = gan_tensor_create(out, context, GAN_FLOAT32, sizes, 4);
    passage.to = *out;
    if (status == GAN_OK)
        status = gan_stream_run(stream, &io);
    if (status == GAN_OK)
        ck_assert_int_eq(passage.written, sizes[1]);
    return status;
}

gan_status stream_picture(gan_tensor **out, gan_model *model, const gan_tensor *picture,
                          const gan_stream_options *options)
{
    gan_stream *stream;
    *out = NULL;
    gan_status status =
        gan_stream_create(&stream, model, gan_tensor_size(picture, 1), gan_tensor_size(picture, 2), options);
    if (status == GAN_OK)
        status = run(stream, picture, model->graph->context, out);
    gan_stream_free(stream);
    if (status != GAN_OK) {
        gan_tensor_free(*out);
        *out = NULL;
    }
    return status;
}

gan_tensor *run_whole(gan_model *model, const gan_tensor *picture, int32_t precision)
{
    const gan_session_options options = {.struct_size = sizeof options, .precision = precision};
    int64_t sizes[GAN_MAX_RANK];
    gan_session *session;
    gan_tensor *result;
    succeed(gan_session_create_2d(&session, model, 1, gan_tensor_size(picture, 1),
                                  gan_tensor_size(picture, 2), &options));
    const int32_t rank = gan_session_output_shape(session, 0, sizes);
    succeed(gan_tensor_create(&result, model->graph->context, GAN_FLOAT32, sizes, rank));
    succeed(gan_session_run(session, &picture, 1, &result, 1));
    gan_session_free(session);
    return result;
}
