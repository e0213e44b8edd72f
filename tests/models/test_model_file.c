/* Model files: what is saved comes back with the same bits, and what is wrong with a file is said. */
#include "base/suite.h"
#include "graph/model_file.h"
#include "models/reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *temporary_path(void)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/gan_model_file_%ld.safetensors", (long)getpid());
    return path;
}

static gan_tensor *random_input(gan_context *context, const gan_model *model, int32_t index)
{
    int64_t sizes[GAN_MAX_RANK];
    gan_tensor *tensor;
    const int32_t rank = gan_model_input_shape(model, index, sizes);
    for (int32_t i = 0; i < rank; i++)
        sizes[i] = sizes[i] >= 0 ? sizes[i] : i == 0 ? 2 : 36;
    must(gan_tensor_create(&tensor, context, GAN_FLOAT32, sizes, rank));
    must(gan_tensor_fill_uniform(tensor, 7 + (uint64_t)index, 0, 1));
    return tensor;
}

enum { MOST = 16 };

static void run(gan_model *model, gan_context *context, gan_tensor **outputs)
{
    gan_tensor *inputs[MOST];
    int64_t shapes[MOST * GAN_MAX_RANK];
    size_t used = 0;
    gan_session *session;
    for (int32_t i = 0; i < gan_model_input_count(model); i++) {
        inputs[i] = random_input(context, model, i);
        for (int32_t k = 0; k < gan_tensor_rank(inputs[i]); k++)
            shapes[used++] = gan_tensor_size(inputs[i], k);
    }
    must(gan_session_create(&session, model, shapes, NULL));
    for (int32_t i = 0; i < gan_model_output_count(model); i++) {
        int64_t sizes[GAN_MAX_RANK];
        const int32_t rank = gan_session_output_shape(session, i, sizes);
        must(gan_tensor_create(&outputs[i], context, GAN_FLOAT32, sizes, rank));
    }
    must(gan_session_run(session, (const gan_tensor *const *)inputs, gan_model_input_count(model), outputs,
                         gan_model_output_count(model)));
    gan_session_free(session);
    for (int32_t i = 0; i < gan_model_input_count(model); i++)
        gan_tensor_free(inputs[i]);
}

static double largest_difference(const gan_tensor *a, const gan_tensor *b)
{
    const float *x = gan_tensor_data_const(a), *y = gan_tensor_data_const(b);
    double largest = 0;
    ck_assert_int_eq(gan_tensor_count(a), gan_tensor_count(b));
    for (int64_t i = 0; i < gan_tensor_count(a); i++)
        largest = fmax(largest, fabs((double)x[i] - (double)y[i]));
    return largest;
}

static void compare_interfaces(const gan_model *a, const gan_model *b)
{
    ck_assert_str_eq(gan_model_name(a), gan_model_name(b));
    ck_assert_int_eq(gan_model_trainable(a), gan_model_trainable(b));
    ck_assert_int_eq(gan_model_input_count(a), gan_model_input_count(b));
    ck_assert_int_eq(gan_model_output_count(a), gan_model_output_count(b));
    ck_assert_int_eq(gan_model_parameter_count(a), gan_model_parameter_count(b));
    for (int32_t i = 0; i < gan_model_input_count(a); i++)
        ck_assert_str_eq(gan_model_input_name(a, i), gan_model_input_name(b, i));
    for (int32_t i = 0; i < gan_model_output_count(a); i++)
        ck_assert_str_eq(gan_model_output_name(a, i), gan_model_output_name(b, i));
    for (int32_t i = 0; i < gan_model_parameter_count(a); i++) {
        ck_assert_str_eq(gan_model_parameter_name(a, i), gan_model_parameter_name(b, i));
        ck_assert_int_eq(gan_model_parameter_trainable(a, i), gan_model_parameter_trainable(b, i));
    }
}

/* Save, load, compare; returns the largest difference of outputs. Frees the model. */
static double round_trip(gan_context *context, gan_model *model, int32_t storage)
{
    gan_model *loaded;
    gan_tensor *before[MOST], *after[MOST];
    double largest = 0;
    must(gan_model_save(model, temporary_path(), storage));
    must(gan_model_load(&loaded, context, temporary_path()));
    compare_interfaces(model, loaded);
    run(model, context, before);
    run(loaded, context, after);
    for (int32_t i = 0; i < gan_model_output_count(model); i++) {
        largest = fmax(largest, largest_difference(before[i], after[i]));
        gan_tensor_free(before[i]);
        gan_tensor_free(after[i]);
    }
    gan_model_free(loaded);
    gan_model_free(model);
    unlink(temporary_path());
    return largest;
}

/* ---- Round trips ---- */

START_TEST(networks)
{
    gan_context *context = reference_context();
    const gan_johnson_options small = {.struct_size = sizeof small, .channels = 4, .blocks = 2};
    const gan_dcgan_options tiny = {.struct_size = sizeof tiny, .size = 28, .width = 4, .noise = 5};
    const gan_patchgan_options patch = {.struct_size = sizeof patch, .channels = 4, .norm = GAN_NORM_BATCH};
    const gan_article_options second = {
        .struct_size = sizeof second, .article = GAN_ARTICLE_2, .size = 16, .style_length = 4};
    gan_model *model;
    must(gan_johnson_create(&model, context, &small));
    ck_assert(round_trip(context, model, GAN_STORE_FLOAT32) == 0);
    must(gan_dcgan_generator_create(&model, context, &tiny));
    ck_assert(round_trip(context, model, GAN_STORE_FLOAT32) == 0);
    must(gan_patchgan_create(&model, context, &patch));
    ck_assert(round_trip(context, model, GAN_STORE_FLOAT32) == 0);
    must(gan_build_generator(&model, context, &second));
    ck_assert(round_trip(context, model, GAN_STORE_FLOAT32) == 0);
    must(gan_squeezenet_create(&model, context));
    ck_assert(round_trip(context, model, GAN_STORE_FLOAT32) == 0);
    gan_context_free(context);
}
END_TEST

START_TEST(half_precision)
{
    gan_context *context = reference_context();
    const gan_johnson_options small = {.struct_size = sizeof small, .channels = 4, .blocks = 2};
    gan_model *model;
    must(gan_johnson_create(&model, context, &small));
    const double difference = round_trip(context, model, GAN_STORE_FLOAT16);
    printf("float16 storage: outputs differ by %g\n", difference);
    ck_assert(difference > 0 && difference < 0.01);
    gan_context_free(context);
}
END_TEST

/* One small model applied twice, the second time with its running statistics; an input that no output needs;
 * a constant; names that JSON must escape. */
static gan_model *build_shared(gan_context *context)
{
    const int64_t shape[4] = {-1, 8, 8, 3}, constant_shape[4] = {1, 1, 1, 3};
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = "conv \"\xC3\xA4\"\\\n",
                                     .filters = 3,
                                     .kernel = {3, 3},
                                     .padding = GAN_PAD_SAME};
    const gan_norm_options norm = {.struct_size = sizeof norm, .epsilon = 1e-3f, .momentum = 0.25f};
    const gan_apply_options running = {.struct_size = sizeof running, .statistics = GAN_STATISTICS_RUNNING};
    gan_graph *inner, *outer;
    gan_model *part, *whole;
    gan_tensor *value;
    must(gan_graph_create(&inner, context));
    gan_layer *x = gan_input(inner, "x", shape, 4), *y = gan_batch_norm(gan_conv2d(x, &conv), &norm);
    must(gan_model_create(&part, "part", &x, 1, &y, 1));
    must(gan_graph_create(&outer, context));
    must(gan_tensor_create(&value, context, GAN_FLOAT32, constant_shape, 4));
    must(gan_tensor_fill_normal(value, 3, 0, 1));
    gan_layer *inputs[2] = {gan_input(outer, "unused", shape, 4), gan_input(outer, "picture", shape, 4)};
    gan_layer *outputs[2] = {gan_apply(part, inputs[1]), NULL};
    must(gan_apply_many(part, outputs, 1, &outputs[1], 1, &running));
    outputs[1] = gan_add(outputs[1], gan_constant(outer, "offset", value));
    must(gan_model_create(&whole, "whole", inputs, 2, outputs, 2));
    ck_assert_int_eq(gan_model_parameter_count(whole), 6);
    gan_tensor_free(value);
    gan_model_free(part);
    gan_graph_free(inner);
    gan_graph_free(outer);
    return whole;
}

START_TEST(shared_parameters)
{
    gan_context *context = reference_context();
    gan_model *model = build_shared(context), *loaded;
    gan_model_set_trainable(model, 0);
    must(gan_model_set_metadata(model, "method", "two \"times\" \xE2\x82\xAC"));
    must(gan_model_save(model, temporary_path(), GAN_STORE_FLOAT32));
    must(gan_model_load(&loaded, context, temporary_path()));
    ck_assert_str_eq(gan_model_metadata(loaded, "method"), "two \"times\" \xE2\x82\xAC");
    ck_assert_ptr_null(gan_model_metadata(loaded, MODEL_KEY_GRAPH));
    ck_assert_int_eq(loaded->layers[loaded->layer_count - 1]->statistics,
                     model->layers[model->layer_count - 1]->statistics);
    gan_model_free(loaded);
    ck_assert(round_trip(context, model, GAN_STORE_FLOAT32) == 0);
    gan_context_free(context);
}
END_TEST

/* ---- Files that are wrong ---- */

/* The text with the first `from` replaced by `to`; new. */
static char *replaced(const char *text, const char *from, const char *to)
{
    const char *place = strstr(text, from);
    ck_assert_msg(place != NULL, "%s is not in %s", from, text);
    char *result = malloc(strlen(text) + strlen(to) + 1);
    ck_assert_ptr_nonnull(result);
    sprintf(result, "%.*s%s%s", (int)(place - text), text, to, place + strlen(from));
    return result;
}

static void expect_words(gan_status given, gan_status expected, const char *words)
{
    printf("%s: %s\n", gan_status_name(given), gan_error_message());
    ck_assert_int_eq(given, expected);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
}

static gan_tensors *tensors_of_shared(gan_context *context, gan_model **model)
{
    gan_tensors *tensors;
    *model = build_shared(context);
    must(gan_model_to_tensors(&tensors, *model, GAN_STORE_FLOAT32));
    return tensors;
}

static const struct {
    const char *from, *to;
    gan_status status;
    const char *words;
} edits[] = {
    {"{\"name\"", "[{\"name\"", GAN_ERROR_FORMAT, "JSON"},
    {"\"op\":\"conv2d\"", "\"op\":\"conv9d\"", GAN_ERROR_FORMAT, "no op \"conv9d\""},
    {"\"op\":\"conv2d\"", "\"op\":7", GAN_ERROR_FORMAT, "expected a string"},
    {"\"op\":\"conv2d\",", "", GAN_ERROR_FORMAT, "lacks the key \"op\""},
    {"\"op\":\"conv2d\",", "\"op\":\"conv2d\",\"colour\":1,", GAN_ERROR_FORMAT, "key"},
    {"\"filters\":3", "\"filters\":-3", GAN_ERROR_FORMAT, "filters is -3"},
    {"\"filters\":3", "\"filters\":2000000000", GAN_ERROR_SHAPE, ""},
    {"\"filters\":3", "\"filters\":3.5", GAN_ERROR_FORMAT, "expected an integer"},
    {"\"filters\":3", "\"filters\":99999999999", GAN_ERROR_FORMAT, "expected an integer"},
    {"\"filters\":3,", "", GAN_ERROR_FORMAT, "attribute \"filters\" is missing"},
    {"\"filters\"", "\"fitters\"", GAN_ERROR_FORMAT, "no attribute \"fitters\""},
    {"\"filters\":3", "\"filters\":5", GAN_ERROR_SHAPE, ""},
    {"\"kernel\":[3,3]", "\"kernel\":[3]", GAN_ERROR_FORMAT, "array of 2 numbers"},
    {"\"kernel\":[3,3]", "\"kernel\":[3,0]", GAN_ERROR_FORMAT, "kernel"},
    {"\"kernel\":[3,3]", "\"kernel\":[5,5]", GAN_ERROR_FORMAT, "needs another shape"},
    {"\"groups\":1", "\"groups\":0", GAN_ERROR_FORMAT, "groups"},
    {"\"channels\":3,\"groups\":3", "\"channels\":3,\"groups\":1", GAN_ERROR_FORMAT, "1 groups, expected 3"},
    {"\"epsilon\":0.001", "\"epsilon\":-1", GAN_ERROR_FORMAT, "epsilon"},
    {"\"no_bias\":0", "\"no_bias\":1", GAN_ERROR_FORMAT, "array of 1 names"},
    {"\"inputs\":[0],\"attributes\"", "\"inputs\":[1],\"attributes\"", GAN_ERROR_FORMAT, "before this one"},
    {"\"inputs\":[0],\"attributes\"", "\"inputs\":[9],\"attributes\"", GAN_ERROR_FORMAT, "before this one"},
    {"\"inputs\":[0],\"attributes\"", "\"inputs\":[-1],\"attributes\"", GAN_ERROR_FORMAT, "before this one"},
    {"\"inputs\":[0],\"attributes\"", "\"inputs\":[],\"attributes\"", GAN_ERROR_FORMAT, "input"},
    {"\"inputs\":[0],\"attributes\"", "\"inputs\":[0,0],\"attributes\"", GAN_ERROR_FORMAT, "input"},
    {"\"inputs\":[0],\"attributes\"", "\"inputs\":0,\"attributes\"", GAN_ERROR_FORMAT, "an array"},
    {"\"statistics\":2", "\"statistics\":3", GAN_ERROR_FORMAT, "from 0 to 2"},
    {"\"name\":\"picture\"", "\"name\":\"\"", GAN_ERROR_FORMAT, "empty"},
    {"\"name\":\"offset\"", "\"name\":\"picture\"", GAN_ERROR_FORMAT, "taken"},
    {"\"name\":\"offset\"", "\"name\":\"upset\"", GAN_ERROR_FORMAT, "\"upset.value\" is missing"},
    {"\"parameters\":[", "\"parameters\":[\"stray\",", GAN_ERROR_FORMAT, "array of 2 names"},
    {"\"parameters\":[\"part/batch_norm.weight\"", "\"parameters\":[\"other\"", GAN_ERROR_FORMAT,
     "no layer before it"},
    {"\"parameters\":[\"part/batch_norm.weight\"", "\"parameters\":[4", GAN_ERROR_FORMAT, "weight"},
    {"\"trainable\":true", "\"trainable\":1", GAN_ERROR_FORMAT, "boolean"},
    {"\"layers\"", "\"layer\"", GAN_ERROR_FORMAT, "layers"},
    {"\"rank\":4", "\"rank\":9", GAN_ERROR_FORMAT, "rank"},
};

START_TEST(wrong_graphs)
{
    gan_context *context = reference_context();
    gan_model *model, *loaded;
    gan_tensors *tensors = tensors_of_shared(context, &model);
    char *text;
    must(gan_model_graph_text(model, &text));
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        char *edited = replaced(text, edits[i].from, edits[i].to);
        must(gan_tensors_set_metadata(tensors, MODEL_KEY_GRAPH, edited));
        loaded = NULL;
        const gan_status status = gan_model_from_tensors(&loaded, tensors, "file");
        if (status == GAN_OK)
            printf("accepted: %s for %s\n", edits[i].to, edits[i].from);
        expect_words(status, edits[i].status, edits[i].words);
        ck_assert_ptr_null(loaded);
        free(edited);
    }
    gan_release(context, text);
    gan_tensors_free(tensors);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(wrong_tensors)
{
    gan_context *context = reference_context();
    gan_model *model, *loaded;
    gan_tensors *tensors = tensors_of_shared(context, &model);
    gan_tensor *stray;
    const int64_t size = 2;
    must(gan_tensor_create(&stray, context, GAN_FLOAT32, &size, 1));
    must(gan_tensors_add(tensors, "stray", stray));
    expect_words(gan_model_from_tensors(&loaded, tensors, "file"), GAN_ERROR_FORMAT, "\"stray\"");
    must(gan_tensors_set_metadata(tensors, MODEL_KEY_FORMAT, "2"));
    expect_words(gan_model_from_tensors(&loaded, tensors, "file"), GAN_ERROR_UNSUPPORTED, "\"2\"");
    must(gan_tensors_set_metadata(tensors, MODEL_KEY_FORMAT, NULL));
    expect_words(gan_model_from_tensors(&loaded, tensors, "file"), GAN_ERROR_FORMAT, "no model of libgan");
    gan_tensors_free(tensors);
    must(gan_tensors_create(&tensors, context));
    must(gan_tensors_add(tensors, "stray", stray));
    must(gan_tensors_save(tensors, temporary_path()));
    expect_words(gan_model_load(&loaded, context, temporary_path()), GAN_ERROR_FORMAT, "no model of libgan");
    ck_assert_ptr_null(loaded);
    unlink(temporary_path());
    gan_tensor_free(stray);
    gan_tensors_free(tensors);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(wrong_calls)
{
    gan_context *context = reference_context();
    gan_model *model = build_shared(context), *loaded;
    expect_words(gan_model_save(model, "/nonexistent/folder/x", 0), GAN_ERROR_NOT_FOUND, "/nonexistent");
    expect_words(gan_model_save(NULL, "x", 0), GAN_ERROR_ARGUMENT, "model");
    expect_words(gan_model_save(model, NULL, 0), GAN_ERROR_ARGUMENT, "path");
    expect_words(gan_model_save(model, temporary_path(), 5), GAN_ERROR_ARGUMENT, "storage is 5");
    must(gan_model_set_metadata(model, "libgan.graph", "mine"));
    expect_words(gan_model_save(model, temporary_path(), 0), GAN_ERROR_ARGUMENT, "libgan.graph");
    ck_assert_int_ne(access(temporary_path(), F_OK), 0);
    expect_words(gan_model_load(&loaded, context, "/nonexistent"), GAN_ERROR_NOT_FOUND, "/nonexistent");
    expect_words(gan_model_load(NULL, context, "x"), GAN_ERROR_ARGUMENT, "out");
    expect_words(gan_model_load(&loaded, context, "/"), GAN_ERROR_IO, "/");
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {networks,     half_precision, shared_parameters,
                                  wrong_graphs, wrong_tensors,  wrong_calls};
    return run_suite("model file", tests, sizeof tests / sizeof tests[0]);
}
