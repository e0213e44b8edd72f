/* Layers that move elements: reshape, flatten, concat, slice, pixel shuffle, padding and cropping: values and
 * gradients. */
#include "golden.h"
#include "naive.h"

#include "gan/losses.h"

#include <check.h>
#include <stdbool.h>
#include <string.h>

#define LENGTH(array) ((int)(sizeof(array) / sizeof((array)[0])))

struct wish {
    int32_t rank;
    int64_t size[GAN_MAX_RANK];
};

static gan_layer *reshape(gan_layer *const *inputs, const void *argument)
{
    const struct wish *wish = argument;
    return gan_reshape(inputs[0], wish->size, wish->rank);
}

static gan_layer *flatten(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_flatten(inputs[0]);
}

/* Reading the view and what it views. */
static gan_layer *flatten_beside(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    gan_layer *x = gan_tanh(inputs[0]);
    gan_layer *parts[] = {gan_flatten(x), gan_flatten(gan_scale(x, 2, 1))};
    return gan_concat(parts, 2, 1);
}

static gan_layer *concat(gan_layer *const *inputs, const void *argument)
{
    return gan_concat(inputs, 3, *(const int32_t *)argument);
}

struct cut {
    int32_t axis;
    int64_t start, length;
};

static gan_layer *slice(gan_layer *const *inputs, const void *argument)
{
    const struct cut *cut = argument;
    return gan_slice(inputs[0], cut->axis, cut->start, cut->length);
}

static gan_layer *shuffle(gan_layer *const *inputs, const void *argument)
{
    return gan_pixel_shuffle(inputs[0], *(const int32_t *)argument);
}

static gan_layer *unshuffle(gan_layer *const *inputs, const void *argument)
{
    return gan_pixel_unshuffle(inputs[0], *(const int32_t *)argument);
}

struct frame {
    int32_t top, left, bottom, right, mode;
};

static gan_layer *pad(gan_layer *const *inputs, const void *argument)
{
    const struct frame *f = argument;
    return gan_pad(inputs[0], f->top, f->left, f->bottom, f->right, f->mode);
}

static gan_layer *crop(gan_layer *const *inputs, const void *argument)
{
    const struct frame *f = argument;
    return gan_crop(inputs[0], f->top, f->left, f->bottom, f->right);
}

static const struct wish matrix = {2, {-1, 12}}, cube = {3, {2, -1, 5}};
static const int32_t first = 0, second = 1, last = -1, two = 2, three = 3;
static const struct cut rows = {1, 1, 2}, channels = {-1, 2, -1}, pictures = {0, 1, 1}, nothing = {1, 0, -1};
static const struct frame zero = {1, 2, 3, 0, GAN_PADDING_ZERO}, mirror = {2, 3, 1, 2, GAN_PADDING_REFLECT},
                          full_mirror = {3, 4, 3, 4, GAN_PADDING_REFLECT},
                          edge = {2, 1, 3, 4, GAN_PADDING_REPLICATE},
                          round_about = {2, 9, 3, 4, GAN_PADDING_WRAP},
                          image = {2, 5, 11, 3, GAN_PADDING_SYMMETRIC},
                          none = {0, 0, 0, 0, GAN_PADDING_REFLECT},
                          wide = {40, 40, 40, 40, GAN_PADDING_REFLECT};

static const struct layer_case cases[] = {
    {"reshape", reshape, &matrix, {{4, {2, 3, 4, 5}}}, 0},
    {"reshape to three axes", reshape, &cube, {{4, {2, 3, 4, 5}}}, 0},
    {"flatten", flatten, NULL, {{4, {2, 3, 4, 5}}}, 0},
    {"flatten beside", flatten_beside, NULL, {{4, {2, 3, 4, 5}}}, 0},
    {"concat pictures", concat, &first, {{3, {1, 3, 4}}, {3, {2, 3, 4}}, {3, {3, 3, 4}}}, 0},
    {"concat rows", concat, &second, {{3, {2, 1, 4}}, {3, {2, 3, 4}}, {3, {2, 2, 4}}}, 0},
    {"concat channels", concat, &last, {{4, {2, 3, 2, 3}}, {4, {2, 3, 2, 1}}, {4, {2, 3, 2, 7}}}, 0},
    {"concat many", concat, &last, {{2, {3, 900}}, {2, {3, 30}}, {2, {3, 20000}}}, 0},
    {"slice rows", slice, &rows, {{4, {2, 4, 3, 5}}}, 0},
    {"slice channels", slice, &channels, {{4, {2, 4, 3, 5}}}, 0},
    {"slice pictures", slice, &pictures, {{4, {3, 4, 3, 5}}}, 0},
    {"slice all", slice, &nothing, {{2, {3, 4}}}, 0},
    {"slice many", slice, &channels, {{2, {50, 900}}}, 0},
    {"shuffle 2", shuffle, &two, {{4, {2, 3, 4, 12}}}, 0},
    {"shuffle 3", shuffle, &three, {{4, {1, 2, 3, 18}}}, 0},
    {"unshuffle 2", unshuffle, &two, {{4, {2, 6, 8, 3}}}, 0},
    {"unshuffle 3", unshuffle, &three, {{4, {1, 6, 3, 2}}}, 0},
    {"shuffle many", shuffle, &two, {{4, {2, 40, 50, 20}}}, 0},
    {"pad with zeros", pad, &zero, {{4, {2, 4, 5, 3}}}, 0},
    {"pad by reflection", pad, &mirror, {{4, {2, 4, 5, 3}}}, 0},
    {"pad by full reflection", pad, &full_mirror, {{4, {1, 4, 5, 2}}}, 0},
    {"pad by the edge", pad, &edge, {{4, {2, 4, 5, 3}}}, 0},
    {"pad round about", pad, &round_about, {{4, {2, 4, 5, 3}}}, 0},
    {"pad by the mirror image", pad, &image, {{4, {2, 4, 5, 3}}}, 0},
    {"pad by the mirror image of a point", pad, &image, {{4, {1, 1, 1, 3}}}, 0},
    {"pad by the edge of a point", pad, &edge, {{4, {1, 1, 1, 3}}}, 0},
    {"pad by nothing", pad, &none, {{4, {1, 1, 2, 3}}}, 0},
    {"pad many", pad, &wide, {{4, {2, 60, 50, 4}}}, 0},
    {"crop", crop, &zero, {{4, {2, 6, 5, 3}}}, 0},
    {"crop many", crop, &mirror, {{4, {2, 70, 60, 5}}}, 0},
};

START_TEST(gradients)
{
    check_layer(&cases[_i]);
}
END_TEST

/* ---- Plain formulas ---- */

static const void *argument_in_test;

static double element(const struct experiment *e, int32_t input, int64_t index)
{
    return (double)((const float *)gan_tensor_data_const(e->inputs[input]))[index];
}

static double same_at(const struct experiment *e, int64_t index)
{
    return element(e, 0, index);
}

static double concat_at(const struct experiment *e, int64_t index)
{
    const int32_t rank = gan_tensor_rank(e->output), given = *(const int32_t *)argument_in_test;
    const int32_t axis = given < 0 ? given + rank : given;
    int64_t inner = 1;
    for (int32_t i = axis + 1; i < rank; i++)
        inner *= gan_tensor_size(e->output, i);
    const int64_t row = gan_tensor_size(e->output, axis) * inner;
    int64_t place = index % row;
    int32_t input = 0;
    while (place >= gan_tensor_size(e->inputs[input], axis) * inner)
        place -= gan_tensor_size(e->inputs[input++], axis) * inner;
    return element(e, input, index / row * gan_tensor_size(e->inputs[input], axis) * inner + place);
}

static double slice_at(const struct experiment *e, int64_t index)
{
    const struct cut *cut = argument_in_test;
    const int32_t rank = gan_tensor_rank(e->output), axis = cut->axis < 0 ? cut->axis + rank : cut->axis;
    int64_t inner = 1;
    for (int32_t i = axis + 1; i < rank; i++)
        inner *= gan_tensor_size(e->output, i);
    const int64_t row = gan_tensor_size(e->output, axis) * inner;
    return element(
        e, 0, index / row * gan_tensor_size(e->inputs[0], axis) * inner + cut->start * inner + index % row);
}

static double shuffle_at(const struct experiment *e, int64_t index)
{
    const struct place at = place_of(e->output, index);
    const int64_t r = *(const int32_t *)argument_in_test;
    return pixel(e, 0, at.n, at.y / r, at.x / r, at.c * r * r + at.y % r * r + at.x % r);
}

static double unshuffle_at(const struct experiment *e, int64_t index)
{
    const struct place at = place_of(e->output, index);
    const int64_t r = *(const int32_t *)argument_in_test, part = at.c % (r * r);
    return pixel(e, 0, at.n, at.y * r + part / r, at.x * r + part % r, at.c / (r * r));
}

/* Where position i of the bordered axis comes from; -1: nowhere. */
static int64_t source(int64_t i, int64_t size, int32_t mode)
{
    if (i >= 0 && i < size)
        return i;
    if (mode == GAN_PADDING_ZERO)
        return -1;
    if (mode == GAN_PADDING_REPLICATE)
        return i < 0 ? 0 : size - 1;
    if (mode == GAN_PADDING_WRAP)
        return (i % size + size) % size;
    if (mode == GAN_PADDING_SYMMETRIC)
        return source(i < 0 ? -1 - i : 2 * size - 1 - i, size, mode);
    return i < 0 ? -i : 2 * size - 2 - i;
}

static double pad_at(const struct experiment *e, int64_t index)
{
    const struct frame *f = argument_in_test;
    const struct place at = place_of(e->output, index);
    const int64_t y = source(at.y - f->top, gan_tensor_size(e->inputs[0], 1), f->mode);
    const int64_t x = source(at.x - f->left, gan_tensor_size(e->inputs[0], 2), f->mode);
    return y < 0 || x < 0 ? 0 : pixel(e, 0, at.n, y, x, at.c);
}

static double crop_at(const struct experiment *e, int64_t index)
{
    const struct frame *f = argument_in_test;
    const struct place at = place_of(e->output, index);
    return pixel(e, 0, at.n, at.y + f->top, at.x + f->left, at.c);
}

START_TEST(values)
{
    const struct {
        layer_builder build;
        naive_value value;
    } formulas[] = {{reshape, same_at},    {flatten, same_at},        {concat, concat_at}, {slice, slice_at},
                    {shuffle, shuffle_at}, {unshuffle, unshuffle_at}, {pad, pad_at},       {crop, crop_at}};
    argument_in_test = cases[_i].argument;
    for (size_t i = 0; i < sizeof formulas / sizeof formulas[0]; i++)
        if (cases[_i].build == formulas[i].build)
            check_values(&cases[_i], formulas[i].value);
}
END_TEST

static const struct golden_case golden[] = {
    {"pixel_shuffle2", shuffle, &two, {NULL}, 0},
    {"pixel_unshuffle2", unshuffle, &two, {NULL}, 0},
};

START_TEST(reference_values)
{
    if (golden_available())
        check_golden(&golden[_i]);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("shapes");
    tcase_add_loop_test(tests, gradients, 0, LENGTH(cases));
    tcase_add_loop_test(tests, values, 0, LENGTH(cases));
    tcase_add_loop_test(tests, reference_values, 0, LENGTH(golden));
    Suite *suite = suite_create("shape_ops");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
