/* XMP packets (ISO 16684-1): simple properties as attributes of one description. */
#include "formats/image_metadata.h"

#include <stdio.h>
#include <string.h>

static const char HEAD[] = "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                           "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
                           " <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
                           "  <rdf:Description rdf:about=\"\"\n"
                           "    xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n"
                           "    xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\"\n"
                           "    xmlns:gan=\"urn:libgan:provenance:\"";
static const char TAIL[] = "/>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>\n";

static const char BEFORE_NAME[] = "\n    ", PREFIX[] = "gan:", BEFORE_VALUE[] = "=\"", AFTER_VALUE[] = "\"";

/* Names of others' namespaces; all other properties are in our own. */
static const struct {
    const char *name, *qualified;
} known[] = {{GAN_METADATA_SOURCE_TYPE, "Iptc4xmpExt:DigitalSourceType"},
             {GAN_METADATA_CREATOR_TOOL, "xmp:CreatorTool"}};
enum { KNOWN = sizeof known / sizeof known[0] };

static const struct {
    char character;
    const char *entity;
} entities[] = {{'&', "&amp;"},   {'<', "&lt;"},   {'>', "&gt;"},   {'"', "&quot;"},
                {'\'', "&apos;"}, {'\n', "&#xA;"}, {'\t', "&#x9;"}, {'\r', "&#xD;"}};
enum { ENTITIES = sizeof entities / sizeof entities[0], MOST_ENTITY = 6 };

/* ---- Writing ---- */

static size_t append(char *to, const char *text)
{
    const size_t length = strlen(text);
    memcpy(to, text, length);
    return length;
}

static const char *entity_of(char character)
{
    int entity = 0;
    while (entity < ENTITIES && entities[entity].character != character)
        entity++;
    return entity < ENTITIES ? entities[entity].entity : NULL;
}

static size_t append_value(char *to, const char *value)
{
    size_t size = 0;
    for (; *value != '\0'; value++)
        if (entity_of(*value) != NULL)
            size += append(to + size, entity_of(*value));
        else
            to[size++] = *value;
    return size;
}

/* The name that other programs know; NULL where it is in our own namespace. */
static const char *qualified_of(const char *name)
{
    for (int i = 0; i < KNOWN; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].qualified;
    return NULL;
}

static size_t append_property(char *to, const struct property *property)
{
    const char *qualified = qualified_of(property->name);
    size_t size = append(to, BEFORE_NAME);
    size += append(to + size, qualified != NULL ? qualified : PREFIX);
    if (qualified == NULL)
        size += append(to + size, property->name);
    size += append(to + size, BEFORE_VALUE);
    size += append_value(to + size, property->value);
    return size + append(to + size, AFTER_VALUE);
}

size_t gan_xmp_property_size(const char *name, const char *value)
{
    const char *qualified = qualified_of(name);
    size_t size = strlen(BEFORE_NAME) + strlen(BEFORE_VALUE) + strlen(AFTER_VALUE);
    size += qualified != NULL ? strlen(qualified) : strlen(PREFIX) + strlen(name);
    for (; *value != '\0'; value++)
        size += entity_of(*value) != NULL ? strlen(entity_of(*value)) : 1;
    return size;
}

size_t gan_xmp_size(const gan_image_metadata *metadata)
{
    size_t size = strlen(HEAD) + strlen(TAIL);
    for (int32_t i = 0; i < metadata->count; i++)
        size += gan_xmp_property_size(metadata->properties[i].name, metadata->properties[i].value);
    return size;
}

gan_status gan_xmp_write(const gan_image_metadata *metadata, char **packet, size_t *size)
{
    const size_t room = gan_xmp_size(metadata);
    *packet = gan_allocate(metadata->context, room);
    if (*packet == NULL)
        return gan_fail_memory("an XMP packet", room);
    *size = append(*packet, HEAD);
    for (int32_t i = 0; i < metadata->count; i++)
        *size += append_property(*packet + *size, &metadata->properties[i]);
    *size += append(*packet + *size, TAIL);
    return GAN_OK;
}

/* ---- Reading ---- */

enum { MOST_PACKET = 1 << 20, MOST_QUALIFIED = MOST_NAME + 16 /* a name with its prefix */ };

/* Undo append_value. false: too long, or an entity that is not known. */
static bool take_value(char value[MOST_VALUE], const char *from, const char *end)
{
    size_t size = 0;
    while (from < end && size + 1 < MOST_VALUE) {
        int entity = 0;
        if (*from != '&') {
            value[size++] = *from++;
            continue;
        }
        while (entity < ENTITIES &&
               strncmp(from, entities[entity].entity, strlen(entities[entity].entity)) != 0)
            entity++;
        if (entity == ENTITIES)
            return false;
        value[size++] = entities[entity].character;
        from += strlen(entities[entity].entity);
    }
    value[size] = '\0';
    return from == end;
}

/* Our name for `length` bytes of a qualified one. false: nothing of ours. */
static bool take_name(char name[MOST_NAME], const char *from, size_t length)
{
    for (int i = 0; i < KNOWN; i++)
        if (strlen(known[i].qualified) == length && memcmp(from, known[i].qualified, length) == 0) {
            memcpy(name, known[i].name, strlen(known[i].name) + 1);
            return true;
        }
    const size_t head = sizeof PREFIX - 1;
    if (length <= head || length - head >= MOST_NAME || memcmp(from, PREFIX, head) != 0)
        return false;
    memcpy(name, from + head, length - head);
    name[length - head] = '\0';
    return true;
}

static bool is_space(char character)
{
    return character == ' ' || character == '\n' || character == '\t' || character == '\r';
}

/* The value of ="VALUE" or of >VALUE< behind a name; NULL where neither stands there, or it is too long. */
static const char *find_value(const char *at, const char *end, const char **value_end)
{
    const size_t most = MOST_VALUE * MOST_ENTITY;
    char closing = '<';
    if (at < end && *at == '=') {
        at++;
        if (at == end || (*at != '"' && *at != '\''))
            return NULL;
        closing = *at;
    } else if (at == end || *at != '>') {
        return NULL;
    }
    at++;
    const size_t left = (size_t)(end - at);
    *value_end = memchr(at, closing, left < most ? left : most);
    return *value_end != NULL ? at : NULL;
}

/* Where a name ends that begins at `at`, or stops to be one of ours. */
static const char *find_name_end(const char *at, const char *end)
{
    const char *last = (size_t)(end - at) < MOST_QUALIFIED ? end : at + MOST_QUALIFIED;
    while (at < last && !is_space(*at) && *at != '=' && *at != '>' && *at != '<')
        at++;
    return at;
}

/* A name begins behind white space (attribute) or "<" (element). At each byte the way ahead is bounded: the
 * time grows with the packet's size alone, whatever it holds. */
void gan_xmp_read(gan_image_metadata *metadata, const char *packet, size_t size)
{
    const char *end = packet + (size < MOST_PACKET ? size : MOST_PACKET), *value_end;
    for (const char *at = packet + 1; at < end; at++) {
        if (!is_space(at[-1]) && at[-1] != '<')
            continue;
        const char *name_end = find_name_end(at, end);
        char name[MOST_NAME], value[MOST_VALUE];
        if (!take_name(name, at, (size_t)(name_end - at)))
            continue;
        const char *start = find_value(name_end, end, &value_end);
        if (start == NULL || !take_value(value, start, value_end))
            continue;
        gan_image_metadata_set(metadata, name, value);
        at = value_end;
    }
}
