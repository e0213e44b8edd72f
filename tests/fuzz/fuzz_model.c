/* Model files: bytes that begin with '{' are a graph, which gets the tensors that it asks for; all others are
 * a whole file. What loads is run, where it is small, and written again. */
#include "fuzz_context.h"
#include "gan/session.h"
#include "graph/model_file.h"

#include <string.h>

enum { OPEN_SIZE = 6, MOST_ELEMENTS = 10000, MOST_MEMORY = 1 << 19, MOST_INPUTS = 8 };

static gan_tensor *new_tensor(gan_context *context, const int64_t *sizes, int32_t rank)
{
    gan_tensor *tensor;
    if (gan_tensor_create(&tensor, context, GAN_FLOAT32, sizes, rank) != GAN_OK)
        return NULL;
    gan_tensor_fill_uniform(tensor, 1, -1, 1);
    return tensor;
}

/* ---- Running ---- */

/* Sizes of all inputs, the open ones chosen; false where they are too many or too large. */
static bool choose_shapes(const gan_model *model, int64_t *shapes)
{
    for (int32_t i = 0; i < gan_model_input_count(model); i++) {
        int64_t sizes[GAN_MAX_RANK], count = 1;
        const int32_t rank = gan_model_input_shape(model, i, sizes);
        for (int32_t k = 0; k < rank; k++) {
            *shapes = sizes[k] < 0 ? OPEN_SIZE : sizes[k];
            if (*shapes > MOST_ELEMENTS || (count *= *shapes) > MOST_ELEMENTS)
                return false;
            shapes++;
        }
    }
    return true;
}

static void run(gan_context *context, gan_session *session, const gan_model *model, const int64_t *shapes)
{
    gan_tensor *inputs[MOST_INPUTS] = {NULL}, *outputs[MOST_INPUTS] = {NULL};
    const int32_t input_count = gan_model_input_count(model), output_count = gan_model_output_count(model);
    for (int32_t i = 0; i < input_count; i++) {
        int64_t sizes[GAN_MAX_RANK];
        const int32_t rank = gan_model_input_shape(model, i, sizes);
        inputs[i] = new_tensor(context, shapes, rank);
        shapes += rank;
    }
    for (int32_t i = 0; i < output_count; i++) {
        int64_t sizes[GAN_MAX_RANK];
        const int32_t rank = gan_session_output_shape(session, i, sizes);
        outputs[i] = new_tensor(context, sizes, rank);
    }
    gan_session_run(session, (const gan_tensor *const *)inputs, input_count, outputs, output_count);
    for (int32_t i = 0; i < MOST_INPUTS; i++) {
        gan_tensor_free(inputs[i]);
        gan_tensor_free(outputs[i]);
    }
}

static void use(gan_context *context, gan_model *model)
{
    int64_t shapes[MOST_INPUTS * GAN_MAX_RANK];
    gan_session *session;
    gan_tensors *tensors;
    if (gan_model_to_tensors(&tensors, model, GAN_STORE_FLOAT16) == GAN_OK)
        gan_tensors_free(tensors);
    if (gan_model_input_count(model) > MOST_INPUTS || gan_model_output_count(model) > MOST_INPUTS ||
        gan_model_element_count(model) > MOST_ELEMENTS || !choose_shapes(model, shapes))
        return;
    if (gan_session_create(&session, model, shapes, NULL) != GAN_OK)
        return;
    if (gan_session_memory(session) < MOST_MEMORY)
        run(context, session, model, shapes);
    gan_session_free(session);
}

/* ---- The two kinds of input ---- */

static void add_tensor(gan_context *context, gan_tensors *tensors, const char *name,
                       const struct shape *shape)
{
    gan_tensor *tensor = new_tensor(context, shape->size, shape->rank);
    if (tensor != NULL)
        gan_tensors_add(tensors, name, tensor);
    gan_tensor_free(tensor);
}

static void add_tensors(gan_context *context, gan_tensors *tensors, const char *text)
{
    struct graph_reader reader;
    if (gan_graph_reader_open(&reader, context, text) == GAN_OK) {
        for (int32_t i = 0; i < reader.parameter_count; i++)
            add_tensor(context, tensors, reader.parameters[i].name,
                       &reader.parameters[i].parameter->specification.shape);
        for (int32_t i = 0; i < reader.layer_count; i++) {
            char name[MODEL_FILE_NAME_SIZE];
            gan_model_tensor_name(name, reader.layers[i], "value");
            if (reader.layers[i]->op == &gan_op_constant)
                add_tensor(context, tensors, name, &reader.layers[i]->shape);
        }
    }
    gan_graph_reader_close(&reader);
}

static gan_tensors *tensors_of_graph(gan_context *context, const uint8_t *bytes, size_t size)
{
    gan_tensors *tensors;
    char *text = gan_allocate_zeroed(context, size + 1);
    if (text == NULL || gan_tensors_create(&tensors, context) != GAN_OK)
        abort();
    memcpy(text, bytes, size);
    gan_tensors_set_metadata(tensors, MODEL_KEY_FORMAT, MODEL_FILE_FORMAT);
    gan_tensors_set_metadata(tensors, MODEL_KEY_GRAPH, text);
    add_tensors(context, tensors, text);
    gan_release(context, text);
    return tensors;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    gan_context *context = fuzz_context();
    gan_tensors *tensors = NULL;
    gan_model *model = NULL;
    if (size > 0 && bytes[0] == '{')
        tensors = tensors_of_graph(context, bytes, size);
    else
        gan_tensors_decode(&tensors, context, bytes, size, "input");
    if (tensors != NULL && gan_model_from_tensors(&model, tensors, "input") == GAN_OK)
        use(context, model);
    gan_model_free(model);
    gan_tensors_free(tensors);
    gan_context_free(context);
    return 0;
}
