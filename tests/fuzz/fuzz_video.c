/* Any bytes as y4m video, through a file, since that is where video comes from. */
#include "fuzz_context.h"
#include "gan/video.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* Frames of as many seconds as a file of this size can hold would say nothing new. */
enum { MOST_FRAMES = 8 };

static void read_frames(gan_video_reader *reader)
{
    for (int i = 0; i < MOST_FRAMES; i++) {
        gan_tensor *frame = NULL;
        const gan_status status = gan_video_read(reader, &frame);
        if (frame == NULL)
            return;
        if (status == GAN_OK)
            fuzz_read_all(frame);
        gan_tensor_free(frame);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    gan_context *context = fuzz_context();
    gan_video_reader *reader;
    const int file = memfd_create("video", 0);
    if (file < 0 || write(file, bytes, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (gan_video_reader_open(&reader, context, path) == GAN_OK)
        read_frames(reader);
    gan_video_reader_free(reader);
    close(file);
    gan_context_free(context);
    return 0;
}
