/* Streaming: what bands cost in time against the whole picture, and what they save in memory.
 *
 * Usage: streaming [--model FILE] [--width N] [--height N] [--memory MiB] [--rows N] [--storage 0..2]
 *                  [--threads N] [--whole 1] [--verbose 1]
 * The whole picture runs after the stream, so that the peak of resident memory that is printed first is the
 * stream's. Pictures are made up as they are read, and what is written is only summed up.
 */
#include "measure.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct picture {
    int64_t width;
    double sum;
};

/* Something that no two rows have alike. */
static void paint_row(int64_t y, int64_t width, float *row)
{
    for (int64_t x = 0; x < 3 * width; x++)
        row[x] = (float)(uint8_t)((x * 7 + y * 13) ^ (x * y >> 6)) / 255.0f;
}

static gan_status read_rows(void *user, int64_t first, int64_t count, float *rows)
{
    const struct picture *picture = user;
    for (int64_t y = 0; y < count; y++)
        paint_row(first + y, picture->width, rows + y * picture->width * 3);
    return GAN_OK;
}

static gan_status write_rows(void *user, int64_t first, int64_t count, const float *rows)
{
    struct picture *picture = user;
    (void)first;
    for (int64_t i = 0; i < count * picture->width * 3; i++)
        picture->sum += (double)rows[i];
    return GAN_OK;
}

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static const char *text_option(int count, char **words, const char *name, const char *otherwise)
{
    for (int i = 1; i + 1 < count; i++)
        if (strcmp(words[i], name) == 0)
            return words[i + 1];
    return otherwise;
}

static int32_t tell_pass(void *user, const gan_stream_progress *progress)
{
    static int32_t last = -1;
    (void)user;
    if (progress->pass != last)
        printf("  pass %d of %d begins before %.2f s\n", (int)progress->pass, (int)progress->passes,
               progress->elapsed);
    last = progress->pass;
    return 0;
}

static void run_stream(gan_model *model, int64_t height, int64_t width, const gan_stream_options *options,
                       int verbose)
{
    gan_stream *stream;
    gan_stream_information about = {.struct_size = sizeof about};
    struct picture picture = {.width = width};
    const gan_stream_io io = {.struct_size = sizeof io,
                              .user = &picture,
                              .read = read_rows,
                              .write = write_rows,
                              .progress = verbose ? tell_pass : NULL};
    bench_check(gan_stream_create(&stream, model, height, width, options));
    bench_check(gan_stream_describe(stream, &about));
    printf("%d passes, %lld bands, %lld rows in the last pass; plan %.0f MiB, least %.0f MiB, file %.0f MiB, "
           "traffic %.0f MiB, %.0f G multiplications\n",
           (int)about.passes, (long long)about.bands, (long long)about.band_rows,
           (double)about.memory / 1048576, (double)about.least_memory / 1048576,
           (double)about.file_bytes / 1048576, (double)about.file_traffic / 1048576,
           about.multiplications / 1e9);
    const double begun = bench_seconds(), processor = processor_seconds();
    bench_check(gan_stream_run(stream, &io));
    printf("stream  %7.2f s  processor %7.2f s  peak %6.0f MB  sum %.6g\n", bench_seconds() - begun,
           processor_seconds() - processor, bench_peak_megabytes(), picture.sum);
    gan_stream_free(stream);
}

static void run_whole(gan_context *context, gan_model *model, int64_t height, int64_t width)
{
    gan_stylizer *stylizer;
    gan_tensor *photo, *result;
    bench_check(gan_tensor_create(&photo, context, GAN_FLOAT32, (const int64_t[]){1, height, width, 3}, 4));
    for (int64_t y = 0; y < height; y++)
        paint_row(y, width, (float *)gan_tensor_data(photo) + y * width * 3);
    bench_check(gan_stylizer_create(&stylizer, model, NULL));
    bench_check(gan_stylizer_prepare(stylizer, height, width));
    const double begun = bench_seconds(), processor = processor_seconds();
    bench_check(gan_stylizer_run(stylizer, photo, &result));
    const double elapsed = bench_seconds() - begun, taken = processor_seconds() - processor;
    double sum = 0;
    for (int64_t i = 0; i < gan_tensor_count(result); i++)
        sum += (double)((const float *)gan_tensor_data_const(result))[i];
    printf("whole   %7.2f s  processor %7.2f s  peak %6.0f MB  sum %.6g\n", elapsed, taken,
           bench_peak_megabytes(), sum);
    gan_tensor_free(photo);
    gan_tensor_free(result);
    gan_stylizer_free(stylizer);
}

int main(int count, char **words)
{
    const gan_context_options threads = {.struct_size = sizeof threads,
                                         .threads = bench_option(count, words, "--threads", 0)};
    const int width = bench_option(count, words, "--width", 2048);
    const int height = bench_option(count, words, "--height", width);
    const gan_stream_options options = {
        .struct_size = sizeof options,
        .memory = (int64_t)bench_option(count, words, "--memory", 0) << 20,
        .band_rows = bench_option(count, words, "--rows", 0),
        .storage = bench_option(count, words, "--storage", 0),
    };
    gan_context *context;
    gan_model *model;
    bench_check(gan_context_create(&context, &threads));
    bench_check(gan_model_load(
        &model, context, text_option(count, words, "--model", "examples/models/great_wave.safetensors")));
    run_stream(model, height, width, &options, bench_option(count, words, "--verbose", 0));
    if (bench_option(count, words, "--whole", 0) != 0)
        run_whole(context, model, height, width);
    gan_model_free(model);
    gan_context_free(context);
    return 0;
}
