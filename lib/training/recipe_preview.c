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

gan_status gan_recipe_choose_shown(struct recipe *recipe)
{
    const int64_t size = recipe->options.size;
    const int64_t shape[4] = {1, size, size, gan_dataset_channels(recipe->data)};
    gan_status status = GAN_OK;
    if (recipe->training.options.preview_png == NULL || gan_dataset_domains(recipe->data) < 2)
        return GAN_OK;
    for (int i = 0; status == GAN_OK && i < 2; i++)
        status = gan_tensor_create(&recipe->shown[i], recipe->context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK)
        status = gan_dataset_set_position(recipe->data, 0);
    return status == GAN_OK ? gan_dataset_next(recipe->data, recipe->shown[0], recipe->shown[1], NULL)
                            : status;
}

/* A picture as number `index` of a batch. */
static void put(const gan_tensor *picture, gan_tensor *batch, int64_t index)
{
    const int64_t size = gan_tensor_count(picture);
    memcpy((float *)gan_tensor_data(batch) + index * size, gan_tensor_data_const(picture),
           (size_t)size * sizeof(float));
}

gan_status gan_recipe_save_translation(const struct recipe *recipe, gan_model *const *models, int32_t count,
                                       const char *path)
{
    gan_tensor *const *shown = recipe->shown;
    const int32_t columns = count == 1 ? 3 : 2;
    const int64_t shape[4] = {count * columns, gan_tensor_size(shown[0], 1), gan_tensor_size(shown[0], 2),
                              gan_tensor_size(shown[0], 3)};
    gan_tensor *grid;
    gan_status status = gan_tensor_create(&grid, recipe->context, GAN_FLOAT32, shape, 4);
    for (int32_t i = 0; status == GAN_OK && i < count; i++) {
        gan_tensor *result;
        status = gan_model_run(models[i], shown[i], &result);
        if (status != GAN_OK)
            break;
        put(shown[i], grid, i * columns);
        put(result, grid, i * columns + 1);
        gan_tensor_free(result);
    }
    if (status == GAN_OK && count == 1)
        put(shown[1], grid, 2);
    if (status == GAN_OK)
        status = gan_recipe_save_grid(recipe->context, grid, columns, path);
    gan_tensor_free(grid);
    return status;
}
