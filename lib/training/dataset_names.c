/* What the names of files say: classes and partners. */
#include "training/dataset.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Length of the first part of a name, or 0 where it has only one. */
static size_t folder_length(const char *name)
{
    const char *slash = strchr(name, '/');
    return slash != NULL ? (size_t)(slash - name) : 0;
}

/* ---- Classes ---- */

struct part {
    const char *start;
    size_t length;
};

static int compare_parts(const void *a, const void *b)
{
    const struct part *first = a, *second = b;
    const size_t shorter = first->length < second->length ? first->length : second->length;
    const int order = memcmp(first->start, second->start, shorter);
    return order != 0 ? order : (first->length > second->length) - (first->length < second->length);
}

static int64_t remove_repetitions(struct part *parts, int64_t count)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++)
        if (kept == 0 || compare_parts(&parts[i], &parts[kept - 1]) != 0)
            parts[kept++] = parts[i];
    return kept;
}

static gan_status list_parts(const gan_image_folder *folder, const char *root, struct part *parts)
{
    for (int64_t i = 0; i < folder->count; i++) {
        const char *name = gan_image_folder_below(folder->pictures[i].path, root);
        parts[i] = (struct part){name, folder_length(name)};
        if (parts[i].length == 0)
            return gan_fail(GAN_ERROR_FORMAT, "\"%s\" lies in no subfolder, so it has no class",
                            folder->pictures[i].path);
    }
    return GAN_OK;
}

static gan_status name_classes(gan_dataset *dataset, const struct part *parts)
{
    gan_context *context = dataset->context;
    dataset->class_names =
        gan_allocate_array(context, (size_t)dataset->classes, sizeof *dataset->class_names);
    dataset->labels =
        gan_allocate_array(context, (size_t)dataset->folders[0]->count, sizeof *dataset->labels);
    bool complete = dataset->class_names != NULL && dataset->labels != NULL;
    for (int32_t i = 0; complete && i < dataset->classes; i++) {
        char *name = gan_allocate_zeroed(context, parts[i].length + 1);
        complete = name != NULL;
        if (complete)
            memcpy(name, parts[i].start, parts[i].length);
        dataset->class_names[i] = name;
    }
    return complete ? GAN_OK : gan_fail_memory("names of classes", (size_t)dataset->folders[0]->count);
}

static void label_pictures(gan_dataset *dataset, const char *root, const struct part *parts)
{
    const gan_image_folder *folder = dataset->folders[0];
    for (int64_t i = 0; i < folder->count; i++) {
        const char *name = gan_image_folder_below(folder->pictures[i].path, root);
        const struct part wanted = {name, folder_length(name)};
        const struct part *found =
            bsearch(&wanted, parts, (size_t)dataset->classes, sizeof *parts, compare_parts);
        dataset->labels[i] = (int32_t)(found - parts);
    }
}

static gan_status find_classes(gan_dataset *dataset, const char *root, struct part *parts)
{
    const gan_image_folder *folder = dataset->folders[0];
    gan_status status = list_parts(folder, root, parts);
    if (status != GAN_OK)
        return status;
    qsort(parts, (size_t)folder->count, sizeof *parts, compare_parts);
    const int64_t classes = remove_repetitions(parts, folder->count);
    const int32_t most = dataset->options.classes;
    if (most > 0 && classes > most)
        return gan_fail(GAN_ERROR_FORMAT, "\"%s\" has %" PRId64 " classes, expected at most %" PRId32, root,
                        classes, most);
    dataset->classes = (int32_t)classes;
    status = name_classes(dataset, parts);
    if (status == GAN_OK)
        label_pictures(dataset, root, parts);
    return status;
}

gan_status gan_dataset_find_classes(gan_dataset *dataset, const char *root)
{
    const size_t count = (size_t)dataset->folders[0]->count;
    struct part *parts = gan_allocate_array(dataset->context, count, sizeof *parts);
    if (parts == NULL)
        return gan_fail_memory("names of classes", count * sizeof *parts);
    const gan_status status = find_classes(dataset, root, parts);
    gan_release(dataset->context, parts);
    return status;
}

/* ---- Partners ---- */

static int compare_stems(const char *a, const char *b)
{
    const char *end_a = strrchr(a, '.'), *end_b = strrchr(b, '.');
    const struct part first = {a, end_a != NULL ? (size_t)(end_a - a) : strlen(a)};
    const struct part second = {b, end_b != NULL ? (size_t)(end_b - b) : strlen(b)};
    return compare_parts(&first, &second);
}

/* Sorted anew, as endings do not count: "a.png" comes before "a-b.png" then. */
static int compare_pictures(const void *a, const void *b)
{
    const struct folder_picture *first = a, *second = b;
    return compare_stems(first->path, second->path);
}

static gan_status fail_partner(const char *path, const char *other)
{
    return gan_fail(GAN_ERROR_FORMAT, "\"%s\" has no partner of that name in \"%s\"", path, other);
}

gan_status gan_dataset_match_names(const gan_dataset *dataset, const char *root_a, const char *root_b)
{
    gan_image_folder *a = dataset->folders[0], *b = dataset->folders[1];
    qsort(a->pictures, (size_t)a->count, sizeof *a->pictures, compare_pictures);
    qsort(b->pictures, (size_t)b->count, sizeof *b->pictures, compare_pictures);
    for (int64_t i = 0; i < a->count || i < b->count; i++) {
        if (i >= b->count)
            return fail_partner(a->pictures[i].path, root_b);
        if (i >= a->count)
            return fail_partner(b->pictures[i].path, root_a);
        const int order = compare_stems(gan_image_folder_below(a->pictures[i].path, root_a),
                                        gan_image_folder_below(b->pictures[i].path, root_b));
        if (order < 0)
            return fail_partner(a->pictures[i].path, root_b);
        if (order > 0)
            return fail_partner(b->pictures[i].path, root_a);
    }
    return GAN_OK;
}
