#include "recipe_data.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is(const struct recipe_data *data, const char *recipe)
{
    return strcmp(data->recipe, recipe) == 0;
}

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool labels_are_complete(const struct recipe_data *data)
{
    const bool wanted = is(data, "dcgan") && data->conditional;
    if (data->labels != NULL && !wanted)
        complain("--labels goes with dcgan --conditional");
    else if (wanted && data->labels != NULL && is_folder(data->data))
        complain("--labels goes with an IDX file; folders have a subfolder for each class");
    else if (wanted && data->labels == NULL && !is_folder(data->data))
        complain("expected the labels of the IDX file: --labels IDX");
    else
        return true;
    return false;
}

bool recipe_data_is_complete(const struct recipe_data *data)
{
    const bool both = data->source != NULL && data->target != NULL;
    const bool sides = data->source != NULL || data->target != NULL;
    if (is(data, "dcgan") && data->data == NULL)
        complain("expected pictures to learn from: --data FOLDER or --data IDX");
    else if (is(data, "pix2pix") && data->data == NULL && !both)
        complain("expected pairs: --data FOLDER, or --source FOLDER --target FOLDER");
    else if (!is(data, "dcgan") && !is(data, "pix2pix") && !both)
        complain("expected two sides: --source PATH --target PATH");
    else if (data->data != NULL && sides)
        complain("expected --data or --source and --target, not both");
    else
        return labels_are_complete(data);
    return false;
}

/* How much larger than a crop its picture may be. */
static float largest_scale(const struct recipe_data *data)
{
    if (data->largest_scale > 0)
        return (float)data->largest_scale;
    if (is(data, "dcgan"))
        return 1;
    return is(data, "cut-single") ? 4 : 1.12f; /* many crops of one picture */
}

static gan_dataset_options dataset_options(const struct recipe_data *data)
{
    return (gan_dataset_options){.struct_size = sizeof(gan_dataset_options),
                                 .size = data->size,
                                 .largest_scale = largest_scale(data),
                                 .seed = data->seed};
}

static gan_status open_sides(gan_dataset **out, const struct recipe_data *data, gan_context *context)
{
    const gan_dataset_options options = dataset_options(data);
    if (is(data, "pix2pix") && data->data != NULL)
        return gan_dataset_open_pairs(out, context, data->data, NULL, &options);
    if (is(data, "pix2pix"))
        return gan_dataset_open_pairs(out, context, data->source, data->target, &options);
    return gan_dataset_open_unpaired(out, context, data->source, data->target, &options);
}

static gan_status open(gan_dataset **out, const struct recipe_data *data, gan_context *context)
{
    gan_dataset_options options = dataset_options(data);
    if (!is(data, "dcgan"))
        return open_sides(out, data, context);
    if (!is_folder(data->data) && data->usual_size)
        options.size = 0; /* the pictures' own */
    if (!is_folder(data->data))
        return gan_dataset_open_idx(out, context, data->data, data->labels, &options);
    if (data->conditional)
        return gan_dataset_open_classes(out, context, data->data, &options);
    return gan_dataset_open_folder(out, context, data->data, &options);
}

static void name_skipped(void *user, const char *path, const char *reason)
{
    (void)user;
    complain("%s is skipped: %s", path, reason);
}

int recipe_data_open(gan_dataset **out, const struct recipe_data *data, gan_context *context,
                     const struct console *console)
{
    gan_status status = open(out, data, context);
    if (status == GAN_OK)
        status = gan_dataset_check(*out, is(data, "dcgan") ? 2 : 1, name_skipped, NULL);
    return status == GAN_OK ? EXIT_SUCCESS : console_fail(console, "%s", gan_error_message());
}
