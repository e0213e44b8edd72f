#include "info.h"

#include <stdio.h>
#include <stdlib.h>

/* Bytes and result of a run on one picture. */
struct run_plan {
    int64_t memory, width, height;
};

enum side { INPUTS, OUTPUTS };

static int32_t count_of(const gan_model *model, enum side side)
{
    return side == INPUTS ? gan_model_input_count(model) : gan_model_output_count(model);
}

/* Name and shape of an input or output. */
static const char *describe_end(const gan_model *model, enum side side, int32_t index, char *shape,
                                size_t size)
{
    int64_t sizes[GAN_MAX_RANK];
    const int32_t rank = side == INPUTS ? gan_model_input_shape(model, index, sizes)
                                        : gan_model_output_shape(model, index, sizes);
    info_shape(shape, size, sizes, rank);
    return side == INPUTS ? gan_model_input_name(model, index) : gan_model_output_name(model, index);
}

static gan_status make_plan(const struct info *info, gan_model *model, struct run_plan *plan)
{
    gan_session *session = NULL;
    const gan_status status =
        gan_session_create_2d(&session, model, 1, info->plan_height, info->plan_width, NULL);
    if (status != GAN_OK)
        return status;
    int64_t sizes[GAN_MAX_RANK] = {0};
    gan_session_output_shape(session, 0, sizes);
    *plan = (struct run_plan){gan_session_memory(session), sizes[2], sizes[1]};
    gan_session_free(session);
    return GAN_OK;
}

static void print_ends(const gan_model *model, enum side side)
{
    char shape[160];
    for (int32_t i = 0; i < count_of(model, side); i++) {
        const char *name = describe_end(model, side, i, shape, sizeof shape);
        printf("  %-10s %s %s\n", side == INPUTS ? "input" : "output", name, shape);
    }
}

static void print_plain(const struct info *info, gan_model *model, const struct run_plan *plan)
{
    printf("%s: model %s\n", info->path, gan_model_name(model));
    printf("  %-10s %lld in %d tensors\n", "parameters", (long long)gan_model_element_count(model),
           gan_model_parameter_count(model));
    print_ends(model, INPUTS);
    print_ends(model, OUTPUTS);
    info_print_metadata(info);
    if (info->plan)
        printf("  %-10s %lldx%lld pixels: %.1f MiB of memory\n", "plan", (long long)info->plan_width,
               (long long)info->plan_height, (double)plan->memory / 1048576);
}

static void json_ends(struct json *json, const gan_model *model, enum side side)
{
    char shape[160];
    json_open(json, side == INPUTS ? "inputs" : "outputs", '[');
    for (int32_t i = 0; i < count_of(model, side); i++) {
        json_open(json, NULL, '{');
        json_text(json, "name", describe_end(model, side, i, shape, sizeof shape));
        json_text(json, "shape", shape);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void print_json(const struct info *info, gan_model *model, const struct run_plan *plan)
{
    struct json json = json_event("info");
    json_text(&json, "file", info->path);
    json_text(&json, "kind", "model");
    json_text(&json, "name", gan_model_name(model));
    json_integer(&json, "elements", gan_model_element_count(model));
    json_integer(&json, "tensor_count", gan_model_parameter_count(model));
    json_ends(&json, model, INPUTS);
    json_ends(&json, model, OUTPUTS);
    info_json_metadata(info, &json);
    if (info->plan) {
        json_open(&json, "plan", '{');
        json_integer(&json, "width", info->plan_width);
        json_integer(&json, "height", info->plan_height);
        json_integer(&json, "memory", plan->memory);
        json_close(&json, '}');
    }
    json_finish(&json);
}

int info_model(const struct info *info, gan_model *model)
{
    struct run_plan plan = {0};
    if (info->plan && make_plan(info, model, &plan) != GAN_OK)
        return console_fail(&info->console, "%s", gan_error_message());
    if (info->console.json)
        print_json(info, model, &plan);
    else
        print_plain(info, model, &plan);
    return EXIT_SUCCESS;
}
