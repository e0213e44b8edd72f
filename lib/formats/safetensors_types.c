/* The element types of safetensors, for machines with the least significant byte first. */
#include "formats/safetensors.h"

#include <math.h>
#include <string.h>

static int64_t widen_bfloat16(const void *from, int64_t count, void *to)
{
    const uint16_t *halves = from;
    uint32_t *floats = to;
    for (int64_t i = 0; i < count; i++)
        floats[i] = (uint32_t)halves[i] << 16;
    return -1;
}

static int64_t narrow_double(const void *from, int64_t count, void *to)
{
    const double *wide = from;
    float *narrow = to;
    for (int64_t i = 0; i < count; i++) {
        /* Half a unit above the largest float would round to infinity. */
        if (isfinite(wide[i]) && fabs(wide[i]) >= 0x1.ffffffp127)
            return i;
        narrow[i] = (float)wide[i];
    }
    return -1;
}

static int64_t narrow_integer(const void *from, int64_t count, void *to)
{
    const int64_t *wide = from;
    int32_t *narrow = to;
    for (int64_t i = 0; i < count; i++) {
        if (wide[i] < INT32_MIN || wide[i] > INT32_MAX)
            return i;
        narrow[i] = (int32_t)wide[i];
    }
    return -1;
}

static const struct stored_type types[] = {
    {"F32", 4, GAN_FLOAT32, NULL},
    {"F16", 2, GAN_FLOAT16, NULL},
    {"I32", 4, GAN_INT32, NULL},
    {"U8", 1, GAN_UINT8, NULL},
    {"BF16", 2, GAN_FLOAT32, widen_bfloat16},
    {"F64", 8, GAN_FLOAT32, narrow_double},
    {"I64", 8, GAN_INT32, narrow_integer},
};

const struct stored_type *gan_stored_type(const struct json *json, int32_t value)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (gan_json_equals(json, value, types[i].name))
            return &types[i];
    return NULL;
}

const char *gan_stored_name(int32_t type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].type == type && types[i].convert == NULL)
            return types[i].name;
    return NULL;
}
