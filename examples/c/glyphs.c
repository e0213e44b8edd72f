/* Pictures for text recognition that need not leave home: a class-conditional GAN learns a hand from its
 * pages, and what it draws comes with labels, from which a classifier elsewhere learns to read that hand.
 *
 *     cc glyphs.c $(pkg-config --cflags --libs gan) -lm -o glyphs
 *     ./glyphs [FOLDER [GAN_STEPS [CLASSIFIER_STEPS [PER_CLASS [SEED]]]]]
 *
 * The classifier has lessons by a careful hand; the test is by a hasty one, which leans, is more crooked and
 * takes finer pens. The GAN alone sees PER_CLASS of each letter by the hasty hand. For comparison, a
 * classifier that could see them too is tested last. FOLDER takes them, the generator, and a sheet: careful,
 * hasty, of the GAN, two rows each. */
#include "labelled_pictures.h"

enum {
    SIZE = 28,
    GLYPHS = 10,
    MOST_STROKES = 4,
    LESSONS = 500,
    TESTS = 2000,
    SAMPLES = 2000,
    NAME_SIZE = 4096
};

/* Strokes from (x, y) to (x, y) in a square from 0 to 1. Letters that are easily taken for one another. */
static const struct {
    char letter;
    int strokes;
    float ends[MOST_STROKES][4];
} glyphs[GLYPHS] = {
    {'A', 3, {{0, 1, 0.5f, 0}, {0.5f, 0, 1, 1}, {0.2f, 0.6f, 0.8f, 0.6f}}},
    {'E', 4, {{0, 0, 0, 1}, {0, 0, 1, 0}, {0, 0.5f, 0.8f, 0.5f}, {0, 1, 1, 1}}},
    {'F', 3, {{0, 0, 0, 1}, {0, 0, 1, 0}, {0, 0.5f, 0.8f, 0.5f}}},
    {'H', 3, {{0, 0, 0, 1}, {1, 0, 1, 1}, {0, 0.5f, 1, 0.5f}}},
    {'K', 3, {{0, 0, 0, 1}, {0, 0.5f, 1, 0}, {0.2f, 0.45f, 1, 1}}},
    {'M', 4, {{0, 1, 0, 0}, {0, 0, 0.5f, 0.5f}, {0.5f, 0.5f, 1, 0}, {1, 0, 1, 1}}},
    {'N', 3, {{0, 1, 0, 0}, {0, 0, 1, 1}, {1, 1, 1, 0}}},
    {'X', 2, {{0, 0, 1, 1}, {1, 0, 0, 1}}},
    {'Y', 3, {{0, 0, 0.5f, 0.5f}, {1, 0, 0.5f, 0.5f}, {0.5f, 0.5f, 0.5f, 1}}},
    {'Z', 3, {{0, 0, 1, 0}, {1, 0, 0, 1}, {0, 1, 1, 1}}},
};

/* How far a hand leans and strays, as parts of the glyph's side, its pens' radii, and how grainy its paper
 * is. */
struct hand {
    float lean, slant, crooked, thin, thick, grain;
};
static const struct hand careful = {0, 0.15f, 0.05f, 0.05f, 0.09f, 0.05f};
static const struct hand hasty = {0.8f, 0.2f, 0.08f, 0.03f, 0.06f, 0.05f};

struct plan {
    const char *folder;
    int64_t gan_steps, classifier_steps, per_class;
    uint64_t seed;
};

/* ---- Drawing ---- */

/* Numbers from -1 to 1, from what gan_tensor_fill_uniform gives. */
struct chance {
    const float *next;
};

static float draw_number(struct chance *chance)
{
    return *chance->next++;
}

static float distance_to(const float ends[4], float x, float y)
{
    const float dx = ends[2] - ends[0], dy = ends[3] - ends[1];
    const float along = ((x - ends[0]) * dx + (y - ends[1]) * dy) / (dx * dx + dy * dy + 1e-6f);
    const float at = fminf(fmaxf(along, 0), 1);
    return hypotf(x - ends[0] - at * dx, y - ends[1] - at * dy);
}

/* The strokes as this hand sets them: each end a little beside its place, all of them slanted and in a box of
 * chance size and place. Returns the pen's radius. */
static float set_strokes(float strokes[MOST_STROKES][4], int glyph, const struct hand *hand,
                         struct chance *chance)
{
    const float slant = hand->lean + hand->slant * draw_number(chance);
    const float width = 0.5f + 0.1f * draw_number(chance), height = 0.6f + 0.08f * draw_number(chance);
    const float left = (1 - width) / 2 + 0.06f * draw_number(chance);
    const float top = (1 - height) / 2 + 0.06f * draw_number(chance);
    for (int i = 0; i < glyphs[glyph].strokes; i++)
        for (int end = 0; end < 4; end += 2) {
            const float x = glyphs[glyph].ends[i][end] + hand->crooked * draw_number(chance);
            const float y = glyphs[glyph].ends[i][end + 1] + hand->crooked * draw_number(chance);
            strokes[i][end] = left + width * (x + slant * (0.5f - y));
            strokes[i][end + 1] = top + height * y;
        }
    return hand->thin + (hand->thick - hand->thin) * (0.5f + 0.5f * draw_number(chance));
}

enum { CHANCES = 6 + 4 * MOST_STROKES + SIZE * SIZE };

static void draw_glyph(unsigned char *pixels, int glyph, const struct hand *hand, const float *numbers)
{
    struct chance chance = {numbers};
    float strokes[MOST_STROKES][4];
    const float radius = set_strokes(strokes, glyph, hand, &chance);
    for (int i = 0; i < SIZE * SIZE; i++) {
        const float x = ((float)(i % SIZE) + 0.5f) / SIZE, y = ((float)(i / SIZE) + 0.5f) / SIZE;
        float distance = 1;
        for (int stroke = 0; stroke < glyphs[glyph].strokes; stroke++)
            distance = fminf(distance, distance_to(strokes[stroke], x, y));
        const float ink = fminf(fmaxf((radius - distance) * SIZE + 0.5f, 0), 1); /* edges one pixel soft */
        const float grey = ink + hand->grain * draw_number(&chance);
        pixels[i] = (unsigned char)lrintf(255 * fminf(fmaxf(grey, 0), 1));
    }
}

static struct labelled_pictures draw_glyphs(gan_context *context, int64_t count, const struct hand *hand,
                                            uint64_t seed)
{
    const int64_t chances = CHANCES;
    struct labelled_pictures pictures = new_pictures(context, count, SIZE);
    unsigned char *pixels = gan_tensor_data(pictures.pixels), *labels = gan_tensor_data(pictures.labels);
    gan_tensor *numbers;
    check(gan_tensor_create(&numbers, context, GAN_FLOAT32, &chances, 1));
    for (int64_t i = 0; i < count; i++) {
        labels[i] = (unsigned char)(i % GLYPHS);
        check(gan_tensor_fill_uniform(numbers, seed * 1000003 + (uint64_t)i, -1, 1));
        draw_glyph(pixels + i * SIZE * SIZE, labels[i], hand, gan_tensor_data_const(numbers));
    }
    gan_tensor_free(numbers);
    return pictures;
}

/* ---- The GAN ---- */

/* An IDX file: two zeros, the type (8: bytes), the rank, each size as four bytes, and the elements. */
static void write_idx(const gan_tensor *tensor, const char *path)
{
    const int32_t rank = gan_tensor_rank(tensor);
    const unsigned char magic[4] = {0, 0, 8, (unsigned char)rank};
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(magic, 1, sizeof magic, file) != sizeof magic) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    for (int32_t axis = 0; axis < rank; axis++)
        for (int shift = 24; shift >= 0; shift -= 8)
            fputc((int)((gan_tensor_size(tensor, axis) >> shift) & 255), file);
    fwrite(gan_tensor_data_const(tensor), 1, (size_t)gan_tensor_count(tensor), file);
    if (fclose(file) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

static gan_model *train_gan(gan_context *context, const struct labelled_pictures *pages,
                            const struct plan *plan)
{
    const gan_training_options training = {
        .struct_size = sizeof training, .steps = plan->gan_steps, .seed = plan->seed};
    const gan_recipe_options recipe = {.struct_size = sizeof recipe,
                                       .preset = "small",
                                       .batch = 32,
                                       .conditional = 1,
                                       .training = &training};
    char pixels[NAME_SIZE], labels[NAME_SIZE], model[NAME_SIZE];
    gan_dataset *dataset;
    gan_model *generator;
    snprintf(pixels, sizeof pixels, "%s/glyphs.idx", plan->folder);
    snprintf(labels, sizeof labels, "%s/labels.idx", plan->folder);
    snprintf(model, sizeof model, "%s/generator.safetensors", plan->folder);
    write_idx(pages->pixels, pixels);
    write_idx(pages->labels, labels);
    check(gan_dataset_open_idx(&dataset, context, pixels, labels, NULL));
    check(gan_train_dcgan(&generator, context, dataset, &recipe));
    check(gan_model_save(generator, model, GAN_STORE_FLOAT32));
    gan_dataset_free(dataset);
    return generator;
}

/* ---- The comparison ---- */

static struct labelled_pictures join(gan_context *context, const struct labelled_pictures *a,
                                     const struct labelled_pictures *b)
{
    const int64_t first = picture_count(a), second = picture_count(b), pixels = SIZE * SIZE;
    struct labelled_pictures both = new_pictures(context, first + second, SIZE);
    unsigned char *to = gan_tensor_data(both.pixels), *labels = gan_tensor_data(both.labels);
    memcpy(to, gan_tensor_data_const(a->pixels), (size_t)(first * pixels));
    memcpy(to + first * pixels, gan_tensor_data_const(b->pixels), (size_t)(second * pixels));
    memcpy(labels, gan_tensor_data_const(a->labels), (size_t)first);
    memcpy(labels + first, gan_tensor_data_const(b->labels), (size_t)second);
    return both;
}

static double learn_and_test(gan_context *context, const struct labelled_pictures *lessons,
                             const struct labelled_pictures *test, const struct plan *plan)
{
    gan_model *classifier = build_classifier(context, SIZE, GLYPHS);
    check(gan_model_initialize(classifier, plan->seed));
    train_classifier(context, classifier, lessons, plan->classifier_steps, plan->seed);
    const double right = accuracy(context, classifier, test);
    gan_model_free(classifier);
    return right;
}

/* Two rows of each. */
static void save_sheet(gan_context *context, const struct labelled_pictures *const *rows, int count,
                       const char *folder)
{
    char path[NAME_SIZE];
    gan_tensor *batch, *sheet;
    check(gan_tensor_create(&batch, context, GAN_FLOAT32,
                            (const int64_t[]){(int64_t)count * 2 * GLYPHS, SIZE, SIZE, 1}, 4));
    float *pixels = gan_tensor_data(batch);
    for (int row = 0; row < count; row++)
        for (int i = 0; i < 2 * GLYPHS; i++, pixels += SIZE * SIZE)
            copy_picture(pixels, rows[row], i);
    check(gan_image_grid_batch(&sheet, batch, GLYPHS, 1, 0, 1));
    snprintf(path, sizeof path, "%s/glyphs.png", folder);
    check(gan_image_save(sheet, NULL, path, 0));
    gan_tensor_free(batch);
    gan_tensor_free(sheet);
}

static void compare(gan_context *context, const struct plan *plan)
{
    const uint64_t seed = 3 * plan->seed;
    struct labelled_pictures lessons = draw_glyphs(context, LESSONS, &careful, seed);
    struct labelled_pictures pages = draw_glyphs(context, plan->per_class * GLYPHS, &hasty, seed + 1);
    struct labelled_pictures test = draw_glyphs(context, TESTS, &hasty, seed + 2);
    gan_model *generator = train_gan(context, &pages, plan);
    struct labelled_pictures samples = draw_samples(context, generator, SAMPLES, plan->seed, GLYPHS);
    struct labelled_pictures with = join(context, &lessons, &samples), best = join(context, &lessons, &pages);
    save_sheet(context, (const struct labelled_pictures *const[]){&lessons, &pages, &samples}, 3,
               plan->folder);
    const double without = learn_and_test(context, &lessons, &test, plan);
    printf("accuracy with %d careful lessons: %.4f\n", LESSONS, without);
    printf("accuracy with %d glyphs of the GAN too: %.4f\n", SAMPLES,
           learn_and_test(context, &with, &test, plan));
    printf("accuracy with the GAN's %lld lessons in their place: %.4f\n", (long long)picture_count(&pages),
           learn_and_test(context, &best, &test, plan));
    struct labelled_pictures *const everything[] = {&lessons, &pages, &test, &samples, &with, &best};
    for (int i = 0; i < 6; i++)
        free_pictures(everything[i]);
    gan_model_free(generator);
}

int main(int argc, char **argv)
{
    const struct plan plan = {.folder = argc > 1 ? argv[1] : ".",
                              .gan_steps = argc > 2 ? atoi(argv[2]) : 2500,
                              .classifier_steps = argc > 3 ? atoi(argv[3]) : 300,
                              .per_class = argc > 4 ? atoi(argv[4]) : 100,
                              .seed = argc > 5 ? (uint64_t)atoi(argv[5]) : 1};
    gan_context *context;
    check(gan_context_create(&context, NULL));
    compare(context, &plan);
    gan_context_free(context);
    return EXIT_SUCCESS;
}
