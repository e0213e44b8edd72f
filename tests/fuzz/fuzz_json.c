/* Any bytes as JSON: what is accepted can be walked and read. */
#include "formats/json_read.h"
#include "fuzz_context.h"

static void read_value(const struct json *json, int32_t value)
{
    char *text = NULL;
    int64_t integer;
    double number;
    float narrow;
    bool truth;
    if (gan_json_string(json, value, &text) == GAN_OK && !gan_json_equals(json, value, text))
        __builtin_trap();
    gan_release(json->context, text);
    gan_json_integer(json, value, INT64_MIN, INT64_MAX, &integer);
    gan_json_double(json, value, &number);
    gan_json_float(json, value, &narrow);
    gan_json_boolean(json, value, &truth);
}

static int32_t walk(const struct json *json, int32_t value)
{
    int32_t visited = 1, children = 0;
    read_value(json, value);
    for (int32_t child = gan_json_first(json, value); child >= 0; child = gan_json_next(json, child)) {
        const int32_t member = gan_json_member(json, child);
        children++;
        visited += member >= 0 ? 1 + walk(json, member) : walk(json, child);
    }
    if (children != gan_json_count(json, value))
        __builtin_trap();
    return visited;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    gan_context *context = fuzz_context();
    struct json json;
    if (gan_json_open(&json, context, (const char *)bytes, size, "input") == GAN_OK) {
        if (walk(&json, 0) != json.count)
            __builtin_trap();
        gan_json_find(&json, 0, "name");
        gan_json_close(&json);
    }
    gan_context_free(context);
    return 0;
}
