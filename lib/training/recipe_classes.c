/* The classes that a generator has learned, as words of its metadata. */
#include "training/recipe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The classes' names, apart by slashes, which no name of a folder has. */
static gan_status write_names(const struct recipe *recipe, int32_t classes, gan_model *model)
{
    size_t size = 1, at = 0;
    for (int32_t i = 0; i < classes; i++)
        size += strlen(gan_dataset_class_name(recipe->data, i)) + 1;
    char *text = gan_allocate_zeroed(recipe->context, size);
    if (text == NULL)
        return gan_fail_memory("names of classes", size);
    for (int32_t i = 0; i < classes; i++)
        at += (size_t)snprintf(text + at, size - at, "%s%s", i > 0 ? "/" : "",
                               gan_dataset_class_name(recipe->data, i));
    const gan_status status = gan_model_set_metadata(model, "class_names", text);
    gan_release(recipe->context, text);
    return status;
}

gan_status gan_recipe_write_classes(const struct recipe *recipe, int32_t classes, gan_model *model)
{
    char count[16];
    if (classes == 0)
        return GAN_OK;
    snprintf(count, sizeof count, "%" PRId32, classes);
    const gan_status status = gan_model_set_metadata(model, "classes", count);
    const bool named = gan_dataset_class_name(recipe->data, 0) != NULL;
    return status == GAN_OK && named ? write_names(recipe, classes, model) : status;
}
