/* D(G(x)) as one model. */
#include "gan/articles.h"
#include "graph/model.h"

#include <string.h>

static gan_status copy_inputs(gan_graph *graph, const gan_model *generator, gan_layer **inputs)
{
    for (int32_t i = 0; i < generator->input_count; i++) {
        const gan_layer *input = generator->inputs[i];
        inputs[i] = gan_input(graph, input->name, input->shape.size, input->shape.rank);
    }
    return gan_graph_status(graph);
}

static gan_status combine(gan_model **out, gan_graph *graph, gan_model *generator, gan_model *discriminator,
                          gan_layer **inputs)
{
    gan_layer *picture, *verdict;
    gan_status status = copy_inputs(graph, generator, inputs);
    if (status == GAN_OK)
        status = gan_apply_many(generator, inputs, generator->input_count, &picture, 1, NULL);
    if (status == GAN_OK)
        status = gan_apply_many(discriminator, &picture, 1, &verdict, 1, NULL);
    if (status == GAN_OK)
        status = gan_model_create(out, "combined", inputs, generator->input_count, &verdict, 1);
    return status;
}

gan_status gan_combine(gan_model **out, gan_model *generator, gan_model *discriminator)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_combine: out is NULL");
    *out = NULL;
    if (generator == NULL || discriminator == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_combine: the %s is NULL",
                        generator == NULL ? "generator" : "discriminator");
    gan_context *context = generator->graph->context;
    const size_t count = (size_t)generator->input_count;
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    gan_layer **inputs = gan_allocate_array(context, count, sizeof(gan_layer *));
    status = inputs != NULL ? combine(out, graph, generator, discriminator, inputs)
                            : gan_fail_memory("a list of layers", count * sizeof(gan_layer *));
    gan_release(context, inputs);
    gan_graph_free(graph);
    return status;
}
