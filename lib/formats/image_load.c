#include "base/threads.h"
#include "formats/file.h"
#include "formats/image_decode.h"
#include "formats/image_view.h"
#include "gan/image.h"
#include "tensor/tensor.h"

/* A picture file may be this large. */
static const size_t most_bytes = (size_t)1 << 31;

struct unpacking {
    struct view view;
    const struct pixels *pixels;
    float largest;         /* sample */
    float *colour, *alpha; /* alpha: NULL where none is wanted */
};

struct loading {
    gan_context *context;
    int32_t orientation;
    bool wants_alpha;
    gan_tensor *picture, *alpha;
};

static float sample(const struct pixels *pixels, int64_t index)
{
    return pixels->wide ? (float)((const uint16_t *)pixels->samples)[index]
                        : (float)((const uint8_t *)pixels->samples)[index];
}

static void unpack_row(void *argument, int64_t row, int32_t worker)
{
    (void)worker;
    const struct unpacking *job = argument;
    const int64_t channels = job->pixels->channels;
    const int64_t green = channels > 2 ? 1 : 0, blue = channels > 2 ? 2 : 0;
    int64_t from = (job->view.origin + row * job->view.down) * channels;
    float *colour = job->colour + row * job->view.width * 3;
    for (int64_t x = 0; x < job->view.width; x++) {
        colour[3 * x] = sample(job->pixels, from) / job->largest;
        colour[3 * x + 1] = sample(job->pixels, from + green) / job->largest;
        colour[3 * x + 2] = sample(job->pixels, from + blue) / job->largest;
        if (job->alpha != NULL)
            job->alpha[row * job->view.width + x] = sample(job->pixels, from + channels - 1) / job->largest;
        from += job->view.right * channels;
    }
}

static gan_status unpack(void *user, const struct pixels *pixels)
{
    struct loading *loading = user;
    const struct view view = gan_image_upright(pixels->height, pixels->width, loading->orientation);
    const bool alpha = loading->wants_alpha && pixels->channels % 2 == 0;
    struct shape shape = gan_shape_4(1, view.height, view.width, 3);
    gan_status status = gan_tensor_make(&loading->picture, loading->context, GAN_FLOAT32, &shape);
    shape.size[3] = 1;
    if (status == GAN_OK && alpha)
        status = gan_tensor_make(&loading->alpha, loading->context, GAN_FLOAT32, &shape);
    if (status != GAN_OK)
        return status;
    struct unpacking job = {
        .view = view,
        .pixels = pixels,
        .largest = pixels->wide ? 65535.0f : 255.0f,
        .colour = loading->picture->data,
        .alpha = alpha ? loading->alpha->data : NULL,
    };
    gan_parallel(loading->context, view.height, unpack_row, &job);
    return GAN_OK;
}

static gan_status check_arguments(gan_tensor **picture, gan_tensor **alpha, const gan_context *context,
                                  const char *name, const char *call)
{
    if (alpha != NULL)
        *alpha = NULL;
    if (picture == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: picture is NULL", call);
    *picture = NULL;
    if (context == NULL || name == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: %s is NULL", call, context == NULL ? "context" : "the name");
    return GAN_OK;
}

static gan_status decode(gan_tensor **picture, gan_tensor **alpha, gan_context *context, const void *bytes,
                         size_t size, const char *name)
{
    struct loading loading = {.context = context, .wants_alpha = alpha != NULL};
    gan_status status = gan_exif_orientation(context, bytes, size, &loading.orientation);
    if (status == GAN_OK)
        status = gan_pixels_decode(context, bytes, size, name, unpack, &loading);
    if (status != GAN_OK) {
        gan_tensor_free(loading.picture);
        gan_tensor_free(loading.alpha);
        return status;
    }
    *picture = loading.picture;
    if (alpha != NULL)
        *alpha = loading.alpha;
    return GAN_OK;
}

gan_status gan_image_decode(gan_tensor **picture, gan_tensor **alpha, gan_context *context, const void *bytes,
                            size_t size, const char *name)
{
    const gan_status status = check_arguments(picture, alpha, context, name, "gan_image_decode");
    if (status != GAN_OK)
        return status;
    if (bytes == NULL && size > 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_decode: bytes is NULL");
    return decode(picture, alpha, context, bytes, size, name);
}

static void forget(gan_tensor **tensor)
{
    if (tensor == NULL)
        return;
    gan_tensor_free(*tensor);
    *tensor = NULL;
}

gan_status gan_image_load_with_metadata(gan_tensor **picture, gan_tensor **alpha,
                                        gan_image_metadata **metadata, gan_context *context, const char *path)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    if (metadata != NULL)
        *metadata = NULL;
    gan_status status = check_arguments(picture, alpha, context, path, "gan_image_load");
    if (status == GAN_OK)
        status = gan_file_read(context, path, most_bytes, &bytes, &size);
    if (status != GAN_OK)
        return status;
    status = decode(picture, alpha, context, bytes, size, path);
    if (status == GAN_OK && metadata != NULL) {
        status = gan_image_metadata_decode(metadata, context, bytes, size);
        if (status != GAN_OK) {
            forget(picture);
            forget(alpha);
        }
    }
    gan_release(context, bytes);
    return status;
}

gan_status gan_image_load(gan_tensor **picture, gan_tensor **alpha, gan_context *context, const char *path)
{
    return gan_image_load_with_metadata(picture, alpha, NULL, context, path);
}
