/* A classifier of small grey pictures, trained and tested on files of the MNIST family (IDX, gzip or plain).
 *
 *     cc classifier.c $(pkg-config --cflags --libs gan) -o classifier
 *     ./classifier TRAIN_PICTURES TRAIN_LABELS TEST_PICTURES TEST_LABELS [STEPS [MODEL]]
 *
 * The model's output "features" is what `gan eval fid -f MODEL -o features` can compare pictures by. */
#include "labelled_pictures.h"

enum { SEED = 1, DEFAULT_STEPS = 8000 };

static int32_t count_classes(const struct labelled_pictures *pictures)
{
    int most = 0;
    for (int64_t i = 0; i < picture_count(pictures); i++)
        if (label_of(pictures, i) > most)
            most = label_of(pictures, i);
    return most + 1;
}

static gan_model *make_classifier(gan_context *context, const struct labelled_pictures *pictures)
{
    gan_model *classifier =
        build_classifier(context, gan_tensor_size(pictures->pixels, 1), count_classes(pictures));
    check(gan_model_initialize(classifier, SEED));
    check(gan_model_set_metadata(classifier, "architecture", "classifier"));
    check(gan_model_set_metadata(classifier, "input_range", "0..1"));
    return classifier;
}

int main(int argc, char **argv)
{
    gan_context *context;
    if (argc < 5) {
        fprintf(stderr,
                "usage: classifier TRAIN_PICTURES TRAIN_LABELS TEST_PICTURES TEST_LABELS [STEPS [MODEL]]\n");
        return 2;
    }
    check(gan_context_create(&context, NULL));
    struct labelled_pictures lessons = load_pictures(context, argv[1], argv[2]);
    struct labelled_pictures test = load_pictures(context, argv[3], argv[4]);
    gan_model *classifier = make_classifier(context, &lessons);
    train_classifier(context, classifier, &lessons, argc > 5 ? atoi(argv[5]) : DEFAULT_STEPS, SEED);
    printf("accuracy %.4f on %lld pictures\n", accuracy(context, classifier, &test),
           (long long)picture_count(&test));
    check(gan_model_save(classifier, argc > 6 ? argv[6] : "classifier.safetensors", GAN_STORE_FLOAT32));
    gan_model_free(classifier);
    free_pictures(&lessons);
    free_pictures(&test);
    gan_context_free(context);
    return EXIT_SUCCESS;
}
