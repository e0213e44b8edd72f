/* More training pictures for a detector: labelled pictures in another style, their labels unchanged.
 *
 *     cc restyle_labelled.c $(pkg-config --cflags --libs gan) -lm -o restyle_labelled
 *     ./restyle_labelled MODEL LABELS.csv FOLDER
 *
 * LABELS.csv has the columns picture,label,left,top,width,height (boxes in pixels), paths beside the file
 * itself; a copy of it and PNGs of the same names go to FOLDER. A label is right only where its object has
 * stayed: pictures must keep their size, and the outlines in every box are compared with the photograph's. */
#include "check.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { TEXT = 1024, REACH = 4, STILL = 1 }; /* shifts in pixels: looked at, allowed */

struct label {
    char picture[TEXT], name[TEXT];
    long left, top, width, height;
};

struct job {
    gan_context *context;
    gan_stylizer *stylizer;
    const char *labels, *folder;
    gan_tensor *photo, *result; /* of the picture at hand */
    char picture[TEXT];
    int restyled, boxes, moved;
};

/* ---- Where things are ---- */

/* Lightness [H, W] of a picture [1, H, W, 3]. */
static float light(const gan_tensor *picture, int64_t y, int64_t x)
{
    const float *rgb =
        (const float *)gan_tensor_data_const(picture) + (y * gan_tensor_size(picture, 2) + x) * 3;
    return 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
}

/* How steep the lightness is: high at outlines, whatever the colours. 0 at the border and beyond. */
static float steepness(const gan_tensor *picture, int64_t y, int64_t x)
{
    if (y < 1 || x < 1 || y >= gan_tensor_size(picture, 1) - 1 || x >= gan_tensor_size(picture, 2) - 1)
        return 0;
    return hypotf(light(picture, y, x + 1) - light(picture, y, x - 1),
                  light(picture, y + 1, x) - light(picture, y - 1, x));
}

/* Correlation of the outlines in a box with those of the result so many pixels lower and further right. */
static double agreement(const struct job *job, const struct label *box, int down, int right)
{
    double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    const double count = (double)box->width * (double)box->height;
    for (int64_t y = box->top; y < box->top + box->height; y++)
        for (int64_t x = box->left; x < box->left + box->width; x++) {
            const double before = (double)steepness(job->photo, y, x);
            const double after = (double)steepness(job->result, y + down, x + right);
            a += before;
            b += after;
            aa += before * before;
            bb += after * after;
            ab += before * after;
        }
    return (ab - a * b / count) / sqrt((aa - a * a / count) * (bb - b * b / count) + 1e-12);
}

/* Whether the outlines agree best where they were. */
static void look_at(struct job *job, const struct label *box)
{
    double best = -1;
    int down = 0, right = 0;
    for (int y = -REACH; y <= REACH; y++)
        for (int x = -REACH; x <= REACH; x++) {
            const double now = agreement(job, box, y, x);
            if (now > best) {
                best = now;
                down = y;
                right = x;
            }
        }
    const bool moved = abs(down) > STILL || abs(right) > STILL;
    printf("%s %s: outlines %s, by %d,%d pixels (correlation %.2f)\n", box->picture, box->name,
           moved ? "MOVED" : "stay", right, down, best);
    job->boxes++;
    job->moved += moved;
}

/* ---- Pictures ---- */

static void drop_picture(struct job *job)
{
    gan_tensor_free(job->photo);
    gan_tensor_free(job->result);
    job->photo = job->result = NULL;
}

/* The picture's name with the ending png. */
static void name_result(char *name, size_t size, const char *picture)
{
    const char *ending = strrchr(picture, '.');
    const int stem = ending != NULL ? (int)(ending - picture) : (int)strlen(picture);
    snprintf(name, size, "%.*s.png", stem, picture);
}

static void restyle(struct job *job, const char *picture)
{
    char path[2 * TEXT], name[TEXT];
    const char *slash = strrchr(job->labels, '/');
    const int folder = slash != NULL ? (int)(slash + 1 - job->labels) : 0;
    drop_picture(job);
    snprintf(job->picture, sizeof job->picture, "%s", picture);
    snprintf(path, sizeof path, "%.*s%s", folder, job->labels, picture);
    check(gan_image_load(&job->photo, NULL, job->context, path));
    check(gan_stylizer_run(job->stylizer, job->photo, &job->result));
    name_result(name, sizeof name, picture);
    snprintf(path, sizeof path, "%s/%s", job->folder, name);
    check(gan_image_save(job->result, NULL, path, 0));
    job->restyled++;
}

static void check_box(const struct job *job, const struct label *box)
{
    const int64_t height = gan_tensor_size(job->photo, 1), width = gan_tensor_size(job->photo, 2);
    if (gan_tensor_size(job->result, 1) != height || gan_tensor_size(job->result, 2) != width) {
        fprintf(stderr, "%s: the result has another size\n", box->picture);
        exit(EXIT_FAILURE);
    }
    if (box->left < 0 || box->top < 0 || box->width < 1 || box->height < 1 ||
        box->left + box->width > width || box->top + box->height > height) {
        fprintf(stderr, "%s %s: the box lies outside the picture\n", box->picture, box->name);
        exit(EXIT_FAILURE);
    }
}

/* ---- Labels ---- */

static bool parse(struct label *box, const char *line)
{
    return sscanf(line, "%1023[^,],%1023[^,],%ld,%ld,%ld,%ld", box->picture, box->name, &box->left, &box->top,
                  &box->width, &box->height) == 6;
}

static void go_through(struct job *job, FILE *labels, FILE *copy)
{
    char line[4 * TEXT], name[TEXT];
    struct label box;
    while (fgets(line, sizeof line, labels) != NULL) {
        if (!parse(&box, line)) { /* the head */
            fputs(line, copy);
            continue;
        }
        if (strcmp(box.picture, job->picture) != 0)
            restyle(job, box.picture);
        check_box(job, &box);
        look_at(job, &box);
        name_result(name, sizeof name, box.picture);
        fprintf(copy, "%s%s", name, line + strlen(box.picture));
    }
    drop_picture(job);
}

static FILE *open_file(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);
    if (file != NULL)
        return file;
    perror(path);
    exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: restyle_labelled MODEL LABELS.csv FOLDER\n");
        return 2;
    }
    struct job job = {.labels = argv[2], .folder = argv[3]};
    gan_model *model;
    char path[TEXT];
    snprintf(path, sizeof path, "%s/labels.csv", job.folder);
    FILE *labels = open_file(job.labels, "r"), *copy = open_file(path, "w");
    check(gan_context_create(&job.context, NULL));
    check(gan_model_load(&model, job.context, argv[1]));
    check(gan_stylizer_create(&job.stylizer, model, NULL));
    go_through(&job, labels, copy);
    printf("%d pictures, %d boxes, %d moved\n", job.restyled, job.boxes, job.moved);
    fclose(labels);
    if (fclose(copy) != 0)
        perror(path);
    gan_stylizer_free(job.stylizer);
    gan_model_free(model);
    gan_context_free(job.context);
    return job.moved == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
