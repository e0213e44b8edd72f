#include "training/verdict.h"
#include "gan/layers.h"
#include "graph/model.h"

/* How well a verdict agrees with 1 (real) or 0 (generated), for the losses that compare with a number. */
static gan_layer *compare(gan_layer *verdict, int32_t loss, float label)
{
    gan_layer *target = gan_fill_like(verdict, label);
    if (loss == GAN_LOSS_BCE)
        return gan_binary_cross_entropy(verdict, target);
    if (loss == GAN_LOSS_LEAST_SQUARES)
        return gan_mean_squared_error(verdict, target);
    return gan_binary_cross_entropy_with_logits(verdict, target);
}

gan_layer *gan_verdict_on_labelled(gan_layer *verdict, int32_t loss, float label)
{
    if (loss == GAN_LOSS_WASSERSTEIN)
        return gan_wasserstein(verdict, -1);
    return loss == GAN_LOSS_HINGE ? gan_hinge_real(verdict) : compare(verdict, loss, label);
}

gan_layer *gan_verdict_on_real(gan_layer *verdict, int32_t loss)
{
    return gan_verdict_on_labelled(verdict, loss, 1);
}

gan_layer *gan_verdict_on_fake(gan_layer *verdict, int32_t loss)
{
    if (loss == GAN_LOSS_WASSERSTEIN)
        return gan_wasserstein(verdict, 1);
    return loss == GAN_LOSS_HINGE ? gan_hinge_fake(verdict) : compare(verdict, loss, 0);
}

/* G wants its pictures to be taken for real; with the hinge loss its gradient does not vanish beyond 1. */
gan_layer *gan_verdict_for_generator(gan_layer *verdict, int32_t loss)
{
    const bool linear = loss == GAN_LOSS_HINGE || loss == GAN_LOSS_WASSERSTEIN;
    return linear ? gan_wasserstein(verdict, -1) : compare(verdict, loss, 1);
}

gan_layer *gan_copy_input(gan_graph *graph, const char *name, const gan_model *model, int32_t index)
{
    const gan_layer *input = model->inputs[index];
    return gan_input(graph, name, input->shape.size, input->shape.rank);
}

gan_layer *gan_apply_with(gan_model *model, gan_layer *const *inputs, int32_t count, int32_t statistics)
{
    const gan_apply_options options = {.struct_size = sizeof options, .statistics = statistics};
    gan_layer *output = NULL;
    for (int32_t i = 0; i < count; i++)
        if (inputs[i] == NULL)
            return NULL;
    gan_apply_many(model, inputs, count, &output, 1, &options);
    return output;
}
