/* Grey pictures with labels, as in the files of the MNIST family, and a small classifier of them: what some
 * examples share. */
#ifndef EXAMPLE_LABELLED_PICTURES_H
#define EXAMPLE_LABELLED_PICTURES_H

#include "check.h"

#include <math.h>
#include <string.h>

/* Both of GAN_UINT8: [N, size, size], and a whole number from 0 for each. */
struct labelled_pictures {
    gan_tensor *pixels, *labels;
};

enum { TRAINING_BATCH = 64, JUDGING_BATCH = 100, FEATURES = 128 };

static inline struct labelled_pictures new_pictures(gan_context *context, int64_t count, int64_t size)
{
    struct labelled_pictures pictures;
    check(gan_tensor_create(&pictures.pixels, context, GAN_UINT8, (const int64_t[]){count, size, size}, 3));
    check(gan_tensor_create(&pictures.labels, context, GAN_UINT8, &count, 1));
    return pictures;
}

static inline struct labelled_pictures load_pictures(gan_context *context, const char *pixels,
                                                     const char *labels)
{
    struct labelled_pictures pictures;
    check(gan_idx_load(&pictures.pixels, context, pixels));
    check(gan_idx_load(&pictures.labels, context, labels));
    if (gan_tensor_rank(pictures.pixels) == 3 && gan_tensor_type(pictures.pixels) == GAN_UINT8 &&
        gan_tensor_type(pictures.labels) == GAN_UINT8 &&
        gan_tensor_count(pictures.labels) == gan_tensor_size(pictures.pixels, 0))
        return pictures;
    fprintf(stderr, "%s and %s: expected as many labels as grey pictures\n", pixels, labels);
    exit(EXIT_FAILURE);
}

static inline void free_pictures(struct labelled_pictures *pictures)
{
    gan_tensor_free(pictures->pixels);
    gan_tensor_free(pictures->labels);
}

static inline int64_t picture_count(const struct labelled_pictures *pictures)
{
    return gan_tensor_size(pictures->pixels, 0);
}

static inline int label_of(const struct labelled_pictures *pictures, int64_t index)
{
    return ((const unsigned char *)gan_tensor_data_const(pictures->labels))[index];
}

/* Picture `index` as numbers from 0 to 1. */
static inline void copy_picture(float *to, const struct labelled_pictures *pictures, int64_t index)
{
    const int64_t pixels = gan_tensor_count(pictures->pixels) / picture_count(pictures);
    const unsigned char *from = gan_tensor_data_const(pictures->pixels);
    for (int64_t i = 0; i < pixels; i++)
        to[i] = (float)from[index * pixels + i] / 255;
}

/* ---- The classifier ---- */

static inline gan_layer *convolve(gan_layer *x, int32_t filters)
{
    const gan_conv2d_options options = {
        .struct_size = sizeof options, .filters = filters, .kernel = {3}, .padding = GAN_PAD_SAME};
    return gan_max_pool(gan_relu(gan_conv2d(x, &options)), NULL);
}

/* Pictures [N, size, size, 1] in 0..1 to "features" [N, 128] and "logits" [N, classes]: one question for each
 * class, whether the picture is of it. */
static inline gan_model *build_classifier(gan_context *context, int64_t size, int32_t classes)
{
    const gan_dense_options wide = {.struct_size = sizeof wide, .name = "wide", .units = FEATURES};
    const gan_dense_options last = {.struct_size = sizeof last, .name = "logits", .units = classes};
    gan_graph *graph;
    gan_model *model;
    check(gan_graph_create(&graph, context));
    gan_layer *picture = gan_input(graph, "picture", (const int64_t[]){-1, size, size, 1}, 4);
    gan_layer *x = gan_flatten(convolve(convolve(picture, 32), 64));
    gan_layer *features = gan_relu(gan_dense(x, &wide));
    gan_layer *outputs[2] = {features, gan_dense(gan_dropout(features, 0.3f), &last)};
    gan_layer_set_name(features, "features");
    check(gan_model_create(&model, "classifier", &picture, 1, outputs, 2));
    gan_graph_free(graph); /* the model holds it */
    return model;
}

static inline gan_objective *aim_classifier(gan_context *context, gan_model *classifier, int64_t steps)
{
    const gan_adam_options rates = {.struct_size = sizeof rates, .learning_rate = 0.001f};
    const gan_schedule_options fall = {
        .struct_size = sizeof fall, .kind = GAN_SCHEDULE_COSINE, .total = steps};
    int64_t picture[4], answer[2];
    gan_graph *graph;
    gan_layer *outputs[2];
    gan_optimizer *optimizer;
    gan_objective *objective;
    gan_model_input_shape(classifier, 0, picture);
    gan_model_output_shape(classifier, 1, answer);
    check(gan_graph_create(&graph, context));
    gan_layer *inputs[2] = {gan_input(graph, "picture", picture, 4), gan_input(graph, "answer", answer, 2)};
    check(gan_apply_many(classifier, inputs, 1, outputs, 2, NULL));
    gan_layer *loss = gan_binary_cross_entropy_with_logits(outputs[1], inputs[1]);
    check(gan_adam_create(&optimizer, context, &rates));
    check(gan_optimizer_set_schedule(optimizer, &fall));
    check(gan_objective_create(&objective, loss, inputs, 2, &classifier, 1, optimizer, NULL));
    gan_optimizer_free(optimizer); /* the objective holds both */
    gan_graph_free(graph);
    return objective;
}

/* Pictures drawn at random, the same for the same seed, and for each a row that is 1 at its class. */
static inline void draw_lesson(gan_tensor *inputs[2], gan_tensor *random,
                               const struct labelled_pictures *pictures, uint64_t seed)
{
    const int64_t batch = gan_tensor_size(inputs[0], 0), classes = gan_tensor_size(inputs[1], 1);
    const int64_t pixels = gan_tensor_count(inputs[0]) / batch;
    float *picture = gan_tensor_data(inputs[0]), *answer = gan_tensor_data(inputs[1]);
    const float *numbers = gan_tensor_data_const(random);
    check(gan_tensor_fill_uniform(random, seed, 0, 1));
    memset(answer, 0, (size_t)(batch * classes) * sizeof *answer);
    for (int64_t i = 0; i < batch; i++) {
        const int64_t index = (int64_t)((double)numbers[i] * (double)(picture_count(pictures) - 1) + 0.5);
        copy_picture(picture + i * pixels, pictures, index);
        answer[i * classes + label_of(pictures, index)] = 1;
    }
}

/* Every label is below the classifier's number of classes. */
static inline void train_classifier(gan_context *context, gan_model *classifier,
                                    const struct labelled_pictures *pictures, int64_t steps, uint64_t seed)
{
    int64_t shape[4], answer[2];
    const int64_t batch = TRAINING_BATCH;
    gan_objective *objective = aim_classifier(context, classifier, steps);
    gan_tensor *inputs[2], *random;
    float loss = 0;
    gan_model_input_shape(classifier, 0, shape);
    gan_model_output_shape(classifier, 1, answer);
    shape[0] = answer[0] = batch;
    check(gan_tensor_create(&inputs[0], context, GAN_FLOAT32, shape, 4));
    check(gan_tensor_create(&inputs[1], context, GAN_FLOAT32, answer, 2));
    check(gan_tensor_create(&random, context, GAN_FLOAT32, &batch, 1));
    for (int64_t step = 1; step <= steps; step++) {
        draw_lesson(inputs, random, pictures, seed * 1000000 + (uint64_t)step);
        check(gan_objective_step(objective, (const gan_tensor *const *)inputs, 2, &loss));
        if (step % 500 == 0 || step == steps)
            printf("step %lld: loss %.4f\n", (long long)step, (double)loss);
    }
    gan_objective_free(objective);
    gan_tensor_free(inputs[0]);
    gan_tensor_free(inputs[1]);
    gan_tensor_free(random);
}

static inline int largest(const float *values, int64_t count)
{
    int index = 0;
    for (int i = 1; i < count; i++)
        if (values[i] > values[index])
            index = i;
    return index;
}

/* What the classifier takes each picture for; `answers` has room for as many. */
static inline void classify(gan_context *context, gan_model *classifier,
                            const struct labelled_pictures *pictures, int *answers)
{
    const int64_t count = picture_count(pictures), size = gan_tensor_size(pictures->pixels, 1);
    int64_t shape[2];
    gan_session *session;
    gan_tensor *batch, *logits;
    check(gan_session_create_2d(&session, classifier, JUDGING_BATCH, size, size, NULL));
    gan_session_output_shape(session, 1, shape);
    check(
        gan_tensor_create(&batch, context, GAN_FLOAT32, (const int64_t[]){JUDGING_BATCH, size, size, 1}, 4));
    check(gan_tensor_create(&logits, context, GAN_FLOAT32, shape, 2));
    for (int64_t first = 0; first < count; first += JUDGING_BATCH) {
        const int64_t here = count - first < JUDGING_BATCH ? count - first : JUDGING_BATCH;
        for (int64_t i = 0; i < here; i++)
            copy_picture((float *)gan_tensor_data(batch) + i * size * size, pictures, first + i);
        check(gan_session_run(session, (const gan_tensor *const *)&batch, 1,
                              (gan_tensor *const[]){NULL, logits}, 2));
        for (int64_t i = 0; i < here; i++)
            answers[first + i] = largest((const float *)gan_tensor_data(logits) + i * shape[1], shape[1]);
    }
    gan_session_free(session);
    gan_tensor_free(batch);
    gan_tensor_free(logits);
}

/* The part of the pictures that the classifier takes for what they are. */
static inline double accuracy(gan_context *context, gan_model *classifier,
                              const struct labelled_pictures *pictures)
{
    const int64_t count = picture_count(pictures);
    int *answers = malloc((size_t)count * sizeof *answers);
    int64_t right = 0;
    if (answers == NULL)
        check(GAN_ERROR_OUT_OF_MEMORY);
    classify(context, classifier, pictures, answers);
    for (int64_t i = 0; i < count; i++)
        right += answers[i] == label_of(pictures, i);
    free(answers);
    return (double)right / (double)count;
}

/* ---- What a generator draws ---- */

static inline void keep_as_bytes(unsigned char *to, const gan_tensor *drawn)
{
    const float *values = gan_tensor_data_const(drawn);
    for (int64_t i = 0; i < gan_tensor_count(drawn); i++)
        to[i] = (unsigned char)lrintf(fminf(fmaxf((values[i] + 1) * 127.5f, 0), 255));
}

/* Labels that run through the classes. */
static inline void ask(gan_tensor *labels, unsigned char *asked, int64_t first, int classes)
{
    float *label = gan_tensor_data(labels);
    for (int64_t i = 0; i < JUDGING_BATCH; i++) {
        asked[i] = (unsigned char)((first + i) % classes);
        label[i] = asked[i];
    }
}

/* At least `count` pictures, in whole batches, of a DCGAN of grey pictures that knows so many classes (1:
 * none). */
static inline struct labelled_pictures draw_samples(gan_context *context, gan_model *generator, int64_t count,
                                                    uint64_t seed, int classes)
{
    const int64_t all = (count + JUDGING_BATCH - 1) / JUDGING_BATCH * JUDGING_BATCH;
    const int inputs = gan_model_input_count(generator);
    int64_t noise[2], shape[4];
    gan_session *session;
    gan_tensor *given[2], *drawn;
    gan_model_input_shape(generator, 0, noise);
    const int64_t sizes[3] = {JUDGING_BATCH, noise[1], JUDGING_BATCH};
    check(gan_session_create(&session, generator, sizes, NULL));
    gan_session_output_shape(session, 0, shape);
    check(gan_tensor_create(&given[0], context, GAN_FLOAT32, sizes, 2));
    check(gan_tensor_create(&given[1], context, GAN_FLOAT32, sizes, 1));
    check(gan_tensor_create(&drawn, context, GAN_FLOAT32, shape, 4));
    struct labelled_pictures pictures = new_pictures(context, all, shape[1]);
    unsigned char *pixels = gan_tensor_data(pictures.pixels), *labels = gan_tensor_data(pictures.labels);
    for (int64_t first = 0; first < all; first += JUDGING_BATCH) {
        check(gan_tensor_fill_normal(given[0], seed * 1000003 + (uint64_t)first, 0, 1));
        ask(given[1], labels + first, first, classes);
        check(gan_session_run(session, (const gan_tensor *const *)given, inputs, &drawn, 1));
        keep_as_bytes(pixels + first * shape[1] * shape[2], drawn);
    }
    gan_session_free(session);
    gan_tensor_free(given[0]);
    gan_tensor_free(given[1]);
    gan_tensor_free(drawn);
    return pictures;
}

#endif
