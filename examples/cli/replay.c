#include "replay.h"
#include "paths.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Sums in another order are some 10^-4 of the largest value apart behind sixteen convolutions; pictures were
 * rounded to 8 bits, and perhaps compressed. */
static const double tensor_tolerance = 1e-3, picture_tolerance = 0.01;

struct option_group replay_options(struct replay *replay)
{
    const struct option options[REPLAY_OPTIONS] = {
        {"replay", 0, OPTION_TEXTS, "FILE[:TENSOR]",
         "try the model on this before it is written: a tensor or picture for each of its inputs",
         &replay->inputs, 0, 0},
        {"expect", 0, OPTION_TEXTS, "[OUTPUT=]FILE[:TENSOR]",
         "what it must give: of the output of this name, or of the first, the second, ...", &replay->expected,
         0, 0},
        {"tolerance", 0, OPTION_REAL, "0..1",
         "largest error, as a share of the largest value (default 0.001; of pictures 0.01)",
         &replay->tolerance, 0, 1},
    };
    memcpy(replay->options, options, sizeof options);
    return (struct option_group){replay->options, REPLAY_OPTIONS};
}

bool replay_wanted(const struct replay *replay)
{
    return replay->inputs.count > 0;
}

static int picture_count(const struct texts *paths)
{
    int count = 0;
    for (int i = 0; i < paths->count; i++)
        count += path_is_picture(paths->items[i]);
    return count;
}

static bool is_of_pictures(const struct replay *replay)
{
    return picture_count(&replay->inputs) > 0;
}

bool replay_read(struct replay *replay)
{
    const int count = replay->inputs.count + replay->expected.count;
    const int pictures = picture_count(&replay->inputs) + picture_count(&replay->expected);
    if ((replay->inputs.count > 0) != (replay->expected.count > 0))
        complain("--replay and --expect go together: expected both");
    else if (replay->tolerance >= 0 && count == 0)
        complain("--tolerance is of a replay: expected --replay and --expect too");
    else if (pictures > 0 && pictures < count)
        complain("--replay and --expect: expected tensors throughout, or pictures throughout");
    else
        return true;
    return false;
}

/* ---- What was given ---- */

/* The name of a tensor behind its file's; NULL: the file is named alone. */
static const char *name_of_tensor(const char *words)
{
    const char *colon = strrchr(words, ':');
    return access(words, F_OK) != 0 && colon != NULL && colon[1] != '\0' ? colon + 1 : NULL;
}

static gan_tensors *load_tensors(const struct console *console, gan_context *context, const char *words,
                                 const char *name)
{
    gan_tensors *tensors = NULL;
    char *path = strndup(words, name != NULL ? (size_t)(name - 1 - words) : strlen(words));
    if (path == NULL)
        console_fail(console, "out of memory");
    else if (gan_tensors_load(&tensors, context, path) != GAN_OK)
        console_fail(console, "%s", gan_error_message());
    free(path);
    return tensors;
}

static gan_tensor *load_tensor(const struct console *console, gan_context *context, const char *words)
{
    const char *name = name_of_tensor(words);
    gan_tensor *tensor = NULL;
    gan_tensors *tensors = load_tensors(console, context, words, name);
    if (tensors == NULL)
        return NULL;
    if (name == NULL && gan_tensors_count(tensors) != 1)
        console_fail(console, "%s holds %d tensors: expected FILE:TENSOR", words, gan_tensors_count(tensors));
    else if (gan_tensors_get(&tensor, tensors, name != NULL ? name : gan_tensors_name(tensors, 0)) != GAN_OK)
        console_fail(console, "%s: %s", words, gan_error_message());
    gan_tensors_free(tensors);
    return tensor;
}

static gan_tensor *load_picture(const struct console *console, gan_context *context, const char *path)
{
    gan_tensor *picture = NULL;
    if (gan_image_load(&picture, NULL, context, path) != GAN_OK)
        console_fail(console, "%s", gan_error_message());
    return picture;
}

static gan_tensor *load(const struct console *console, gan_context *context, const char *words)
{
    return path_is_picture(words) ? load_picture(console, context, words)
                                  : load_tensor(console, context, words);
}

/* Published tensors have their channels before rows and columns. */
static gan_status put_channels_last(gan_tensor **tensor, const int64_t *sizes, int32_t rank)
{
    static const int32_t order[4] = {0, 2, 3, 1};
    gan_tensor *turned = NULL;
    if (rank != 4 || gan_tensor_rank(*tensor) != 4 || gan_tensor_size(*tensor, 3) == sizes[3] ||
        gan_tensor_size(*tensor, 1) != sizes[3])
        return GAN_OK;
    const gan_status status = gan_tensor_transpose(&turned, *tensor, order);
    if (status != GAN_OK)
        return status;
    gan_tensor_free(*tensor);
    *tensor = turned;
    return GAN_OK;
}

/* ---- Tensors ---- */

static bool fit(const struct console *console, gan_model *model, gan_tensor **inputs, int32_t input_count,
                gan_tensor **expected, int32_t expected_count)
{
    int64_t sizes[GAN_MAX_RANK];
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < input_count; i++) {
        const int32_t rank = gan_model_input_shape(model, i, sizes);
        status = put_channels_last(&inputs[i], sizes, rank);
    }
    for (int32_t i = 0; status == GAN_OK && i < expected_count; i++) {
        const int32_t rank = gan_model_output_shape(model, i, sizes);
        status = expected[i] != NULL ? put_channels_last(&expected[i], sizes, rank) : GAN_OK;
    }
    if (status != GAN_OK)
        console_fail(console, "%s", gan_error_message());
    return status == GAN_OK;
}

static bool replay_tensors(struct replay *replay, const struct console *console, gan_model *model,
                           gan_tensor **inputs, gan_tensor **expected)
{
    const int32_t input_count = replay->inputs.count, expected_count = gan_model_output_count(model);
    if (!fit(console, model, inputs, input_count, expected, expected_count))
        return false;
    if (gan_model_replay(model, (const gan_tensor *const *)inputs, input_count,
                         (const gan_tensor *const *)expected, expected_count, &replay->found) == GAN_OK)
        return true;
    console_fail(console, "%s", gan_error_message());
    return false;
}

/* ---- Pictures ---- */

/* A NaN is an error that nothing exceeds. */
static void compare_pictures(const gan_tensor *found, const gan_tensor *expected, gan_replay *result)
{
    const float *a = gan_tensor_data_const(found), *b = gan_tensor_data_const(expected);
    const int64_t count = gan_tensor_count(found);
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        const double difference = fabs((double)a[i] - (double)b[i]);
        const double error = isfinite(difference) ? difference : HUGE_VAL;
        sum += error;
        result->largest_error = fmax(result->largest_error, error);
    }
    result->mean_error = sum / (double)count;
    result->largest_value = 1;
}

static gan_status paint(gan_model *model, gan_tensor *const *inputs, int count, gan_tensor **result)
{
    return count == 2 ? gan_model_transfer(model, inputs[0], inputs[1], 1, result)
                      : gan_model_stylize(model, inputs[0], result);
}

static bool replay_pictures(struct replay *replay, const struct console *console, gan_model *model,
                            gan_tensor **inputs, gan_tensor **expected)
{
    gan_tensor *result = NULL;
    const gan_tensor *wanted = expected[0];
    if (replay->inputs.count > 2 || replay->expected.count != 1) {
        console_fail(console, "expected --replay with a photograph, or content and style, and --expect with "
                              "one picture");
        return false;
    }
    if (paint(model, inputs, replay->inputs.count, &result) != GAN_OK) {
        console_fail(console, "%s", gan_error_message());
        return false;
    }
    const bool alike = gan_tensor_size(result, 1) == gan_tensor_size(wanted, 1) &&
                       gan_tensor_size(result, 2) == gan_tensor_size(wanted, 2);
    if (alike)
        compare_pictures(result, wanted, &replay->found);
    else
        console_fail(console, "the result is %lldx%lld, and %s %lldx%lld",
                     (long long)gan_tensor_size(result, 2), (long long)gan_tensor_size(result, 1),
                     replay->expected.items[0], (long long)gan_tensor_size(wanted, 2),
                     (long long)gan_tensor_size(wanted, 1));
    gan_tensor_free(result);
    return alike;
}

/* ---- All of it ---- */

static bool load_inputs(const struct replay *replay, const struct console *console, gan_context *context,
                        gan_tensor **inputs)
{
    bool loaded = true;
    for (int i = 0; loaded && i < replay->inputs.count; i++) {
        inputs[i] = load(console, context, replay->inputs.items[i]);
        loaded = inputs[i] != NULL;
    }
    return loaded;
}

/* The output that the words are about, which then begin with the file; -1: there is none. */
static int32_t output_of(const gan_model *model, const char **words, int position)
{
    const char *equals = strchr(*words, '=');
    const int32_t count = gan_model_output_count(model);
    for (int32_t i = 0; equals != NULL && i < count; i++) {
        const char *name = gan_model_output_name(model, i);
        const size_t length = (size_t)(equals - *words);
        if (strlen(name) != length || strncmp(name, *words, length) != 0)
            continue;
        *words = equals + 1;
        return i;
    }
    return position < count ? position : -1;
}

/* What is expected of each output; NULL: nothing. */
static bool load_expected(const struct replay *replay, const struct console *console, gan_context *context,
                          const gan_model *model, gan_tensor **expected)
{
    bool loaded = true;
    for (int i = 0; loaded && i < replay->expected.count; i++) {
        const char *words = replay->expected.items[i];
        const int32_t output = output_of(model, &words, i);
        if (output < 0 || expected[output] != NULL) {
            console_fail(console, "--expect %s: the model has no such output, or it is named twice",
                         replay->expected.items[i]);
            return false;
        }
        expected[output] = load(console, context, words);
        loaded = expected[output] != NULL;
    }
    return loaded;
}

static bool is_close(const struct replay *replay, const struct console *console)
{
    const gan_replay *found = &replay->found;
    const double standard = is_of_pictures(replay) ? picture_tolerance : tensor_tolerance;
    const double tolerance = replay->tolerance >= 0 ? replay->tolerance : standard;
    if (found->largest_error <= tolerance * found->largest_value)
        return true;
    console_fail(
        console,
        "the replay is off by up to %.3g, on average %.3g, where values reach %.3g; expected at most "
        "%.3g (--tolerance %g): nothing is written",
        found->largest_error, found->mean_error, found->largest_value, tolerance * found->largest_value,
        tolerance);
    return false;
}

bool replay_run(struct replay *replay, const struct console *console, gan_context *context, gan_model *model)
{
    const int count = replay->inputs.count + gan_model_output_count(model);
    gan_tensor **inputs = calloc((size_t)count, sizeof(gan_tensor *));
    replay->found = (gan_replay){.struct_size = sizeof replay->found};
    if (inputs == NULL) {
        console_fail(console, "out of memory");
        return false;
    }
    gan_tensor **expected = inputs + replay->inputs.count;
    const bool done = load_inputs(replay, console, context, inputs) &&
                      load_expected(replay, console, context, model, expected) &&
                      (is_of_pictures(replay) ? replay_pictures : replay_tensors)(replay, console, model,
                                                                                  inputs, expected) &&
                      is_close(replay, console);
    for (int i = 0; i < count; i++)
        gan_tensor_free(inputs[i]);
    free(inputs);
    return done;
}
