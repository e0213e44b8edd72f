/* A photo of any size through a trained generator, in bands of rows: memory for a band, not for the photo.
 *
 *     cc any_size.c $(pkg-config --cflags --libs gan) -o any_size
 *     ./any_size MODEL.safetensors PHOTO.jpg RESULT.png
 */
#include "check.h"

struct ends {
    gan_image_source *source;
    gan_image_sink *sink;
};

static gan_status read_rows(void *user, int64_t first, int64_t count, float *rows)
{
    const struct ends *ends = user;
    return gan_image_source_read(ends->source, first, count, rows, NULL);
}

static gan_status write_rows(void *user, int64_t first, int64_t count, const float *rows)
{
    const struct ends *ends = user;
    (void)first; /* rows come from the top down */
    return gan_image_sink_write(ends->sink, count, rows, NULL);
}

static int32_t tell(void *user, const gan_stream_progress *progress)
{
    (void)user;
    fprintf(stderr, "\rpass %d of %d, %3.0f%%", (int)progress->pass + 1, (int)progress->passes,
            100 * progress->fraction);
    return 0; /* another number would end the run */
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s MODEL PHOTO RESULT\n", argv[0]);
        return EXIT_FAILURE;
    }
    gan_context *context;
    gan_model *model;
    gan_stream *stream;
    struct ends ends;
    check(gan_context_create(&context, NULL));
    check(gan_model_load(&model, context, argv[1]));
    check(gan_image_source_open(&ends.source, context, argv[2]));
    const int64_t height = gan_image_source_height(ends.source), width = gan_image_source_width(ends.source);

    const gan_stream_options options = {.struct_size = sizeof options, .memory = (int64_t)256 << 20};
    gan_stream_information about = {.struct_size = sizeof about};
    check(gan_stream_create(&stream, model, height, width, &options));
    check(gan_stream_describe(stream, &about));
    printf("%lldx%lld: %lld MiB of memory, %lld MiB of temporary files\n", (long long)width,
           (long long)height, (long long)(about.memory >> 20), (long long)(about.file_bytes >> 20));

    const gan_stream_io io = {
        .struct_size = sizeof io, .user = &ends, .read = read_rows, .write = write_rows, .progress = tell};
    check(gan_image_sink_open(&ends.sink, context, argv[3], height, width, NULL));
    check(gan_stream_run(stream, &io));
    check(gan_image_sink_finish(ends.sink));
    fputc('\n', stderr);

    gan_image_sink_free(ends.sink);
    gan_image_source_free(ends.source);
    gan_stream_free(stream);
    gan_model_free(model);
    gan_context_free(context);
    return EXIT_SUCCESS;
}
