#include "formats/json_read.h"
#include "formats/json_check.h"

#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <jsmn.h>

static const jsmntok_t *token_at(const struct json *json, int32_t value)
{
    return (const jsmntok_t *)json->tokens + value;
}

/* jsmn is lenient (it takes [1 2] and {"a"}), so the grammar is checked before; that also counts. */
static gan_status cut(struct json *json, size_t size)
{
    jsmn_parser parser;
    jsmn_init(&parser);
    const int made = jsmn_parse(&parser, json->text, size, json->tokens, (unsigned)json->count);
    if (made != json->count)
        return gan_fail(GAN_ERROR_FORMAT, "%s: is not the JSON that it seems to be", json->name);
    return GAN_OK;
}

/* FNV-1a (Fowler, Noll, Vo) of a key's text, in which "a" and "\u0061" are the same. */
static uint32_t hash(struct json_raw raw)
{
    uint32_t value = 2166136261u;
    while (raw.size > 0) {
        char bytes[4];
        const size_t length = gan_json_piece(&raw, bytes);
        for (size_t i = 0; i < length; i++)
            value = (value ^ (uint8_t)bytes[i]) * 16777619u;
    }
    return value;
}

static bool same_text(struct json_raw a, struct json_raw b)
{
    while (a.size > 0 && b.size > 0) {
        char first[4], second[4];
        const size_t length = gan_json_piece(&a, first);
        if (gan_json_piece(&b, second) != length || memcmp(first, second, length) != 0)
            return false;
    }
    return a.size == 0 && b.size == 0;
}

/* A table of all keys so far, by object and text; a free slot is -1. */
static gan_status insert_key(const struct json *json, int32_t *slots, uint32_t mask, int32_t key)
{
    const int32_t object = token_at(json, key)->parent;
    uint32_t slot = (hash(gan_json_raw(json, key)) + (uint32_t)object * 2654435761u) & mask;
    for (; slots[slot] >= 0; slot = (slot + 1) & mask)
        if (token_at(json, slots[slot])->parent == object &&
            same_text(gan_json_raw(json, slots[slot]), gan_json_raw(json, key))) {
            const struct json_raw raw = gan_json_raw(json, key);
            return gan_fail(GAN_ERROR_FORMAT, "%s: JSON has the key \"%.*s\" twice", json->name,
                            (int)(raw.size < 200 ? raw.size : 200), raw.bytes);
        }
    slots[slot] = key;
    return GAN_OK;
}

static bool is_key(const struct json *json, int32_t value)
{
    const int parent = token_at(json, value)->parent;
    return parent >= 0 && token_at(json, parent)->type == JSMN_OBJECT;
}

static gan_status check_unique(const struct json *json)
{
    uint32_t size = 16;
    while (size < (uint32_t)json->count * 2)
        size *= 2;
    int32_t *slots = gan_allocate(json->context, size * sizeof *slots);
    if (slots == NULL)
        return gan_fail_memory("the keys of JSON", size * sizeof *slots);
    memset(slots, 0xFF, size * sizeof *slots);
    gan_status status = GAN_OK;
    for (int32_t i = 0; i < json->count && status == GAN_OK; i++)
        if (is_key(json, i))
            status = insert_key(json, slots, size - 1, i);
    gan_release(json->context, slots);
    return status;
}

gan_status gan_json_open(struct json *json, gan_context *context, const char *text, size_t size,
                         const char *name)
{
    *json = (struct json){.context = context, .name = name, .text = text};
    gan_status status = gan_json_check(text, size, name, &json->count);
    if (status != GAN_OK)
        return status;
    const size_t bytes = (size_t)json->count * sizeof(jsmntok_t);
    json->tokens = gan_allocate(context, bytes);
    if (json->tokens == NULL)
        return gan_fail_memory("JSON", bytes);
    status = cut(json, size);
    if (status == GAN_OK)
        status = check_unique(json);
    if (status != GAN_OK)
        gan_json_close(json);
    return status;
}

void gan_json_close(struct json *json)
{
    gan_release(json->context, json->tokens);
    json->tokens = NULL;
}

struct json_raw gan_json_raw(const struct json *json, int32_t value)
{
    const jsmntok_t *token = token_at(json, value);
    return (struct json_raw){json->text + token->start, (size_t)(token->end - token->start)};
}

int32_t gan_json_kind(const struct json *json, int32_t value)
{
    if (value < 0)
        return JSON_NONE;
    switch (token_at(json, value)->type) {
    case JSMN_OBJECT:
        return JSON_OBJECT;
    case JSMN_ARRAY:
        return JSON_ARRAY;
    case JSMN_STRING:
        return JSON_STRING;
    default:
        break;
    }
    const char first = *gan_json_raw(json, value).bytes;
    return first == 'n' ? JSON_NULL : first == 't' || first == 'f' ? JSON_BOOLEAN : JSON_NUMBER;
}

int32_t gan_json_count(const struct json *json, int32_t value)
{
    const int32_t kind = gan_json_kind(json, value);
    return kind == JSON_OBJECT || kind == JSON_ARRAY ? token_at(json, value)->size : 0;
}

int32_t gan_json_first(const struct json *json, int32_t value)
{
    return gan_json_count(json, value) > 0 ? value + 1 : -1;
}

int32_t gan_json_next(const struct json *json, int32_t value)
{
    const int32_t last = is_key(json, value) ? value + 1 : value;
    const int end = token_at(json, last)->end;
    int32_t next = last + 1;
    while (next < json->count && token_at(json, next)->start < end)
        next++;
    return next < json->count && token_at(json, next)->parent == token_at(json, value)->parent ? next : -1;
}

int32_t gan_json_member(const struct json *json, int32_t key)
{
    return key >= 0 && is_key(json, key) ? key + 1 : -1;
}

int32_t gan_json_find(const struct json *json, int32_t object, const char *key)
{
    if (gan_json_kind(json, object) != JSON_OBJECT)
        return -1;
    for (int32_t i = gan_json_first(json, object); i >= 0; i = gan_json_next(json, i))
        if (gan_json_equals(json, i, key))
            return i + 1;
    return -1;
}
