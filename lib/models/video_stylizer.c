#include "base/context.h"
#include "gan/image.h"
#include "gan/video.h"
#include "graph/model.h"
#include "kernels/accumulate.h"
#include "models/picture_padding.h"
#include "style/steady.h"
#include "style/style.h"
#include "tensor/tensor.h"

#include <math.h>

static const float default_memory = 0.9f, default_steadiness = 0.8f;

/* Networks with strides see a picture in squares of this size at most, and paint one that has moved by less
 * than a square differently. */
enum { GRID = 8 };

struct gan_video_stylizer {
    gan_context *context;
    gan_stylizer *stylizer;
    bool anchored;     /* the grid follows the scene */
    float right, down; /* where the scene's first place is now */
    float steadiness;
    struct steadier steadier; /* of the last frame's size */
    int64_t scenes;
};

/* A share of 0 means its default, -1 none. */
static gan_status settle_share(float *share, float standard, const char *name)
{
    if (*share != -1 && !(*share >= 0 && *share < 1))
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is %g, expected 0 to less than 1, or -1", name,
                        (double)*share);
    *share = *share == 0 ? standard : *share == -1 ? 0 : *share;
    return GAN_OK;
}

static gan_status settle(gan_video_stylizer_options *options, const gan_video_stylizer_options *given)
{
    gan_status status = gan_copy_options(options, sizeof *options, given, "gan_video_stylizer_options");
    if (status == GAN_OK)
        status = settle_share(&options->statistics_memory, default_memory, "statistics_memory");
    return status == GAN_OK ? settle_share(&options->steadiness, default_steadiness, "steadiness") : status;
}

static bool takes_any_size(const gan_model *model)
{
    int64_t sizes[GAN_MAX_RANK];
    for (int32_t i = 0; i < gan_model_input_count(model); i++)
        if (gan_model_input_shape(model, i, sizes) == 4)
            return sizes[1] < 0 && sizes[2] < 0;
    return false;
}

gan_status gan_video_stylizer_create(gan_video_stylizer **out, gan_model *model,
                                     const gan_video_stylizer_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_video_stylizer_create: out is NULL");
    *out = NULL;
    if (model == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_video_stylizer_create: model is NULL");
    gan_video_stylizer_options options;
    gan_status status = settle(&options, given);
    if (status != GAN_OK)
        return status;
    gan_context *context = model->graph->context;
    gan_video_stylizer *video = gan_allocate_zeroed(context, sizeof *video);
    if (video == NULL)
        return gan_fail_memory("a video stylizer", sizeof *video);
    video->context = gan_context_retain(context);
    video->steadiness = options.steadiness;
    video->anchored = options.steadiness > 0 && takes_any_size(model);
    const gan_stylizer_options each = {.struct_size = sizeof each,
                                       .precision = options.precision,
                                       .statistics_memory = options.statistics_memory};
    status = gan_stylizer_create(&video->stylizer, model, &each);
    if (status == GAN_OK)
        *out = video;
    else
        gan_video_stylizer_free(video);
    return status;
}

void gan_video_stylizer_free(gan_video_stylizer *video)
{
    if (video == NULL)
        return;
    gan_context *context = video->context;
    gan_steadier_free(&video->steadier);
    gan_stylizer_free(video->stylizer);
    gan_release(context, video);
    gan_context_free(context);
}

void gan_video_stylizer_forget(gan_video_stylizer *video)
{
    if (video == NULL)
        return;
    gan_steadier_forget(&video->steadier);
    gan_stylizer_forget(video->stylizer);
}

int64_t gan_video_stylizer_scenes(const gan_video_stylizer *video)
{
    return video != NULL ? video->scenes : 0;
}

gan_status gan_video_stylizer_set_styles(gan_video_stylizer *video, const float *weights, int32_t count)
{
    return video != NULL ? gan_stylizer_set_styles(video->stylizer, weights, count)
                         : gan_fail(GAN_ERROR_ARGUMENT, "gan_video_stylizer_set_styles: stylizer is NULL");
}

/* Room for frames of this size. */
static gan_status follow_size(gan_video_stylizer *video, int64_t height, int64_t width)
{
    const struct steadier *steadier = &video->steadier;
    if (steadier->context != NULL && steadier->height == height && steadier->width == width)
        return GAN_OK;
    gan_steadier_free(&video->steadier);
    gan_stylizer_forget(video->stylizer);
    return gan_steadier_create(&video->steadier, video->context, height, width);
}

static gan_status check_frame(const gan_tensor *frame)
{
    const gan_status status = gan_picture_check(frame, "the frame");
    if (status == GAN_OK && !gan_all_finite(frame->data, gan_shape_count(&frame->shape)))
        return gan_fail(GAN_ERROR_NOT_FINITE, "the frame holds NaN or infinity");
    return status;
}

/* Columns or rows to put before a picture so that the grid lies on the scene as it did at first. */
static int64_t grid_offset(float place)
{
    const int64_t rest = (int64_t)roundf(place) % GRID;
    return rest > 0 ? GRID - rest : -rest;
}

/* Paint on a sheet that is larger by one square, and cut the frame out again. */
static gan_status paint_anchored(gan_video_stylizer *video, const gan_tensor *frame, gan_tensor **result)
{
    const int64_t *size = frame->shape.size;
    const int64_t top = grid_offset(video->down), left = grid_offset(video->right);
    gan_tensor *sheet = NULL, *painted = NULL;
    gan_status status = gan_picture_place(&sheet, frame, top, left, size[1] + GRID, size[2] + GRID);
    if (status == GAN_OK)
        status = gan_stylizer_run(video->stylizer, sheet, &painted);
    if (status == GAN_OK)
        status = gan_image_crop(result, painted, top, left, size[1], size[2]);
    gan_tensor_free(sheet);
    gan_tensor_free(painted);
    return status;
}

static void follow_scene(gan_video_stylizer *video, bool goes_on)
{
    const struct motion_vector motion = gan_motion_median(&video->steadier.motion);
    if (goes_on) {
        video->right -= motion.right;
        video->down -= motion.down;
        return;
    }
    gan_stylizer_forget(video->stylizer);
    video->right = video->down = 0;
    video->scenes++;
}

static gan_status run(gan_video_stylizer *video, const gan_tensor *frame, gan_tensor **result)
{
    gan_status status = check_frame(frame);
    if (status == GAN_OK)
        status = follow_size(video, frame->shape.size[1], frame->shape.size[2]);
    if (status != GAN_OK)
        return status;
    follow_scene(video, gan_steadier_see(&video->steadier, frame->data));
    status = video->anchored ? paint_anchored(video, frame, result)
                             : gan_stylizer_run(video->stylizer, frame, result);
    if (status == GAN_OK)
        gan_steadier_mix(&video->steadier, (*result)->data, video->steadiness);
    return status;
}

gan_status gan_video_stylizer_run(gan_video_stylizer *video, const gan_tensor *frame, gan_tensor **result)
{
    if (video == NULL || result == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_video_stylizer_run: %s is NULL",
                        video == NULL ? "stylizer" : "result");
    *result = NULL;
    const gan_status status = run(video, frame, result);
    if (status != GAN_OK)
        gan_video_stylizer_forget(video);
    return status;
}
