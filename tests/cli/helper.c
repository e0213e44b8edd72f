/* helper make FOLDER | teachers FOLDER | compare A B TOLERANCE | crop PICTURE OUT LEFT TOP WIDTH HEIGHT |
 * size PICTURE */
#include "helper.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void check(gan_status status, const char *what)
{
    if (status == GAN_OK)
        return;
    fprintf(stderr, "helper: %s: %s\n", what, gan_error_message());
    exit(1);
}

static gan_tensor *new_picture(gan_context *context, int64_t height, int64_t width, int64_t channels)
{
    gan_tensor *picture = NULL;
    const int64_t shape[] = {1, height, width, channels};
    check(gan_tensor_create(&picture, context, GAN_FLOAT32, shape, 4), "picture");
    return picture;
}

/* Smooth colours, so that scaling and painting leave them recognisable. */
static gan_tensor *make_picture(gan_context *context, int64_t height, int64_t width)
{
    gan_tensor *picture = new_picture(context, height, width, 3);
    float *values = gan_tensor_data(picture);
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++)
            for (int64_t c = 0; c < 3; c++)
                *values++ = 0.5f + 0.5f * sinf(0.07f * (float)(x * (c + 1)) + 0.05f * (float)(y * (3 - c)));
    return picture;
}

static gan_tensor *make_alpha(gan_context *context, int64_t height, int64_t width)
{
    gan_tensor *alpha = new_picture(context, height, width, 1);
    float *values = gan_tensor_data(alpha);
    for (int64_t i = 0; i < height * width; i++)
        values[i] = (float)(i % width) / (float)width;
    return alpha;
}

static void save(const gan_tensor *picture, const gan_tensor *alpha, const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    check(gan_image_save(picture, alpha, path, 0), path);
}

static void make_pictures(gan_context *context, const char *folder)
{
    static const struct {
        const char *name;
        int64_t width, height;
    } pictures[] = {
        {"photo.png", 61, 47}, {"photo.jpg", 64, 48}, {"photo.bmp", 33, 35},
        {"photo.tga", 20, 30}, {"tiny.png", 1, 1},    {"thin.png", 40000, 3},
    };
    for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++) {
        gan_tensor *picture = make_picture(context, pictures[i].height, pictures[i].width);
        save(picture, NULL, folder, pictures[i].name);
        gan_tensor_free(picture);
    }
    gan_tensor *picture = make_picture(context, 31, 45), *alpha = make_alpha(context, 31, 45);
    save(picture, alpha, folder, "alpha.png");
    gan_tensor_free(picture);
    gan_tensor_free(alpha);
}

/* Black on the left of column 30, white on the right. */
static void make_mask(gan_context *context, const char *folder)
{
    gan_tensor *mask = new_picture(context, 47, 61, 3);
    float *values = gan_tensor_data(mask);
    for (int64_t i = 0; i < 47 * 61 * 3; i++)
        values[i] = i / 3 % 61 < 30 ? 0.0f : 1.0f;
    save(mask, NULL, folder, "mask.png");
    gan_tensor_free(mask);
}

static void make_plain(gan_context *context, const char *folder, const char *name, float value)
{
    gan_tensor *mask = new_picture(context, 8, 8, 3);
    float *values = gan_tensor_data(mask);
    for (int64_t i = 0; i < gan_tensor_count(mask); i++)
        values[i] = value;
    save(mask, NULL, folder, name);
    gan_tensor_free(mask);
}

static double largest_difference(const gan_tensor *a, const gan_tensor *b)
{
    if ((a == NULL) != (b == NULL))
        return INFINITY;
    if (a == NULL)
        return 0;
    for (int32_t axis = 0; axis < 4; axis++)
        if (gan_tensor_size(a, axis) != gan_tensor_size(b, axis))
            return INFINITY;
    const float *first = gan_tensor_data_const(a), *second = gan_tensor_data_const(b);
    double most = 0;
    for (int64_t i = 0; i < gan_tensor_count(a); i++)
        most = fmax(most, fabs((double)(first[i] - second[i])));
    return 255 * most;
}

static int compare(gan_context *context, char **argv)
{
    gan_tensor *pictures[2], *alphas[2];
    for (int i = 0; i < 2; i++)
        check(gan_image_load(&pictures[i], &alphas[i], context, argv[2 + i]), argv[2 + i]);
    const double color = largest_difference(pictures[0], pictures[1]);
    const double alpha = largest_difference(alphas[0], alphas[1]);
    for (int i = 0; i < 2; i++) {
        gan_tensor_free(pictures[i]);
        gan_tensor_free(alphas[i]);
    }
    const double tolerance = strtod(argv[4], NULL) + 1e-3;
    if (color <= tolerance && alpha <= tolerance)
        return EXIT_SUCCESS;
    printf("%s and %s differ by %g, alpha by %g\n", argv[2], argv[3], color, alpha);
    return EXIT_FAILURE;
}

/* The part of a picture at LEFT, TOP. */
static int crop(gan_context *context, char **argv)
{
    gan_tensor *picture = NULL, *part = NULL;
    check(gan_image_load(&picture, NULL, context, argv[2]), argv[2]);
    check(gan_image_crop(&part, picture, atoi(argv[5]), atoi(argv[4]), atoi(argv[7]), atoi(argv[6])), "crop");
    check(gan_image_save(part, NULL, argv[3], 0), argv[3]);
    gan_tensor_free(part);
    gan_tensor_free(picture);
    return EXIT_SUCCESS;
}

static int print_size(gan_context *context, const char *path)
{
    gan_tensor *picture = NULL;
    check(gan_image_load(&picture, NULL, context, path), path);
    printf("%lldx%lld\n", (long long)gan_tensor_size(picture, 2), (long long)gan_tensor_size(picture, 1));
    gan_tensor_free(picture);
    return EXIT_SUCCESS;
}

static int run(gan_context *context, int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "make") == 0) {
        make_models(context, argv[2]);
        make_pictures(context, argv[2]);
        make_mask(context, argv[2]);
        make_plain(context, argv[2], "white.png", 1);
        make_plain(context, argv[2], "black.png", 0);
        return EXIT_SUCCESS;
    }
    if (argc == 3 && strcmp(argv[1], "teachers") == 0) {
        make_teachers(context, argv[2]);
        return EXIT_SUCCESS;
    }
    if (argc == 5 && strcmp(argv[1], "compare") == 0)
        return compare(context, argv);
    if (argc == 8 && strcmp(argv[1], "crop") == 0)
        return crop(context, argv);
    if (argc == 3 && strcmp(argv[1], "size") == 0)
        return print_size(context, argv[2]);
    fprintf(stderr, "usage: helper make FOLDER | teachers FOLDER | compare A B TOLERANCE | "
                    "crop PICTURE OUT LEFT TOP WIDTH HEIGHT | size PICTURE\n");
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    gan_context *context = NULL;
    const gan_context_options options = {.struct_size = sizeof options, .threads = 1};
    check(gan_context_create(&context, &options), "context");
    const int code = run(context, argc, argv);
    gan_context_free(context);
    return code;
}
