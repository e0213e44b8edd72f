/* How near generated pictures are to real ones, in the features of a classifier (examples/c/classifier.c).
 *
 *     sample_scores CLASSIFIER REAL_PICTURES (GENERATOR | PICTURES) [--count N] [--seed S]
 *
 * Pictures are IDX files, compared as bytes whoever made them. Prints the Frechet and the kernel distance
 * with its deviation, the smallest and largest part that one class has, and, of generators that take labels,
 * how many samples the classifier takes for what was asked. */
#include "../examples/c/labelled_pictures.h"
#include "measure.h"

#include <stdbool.h>

enum { COUNT = 10000, MOST_CLASSES = 256 };

/* A file of the MNIST family, without labels; no more than `count` of its pictures. */
static struct labelled_pictures read_pictures(gan_context *context, const char *path, int64_t count)
{
    gan_tensor *all;
    check(gan_idx_load(&all, context, path));
    const int64_t there = gan_tensor_size(all, 0), size = gan_tensor_size(all, 1);
    struct labelled_pictures pictures = new_pictures(context, there < count ? there : count, size);
    memcpy(gan_tensor_data(pictures.pixels), gan_tensor_data_const(all),
           (size_t)gan_tensor_count(pictures.pixels));
    gan_tensor_free(all);
    return pictures;
}

static bool is_generator(const char *path)
{
    const char *ending = strrchr(path, '.');
    return ending != NULL && strcmp(ending, ".safetensors") == 0;
}

/* ---- Scores ---- */

static gan_tensor *features_of(gan_context *context, gan_model *classifier,
                               const struct labelled_pictures *pictures)
{
    const int64_t size = gan_tensor_size(pictures->pixels, 1), count = picture_count(pictures);
    gan_features *features;
    gan_tensor *batch, *vectors;
    check(gan_features_create(&features, classifier, "features"));
    for (int64_t first = 0; first < count; first += JUDGING_BATCH) {
        const int64_t here = count - first < JUDGING_BATCH ? count - first : JUDGING_BATCH;
        check(gan_tensor_create(&batch, context, GAN_FLOAT32, (const int64_t[]){here, size, size, 1}, 4));
        for (int64_t i = 0; i < here; i++)
            copy_picture((float *)gan_tensor_data(batch) + i * size * size, pictures, first + i);
        check(gan_features_add(features, batch));
        gan_tensor_free(batch);
    }
    check(gan_features_get(features, &vectors));
    gan_features_free(features);
    return vectors;
}

static void print_distances(gan_context *context, gan_model *classifier, const struct labelled_pictures *real,
                            const struct labelled_pictures *made)
{
    gan_tensor *a = features_of(context, classifier, real), *b = features_of(context, classifier, made);
    gan_kernel_distance_result kernel = {.struct_size = sizeof kernel};
    double frechet;
    check(gan_frechet_distance(a, b, &frechet));
    const gan_kernel_distance_options options = {.struct_size = sizeof options, .subsets = 25};
    check(gan_kernel_distance(a, b, &options, &kernel));
    printf("fid %.4f  kid %.5f (deviation %.5f)", frechet, kernel.mean, kernel.deviation);
    gan_tensor_free(a);
    gan_tensor_free(b);
}

static void print_classes(gan_context *context, gan_model *classifier, const struct labelled_pictures *made,
                          bool asked)
{
    const int64_t count = picture_count(made);
    int64_t found[MOST_CLASSES] = {0}, shape[2], least = count, most = 0, right = 0;
    int *answers = calloc((size_t)count, sizeof *answers);
    if (answers == NULL)
        check(GAN_ERROR_OUT_OF_MEMORY);
    classify(context, classifier, made, answers);
    gan_model_output_shape(classifier, 1, shape);
    for (int64_t i = 0; i < count; i++) {
        found[answers[i]]++;
        right += answers[i] == label_of(made, i);
    }
    for (int64_t i = 0; i < shape[1]; i++) {
        least = found[i] < least ? found[i] : least;
        most = found[i] > most ? found[i] : most;
    }
    printf("  classes %.1f to %.1f %%", 100 * (double)least / (double)count,
           100 * (double)most / (double)count);
    if (asked)
        printf("  as asked %.1f %%", 100 * (double)right / (double)count);
    printf("\n");
    free(answers);
}

static void score(gan_context *context, const char *const *paths, int64_t count, uint64_t seed)
{
    gan_model *classifier, *generator = NULL;
    check(gan_model_load(&classifier, context, paths[0]));
    struct labelled_pictures real = read_pictures(context, paths[1], COUNT), made;
    const char *classes = NULL;
    if (is_generator(paths[2])) {
        check(gan_model_load(&generator, context, paths[2]));
        classes = gan_model_metadata(generator, "classes");
        made = draw_samples(context, generator, count, seed, classes != NULL ? atoi(classes) : 1);
    } else {
        made = read_pictures(context, paths[2], count);
    }
    printf("%-24s %lld pictures  ", paths[2], (long long)picture_count(&made));
    print_distances(context, classifier, &real, &made);
    print_classes(context, classifier, &made, classes != NULL);
    free_pictures(&real);
    free_pictures(&made);
    gan_model_free(generator);
    gan_model_free(classifier);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(
            stderr,
            "usage: sample_scores CLASSIFIER REAL_PICTURES (GENERATOR | PICTURES) [--count N] [--seed S]\n");
        return 2;
    }
    gan_context *context;
    check(gan_context_create(&context, NULL));
    score(context, (const char *const *)argv + 1, bench_option(argc, argv, "--count", COUNT),
          (uint64_t)bench_option(argc, argv, "--seed", 1));
    gan_context_free(context);
    return EXIT_SUCCESS;
}
