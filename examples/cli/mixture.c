#include "mixture.h"
#include "console.h"

#include <stdlib.h>

/* ---- How much ---- */

bool weights_read(float *weights, int count, const struct texts *words)
{
    float sum = 0;
    for (int i = 0; i < count; i++) {
        char *end = NULL;
        const char *word = words->count > 0 ? words->items[i] : "1";
        weights[i] = strtof(word, &end);
        if (end == word || *end != '\0' || !(weights[i] >= 0 && weights[i] <= 1e6f)) {
            complain("--weight %s: expected a number from 0 to 1000000", word);
            return false;
        }
        sum += weights[i];
    }
    if (!(sum > 0))
        complain("all weights are 0");
    for (int i = 0; sum > 0 && i < count; i++)
        weights[i] /= sum;
    return sum > 0;
}

/* ---- Where ---- */

gan_status mask_read(gan_tensor **mask, gan_context *context, const char *path, const gan_tensor *photo)
{
    gan_tensor *picture = NULL, *scaled = NULL;
    const int64_t shape[4] = {1, gan_tensor_size(photo, 1), gan_tensor_size(photo, 2), 1};
    *mask = NULL;
    gan_status status = gan_image_load(&picture, NULL, context, path);
    if (status == GAN_OK)
        status = gan_image_resize(&scaled, picture, shape[1], shape[2]);
    if (status == GAN_OK)
        status = gan_tensor_create(mask, context, GAN_FLOAT32, shape, 4);
    if (status == GAN_OK) {
        const float *from = gan_tensor_data_const(scaled);
        float *to = gan_tensor_data(*mask);
        for (int64_t i = 0; i < shape[1] * shape[2]; i++)
            to[i] = from[3 * i] < 0 ? 0 : from[3 * i] > 1 ? 1 : from[3 * i];
    }
    gan_tensor_free(picture);
    gan_tensor_free(scaled);
    return status;
}

/* From masks to shares of what is painted at all. */
static void share_out(const struct placement *placement, const float *weights)
{
    float *covered = gan_tensor_data(placement->covered), *masks[MIXTURE_MOST_STYLES];
    for (int k = 0; k < placement->count; k++)
        masks[k] = gan_tensor_data(placement->masks[k]);
    for (int64_t i = 0; i < gan_tensor_count(placement->covered); i++) {
        float sum = 0, weighted = 0;
        for (int k = 0; k < placement->count; k++) {
            sum += weights[k] > 0 ? masks[k][i] : 0;
            weighted += weights[k] * masks[k][i];
        }
        covered[i] = sum < 1 ? sum : 1;
        for (int k = 0; k < placement->count; k++)
            masks[k][i] = weighted > 0 ? weights[k] * masks[k][i] / weighted : 0;
    }
}

gan_status placement_read(struct placement *placement, gan_context *context, const struct texts *paths,
                          const float *weights, const gan_tensor *photo)
{
    const int64_t shape[4] = {1, gan_tensor_size(photo, 1), gan_tensor_size(photo, 2), 1};
    *placement = (struct placement){.count = paths->count};
    if (paths->count == 0)
        return GAN_OK;
    gan_status status = gan_tensor_create(&placement->covered, context, GAN_FLOAT32, shape, 4);
    for (int i = 0; status == GAN_OK && i < paths->count; i++)
        status = mask_read(&placement->masks[i], context, paths->items[i], photo);
    if (status == GAN_OK)
        share_out(placement, weights);
    return status;
}

void placement_free(struct placement *placement)
{
    for (int i = 0; i < placement->count; i++)
        gan_tensor_free(placement->masks[i]);
    gan_tensor_free(placement->covered);
}

void placement_blend(const struct placement *placement, gan_tensor *const *pictures, const gan_tensor *photo,
                     gan_tensor *result)
{
    const float *covered = gan_tensor_data_const(placement->covered), *kept = gan_tensor_data_const(photo);
    float *to = gan_tensor_data(result);
    for (int64_t i = 0; i < gan_tensor_count(result); i++) {
        float sum = covered[i / 3] > 0 ? 0 : kept[i];
        for (int k = 0; k < placement->count; k++)
            sum += ((const float *)gan_tensor_data_const(placement->masks[k]))[i / 3] *
                   ((const float *)gan_tensor_data_const(pictures[k]))[i];
        to[i] = sum;
    }
}
