/* Samples of pairs: one crop and flip for both pictures. */
#include "training/dataset.h"

/* ---- Pairs in two folders ---- */

static gan_status compare_sizes(const struct folder_picture *a, const struct folder_picture *b)
{
    if (a->full_height == b->full_height && a->full_width == b->full_width)
        return GAN_OK;
    return gan_fail(GAN_ERROR_FORMAT,
                    "\"%s\" has %lldx%lld pixels, its partner \"%s\" %lldx%lld: expected as many", a->path,
                    (long long)a->full_width, (long long)a->full_height, b->path, (long long)b->full_width,
                    (long long)b->full_height);
}

static gan_status fetch_alone(gan_image_folder *folder, int64_t index)
{
    pthread_mutex_lock(&folder->mutex);
    const gan_status status = gan_image_folder_fetch(folder, index);
    pthread_mutex_unlock(&folder->mutex);
    return status;
}

static void refuse_alone(gan_image_folder *folder, int64_t index)
{
    pthread_mutex_lock(&folder->mutex);
    gan_image_folder_refuse(folder, index);
    pthread_mutex_unlock(&folder->mutex);
}

/* Both pictures in memory, or both refused for the reason of one. Nobody else uses the folders of a data set,
 * so pictures stay where they are without the mutex. */
static gan_status fetch_pair(const gan_dataset *dataset, int64_t index)
{
    gan_image_folder *const *folders = dataset->folders;
    gan_status status = fetch_alone(folders[0], index);
    if (status == GAN_OK)
        status = fetch_alone(folders[1], index);
    if (status == GAN_OK)
        status = compare_sizes(&folders[0]->pictures[index], &folders[1]->pictures[index]);
    if (gan_image_folder_is_unreadable(status)) {
        refuse_alone(folders[0], index);
        refuse_alone(folders[1], index);
    }
    return status;
}

static gan_status choose_pair(const gan_dataset *dataset, int64_t number, int64_t *index)
{
    for (;;) {
        *index = gan_image_folder_choose(dataset->folders[0], number);
        if (*index < 0)
            return gan_fail(GAN_ERROR_FORMAT, "no pair is left that can be read");
        const gan_status status = fetch_pair(dataset, *index);
        if (!gan_image_folder_is_unreadable(status))
            return status;
    }
}

static gan_status sample_pair(gan_dataset *dataset, int64_t number, struct dataset_pieces *pieces)
{
    int64_t index = 0;
    gan_status status = choose_pair(dataset, number, &index);
    if (status != GAN_OK)
        return status;
    const struct folder_picture *first = &dataset->folders[0]->pictures[index];
    const struct crop crop = gan_image_folder_crop(dataset->folders[0], first, number);
    for (int i = 0; status == GAN_OK && i < 2; i++)
        status = gan_image_folder_cut(dataset->folders[i], &dataset->folders[i]->pictures[index], &crop,
                                      &pieces->piece[i]);
    return status;
}

static gan_status check_pairs(gan_dataset *dataset, gan_dataset_report report, void *user)
{
    gan_status status = GAN_OK;
    for (int64_t i = 0; status == GAN_OK && i < dataset->folders[0]->count; i++) {
        status = fetch_pair(dataset, i);
        if (!gan_image_folder_is_unreadable(status))
            continue;
        if (report != NULL)
            report(user, dataset->folders[0]->pictures[i].path, gan_error_message());
        status = GAN_OK;
    }
    return status;
}

const struct dataset_kind gan_dataset_pairs = {"pairs", sample_pair, check_pairs};

/* ---- Pairs side by side ---- */

static gan_status sample_halves(gan_dataset *dataset, int64_t number, struct dataset_pieces *pieces)
{
    gan_image_folder *folder = dataset->folders[0];
    int64_t index = 0;
    pthread_mutex_lock(&folder->mutex);
    gan_status status = gan_dataset_fetch(folder, number, &index);
    if (status == GAN_OK) {
        const struct folder_picture *picture = &folder->pictures[index];
        struct crop crop = gan_image_folder_crop(folder, picture, number);
        status = gan_image_folder_cut(folder, picture, &crop, &pieces->piece[0]);
        crop.left += picture->width / 2;
        if (status == GAN_OK)
            status = gan_image_folder_cut(folder, picture, &crop, &pieces->piece[1]);
    }
    pthread_mutex_unlock(&folder->mutex);
    return status;
}

const struct dataset_kind gan_dataset_halves = {"halves", sample_halves, gan_dataset_check_folders};
