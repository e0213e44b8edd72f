#include "info.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *type_name(int32_t type)
{
    static const char *const names[] = {"float32", "float16", "int32", "uint8"};
    return type >= 0 && type < (int32_t)(sizeof names / sizeof names[0]) ? names[type] : "?";
}

static bool for_people(const char *key)
{
    return strcmp(key, INFO_GRAPH_KEY) != 0;
}

void info_print_metadata(const struct info *info)
{
    for (int32_t i = 0; i < gan_tensors_metadata_count(info->tensors); i++) {
        const char *key = gan_tensors_metadata_key(info->tensors, i);
        if (for_people(key))
            console_say(&info->console, "  %s: %s", key, gan_tensors_metadata(info->tensors, key));
    }
}

void info_json_metadata(const struct info *info, struct json *json)
{
    json_open(json, "metadata", '{');
    for (int32_t i = 0; i < gan_tensors_metadata_count(info->tensors); i++) {
        const char *key = gan_tensors_metadata_key(info->tensors, i);
        if (for_people(key))
            json_text(json, key, gan_tensors_metadata(info->tensors, key));
    }
    json_close(json, '}');
}

static const char *kind_of(const gan_tensors *tensors)
{
    const char *format = gan_tensors_metadata(tensors, "format");
    if (format != NULL && strncmp(format, "libgan style ", 13) == 0)
        return "style";
    if (format != NULL && strncmp(format, "libgan checkpoint ", 18) == 0)
        return "checkpoint";
    return "tensors";
}

static void describe(const gan_tensor *tensor, char *shape, size_t size)
{
    int64_t sizes[GAN_MAX_RANK] = {0};
    const int32_t rank = gan_tensor_rank(tensor);
    for (int32_t i = 0; i < rank; i++)
        sizes[i] = gan_tensor_size(tensor, i);
    info_shape(shape, size, sizes, rank);
}

static int64_t element_count(const gan_tensors *tensors)
{
    int64_t count = 0;
    for (int32_t i = 0; i < gan_tensors_count(tensors); i++)
        count += gan_tensor_count(gan_tensors_at(tensors, i));
    return count;
}

static void print_plain(const struct info *info)
{
    char shape[160];
    const int32_t count = gan_tensors_count(info->tensors);
    console_say(&info->console, "%s: %s", info->path, kind_of(info->tensors));
    console_say(&info->console, "  %-10s %lld in %d tensors", "numbers",
                (long long)element_count(info->tensors), count);
    info_print_metadata(info);
    for (int32_t i = 0; i < count; i++) {
        const gan_tensor *tensor = gan_tensors_at(info->tensors, i);
        describe(tensor, shape, sizeof shape);
        console_say(&info->console, "  %-7s %-22s %s", type_name(gan_tensor_type(tensor)), shape,
                    gan_tensors_name(info->tensors, i));
    }
}

static void print_json(const struct info *info)
{
    char shape[160];
    struct json json = json_event("info");
    json_text(&json, "file", info->path);
    json_text(&json, "kind", kind_of(info->tensors));
    json_integer(&json, "elements", element_count(info->tensors));
    json_integer(&json, "tensor_count", gan_tensors_count(info->tensors));
    json_open(&json, "tensors", '[');
    for (int32_t i = 0; i < gan_tensors_count(info->tensors); i++) {
        const gan_tensor *tensor = gan_tensors_at(info->tensors, i);
        describe(tensor, shape, sizeof shape);
        json_open(&json, NULL, '{');
        json_text(&json, "name", gan_tensors_name(info->tensors, i));
        json_text(&json, "type", type_name(gan_tensor_type(tensor)));
        json_text(&json, "shape", shape);
        json_close(&json, '}');
    }
    json_close(&json, ']');
    info_json_metadata(info, &json);
    json_finish(&json);
}

int info_tensors(const struct info *info)
{
    if (info->console.json)
        print_json(info);
    else
        print_plain(info);
    return EXIT_SUCCESS;
}
