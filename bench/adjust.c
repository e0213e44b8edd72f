/* What it takes to adjust a result after the network: milliseconds for the first picture of each kind, which
 * finds out what is kept, and for those that follow while a slider moves; then marking and finding the mark.
 *
 *     bench/adjust [--width 1920] [--height 1080] [--threads 0] [--rounds 15]
 */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_ROUNDS = 99 };

struct pictures {
    gan_tensor *photo, *result, *mask, *target;
};

static const struct {
    const char *name;
    gan_adjustment adjustment;
} kinds[] = {
    {"strength and mask", {.struct_size = sizeof(gan_adjustment)}},
    {"luma", {.struct_size = sizeof(gan_adjustment), .color = GAN_COLOR_LUMA}},
    {"covariance", {.struct_size = sizeof(gan_adjustment), .color = GAN_COLOR_COVARIANCE}},
    {"histogram", {.struct_size = sizeof(gan_adjustment), .color = GAN_COLOR_HISTOGRAM}},
    {"detail", {.struct_size = sizeof(gan_adjustment), .detail = 1}},
    {"feather 40", {.struct_size = sizeof(gan_adjustment), .feather = 40}},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static gan_tensor *random_picture(gan_context *context, int64_t height, int64_t width, int64_t channels,
                                  uint64_t seed)
{
    gan_tensor *picture;
    const int64_t shape[4] = {1, height, width, channels};
    bench_check(gan_tensor_create(&picture, context, GAN_FLOAT32, shape, 4));
    bench_check(gan_tensor_fill_uniform(picture, seed, 0, 1));
    return picture;
}

static double render(gan_adjuster *adjuster, int kind, float strength, gan_tensor *target)
{
    const double begun = bench_seconds();
    bench_check(gan_adjuster_render(adjuster, strength, &kinds[kind].adjustment, target));
    return 1e3 * (bench_seconds() - begun);
}

static void measure_kind(const struct pictures *pictures, int kind, int rounds)
{
    double times[MOST_ROUNDS];
    gan_adjuster *adjuster;
    bench_check(gan_adjuster_create(&adjuster, pictures->photo, pictures->result));
    bench_check(gan_adjuster_set_mask(adjuster, pictures->mask));
    const double first = render(adjuster, kind, 0.9f, pictures->target);
    for (int i = 0; i < rounds; i++)
        times[i] = render(adjuster, kind, 0.9f * (float)i / (float)rounds, pictures->target);
    printf("%-20s %8.1f ms first %8.1f ms then\n", kinds[kind].name, first, bench_median(times, rounds));
    gan_adjuster_free(adjuster);
}

static void measure_watermark(const struct pictures *pictures)
{
    gan_watermark found = {.struct_size = sizeof found};
    const double begun = bench_seconds();
    bench_check(gan_watermark_embed(pictures->target, (const uint8_t *)"measured", 0));
    const double marked = bench_seconds();
    bench_check(gan_watermark_find(pictures->target, 0, &found));
    printf("%-20s %8.1f ms made %8.1f ms %s\n", "watermark", 1e3 * (marked - begun),
           1e3 * (bench_seconds() - marked), found.found != 0 ? "found" : "NOT FOUND");
}

int main(int argc, char **argv)
{
    const int width = bench_option(argc, argv, "width", 1920),
              height = bench_option(argc, argv, "height", 1080);
    const int rounds = bench_option(argc, argv, "rounds", 15);
    const gan_context_options options = {.struct_size = sizeof options,
                                         .threads = bench_option(argc, argv, "threads", 0)};
    gan_context *context;
    bench_check(gan_context_create(&context, &options));
    const struct pictures pictures = {
        random_picture(context, height, width, 3, 1), random_picture(context, height, width, 3, 2),
        random_picture(context, height, width, 1, 3), random_picture(context, height, width, 3, 4)};
    printf("%d x %d, %d threads\n", width, height, gan_context_threads(context));
    for (int kind = 0; kind < KINDS; kind++)
        measure_kind(&pictures, kind, rounds < 1 ? 1 : rounds < MOST_ROUNDS ? rounds : MOST_ROUNDS);
    measure_watermark(&pictures);
    gan_tensor_free(pictures.photo);
    gan_tensor_free(pictures.result);
    gan_tensor_free(pictures.mask);
    gan_tensor_free(pictures.target);
    gan_context_free(context);
    return EXIT_SUCCESS;
}
