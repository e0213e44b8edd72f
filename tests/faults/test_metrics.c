/* Out of memory while pictures and features are measured. */
#include "base/suite.h"
#include "faults/scenario.h"

#include <stdlib.h>

struct material {
    gan_model *extractor;
    gan_tensor *pictures, *others, *vectors, *more;
};

static gan_status make_tensor(gan_tensor **out, gan_context *context, const int64_t *shape, int32_t rank,
                              uint64_t seed)
{
    const gan_status status = gan_tensor_create(out, context, GAN_FLOAT32, shape, rank);
    return status == GAN_OK ? gan_tensor_fill_uniform(*out, seed, 0, 1) : status;
}

static gan_status prepare(gan_context *context, void **state)
{
    struct material *material = calloc(1, sizeof *material);
    *state = material;
    const gan_patchgan_options small = {
        .struct_size = sizeof small, .channels = 2, .layers = 1, .norm = GAN_NORM_NONE};
    const int64_t picture[4] = {2, 24, 24, 3}, vectors[2] = {5, 7};
    gan_status status = gan_patchgan_create(&material->extractor, context, &small);
    if (status == GAN_OK)
        status = make_tensor(&material->pictures, context, picture, 4, 1);
    if (status == GAN_OK)
        status = make_tensor(&material->others, context, picture, 4, 2);
    if (status == GAN_OK)
        status = make_tensor(&material->vectors, context, vectors, 2, 3);
    if (status == GAN_OK)
        status = make_tensor(&material->more, context, vectors, 2, 4);
    return status;
}

static void clean(void *state)
{
    struct material *material = state;
    gan_model_free(material->extractor);
    gan_tensor_free(material->pictures);
    gan_tensor_free(material->others);
    gan_tensor_free(material->vectors);
    gan_tensor_free(material->more);
    free(material);
}

static gan_status compare(gan_context *context, void *state)
{
    (void)context;
    const struct material *material = state;
    double value;
    gan_kernel_distance_result result = {.struct_size = sizeof result};
    gan_status status = gan_ssim(material->pictures, material->others, NULL, &value);
    if (status == GAN_OK)
        status = gan_frechet_distance(material->vectors, material->more, &value);
    if (status == GAN_OK)
        status = gan_kernel_distance(material->vectors, material->more, NULL, &result);
    return status;
}

START_TEST(distances)
{
    exhaust_memory(&(struct scenario){prepare, compare, clean, 0});
}
END_TEST

static gan_status gather(gan_context *context, void *state)
{
    (void)context;
    const struct material *material = state;
    gan_features *features = NULL;
    gan_tensor *all = NULL;
    gan_status status = gan_features_create(&features, material->extractor, NULL);
    if (status == GAN_OK)
        status = gan_features_add(features, material->pictures);
    if (status == GAN_OK)
        status = gan_features_add(features, material->others);
    if (status == GAN_OK)
        status = gan_features_get(features, &all);
    gan_tensor_free(all);
    gan_features_free(features);
    return status;
}

START_TEST(features)
{
    exhaust_memory(&(struct scenario){prepare, gather, clean, 0});
}
END_TEST

int main(void)
{
    const TTest *tests[] = {distances, features};
    return run_suite("metrics", tests, sizeof tests / sizeof tests[0]);
}
