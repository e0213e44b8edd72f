/* Losses of several levels of features, as compositions of layers. */
#include "gan/layers.h"
#include "gan/losses.h"
#include "graph/graph.h"
#include "layers/expect.h"

enum { MOST_LEVELS = 32 };

static gan_status check(gan_layer *const *a, gan_layer *const *b, int32_t count)
{
    gan_status status = gan_expect_list(a, count);
    if (status == GAN_OK)
        status = gan_expect_list(b, count);
    if (status == GAN_OK && count > MOST_LEVELS)
        status = gan_fail(GAN_ERROR_ARGUMENT, "%d levels are given, expected 1 to %d", count, MOST_LEVELS);
    return status;
}

static gan_layer *mean_of(gan_layer *const *losses, int32_t count)
{
    float weights[MOST_LEVELS];
    for (int32_t i = 0; i < count; i++)
        weights[i] = 1.0f / (float)count;
    return gan_weighted_sum(losses, weights, count);
}

gan_layer *gan_feature_matching_loss(gan_layer *const *generated, gan_layer *const *real, int32_t count)
{
    gan_graph *graph = gan_graph_of_list(generated, count);
    gan_layer *losses[MOST_LEVELS];
    if (graph == NULL)
        return NULL;
    const gan_status status = check(generated, real, count);
    if (status != GAN_OK)
        return gan_graph_refuse(graph, "feature_matching_loss", NULL, status);
    for (int32_t i = 0; i < count; i++)
        losses[i] = gan_mean_absolute_error(generated[i], gan_stop_gradient(real[i]));
    return mean_of(losses, count);
}

/* The same positions of both pictures, projected to unit vectors. */
static gan_layer *project(gan_model *projection, gan_layer *features, gan_layer *positions)
{
    gan_layer *patches = gan_gather(features, positions);
    return gan_unit_length(projection != NULL ? gan_apply(projection, patches) : patches, 0);
}

gan_layer *gan_patch_nce_loss(gan_layer *const *generated, gan_layer *const *source,
                              gan_model *const *projections, gan_layer *const *positions, int32_t count,
                              int32_t patches, float temperature)
{
    gan_graph *graph = gan_graph_of_list(generated, count);
    gan_layer *losses[MOST_LEVELS];
    if (graph == NULL)
        return NULL;
    const gan_status status = check(generated, source, count);
    if (status != GAN_OK)
        return gan_graph_refuse(graph, "patch_nce_loss", NULL, status);
    for (int32_t i = 0; i < count; i++) {
        gan_model *projection = projections != NULL ? projections[i] : NULL;
        gan_layer *at =
            positions != NULL ? positions[i] : gan_random_positions(source[i], patches != 0 ? patches : 256);
        gan_layer *keys = gan_stop_gradient(project(projection, source[i], at));
        losses[i] = gan_info_nce(project(projection, generated[i], at), keys, temperature);
    }
    return mean_of(losses, count);
}
