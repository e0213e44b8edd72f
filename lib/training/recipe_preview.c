/* What a recipe shows of its work: grids of pictures. */
#include "gan/image.h"
#include "gan/session.h"
#include "tensor/tensor.h"
#include "training/recipe.h"

#include <string.h>

/* A copy in 0..1 of some pictures in -1..1, as files want it. */
static gan_status brighten(gan_tensor **out, gan_context *context, const gan_tensor *pictures)
{
    const gan_status status = gan_tensor_make(out, context, GAN_FLOAT32, &pictures->shape);
    if (status != GAN_OK)
        return status;
    const float *from = gan_tensor_data_const(pictures);
    float *to = gan_tensor_data(*out);
    for (int64_t i = 0; i < gan_tensor_count(pictures); i++)
        to[i] = 0.5f * from[i] + 0.5f;
    return GAN_OK;
}

gan_status gan_recipe_save_grid(gan_context *context, const gan_tensor *pictures, int32_t columns,
                                const char *path)
{
    gan_tensor *bright = NULL, *grid = NULL;
    gan_status status = brighten(&bright, context, pictures);
    if (status == GAN_OK)
        status = gan_image_grid(&grid, (const gan_tensor *const *)&bright, 1, columns, 1);
    if (status == GAN_OK)
        status = gan_image_save(grid, NULL, path, 0);
    gan_tensor_free(bright);
    gan_tensor_free(grid);
    return status;
}

/* The first picture of a batch as picture `index` of another. */
static void copy_first(const gan_tensor *from, gan_tensor *to, int64_t index)
{
    const int64_t size = gan_tensor_count(to) / gan_tensor_size(to, 0);
    memcpy((float *)gan_tensor_data(to) + index * size, gan_tensor_data_const(from),
           (size_t)size * sizeof(float));
}

gan_status gan_recipe_save_translation(gan_context *context, gan_model *const *models,
                                       const gan_tensor *const *sources, int32_t count,
                                       const gan_tensor *target, const char *path)
{
    const int32_t columns = target != NULL ? 3 : 2;
    const gan_tensor *first = sources[0];
    const int64_t shape[4] = {count * columns, gan_tensor_size(first, 1), gan_tensor_size(first, 2),
                              gan_tensor_size(first, 3)};
    gan_tensor *shown;
    gan_status status = gan_tensor_create(&shown, context, GAN_FLOAT32, shape, 4);
    for (int32_t i = 0; status == GAN_OK && i < count; i++) {
        gan_tensor *result;
        status = gan_model_run(models[i], sources[i], &result);
        if (status != GAN_OK)
            break;
        copy_first(sources[i], shown, i * columns);
        copy_first(result, shown, i * columns + 1);
        gan_tensor_free(result);
        if (target != NULL)
            copy_first(target, shown, i * columns + 2);
    }
    if (status == GAN_OK)
        status = gan_recipe_save_grid(context, shown, columns, path);
    gan_tensor_free(shown);
    return status;
}
