/* Attributes of a model file that are places and sizes: each that a builder would have refused is refused. */
#include "base/suite.h"
#include "graph/model_file.h"
#include "models/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gan_layer *end_of(gan_layer *x)
{
    const gan_conv2d_transpose_options transposed = {
        .struct_size = sizeof transposed, .filters = 2, .kernel = {3, 3}, .stride = {2, 2}};
    const gan_norm_options norm = {.struct_size = sizeof norm, .groups = 6};
    gan_layer *y = gan_pixel_unshuffle(gan_group_norm(x, &norm), 3);
    y = gan_conv2d_transpose(gan_resize_nearest(y, 5, 6), &transposed);
    return gan_reshape(gan_pixel_shuffle(y, 1), (const int64_t[]){-1, 2}, 2);
}

static gan_model *build(gan_context *context)
{
    const int64_t shape[4] = {-1, 9, 9, 4};
    const gan_pool_options pool = {.struct_size = sizeof pool};
    gan_graph *graph;
    gan_model *model;
    must(gan_graph_create(&graph, context));
    gan_layer *x = gan_input(graph, "x", shape, 4);
    gan_layer *parts[2] = {gan_slice(x, -1, 1, 2), x};
    gan_layer *y = gan_crop(gan_pad(gan_concat(parts, 2, -1), 1, 2, 3, 4, GAN_PADDING_ZERO), 4, 5, 3, 4);
    gan_layer *end = end_of(gan_upsample_nearest(gan_max_pool(y, &pool), 3));
    must(gan_graph_status(graph));
    must(gan_model_create(&model, "sized", &x, 1, &end, 1));
    gan_graph_free(graph);
    return model;
}

/* The first `from` after the words `op`, replaced by `to`. */
static const struct edit {
    const char *op, *from, *to;
} edits[] = {
    {"\"slice\"", "\"axis\":3", "\"axis\":-1"},
    {"\"slice\"", "\"axis\":3", "\"axis\":4"},
    {"\"slice\"", "\"axis\":3", "\"axis\":2147483647"},
    {"\"slice\"", "\"start\":1", "\"start\":-1"},
    {"\"slice\"", "\"start\":1", "\"start\":3"},
    {"\"slice\"", "\"start\":1", "\"start\":-9223372036854775808"},
    {"\"slice\"", "\"start\":1", "\"start\":9223372036854775807"},
    {"\"slice\"", "\"length\":2", "\"length\":-2"},
    {"\"slice\"", "\"length\":2", "\"length\":4"},
    {"\"slice\"", "\"length\":2", "\"length\":9223372036854775807"},
    {"\"concat\"", "\"axis\":3", "\"axis\":-1"},
    {"\"concat\"", "\"axis\":3", "\"axis\":4"},
    {"\"concat\"", "\"axis\":3", "\"axis\":-2147483648"},
    {"\"pad\"", "\"pad\":[1,", "\"pad\":[-1,"},
    {"\"pad\"", "\"mode\":0", "\"mode\":9"},
    {"\"crop\"", "\"pad\":[4,", "\"pad\":[-4,"},
    {"\"crop\"", "\"pad\":[4,", "\"pad\":[40,"},
    {"\"max_pool\"", "\"kernel\":[2,", "\"kernel\":[0,"},
    {"\"max_pool\"", "\"kernel\":[2,", "\"kernel\":[-2,"},
    {"\"max_pool\"", "\"stride\":[2,", "\"stride\":[0,"},
    {"\"max_pool\"", "\"pad\":[0,", "\"pad\":[2,"},
    {"\"max_pool\"", "\"pad\":[0,", "\"pad\":[-1,"},
    {"\"upsample_nearest\"", "\"factor\":3", "\"factor\":0"},
    {"\"upsample_nearest\"", "\"factor\":3", "\"factor\":-3"},
    {"\"group_norm\"", "\"groups\":6", "\"groups\":0"},
    {"\"group_norm\"", "\"groups\":6", "\"groups\":-1"},
    {"\"group_norm\"", "\"channels\":6", "\"channels\":7"},
    {"\"group_norm\"", "\"channels\":6", "\"channels\":0"},
    {"\"pixel_unshuffle\"", "\"factor\":3", "\"factor\":0"},
    {"\"pixel_unshuffle\"", "\"factor\":3", "\"factor\":-1"},
    {"\"resize_nearest\"", "\"height\":5", "\"height\":0"},
    {"\"resize_nearest\"", "\"width\":6", "\"width\":-6"},
    {"\"conv2d_transpose\"", "\"kernel\":[3,", "\"kernel\":[0,"},
    {"\"conv2d_transpose\"", "\"stride\":[2,", "\"stride\":[0,"},
    {"\"conv2d_transpose\"", "\"stride\":[2,", "\"stride\":[-2,"},
    {"\"conv2d_transpose\"", "\"pad\":[0,", "\"pad\":[-1,"},
    {"\"conv2d_transpose\"", "\"padding\":0", "\"padding\":7"},
    {"\"conv2d_transpose\"", "\"output_padding\":[0,", "\"output_padding\":[-1,"},
    {"\"conv2d_transpose\"", "\"in_channels\":54", "\"in_channels\":-54"},
    {"\"conv2d_transpose\"", "\"filters\":2", "\"filters\":0"},
    {"\"pixel_shuffle\"", "\"factor\":1", "\"factor\":0"},
    {"\"reshape\"", "\"rank\":2", "\"rank\":-1"},
    {"\"reshape\"", "\"rank\":2", "\"rank\":99"},
    {"\"reshape\"", "\"size\":[-1,2,", "\"size\":[-2,2,"},
    {"\"reshape\"", "\"size\":[-1,2,", "\"size\":[-1,-1,"},
    {"\"reshape\"", "\"size\":[-1,2,", "\"size\":[9223372036854775807,2,"},
};

/* The text edited; new. */
static char *edited(const char *text, const struct edit *edit)
{
    char op[64];
    snprintf(op, sizeof op, "\"op\":%s", edit->op);
    const char *layer = strstr(text, op);
    ck_assert_msg(layer != NULL, "%s is not in %s", op, text);
    const char *place = strstr(layer, edit->from);
    ck_assert_msg(place != NULL, "%s is not in %s", edit->from, layer);
    char *result = malloc(strlen(text) + strlen(edit->to) + 1);
    ck_assert_ptr_nonnull(result);
    sprintf(result, "%.*s%s%s", (int)(place - text), text, edit->to, place + strlen(edit->from));
    return result;
}

START_TEST(wrong_sizes)
{
    gan_context *context = reference_context();
    gan_model *model = build(context), *loaded = NULL;
    gan_tensors *tensors;
    char *text;
    must(gan_model_to_tensors(&tensors, model, GAN_STORE_FLOAT32));
    must(gan_model_graph_text(model, &text));
    char *changed = edited(text, &edits[_i]);
    must(gan_tensors_set_metadata(tensors, MODEL_KEY_GRAPH, changed));
    const gan_status status = gan_model_from_tensors(&loaded, tensors, "file");
    printf("%s: %s\n", gan_status_name(status), status == GAN_OK ? edits[_i].to : gan_error_message());
    ck_assert(status == GAN_ERROR_FORMAT || status == GAN_ERROR_SHAPE);
    ck_assert_ptr_null(loaded);
    free(changed);
    gan_release(context, text);
    gan_tensors_free(tensors);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("sizes");
    tcase_add_loop_test(tests, wrong_sizes, 0, (int)(sizeof edits / sizeof edits[0]));
    Suite *suite = suite_create("model file sizes");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
