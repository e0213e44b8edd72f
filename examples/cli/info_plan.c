#include "info_plan.h"
#include "precision.h"
#include "steps.h"

#include <stdlib.h>

static gan_status make_tensors(struct plan *plan, gan_context *context, gan_tensor **input,
                               gan_tensor **output)
{
    int64_t sizes[GAN_MAX_RANK];
    const int64_t shape[] = {1, plan->height, plan->width, 3};
    const int32_t rank = gan_session_output_shape(plan->session, 0, sizes);
    const gan_status status = gan_tensor_create(input, context, GAN_FLOAT32, shape, 4);
    return status == GAN_OK ? gan_tensor_create(output, context, GAN_FLOAT32, sizes, rank) : status;
}

/* The first run meets cold caches, so that it is not the one that is measured. */
static gan_status measure(struct plan *plan, gan_tensor *input, gan_tensor *const *outputs, int32_t count)
{
    const gan_tensor *const inputs[] = {input};
    gan_status status = gan_session_run(plan->session, inputs, 1, outputs, count);
    gan_session_set_profiling(plan->session, 1);
    const double begun = seconds_now();
    if (status == GAN_OK)
        status = gan_session_run(plan->session, inputs, 1, outputs, count);
    plan->seconds = seconds_now() - begun;
    return status;
}

int plan_make(struct plan *plan, const struct info *info, gan_model *model)
{
    *plan = (struct plan){.width = info->plan_width, .height = info->plan_height};
    const int32_t count = gan_model_output_count(model);
    gan_tensor *input = NULL, **outputs = calloc((size_t)count, sizeof(gan_tensor *));
    if (outputs == NULL)
        return console_fail(&info->console, "out of memory");
    const gan_session_options options = {.struct_size = sizeof options, .precision = info->precision};
    gan_status status = gan_session_create_2d(&plan->session, model, 1, plan->height, plan->width, &options);
    if (status == GAN_OK)
        status = make_tensors(plan, info->context, &input, &outputs[0]);
    if (status == GAN_OK)
        status = measure(plan, input, outputs, count);
    plan->memory = gan_session_memory(plan->session);
    plan->packed = gan_session_packed_memory(plan->session);
    gan_tensor_free(input);
    gan_tensor_free(outputs[0]);
    free(outputs);
    return status == GAN_OK ? EXIT_SUCCESS : console_fail(&info->console, "%s", gan_error_message());
}

void plan_free(struct plan *plan)
{
    gan_session_free(plan->session);
}

void plan_print(const struct console *console, const struct plan *plan)
{
    console_say(console, "  %-10s %lldx%lld pixels: %.1f MiB, %.3f s, precision %s", "plan",
                (long long)plan->width, (long long)plan->height, (double)plan->memory / 1048576,
                plan->seconds, precision_words(gan_session_precision(plan->session)));
    console_say(console, "  %-10s %.1f MiB of it, shared by all sessions of the model", "packed",
                (double)plan->packed / 1048576);
    steps_print_places(console, plan->session);
}

void plan_json(const struct plan *plan, struct json *json)
{
    json_open(json, "plan", '{');
    json_integer(json, "width", plan->width);
    json_integer(json, "height", plan->height);
    json_text(json, "precision", precision_words(gan_session_precision(plan->session)));
    json_integer(json, "memory", plan->memory);
    json_integer(json, "packed_memory", plan->packed);
    json_real(json, "seconds", plan->seconds);
    steps_json(plan->session, json);
    json_close(json, '}');
}
