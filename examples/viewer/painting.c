#include "painting.h"

static gan_status scale(gan_tensor **picture, int64_t longer, int32_t enlarge)
{
    const int64_t height = gan_tensor_size(*picture, 1), width = gan_tensor_size(*picture, 2);
    const int64_t side = height > width ? height : width;
    if (side == longer || (side < longer && !enlarge))
        return GAN_OK;
    const int64_t rows = (height * longer + side / 2) / side, columns = (width * longer + side / 2) / side;
    gan_tensor *scaled = NULL;
    const gan_status status =
        gan_image_resize(&scaled, *picture, rows > 0 ? rows : 1, columns > 0 ? columns : 1);
    if (status == GAN_OK) {
        gan_tensor_free(*picture);
        *picture = scaled;
    }
    return status;
}

static gan_status make_like(gan_tensor **out, const struct painting *painting)
{
    const int64_t sizes[] = {1, gan_tensor_size(painting->photo, 1), gan_tensor_size(painting->photo, 2), 3};
    return gan_tensor_create(out, painting->context, GAN_FLOAT32, sizes, 4);
}

gan_status painting_open(struct painting *painting, const char *photo, char *const *generators, int count,
                         int64_t size)
{
    *painting = (struct painting){0};
    gan_status status = gan_context_create(&painting->context, NULL);
    if (status == GAN_OK)
        status = gan_image_load(&painting->photo, NULL, painting->context, photo);
    if (status == GAN_OK)
        status = scale(&painting->photo, size, 0);
    for (int i = 0; i < count && i < MOST_GENERATORS && status == GAN_OK; i++) {
        status = gan_model_load(&painting->generators[i], painting->context, generators[i]);
        painting->generator_count += status == GAN_OK;
    }
    if (status == GAN_OK)
        status = make_like(&painting->adjusted, painting);
    return status == GAN_OK ? painting_show(painting, 0) : status;
}

void painting_close(struct painting *painting)
{
    gan_adjuster_free(painting->adjuster);
    gan_tensor_free(painting->adjusted);
    gan_tensor_free(painting->photo);
    for (int i = 0; i < MOST_GENERATORS; i++) {
        gan_tensor_free(painting->results[i]);
        gan_model_free(painting->generators[i]);
    }
    gan_context_free(painting->context);
}

gan_status painting_show(struct painting *painting, int generator)
{
    gan_tensor **result = &painting->results[generator];
    gan_status status = GAN_OK;
    if (*result == NULL)
        status = gan_model_stylize(painting->generators[generator], painting->photo, result);
    gan_adjuster *adjuster = NULL;
    if (status == GAN_OK)
        status = gan_adjuster_create(&adjuster, painting->photo, *result);
    if (status != GAN_OK)
        return status;
    gan_adjuster_free(painting->adjuster);
    painting->adjuster = adjuster;
    painting->shown = generator;
    return GAN_OK;
}

static gan_status render(struct painting *painting, const struct look *look, gan_tensor *to)
{
    const gan_adjustment adjustment = {
        .struct_size = sizeof adjustment, .color = look->color, .detail = look->detail};
    return gan_adjuster_render(painting->adjuster, look->strength, &adjustment, to);
}

gan_status painting_adjust(struct painting *painting, const struct look *look)
{
    return render(painting, look, painting->adjusted);
}

gan_status painting_thumbnail(struct painting *painting, const struct look *look, int64_t side,
                              gan_tensor **thumbnail)
{
    gan_status status = make_like(thumbnail, painting);
    if (status == GAN_OK)
        status = render(painting, look, *thumbnail);
    return status == GAN_OK ? scale(thumbnail, side, 1) : status;
}
