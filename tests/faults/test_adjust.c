/* Out of memory while a result is adjusted and marked. */
#include "base/suite.h"
#include "faults/scenario.h"

#include <stdlib.h>

struct material {
    gan_tensor *photo, *result, *mask, *target;
    gan_adjuster *adjuster;
};

static gan_status make_tensor(gan_tensor **out, gan_context *context, int64_t channels, uint64_t seed)
{
    const int64_t shape[4] = {1, 20, 30, channels};
    const gan_status status = gan_tensor_create(out, context, GAN_FLOAT32, shape, 4);
    return status == GAN_OK ? gan_tensor_fill_uniform(*out, seed, 0, 1) : status;
}

static gan_status prepare(gan_context *context, void **state)
{
    struct material *material = calloc(1, sizeof *material);
    *state = material;
    gan_status status = make_tensor(&material->photo, context, 3, 1);
    if (status == GAN_OK)
        status = make_tensor(&material->result, context, 3, 2);
    if (status == GAN_OK)
        status = make_tensor(&material->mask, context, 1, 3);
    if (status == GAN_OK)
        status = make_tensor(&material->target, context, 3, 4);
    if (status == GAN_OK)
        status = gan_adjuster_create(&material->adjuster, material->photo, material->result);
    return status;
}

static void clean(void *state)
{
    struct material *material = state;
    gan_adjuster_free(material->adjuster);
    gan_tensor_free(material->photo);
    gan_tensor_free(material->result);
    gan_tensor_free(material->mask);
    gan_tensor_free(material->target);
    free(material);
}

static gan_status adjust(gan_context *context, void *state)
{
    struct material *material = state;
    float *pixels = gan_tensor_data(material->target), *mask = gan_tensor_data(material->mask);
    const float *photo = gan_tensor_data_const(material->photo);
    gan_tensor *made = NULL;
    gan_status status = gan_adjust_color(context, pixels, photo, 600, GAN_COLOR_HISTOGRAM);
    if (status == GAN_OK)
        status = gan_adjust_detail(context, pixels, photo, 20, 30, 1, 2);
    if (status == GAN_OK)
        status = gan_mask_feather(context, mask, 20, 30, 3);
    if (status == GAN_OK)
        status = gan_mask_of_picture(&made, material->photo);
    gan_tensor_free(made);
    return status;
}

/* Whatever fails, pieces that are measured need no memory. */
static gan_status recolor(gan_context *context, void *state)
{
    struct material *material = state;
    float *pixels = gan_tensor_data(material->target);
    const float *photo = gan_tensor_data_const(material->photo);
    gan_recoloring *recoloring = NULL;
    gan_status status = gan_recoloring_create(&recoloring, context, 600, GAN_COLOR_HISTOGRAM);
    for (int32_t round = 0; status == GAN_OK && round < gan_recoloring_rounds(recoloring); round++)
        for (int64_t i = 0; status == GAN_OK && i < 600; i += 100)
            status = gan_recoloring_measure(recoloring, pixels + 3 * i, photo + 3 * i, 100);
    if (status == GAN_OK)
        status = gan_recoloring_apply(recoloring, pixels, photo, 600);
    gan_recoloring_free(recoloring);
    return status;
}

static gan_status render(gan_context *context, void *state)
{
    (void)context;
    struct material *material = state;
    gan_adjuster *fresh = NULL;
    gan_status status = gan_adjuster_create(&fresh, material->photo, material->result);
    gan_adjustment adjustment = {.struct_size = sizeof adjustment, .detail = 1, .feather = 4};
    if (status == GAN_OK)
        status = gan_adjuster_set_mask(fresh, material->mask);
    for (adjustment.color = 0; status == GAN_OK && adjustment.color <= GAN_COLOR_HISTOGRAM;
         adjustment.color++)
        status = gan_adjuster_render(fresh, 0.5f, &adjustment, material->target);
    gan_adjuster_free(fresh);
    return status;
}

/* The same with an adjuster that has seen all failures before. */
static gan_status render_again(gan_context *context, void *state)
{
    (void)context;
    struct material *material = state;
    gan_adjustment adjustment = {
        .struct_size = sizeof adjustment, .detail = 1, .feather = 4, .color = GAN_COLOR_COVARIANCE};
    gan_status status = gan_adjuster_set_mask(material->adjuster, material->mask);
    for (int32_t radius = 3; status == GAN_OK && radius < 6; radius++) {
        adjustment.detail_radius = radius;
        status = gan_adjuster_render(material->adjuster, 0.5f, &adjustment, material->target);
    }
    return status;
}

static gan_status mark(gan_context *context, void *state)
{
    (void)state;
    static const uint8_t bytes[8] = "faults";
    gan_watermark found = {.struct_size = sizeof found};
    gan_tensor *picture = NULL;
    gan_status status =
        gan_tensor_create(&picture, context, GAN_FLOAT32, (const int64_t[]){1, 128, 130, 3}, 4);
    if (status == GAN_OK)
        status = gan_tensor_fill_uniform(picture, 1, 0, 1);
    if (status == GAN_OK)
        status = gan_watermark_embed(picture, bytes, 0);
    if (status == GAN_OK)
        status = gan_watermark_find(picture, 0, &found);
    gan_tensor_free(picture);
    return status;
}

/* It looks for the mark at many sizes, which all ask for the same. */
START_TEST(a_watermark)
{
    exhaust_memory(&(struct scenario){.act = mark, .stride = WATCHES_MEMORY ? 120 : 30});
}
END_TEST

START_TEST(plain_pixels)
{
    exhaust_memory(&(struct scenario){prepare, adjust, clean, 0});
}
END_TEST

START_TEST(colours_in_pieces)
{
    exhaust_memory(&(struct scenario){prepare, recolor, clean, 0});
}
END_TEST

START_TEST(a_new_adjuster)
{
    exhaust_memory(&(struct scenario){prepare, render, clean, 0});
}
END_TEST

START_TEST(an_adjuster_that_failed_before)
{
    exhaust_memory(&(struct scenario){prepare, render_again, clean, 0});
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {plain_pixels, colours_in_pieces, a_new_adjuster,
                                  an_adjuster_that_failed_before, a_watermark};
    return run_suite("adjust", tests, sizeof tests / sizeof tests[0]);
}
