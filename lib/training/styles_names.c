/* The names of styles in one generator's metadata. */
#include "graph/model.h"
#include "training/styles_trainer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Whether a name is one of a list that slashes part. */
static bool is_listed(const char *list, const char *name)
{
    const size_t length = strlen(name);
    for (const char *at = list; at != NULL;) {
        if (strncmp(at, name, length) == 0 && (at[length] == '\0' || at[length] == '/'))
            return true;
        const char *slash = strchr(at, '/');
        at = slash != NULL ? slash + 1 : NULL;
    }
    return false;
}

gan_status gan_styles_check_names(const gan_model *former, const char *const *names, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        const size_t length = names[i] != NULL ? strlen(names[i]) : 0;
        if (length < 1 || length >= STYLE_NAME_SIZE || strpbrk(names[i], "/,:") != NULL)
            return gan_fail(
                GAN_ERROR_ARGUMENT,
                "the name of style %" PRId32
                " is \"%.80s\", expected 1 to 63 characters, none of them a slash, comma or colon",
                i + 1, names[i] != NULL ? names[i] : "");
        bool twice = former != NULL && is_listed(gan_model_metadata(former, "styles"), names[i]);
        for (int32_t k = 0; k < i; k++)
            twice = twice || strcmp(names[i], names[k]) == 0;
        if (twice)
            return gan_fail(GAN_ERROR_ARGUMENT, "there are two styles \"%s\"", names[i]);
    }
    return GAN_OK;
}

/* Those of the former generator, then the new ones. */
gan_status gan_styles_write_names(gan_model *generator, const gan_model *former, const char *const *names,
                                  int32_t count)
{
    gan_context *context = generator->graph->context;
    const char *before = former != NULL ? gan_model_metadata(former, "styles") : "";
    size_t size = strlen(before) + 1;
    for (int32_t i = 0; i < count; i++)
        size += strlen(names[i]) + 1;
    char *text = gan_allocate_array(context, size, 1);
    if (text == NULL)
        return gan_fail_memory("names of styles", size);
    size_t at = strlen(before);
    memcpy(text, before, at + 1);
    for (int32_t i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, size - at, "%s%s", at > 0 ? "/" : "", names[i]);
    const gan_status status = gan_model_set_metadata(generator, "styles", text);
    gan_release(context, text);
    return status;
}
