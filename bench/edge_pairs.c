/* Pairs for pix2pix, made from photographs: Sobel's edges of each colour on the left, with their sign, and
 * the photograph on the right; and how near a generator comes to photographs that it has not seen.
 *
 *     edge_pairs make PHOTOS FOLDER [--size N]
 *     edge_pairs score GENERATOR HELD_OUT LEARNED [--size N] [--sheet 1]
 *
 * N is the shorter side of the pairs (144) or that of the middle squares that are scored (128). The score is
 * the mean absolute difference in 0..1 of the generator's pictures, of the mean of all photographs learned
 * from, and of their mean colour. --sheet 1 writes sheet.png: edges, result, photograph. */
#include "../examples/c/check.h"
#include "measure.h"

#include <dirent.h>
#include <math.h>
#include <string.h>

enum { PATH_SIZE = 4096, SHOWN = 8 };

struct files {
    const char *folder;
    struct dirent **entries;
    int count;
};

static int is_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static struct files list_files(const char *folder)
{
    struct files files = {.folder = folder};
    files.count = scandir(folder, &files.entries, is_file, alphasort);
    if (files.count >= 1)
        return files;
    fprintf(stderr, "%s: no files\n", folder);
    exit(EXIT_FAILURE);
}

static void free_files(struct files *files)
{
    for (int i = 0; i < files->count; i++)
        free(files->entries[i]);
    free(files->entries);
}

static gan_tensor *load(gan_context *context, const struct files *files, int index)
{
    char path[PATH_SIZE];
    gan_tensor *picture;
    snprintf(path, sizeof path, "%s/%s", files->folder, files->entries[index]->d_name);
    check(gan_image_load(&picture, NULL, context, path));
    return picture;
}

/* ---- Making pairs ---- */

/* The picture with a shorter side of `size` pixels. */
static gan_tensor *scale(gan_tensor *picture, int64_t size)
{
    const int64_t height = gan_tensor_size(picture, 1), width = gan_tensor_size(picture, 2);
    const int64_t shorter = height < width ? height : width;
    gan_tensor *scaled;
    check(gan_image_resize(&scaled, picture, (height * size + shorter / 2) / shorter,
                           (width * size + shorter / 2) / shorter));
    gan_tensor_free(picture);
    return scaled;
}

static int64_t within(int64_t index, int64_t count)
{
    return index < 0 ? 0 : index < count ? index : count - 1;
}

/* Sobel's operator along the diagonal: above 1/2 where a colour rises at (y, x), below where it falls, 1/2
 * where it is flat. */
static float sobel(const gan_tensor *picture, int64_t y, int64_t x, int64_t channel)
{
    static const float across[3] = {1, 2, 1}, along[3] = {-1, 0, 1};
    const int64_t height = gan_tensor_size(picture, 1), width = gan_tensor_size(picture, 2);
    const float *pixels = gan_tensor_data_const(picture);
    float down = 0, right = 0;
    for (int64_t i = 0; i < 3; i++)
        for (int64_t j = 0; j < 3; j++) {
            const int64_t at = within(y + i - 1, height) * width + within(x + j - 1, width);
            down += along[i] * across[j] * pixels[at * 3 + channel];
            right += across[i] * along[j] * pixels[at * 3 + channel];
        }
    return 0.5f + (down + right) / 8;
}

/* Edges of each colour on the left, the picture on the right. */
static gan_tensor *make_pair(gan_context *context, const gan_tensor *picture)
{
    const int64_t height = gan_tensor_size(picture, 1), width = gan_tensor_size(picture, 2);
    gan_tensor *pair;
    check(gan_tensor_create(&pair, context, GAN_FLOAT32, (const int64_t[]){1, height, 2 * width, 3}, 4));
    const float *from = gan_tensor_data_const(picture);
    float *to = gan_tensor_data(pair);
    for (int64_t y = 0; y < height; y++, to += 2 * width * 3) {
        for (int64_t i = 0; i < width * 3; i++)
            to[i] = sobel(picture, y, i / 3, i % 3);
        memcpy(to + width * 3, from + y * width * 3, (size_t)(width * 3) * sizeof *to);
    }
    return pair;
}

static void make(gan_context *context, const char *photos, const char *folder, int64_t size)
{
    struct files files = list_files(photos);
    for (int i = 0; i < files.count; i++) {
        char path[PATH_SIZE];
        gan_tensor *photo = scale(load(context, &files, i), size), *pair = make_pair(context, photo);
        snprintf(path, sizeof path, "%s/%03d.png", folder, i);
        check(gan_image_save(pair, NULL, path, 0));
        gan_tensor_free(photo);
        gan_tensor_free(pair);
    }
    printf("%d pairs\n", files.count);
    free_files(&files);
}

/* ---- Scores ---- */

/* The middle square of one half (0: edges, 1: photograph) of a pair. */
static gan_tensor *middle(const gan_tensor *pair, int half, int64_t size)
{
    const int64_t height = gan_tensor_size(pair, 1), width = gan_tensor_size(pair, 2) / 2;
    gan_tensor *square;
    check(gan_image_crop(&square, pair, (height - size) / 2, half * width + (width - size) / 2, size, size));
    return square;
}

static gan_tensor *new_picture(gan_context *context, int64_t size)
{
    gan_tensor *picture;
    check(gan_tensor_create(&picture, context, GAN_FLOAT32, (const int64_t[]){1, size, size, 3}, 4));
    return picture;
}

static gan_tensor *mean_picture(gan_context *context, const struct files *files, int64_t size)
{
    gan_tensor *mean = new_picture(context, size);
    float *sum = gan_tensor_data(mean);
    for (int i = 0; i < files->count; i++) {
        gan_tensor *pair = load(context, files, i), *photo = middle(pair, 1, size);
        const float *pixels = gan_tensor_data_const(photo);
        for (int64_t k = 0; k < size * size * 3; k++)
            sum[k] += pixels[k] / (float)files->count;
        gan_tensor_free(pair);
        gan_tensor_free(photo);
    }
    return mean;
}

static gan_tensor *mean_colour(gan_context *context, const gan_tensor *picture)
{
    const int64_t size = gan_tensor_size(picture, 1);
    gan_tensor *flat = new_picture(context, size);
    const float *pixels = gan_tensor_data_const(picture);
    float *to = gan_tensor_data(flat);
    double sums[3] = {0, 0, 0};
    for (int64_t i = 0; i < size * size * 3; i++)
        sums[i % 3] += (double)pixels[i];
    for (int64_t i = 0; i < size * size * 3; i++)
        to[i] = (float)(sums[i % 3] / (double)(size * size));
    return flat;
}

static double difference(const gan_tensor *a, const gan_tensor *b)
{
    const float *x = gan_tensor_data_const(a), *y = gan_tensor_data_const(b);
    double sum = 0;
    for (int64_t i = 0; i < gan_tensor_count(a); i++)
        sum += fabs((double)(x[i] - y[i]));
    return sum / (double)gan_tensor_count(a);
}

static void save_sheet(gan_tensor **shown, int count)
{
    gan_tensor *sheet;
    check(gan_image_grid(&sheet, (const gan_tensor *const *)shown, count, 6, 2));
    check(gan_image_save(sheet, NULL, "sheet.png", 0));
    gan_tensor_free(sheet);
}

struct scores {
    double generated, mean, colour;
};

/* Edges, result and photograph of the first pairs are kept in `shown`. */
static struct scores score_held_out(gan_context *context, gan_model *generator, const struct files *held,
                                    const gan_tensor *mean, gan_tensor *shown[3 * SHOWN])
{
    const int64_t size = gan_tensor_size(mean, 1);
    struct scores scores = {0, 0, 0};
    gan_tensor *colour = mean_colour(context, mean);
    for (int i = 0; i < held->count; i++) {
        gan_tensor *pair = load(context, held, i),
                   *parts[3] = {middle(pair, 0, size), NULL, middle(pair, 1, size)};
        check(gan_model_stylize(generator, parts[0], &parts[1]));
        scores.generated += difference(parts[1], parts[2]) / held->count;
        scores.mean += difference(mean, parts[2]) / held->count;
        scores.colour += difference(colour, parts[2]) / held->count;
        for (int k = 0; k < 3; k++)
            if (i < SHOWN)
                shown[3 * i + k] = parts[k];
            else
                gan_tensor_free(parts[k]);
        gan_tensor_free(pair);
    }
    gan_tensor_free(colour);
    return scores;
}

static void score(gan_context *context, char **paths, int64_t size, int sheet)
{
    struct files held = list_files(paths[1]), learned = list_files(paths[2]);
    gan_model *generator;
    gan_tensor *shown[3 * SHOWN] = {NULL}, *mean = mean_picture(context, &learned, size);
    check(gan_model_load(&generator, context, paths[0]));
    const struct scores scores = score_held_out(context, generator, &held, mean, shown);
    printf("mean absolute difference over %d pictures: generator %.4f, mean picture %.4f, mean colour %.4f\n",
           held.count, scores.generated, scores.mean, scores.colour);
    if (sheet != 0)
        save_sheet(shown, 3 * (held.count < SHOWN ? held.count : SHOWN));
    for (int i = 0; i < 3 * SHOWN; i++)
        gan_tensor_free(shown[i]);
    gan_tensor_free(mean);
    gan_model_free(generator);
    free_files(&held);
    free_files(&learned);
}

int main(int argc, char **argv)
{
    gan_context *context;
    check(gan_context_create(&context, NULL));
    if (argc >= 4 && strcmp(argv[1], "make") == 0)
        make(context, argv[2], argv[3], bench_option(argc, argv, "--size", 144));
    else if (argc >= 5 && strcmp(argv[1], "score") == 0)
        score(context, argv + 2, bench_option(argc, argv, "--size", 128),
              bench_option(argc, argv, "--sheet", 0));
    else
        fprintf(stderr, "usage: edge_pairs make PHOTOS FOLDER | score GENERATOR HELD_OUT LEARNED\n");
    gan_context_free(context);
    return EXIT_SUCCESS;
}
