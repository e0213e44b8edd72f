#include "outputs.h"
#include "paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "STEM.png", or "STEM-MODEL.png" where several models paint the same photograph. */
static char *name_in_folder(const char *folder, const char *photo, const struct texts *models, int model)
{
    char mark[256] = "";
    size_t stem = 0, model_stem = 0;
    const char *name = path_name(photo, &stem);
    const char *model_name = path_name(models->items[model], &model_stem);
    if (models->count > 1)
        snprintf(mark, sizeof mark, "-%.*s", (int)model_stem, model_name);
    return path_join(folder, name, stem, mark, ".png");
}

static int plan_folder(struct outputs *outputs, const struct console *console, const struct texts *photos,
                       const struct texts *models, const char *folder)
{
    if (!path_make_folder(folder))
        return console_fail(console, "%s: cannot make this folder: %s", folder, strerror(errno));
    for (int photo = 0; photo < photos->count; photo++)
        for (int model = 0; model < models->count; model++) {
            char *path = name_in_folder(folder, photos->items[photo], models, model);
            if (path == NULL)
                return console_fail(console, "out of memory");
            outputs->paths[outputs->count++] = path;
        }
    return EXIT_SUCCESS;
}

static int plan_file(struct outputs *outputs, const struct console *console, const char *target)
{
    if (!path_is_picture(target))
        return console_fail(console, "%s: expected a name that ends in .png, .jpg, .bmp or .tga, or a folder",
                            target);
    outputs->paths[0] = strdup(target);
    if (outputs->paths[0] == NULL)
        return console_fail(console, "out of memory");
    outputs->count = 1;
    return EXIT_SUCCESS;
}

static int check_clashes(const struct outputs *outputs, const struct console *console)
{
    for (int i = 0; i < outputs->count; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(outputs->paths[i], outputs->paths[j]) == 0)
                return console_fail(console,
                                    "%s: two results would have this name; rename a photograph or a model",
                                    outputs->paths[i]);
    return EXIT_SUCCESS;
}

static int check_writable(const struct outputs *outputs, const struct console *console,
                          const struct texts *photos)
{
    for (int i = 0; i < outputs->count; i++) {
        if (!path_is_writable(outputs->paths[i]))
            return console_fail(console, "%s: cannot write: %s", outputs->paths[i], strerror(errno));
        for (int photo = 0; photo < photos->count; photo++)
            if (path_same_file(outputs->paths[i], photos->items[photo]))
                return console_fail(console,
                                    "%s: would overwrite the photograph; choose another name or folder",
                                    outputs->paths[i]);
    }
    return EXIT_SUCCESS;
}

int outputs_plan(struct outputs *outputs, const struct console *console, const struct texts *photos,
                 const struct texts *models, const char *target)
{
    const int most = photos->count * models->count;
    const bool slash = target[0] != '\0' && target[strlen(target) - 1] == '/';
    const bool folder = most > 1 || slash || path_is_folder(target);
    *outputs = (struct outputs){.paths = calloc((size_t)most, sizeof *outputs->paths)};
    if (outputs->paths == NULL)
        return console_fail(console, "out of memory");
    int code =
        folder ? plan_folder(outputs, console, photos, models, target) : plan_file(outputs, console, target);
    if (code == EXIT_SUCCESS)
        code = check_clashes(outputs, console);
    if (code == EXIT_SUCCESS)
        code = check_writable(outputs, console, photos);
    return code;
}

void outputs_free(struct outputs *outputs)
{
    for (int i = 0; i < outputs->count; i++)
        free(outputs->paths[i]);
    free(outputs->paths);
}
