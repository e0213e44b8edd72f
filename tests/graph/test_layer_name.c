/* Names given to layers after they are made. */
#include "base/suite.h"
#include "graph/networks.h"

#include <string.h>

START_TEST(outputs_can_be_named)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3);
    gan_layer *y = gan_layer_set_name(gan_relu(convolve(x, "conv1_1", 2, 3, 1)), "relu1_1");
    ck_assert_ptr_nonnull(y);
    ck_assert_str_eq(gan_layer_name(y), "relu1_1");
    ck_assert_ptr_eq(gan_layer_set_name(y, "relu1_1"), y); /* its own name */
    gan_model *model = make_model(NULL, x, y);
    ck_assert_str_eq(gan_model_output_name(model, 0), "relu1_1");
    ck_assert_str_eq(gan_layer_name(gan_relu(x)), "relu"); /* a name given up is free again */
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

/* The error sticks, and the model says so. */
static void refuses(gan_status expected, const char *name, bool in_model, const char *word)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3), *y = gan_relu(x);
    gan_model *model = NULL, *late;
    if (in_model)
        model = make_model(NULL, x, y);
    ck_assert_ptr_null(gan_layer_set_name(y, name));
    ck_assert_str_eq(gan_layer_name(y), "relu");
    fails_with(gan_graph_status(graph), expected, word);
    fails_with(gan_model_create(&late, NULL, &x, 1, &y, 1), expected, word);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}

START_TEST(names_are_checked)
{
    char longest[300];
    memset(longest, 'a', sizeof longest);
    longest[256] = '\0';
    refuses(GAN_ERROR_ARGUMENT, "x", false, "another layer");
    refuses(GAN_ERROR_ARGUMENT, "", false, "empty");
    refuses(GAN_ERROR_ARGUMENT, NULL, false, "NULL");
    refuses(GAN_ERROR_ARGUMENT, longest, false, "too long");
    refuses(GAN_ERROR_STATE, "late", true, "late");
    ck_assert_ptr_null(gan_layer_set_name(NULL, "name"));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {outputs_can_be_named, names_are_checked};
    return run_suite("layer_name", tests, sizeof tests / sizeof tests[0]);
}
