/* 1x1 kernels: a picture is one run of pixels, multiplied by a direct kernel where they lie, or where the
 * input's changes put them. Tasks take blocks of pixels, whatever rows these lie in. */
#include "base/threads.h"
#include "kernels/convolution_moments.h"
#include "kernels/convolution_plan.h"
#include "kernels/pixel_loops.h"
#include "kernels/sizes.h"

/* Weights that change from run to run are packed for so many pixels of all pictures. */
enum { LEAST_PIXELS_CHANGING = 1024 };

/* Pixels of a block, of which a picture has TASKS or more where it is large enough; floats of them that stay
 * in cache; source channels beyond which pixels are packed. */
enum { LEAST_PIXELS = 36, MOST_PIXELS = 240, TASKS = 8, BLOCK_FLOATS = 1 << 16, MOST_CHANNELS = 1024 };

/* Tiles of the direct kernel that are finished together. */
enum { GROUP_TILES = 2 };

static int64_t pixels_of_image(const struct convolution_plan *plan)
{
    return plan->y.destination * plan->x.destination;
}

/* Whole tiles of the direct kernel. */
static int64_t pixels_of_block(const struct convolution_plan *plan)
{
    const int64_t width = plan->kernel->pixels;
    const int64_t most = smaller(MOST_PIXELS, BLOCK_FLOATS / plan->in_channels);
    const int64_t wanted = larger(LEAST_PIXELS, parts(pixels_of_image(plan), TASKS));
    return smaller(parts(wanted, width), most / width) * width;
}

static int64_t blocks_of_image(const struct convolution_plan *plan)
{
    return parts(pixels_of_image(plan), pixels_of_block(plan));
}

static bool is_plain(const struct axis *axis)
{
    return axis->plain && axis->phase_count == 1 && axis->phases[0].taps == 1 &&
           axis->phases[0].stride == 1 && axis->source == axis->destination;
}

bool gan_pointwise_suits(const struct convolution_plan *plan)
{
    if (plan->changing && plan->batch * pixels_of_image(plan) < LEAST_PIXELS_CHANGING)
        return false;
    return plan->groups == 1 && is_plain(&plan->y) && is_plain(&plan->x) &&
           plan->in_channels <= MOST_CHANNELS && pixels_of_image(plan) >= LEAST_PIXELS;
}

size_t gan_pointwise_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    const int64_t floats = aligned(pixels_of_block(plan) * plan->in_channels);
    return (size_t)(floats * gan_parallel_workers(context)) * sizeof(float);
}

int64_t gan_pointwise_tasks(const struct convolution_plan *plan)
{
    return plan->batch * blocks_of_image(plan);
}

/* The pixels of a block as they are multiplied; `from` are those of the source. */
static const float *change_pixels(const struct convolution_run *run, int64_t image, const float *from,
                                  int64_t count, float *scratch)
{
    const struct convolution_input *input = run->input;
    const int64_t channels = run->plan->in_channels, offset = image * channels;
    if (input == NULL)
        return from;
    const bool scaled = input->scale != NULL;
    const struct pixel_change change = {scaled ? input->scale + offset : NULL,
                                        scaled ? input->shift + offset : NULL, input->activation};
    gan_pixels_change(run->context->kernels, from, channels, count, channels, &change, scratch);
    return scratch;
}

/* All lanes of a few pixels, so that whole lines of the destination are written while it is in cache. */
static void multiply_pixels(const struct convolution_run *run, const float *pixels,
                            const struct pixel_run *place, bool more)
{
    const struct convolution_plan *plan = run->plan;
    const int64_t width = plan->kernel->channels;
    struct direct_product product = {
        .pixels = pixels,
        .pixel_step = plan->in_channels,
        .rows = 1,
        .columns = 1,
        .length = plan->in_channels,
        .count = place->pixels,
        .out_step = place->pixel_stride,
        .coming_step = place->pixel_stride,
    };
    const struct convolution_epilogue *epilogue = run->epilogue;
    const bool simple = gan_epilogue_is_simple(epilogue);
    if (simple)
        product.activation = epilogue->activation;
    for (int64_t lane = 0; lane < plan->out_channels; lane += width) {
        product.bias = simple && epilogue->bias != NULL ? epilogue->bias + lane : NULL;
        product.channels = smaller(width, plan->out_channels - lane);
        product.panel = gan_convolution_plan_panel(plan, run->packed, 0, plan->phases, 0, lane / width);
        product.out = run->destination + place->offset + lane;
        product.coming = more ? product.out + place->pixels * place->pixel_stride : NULL;
        plan->direct->multiply(&product);
    }
    if (simple)
        gan_epilogue_measure(run->context->kernels, run->destination, place);
    else
        gan_epilogue_apply(run->context->kernels, epilogue, run->destination, place);
}

static void compute_block(void *argument, int64_t index, int32_t worker)
{
    const struct convolution_run *run = argument;
    const struct convolution_plan *plan = run->plan;
    const int64_t most = pixels_of_block(plan), image = index / blocks_of_image(plan);
    const int64_t first = index % blocks_of_image(plan) * most;
    const int64_t pixel = image * pixels_of_image(plan) + first;
    const struct moments_slot slot = gan_moments_open(run, index, image, 0);
    const int64_t count = smaller(most, pixels_of_image(plan) - first);
    struct pixel_run place = {
        .offset = pixel * plan->out_step,
        .pixel_stride = plan->out_step,
        .channels = plan->out_channels,
        .slot = &slot,
    };
    float *scratch = (float *)run->workspace + worker * aligned(most * plan->in_channels);
    const float *source = run->source + pixel * plan->in_channels;
    const float *pixels = change_pixels(run, image, source, count, scratch);
    for (int64_t done = 0; done < count; done += place.pixels) {
        place.pixels = smaller(GROUP_TILES * plan->kernel->pixels, count - done);
        multiply_pixels(run, pixels + done * plan->in_channels, &place, done + 2 * place.pixels <= count);
        place.offset += place.pixels * place.pixel_stride;
    }
}

void gan_pointwise_run(const struct convolution_run *run)
{
    gan_parallel(run->context, gan_pointwise_tasks(run->plan), compute_block, (void *)(uintptr_t)run);
    gan_moments_close(run);
}
