/* Data sets of picture files: opening all of them; samples of single pictures. */
#include "training/dataset.h"

enum { DEFAULT_SIZE = 64 };
/* The second of two unpaired folders has an order of its own. */
static const uint64_t SECOND_SEED = UINT64_C(0x9e3779b97f4a7c15);

gan_status gan_dataset_fetch(gan_image_folder *folder, int64_t sample, int64_t *index)
{
    for (;;) {
        *index = gan_image_folder_choose(folder, sample);
        if (*index < 0)
            return gan_fail(GAN_ERROR_FORMAT, "no picture is left that can be read");
        const gan_status status = gan_image_folder_fetch(folder, *index);
        if (!gan_image_folder_is_unreadable(status))
            return status;
    }
}

static gan_status cut_sample(gan_image_folder *folder, int64_t number, gan_tensor **piece, int64_t *index)
{
    pthread_mutex_lock(&folder->mutex);
    gan_status status = gan_dataset_fetch(folder, number, index);
    if (status == GAN_OK) {
        const struct folder_picture *picture = &folder->pictures[*index];
        const struct crop crop = gan_image_folder_crop(folder, picture, number);
        status = gan_image_folder_cut(folder, picture, &crop, piece);
    }
    pthread_mutex_unlock(&folder->mutex);
    return status;
}

static gan_status sample_single(gan_dataset *dataset, int64_t number, struct dataset_pieces *pieces)
{
    int64_t index = 0;
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < dataset->domains; i++) {
        status = cut_sample(dataset->folders[i], number, &pieces->piece[i], &index);
        if (status == GAN_OK && dataset->labels != NULL)
            pieces->label = dataset->labels[index];
    }
    return status;
}

/* Read every file of one folder; what cannot be read is UNREADABLE from then on. */
static gan_status read_all(gan_image_folder *folder, gan_dataset_report report, void *user)
{
    gan_status status = GAN_OK;
    pthread_mutex_lock(&folder->mutex);
    for (int64_t i = 0; status == GAN_OK && i < folder->count; i++) {
        status = gan_image_folder_fetch(folder, i);
        if (gan_image_folder_is_unreadable(status) && report != NULL)
            report(user, folder->pictures[i].path, gan_error_message());
        if (gan_image_folder_is_unreadable(status))
            status = GAN_OK;
    }
    pthread_mutex_unlock(&folder->mutex);
    return status;
}

gan_status gan_dataset_check_folders(gan_dataset *dataset, gan_dataset_report report, void *user)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < dataset->domains && dataset->folders[i] != NULL; i++)
        status = read_all(dataset->folders[i], report, user);
    return status;
}

static const struct dataset_kind folder_kind = {"folder", sample_single, gan_dataset_check_folders};

static void fill_options(gan_dataset *dataset)
{
    gan_dataset_options *options = &dataset->options;
    if (options->size == 0)
        options->size = DEFAULT_SIZE;
    if (options->channels == 0)
        options->channels = 3;
    if (options->largest_scale == 0)
        options->largest_scale = 1;
    dataset->height = dataset->width = options->size;
}

static gan_status open_domain(gan_dataset *dataset, int domain, const char *path)
{
    if (path == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "path is NULL");
    const gan_dataset_options *options = &dataset->options;
    const gan_image_folder_options given = {.struct_size = sizeof given,
                                            .size = options->size,
                                            .largest_scale = options->largest_scale,
                                            .no_flip = options->no_flip,
                                            .seed = options->seed + (domain != 0 ? SECOND_SEED : 0)};
    const gan_status status = gan_image_folder_make(&dataset->folders[domain], dataset->alone, path, &given);
    if (status != GAN_OK)
        return status;
    dataset->folders[domain]->centre = options->crop == GAN_CROP_CENTRE;
    dataset->identity = gan_image_folder_hash(dataset->folders[domain], path, dataset->identity);
    return GAN_OK;
}

/* Better to learn now than in the middle of work that nothing can be read. */
static gan_status try_one(gan_dataset *dataset)
{
    struct dataset_pieces pieces = {.label = 0};
    const gan_status status = dataset->kind->sample(dataset, 0, &pieces);
    for (int i = 0; i < DATASET_DOMAINS; i++)
        gan_tensor_free(pieces.piece[i]);
    if (status == GAN_OK || status == GAN_ERROR_OUT_OF_MEMORY)
        return status;
    for (int i = 0; i < DATASET_DOMAINS && dataset->folders[i] != NULL; i++)
        if (gan_image_folder_count(dataset->folders[i]) == 0)
            return gan_fail(GAN_ERROR_FORMAT, "none of the %lld pictures can be used; the first: %s",
                            (long long)dataset->folders[i]->count, dataset->folders[i]->reasons[0]);
    return status;
}

static gan_status open_pictures(gan_dataset **made, gan_context *context, const struct dataset_kind *kind,
                                const char *path_a, const char *path_b, const gan_dataset_options *options)
{
    gan_status status = gan_dataset_make(made, context, kind, options);
    if (status != GAN_OK)
        return status;
    gan_dataset *dataset = *made;
    fill_options(dataset);
    status = open_domain(dataset, 0, path_a);
    if (status == GAN_OK && path_b != NULL)
        status = open_domain(dataset, 1, path_b);
    if (path_b != NULL || kind == &gan_dataset_halves)
        dataset->domains = 2;
    return status;
}

static gan_status begin(gan_dataset **out, const char *name)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: out is NULL", name);
    *out = NULL;
    return GAN_OK;
}

static gan_status end(gan_dataset **out, gan_dataset *dataset, gan_status status, const char *name)
{
    if (status == GAN_OK)
        status = try_one(dataset);
    status = gan_dataset_finish(out, dataset, status);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "%s: ", name);
}

gan_status gan_dataset_open_folder(gan_dataset **out, gan_context *context, const char *path,
                                   const gan_dataset_options *options)
{
    static const char name[] = "gan_dataset_open_folder";
    gan_dataset *dataset = NULL;
    gan_status status = begin(out, name);
    if (status != GAN_OK)
        return status;
    status = open_pictures(&dataset, context, &folder_kind, path, NULL, options);
    return end(out, dataset, status, name);
}

gan_status gan_dataset_open_classes(gan_dataset **out, gan_context *context, const char *path,
                                    const gan_dataset_options *options)
{
    static const char name[] = "gan_dataset_open_classes";
    gan_dataset *dataset = NULL;
    gan_status status = begin(out, name);
    if (status != GAN_OK)
        return status;
    status = open_pictures(&dataset, context, &folder_kind, path, NULL, options);
    if (status == GAN_OK)
        status = gan_dataset_find_classes(dataset, path);
    return end(out, dataset, status, name);
}

gan_status gan_dataset_open_unpaired(gan_dataset **out, gan_context *context, const char *path_a,
                                     const char *path_b, const gan_dataset_options *options)
{
    static const char name[] = "gan_dataset_open_unpaired";
    gan_dataset *dataset = NULL;
    gan_status status = begin(out, name);
    if (status != GAN_OK)
        return status;
    status = path_b != NULL ? open_pictures(&dataset, context, &folder_kind, path_a, path_b, options)
                            : gan_fail(GAN_ERROR_ARGUMENT, "path_b is NULL");
    return end(out, dataset, status, name);
}

gan_status gan_dataset_open_pairs(gan_dataset **out, gan_context *context, const char *path_a,
                                  const char *path_b, const gan_dataset_options *options)
{
    static const char name[] = "gan_dataset_open_pairs";
    gan_dataset *dataset = NULL;
    gan_status status = begin(out, name);
    if (status != GAN_OK)
        return status;
    status = open_pictures(&dataset, context, path_b != NULL ? &gan_dataset_pairs : &gan_dataset_halves,
                           path_a, path_b, options);
    if (status == GAN_OK && path_b != NULL)
        status = gan_dataset_match_names(dataset, path_a, path_b);
    if (status == GAN_OK) {
        dataset->paired = true;
        dataset->folders[0]->halves = path_b == NULL;
    }
    return end(out, dataset, status, name);
}
