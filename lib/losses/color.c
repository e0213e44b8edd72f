/* How far the colours of two pictures are apart, as a composition of layers. */
#include "gan/layers.h"
#include "gan/losses.h"
#include "graph/graph.h"
#include "kernels/luma.h"

enum { PICTURE_RANK = 4, RGB = 3 };

static gan_layer *channel(gan_layer *picture, int64_t index)
{
    return gan_slice(picture, PICTURE_RANK - 1, index, 1);
}

/* The luma of a picture whose channels are given. */
static gan_layer *luma(gan_layer *const *rgb)
{
    gan_layer *two = gan_add(gan_scale(rgb[0], luma_red, 0), gan_scale(rgb[1], luma_green, 0));
    return gan_add(two, gan_scale(rgb[2], luma_blue, 0));
}

static gan_layer *check(gan_layer *picture, gan_layer *target)
{
    if (picture == NULL || target == NULL)
        return NULL;
    int64_t shape[GAN_MAX_RANK];
    const int32_t rank = gan_layer_shape(picture, shape);
    if (rank == PICTURE_RANK && shape[rank - 1] == RGB)
        return picture;
    const gan_status status =
        gan_fail(GAN_ERROR_SHAPE, "the picture's last size is %lld of %d sizes, expected RGB [N,H,W,3]",
                 rank > 0 ? (long long)shape[rank - 1] : 0, (int)rank);
    return gan_graph_refuse(gan_layer_graph(picture), "color_loss", NULL, status);
}

/* The transform is linear: that of the difference is the difference of both. */
gan_layer *gan_color_loss(gan_layer *picture, gan_layer *target)
{
    const float u_factor = 0.492111f, v_factor = 0.877283f;
    gan_layer *rgb[RGB];
    if (check(picture, target) == NULL)
        return NULL;
    gan_layer *difference = gan_subtract(picture, gan_stop_gradient(target));
    for (int64_t i = 0; i < RGB; i++)
        rgb[i] = channel(difference, i);
    gan_layer *y = luma(rgb), *nothing = gan_fill_like(y, 0);
    gan_layer *const parts[3] = {
        gan_mean_absolute_error(y, nothing),
        gan_smooth_l1(gan_scale(gan_subtract(rgb[2], y), u_factor, 0), nothing, 1),
        gan_smooth_l1(gan_scale(gan_subtract(rgb[0], y), v_factor, 0), nothing, 1),
    };
    return gan_weighted_sum(parts, (const float[]){1, 1, 1}, 3);
}
