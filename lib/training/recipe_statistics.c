/* Running statistics of the generator that a recipe hands over. */
#include "gan/session.h"
#include "training/recipe.h"

enum { MOST_INPUTS = 2 };

static gan_status open_session(gan_session **session, gan_model *model, const gan_tensor *const *inputs)
{
    int64_t shapes[MOST_INPUTS * GAN_MAX_RANK];
    int32_t count = 0;
    for (int32_t i = 0; i < gan_model_input_count(model); i++)
        for (int32_t k = 0; k < gan_tensor_rank(inputs[i]); k++)
            shapes[count++] = gan_tensor_size(inputs[i], k);
    const gan_session_options options = {.struct_size = sizeof options, .measure_statistics = 1};
    return gan_session_create(session, model, shapes, &options);
}

gan_status gan_recipe_measure(struct recipe *recipe, gan_model *model, const gan_tensor *const *inputs,
                              int64_t pictures, gan_status (*load)(void *recipe, int64_t number))
{
    gan_session *session;
    gan_tensor *const unwanted[1] = {NULL};
    const int64_t batch = recipe->options.batch;
    gan_status status = open_session(&session, model, inputs);
    for (int64_t number = 0; status == GAN_OK && number * batch < pictures; number++) {
        status = load(recipe, number);
        if (status == GAN_OK)
            status = gan_session_run(session, inputs, gan_model_input_count(model), unwanted, 1);
    }
    gan_session_free(session);
    return status;
}
