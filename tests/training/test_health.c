/* The health monitor, and checks of models. */
#include "base/suite.h"
#include "gan/gan.h"
#include "graph/model.h"
#include "models/reference.h"

#include <math.h>
#include <string.h>

static int logged;
static void count_log(void *user, int32_t severity, const char *message)
{
    (void)user;
    (void)message;
    logged += severity == GAN_LOG_WARNING;
}

static gan_context *logging_context(void)
{
    gan_context *context;
    const gan_context_options options = {.struct_size = sizeof options, .log = count_log};
    must(gan_context_create(&context, &options));
    return context;
}

START_TEST(a_discriminator_that_wins_for_long_is_named_once)
{
    gan_context *context = logging_context();
    gan_health *health;
    const gan_health_options options = {.struct_size = sizeof options, .won_steps = 5};
    must(gan_health_create(&health, context, &options));
    logged = 0;
    for (int64_t step = 0; step < 20; step++) {
        gan_health_step(health, step, step == 3 ? 0.7f : 0.001f, 5, -1);
        ck_assert_int_eq(gan_health_findings(health), step >= 8 ? GAN_HEALTH_DISCRIMINATOR_WON : 0);
    }
    ck_assert_int_eq(logged, 1);
    ck_assert_ptr_nonnull(
        strstr(gan_health_message(health), "step 8: the discriminator has won since step 4"));
    gan_health_step(health, 20, 0.5f, 1, -1);
    ck_assert_int_eq(gan_health_findings(health), 0);
    for (int64_t step = 21; step < 26; step++)
        gan_health_step(health, step, 1, 1, 1);
    ck_assert_int_eq(gan_health_findings(health), GAN_HEALTH_DISCRIMINATOR_WON);
    gan_health_free(health);
    gan_context_free(context);
}
END_TEST

START_TEST(losses_that_are_not_finite_are_named)
{
    gan_context *context = logging_context();
    gan_health *health;
    must(gan_health_create(&health, context, NULL));
    ck_assert_str_eq(gan_health_message(health), "");
    gan_health_step(health, 7, 1, NAN, -1);
    ck_assert_int_eq(gan_health_findings(health), GAN_HEALTH_LOSS_NOT_FINITE);
    ck_assert_str_eq(gan_health_message(health), "step 7: the generator's loss is not finite");
    gan_health_free(health);
    gan_context_free(context);
}
END_TEST

static gan_tensor *pictures(gan_context *context, float spread, uint64_t seed)
{
    gan_tensor *made;
    must(gan_tensor_create(&made, context, GAN_FLOAT32, (const int64_t[]){6, 8, 8, 3}, 4));
    must(gan_tensor_fill_normal(made, seed, 0, spread));
    return made;
}

START_TEST(pictures_that_become_alike_are_named)
{
    for (int with_real = 0; with_real < 2; with_real++) {
        gan_context *context = logging_context();
        gan_health *health;
        must(gan_health_create(&health, context, NULL));
        ck_assert(gan_health_diversity(health) < 0);
        gan_tensor *real = pictures(context, 1, 1), *rich = pictures(context, 0.5f, 2),
                   *alike = pictures(context, 0.05f, 3);
        if (with_real)
            must(gan_health_real(health, real));
        must(gan_health_generated(health, 1, rich));
        ck_assert_int_eq(gan_health_findings(health), 0);
        ck_assert_double_eq_tol(gan_health_diversity(health), 0.5 * sqrt(2), 0.1);
        must(gan_health_generated(health, 2, alike));
        ck_assert_int_eq(gan_health_findings(health), GAN_HEALTH_COLLAPSED);
        ck_assert_ptr_nonnull(strstr(gan_health_message(health), with_real ? "real ones" : "earlier ones"));
        must(gan_health_generated(health, 3, rich));
        ck_assert_int_eq(gan_health_findings(health), 0);
        gan_tensor_free(real);
        gan_tensor_free(rich);
        gan_tensor_free(alike);
        gan_health_free(health);
        gan_context_free(context);
    }
}
END_TEST

START_TEST(options_out_of_range_are_refused)
{
    gan_context *context = logging_context();
    gan_health *health;
    const gan_health_options options = {.struct_size = sizeof options, .collapse = 1.5f};
    ck_assert_int_eq(gan_health_create(&health, context, &options), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "collapse 1.5"));
    gan_context_free(context);
}
END_TEST

static gan_model *johnson(gan_context *context)
{
    gan_model *model;
    const gan_johnson_options options = {.struct_size = sizeof options, .channels = 4, .blocks = 1};
    must(gan_johnson_create(&model, context, &options));
    return model;
}

/* The interface lets no NaN in: it is put in behind its back. */
START_TEST(parameters_that_are_not_finite_are_named)
{
    gan_context *context = logging_context();
    gan_model *model = johnson(context);
    gan_average *average;
    must(gan_average_create(&average, model, NULL));
    must(gan_check_parameters(model));
    gan_parameter_values(model->parameters[4].parameter)[1] = NAN;
    ck_assert_int_eq(gan_check_parameters(model), GAN_ERROR_NOT_FINITE);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), gan_model_parameter_name(model, 4)));
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "element 1"));
    ck_assert_int_eq(gan_average_update(average), GAN_ERROR_NOT_FINITE);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), gan_model_parameter_name(model, 4)));
    ck_assert_int_eq(gan_average_updates(average), 0);
    ck_assert_int_eq(gan_check_parameters(NULL), GAN_ERROR_ARGUMENT);
    gan_average_free(average);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(flat_inputs_of_normalizations_are_named)
{
    gan_context *context = logging_context();
    gan_model *model = johnson(context);
    gan_tensor *picture;
    must(gan_tensor_create(&picture, context, GAN_FLOAT32, (const int64_t[]){1, 32, 32, 3}, 4));
    must(gan_tensor_fill_uniform(picture, 1, 0, 1));
    must(gan_check_normalization(model, picture));
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        values[i] = 0.5f;
    ck_assert_int_eq(gan_check_normalization(model, picture), GAN_ERROR_STATE);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "instance_norm \""));
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "picture 0 has less variance"));
    values[5] = NAN;
    ck_assert_int_eq(gan_check_normalization(model, picture), GAN_ERROR_NOT_FINITE);
    gan_tensor_free(picture);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* One flat picture hides among others from a batch norm, not from a layer norm. */
static gan_status check_with(gan_layer *(*norm)(gan_layer *, const gan_norm_options *), int32_t groups)
{
    gan_context *context = logging_context();
    gan_graph *graph;
    gan_model *model;
    must(gan_graph_create(&graph, context));
    gan_layer *x = gan_input(graph, "x", (const int64_t[]){-1, -1, -1, 4}, 4);
    const gan_norm_options options = {.struct_size = sizeof options, .groups = groups};
    gan_layer *y = norm(gan_scale(x, 2, 0), &options);
    must(gan_model_create(&model, "norm", &x, 1, &y, 1));
    gan_tensor *batch;
    must(gan_tensor_create(&batch, context, GAN_FLOAT32, (const int64_t[]){2, 3, 3, 4}, 4));
    must(gan_tensor_fill_normal(batch, 3, 0, 1));
    memset((float *)gan_tensor_data(batch) + 36, 0, 36 * sizeof(float));
    const gan_status status = gan_check_normalization(model, batch);
    ck_assert(status == GAN_OK || strstr(gan_error_message(), "picture 1") != NULL);
    gan_tensor_free(batch);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
    return status;
}

START_TEST(each_kind_of_normalization_has_its_own_groups)
{
    ck_assert_int_eq(check_with(gan_batch_norm, 0), GAN_OK);
    ck_assert_int_eq(check_with(gan_instance_norm, 0), GAN_ERROR_STATE);
    ck_assert_int_eq(check_with(gan_group_norm, 2), GAN_ERROR_STATE);
    ck_assert_int_eq(check_with(gan_layer_norm, 0), GAN_ERROR_STATE);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_discriminator_that_wins_for_long_is_named_once,
        losses_that_are_not_finite_are_named,
        pictures_that_become_alike_are_named,
        options_out_of_range_are_refused,
        parameters_that_are_not_finite_are_named,
        flat_inputs_of_normalizations_are_named,
        each_kind_of_normalization_has_its_own_groups,
    };
    return run_suite("health", tests, sizeof tests / sizeof tests[0]);
}
