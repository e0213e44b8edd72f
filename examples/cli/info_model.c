#include "info_plan.h"

#include <stdio.h>
#include <stdlib.h>

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

static void print_ends(const struct info *info, const gan_model *model, enum side side)
{
    char shape[160];
    for (int32_t i = 0; i < count_of(model, side); i++) {
        const char *name = describe_end(model, side, i, shape, sizeof shape);
        console_say(&info->console, "  %-10s %s %s", side == INPUTS ? "input" : "output", name, shape);
    }
}

static void print_plain(const struct info *info, gan_model *model, const struct plan *plan)
{
    console_say(&info->console, "%s: model %s", info->path, gan_model_name(model));
    console_say(&info->console, "  %-10s %lld in %d tensors", "parameters",
                (long long)gan_model_element_count(model), gan_model_parameter_count(model));
    print_ends(info, model, INPUTS);
    print_ends(info, model, OUTPUTS);
    info_print_metadata(info);
    if (info->plan)
        plan_print(&info->console, plan);
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

static void print_json(const struct info *info, gan_model *model, const struct plan *plan)
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
    if (info->plan)
        plan_json(plan, &json);
    json_finish(&json);
}

int info_model(const struct info *info, gan_model *model)
{
    struct plan plan = {0};
    const int code = info->plan ? plan_make(&plan, info, model) : EXIT_SUCCESS;
    if (code == EXIT_SUCCESS && info->console.json)
        print_json(info, model, &plan);
    else if (code == EXIT_SUCCESS)
        print_plain(info, model, &plan);
    plan_free(&plan);
    return code;
}
