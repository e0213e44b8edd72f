/* Options of a context, the host's allocator, seeds and lifetimes. */
#include "base/context.h"
#include "base/suite.h"
#include "faults/ledger.h"
#include "gan/gan.h"

#include <stdio.h>
#include <string.h>

static gan_context *create(const gan_context_options *options)
{
    gan_context *context = NULL;
    ck_assert_msg(gan_context_create(&context, options) == GAN_OK, "%s", gan_error_message());
    ck_assert_ptr_nonnull(context);
    return context;
}

static void refuse(const gan_context_options *options, gan_status expected, const char *word)
{
    gan_context *context = NULL;
    ck_assert_int_eq(gan_context_create(&context, options), expected);
    ck_assert_ptr_null(context);
    ck_assert_msg(strstr(gan_error_message(), word) != NULL, "\"%s\" does not speak of %s",
                  gan_error_message(), word);
}

START_TEST(defaults_need_no_options)
{
    gan_context *context = create(NULL);
    ck_assert_int_ge(gan_context_threads(context), 1);
    ck_assert_int_ne(gan_context_kernels(context), GAN_KERNELS_AUTO);
    ck_assert_uint_gt(strlen(gan_kernels_name(gan_context_kernels(context))), 0);
    gan_context_free(context);
    gan_context_free(NULL);
    ck_assert_int_eq(gan_context_create(NULL, NULL), GAN_ERROR_ARGUMENT);
}
END_TEST

START_TEST(numbers_out_of_range_are_refused)
{
    refuse(&(gan_context_options){.struct_size = sizeof(gan_context_options), .threads = -1},
           GAN_ERROR_ARGUMENT, "threads");
    refuse(&(gan_context_options){.struct_size = sizeof(gan_context_options), .threads = 1025},
           GAN_ERROR_ARGUMENT, "threads");
    refuse(&(gan_context_options){.threads = 1}, GAN_ERROR_ARGUMENT, "struct_size");
    gan_context *context = NULL;
    const gan_context_options strange = {.struct_size = sizeof strange, .kernels = 99};
    ck_assert_int_lt(gan_context_create(&context, &strange), 0);
    ck_assert_ptr_null(context);
}
END_TEST

START_TEST(an_allocator_needs_both_functions)
{
    struct ledger ledger;
    ledger_open(&ledger);
    gan_allocator half = ledger.allocator;
    half.release = NULL;
    refuse(&(gan_context_options){.struct_size = sizeof(gan_context_options), .allocator = &half},
           GAN_ERROR_ARGUMENT, "release");
    gan_allocator unsized = ledger.allocator;
    unsized.struct_size = 0;
    refuse(&(gan_context_options){.struct_size = sizeof(gan_context_options), .allocator = &unsized},
           GAN_ERROR_ARGUMENT, "gan_allocator");
}
END_TEST

/* A caller built against a later version whose options have grown. */
struct later_options {
    gan_context_options known;
    int64_t unknown;
};

START_TEST(options_of_later_versions_are_taken_where_unused)
{
    struct later_options later = {.known = {.struct_size = sizeof later, .threads = 3}};
    gan_context *context = create(&later.known);
    ck_assert_int_eq(gan_context_threads(context), 3);
    gan_context_free(context);
    later.unknown = 1;
    refuse(&later.known, GAN_ERROR_UNSUPPORTED, "member");
}
END_TEST

START_TEST(options_of_earlier_versions_are_filled_up)
{
    gan_context_options options = {.struct_size = offsetof(gan_context_options, kernels), .threads = 2};
    options.kernels = 99; /* past what such a caller knows: not read */
    gan_context *context = create(&options);
    ck_assert_int_eq(gan_context_threads(context), 2);
    gan_context_free(context);
}
END_TEST

static gan_model *small_model(gan_context *context)
{
    gan_graph *graph;
    gan_model *model;
    const int64_t shape[] = {-1, 4, 4, 2};
    ck_assert_int_eq(gan_graph_create(&graph, context), GAN_OK);
    gan_layer *x = gan_input(graph, NULL, shape, 4);
    const gan_conv2d_options options = {.struct_size = sizeof options, .filters = 3, .kernel = {3}};
    gan_layer *y = gan_relu(gan_conv2d(x, &options));
    ck_assert_msg(gan_model_create(&model, "small", &x, 1, &y, 1) == GAN_OK, "%s", gan_error_message());
    gan_graph_free(graph);
    return model;
}

static gan_tensor *run(gan_context *context, gan_model *model)
{
    gan_tensor *input, *output;
    ck_assert_int_eq(gan_tensor_create(&input, context, GAN_FLOAT32, (const int64_t[]){2, 4, 4, 2}, 4),
                     GAN_OK);
    ck_assert_int_eq(gan_tensor_fill_normal(input, 1, 0, 1), GAN_OK);
    ck_assert_int_eq(gan_model_run(model, input, &output), GAN_OK);
    gan_tensor_free(input);
    return output;
}

START_TEST(all_memory_comes_from_the_host)
{
    struct ledger ledger;
    gan_context *context;
    ledger_open(&ledger);
    ck_assert_int_eq(ledger_context(&context, &ledger, 2), GAN_OK);
    gan_model *model = small_model(context);
    gan_tensor *output = run(context, model);
    ck_assert_int_gt(atomic_load(&ledger.requests), 20);
    gan_tensor_free(output);
    gan_model_free(model);
    ck_assert_int_gt(atomic_load(&ledger.live), 0);
    gan_context_free(context);
    ck_assert_int_eq(atomic_load(&ledger.live), 0);
    ck_assert_int_eq(atomic_load(&ledger.misaligned), 0);
}
END_TEST

static gan_tensor *first_weights(uint64_t seed)
{
    gan_context *context = create(
        &(gan_context_options){.struct_size = sizeof(gan_context_options), .threads = 1, .seed = seed});
    gan_model *model = small_model(context);
    gan_tensor *weights;
    ck_assert_int_eq(gan_model_get_parameter(model, 0, &weights), GAN_OK);
    gan_model_free(model);
    gan_context_free(context);
    return weights; /* holds the context */
}

START_TEST(the_seed_decides_the_weights)
{
    gan_tensor *a = first_weights(7), *b = first_weights(7), *c = first_weights(8);
    const size_t size = (size_t)gan_tensor_count(a) * sizeof(float);
    ck_assert_mem_eq(gan_tensor_data(a), gan_tensor_data(b), size);
    ck_assert_mem_ne(gan_tensor_data(a), gan_tensor_data(c), size);
    gan_tensor_free(a);
    gan_tensor_free(b);
    gan_tensor_free(c);
}
END_TEST

START_TEST(streams_are_numbered)
{
    gan_context *context = create(NULL);
    const uint64_t first = gan_context_next_stream(context);
    ck_assert_uint_eq(gan_context_next_stream(context), first + 1);
    gan_context_free(context);
}
END_TEST

static void remember(void *user, int32_t severity, const char *message)
{
    snprintf(user, 64, "%d %s", severity, message);
}

START_TEST(the_log_reaches_the_host)
{
    char seen[64] = "";
    gan_context *context = create(&(gan_context_options){
        .struct_size = sizeof(gan_context_options), .log = remember, .log_user = seen});
    gan_log(context, GAN_LOG_WARNING, "%d files", 3);
    ck_assert_str_eq(seen, "1 3 files");
    gan_context_free(context);
    context = create(NULL);
    gan_log(context, GAN_LOG_WARNING, "nobody listens");
    gan_context_free(context);
}
END_TEST

START_TEST(arrays_that_cannot_exist_are_not_allocated)
{
    gan_context *context = create(NULL);
    ck_assert_ptr_null(gan_allocate_array(context, SIZE_MAX / 2, 3));
    int32_t *numbers = gan_allocate_array(context, 100, sizeof *numbers);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(numbers[i], 0);
    ck_assert_uint_eq((uintptr_t)numbers % 64, 0);
    gan_release(context, numbers);
    gan_release(context, NULL);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        defaults_need_no_options,
        numbers_out_of_range_are_refused,
        an_allocator_needs_both_functions,
        options_of_later_versions_are_taken_where_unused,
        options_of_earlier_versions_are_filled_up,
        all_memory_comes_from_the_host,
        the_seed_decides_the_weights,
        streams_are_numbered,
        the_log_reaches_the_host,
        arrays_that_cannot_exist_are_not_allocated,
    };
    return run_suite("context", tests, sizeof tests / sizeof tests[0]);
}
