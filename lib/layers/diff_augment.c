#include "base/random.h"
#include "base/threads.h"
#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/augmentation.h"
#include "layers/bands.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <string.h>

struct diff_augment_attributes {
    int32_t policy, shared_draw;
    float translation, cutout;
};

static const struct attribute_field fields[] = {
    GAN_FIELD(diff_augment_attributes, policy, ATTRIBUTE_INT32, 1),
    GAN_FIELD(diff_augment_attributes, shared_draw, ATTRIBUTE_INT32, 1),
    GAN_FIELD(diff_augment_attributes, translation, ATTRIBUTE_FLOAT, 1),
    GAN_FIELD(diff_augment_attributes, cutout, ATTRIBUTE_FLOAT, 1),
};

enum { MOST_SHARED = 1000 };
/* A plan's steps have the streams from a multiple of this on: shared draws take the last ones before the
 * next. */
static const uint64_t STREAMS_OF_A_PLAN = UINT64_C(1) << 20;
enum { DRAWS = 16 }; /* random blocks set aside for each picture */

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    if (input_count != 1)
        return gan_expect_inputs(input_count, 1);
    const struct diff_augment_attributes *augment = attributes;
    *output = inputs[0];
    if (augment->policy < 1 || augment->policy > GAN_AUGMENT_ALL)
        return gan_fail(GAN_ERROR_ARGUMENT, "policy is %d, expected a sum of GAN_AUGMENT_*", augment->policy);
    if (augment->shared_draw < 0 || augment->shared_draw > MOST_SHARED)
        return gan_fail(GAN_ERROR_ARGUMENT, "shared_draw is %d, expected 0 to %d", augment->shared_draw,
                        (int)MOST_SHARED);
    if (!(augment->translation > 0 && augment->translation <= 1 && augment->cutout > 0 &&
          augment->cutout <= 1))
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "translation is %g and cutout %g, expected more than 0, 1 at most",
                        (double)augment->translation, (double)augment->cutout);
    return gan_expect_picture(&inputs[0], "input");
}

/* ---- Drawing ---- */

static int64_t part_of(int64_t size, float part)
{
    return (int64_t)((double)size * (double)part + 0.5);
}

static int64_t draw_shift(struct random_stream *random, int64_t size, float part)
{
    const int64_t most = part_of(size, part);
    return gan_random_below(random, 2 * most + 1) - most;
}

/* A range of `part` of the size whose middle is anywhere, cut at the borders. */
static void draw_range(struct random_stream *random, int64_t size, float part, int64_t *start, int64_t *end)
{
    const int64_t length = part_of(size, part);
    const int64_t first = gan_random_below(random, size + 1 - length % 2) - length / 2, last = first + length;
    *start = first > 0 ? first : 0;
    *end = last < size ? last : size;
}

/* All numbers are drawn, whatever the policy: it then changes no other draw. */
static struct augmentation draw(const struct diff_augment_attributes *attributes,
                                struct random_stream *random, const struct augmented_shape *shape)
{
    struct augmentation all = {0}, used = {.saturation = 1, .contrast = 1};
    all.brightness = gan_random_uniform(random) - 0.5f;
    all.saturation = gan_random_uniform(random) * 2;
    all.contrast = gan_random_uniform(random) + 0.5f;
    all.down = draw_shift(random, shape->height, attributes->translation);
    all.right = draw_shift(random, shape->width, attributes->translation);
    draw_range(random, shape->height, attributes->cutout, &all.cut_top, &all.cut_bottom);
    draw_range(random, shape->width, attributes->cutout, &all.cut_left, &all.cut_right);
    if ((attributes->policy & GAN_AUGMENT_CUTOUT) != 0)
        used = (struct augmentation){.saturation = 1,
                                     .contrast = 1,
                                     .cut_top = all.cut_top,
                                     .cut_bottom = all.cut_bottom,
                                     .cut_left = all.cut_left,
                                     .cut_right = all.cut_right};
    if ((attributes->policy & GAN_AUGMENT_COLOUR) != 0) {
        used.brightness = all.brightness;
        used.saturation = all.saturation;
        used.contrast = all.contrast;
    }
    if ((attributes->policy & GAN_AUGMENT_TRANSLATION) != 0) {
        used.down = all.down;
        used.right = all.right;
    }
    return used;
}

/* ---- Running ---- */

struct run {
    const struct op_call *call;
    const float *from;
    float *to;
    uint64_t key, stream;
    bool backward;
};

static struct run run_of(const struct op_call *call, const float *from, float *to)
{
    const struct diff_augment_attributes *attributes = call->attributes;
    struct run run = {.call = call, .from = from, .to = to, .stream = call->random_stream};
    if (attributes->shared_draw > 0)
        run.stream = (run.stream | (STREAMS_OF_A_PLAN - 1)) - (uint64_t)attributes->shared_draw;
    /* The counter may grow by one from step to step, so it goes into the key. */
    uint32_t block[4];
    gan_random_block(call->random_seed, run.stream, call->random_counter, block);
    run.key = ((uint64_t)block[1] << 32) | block[0];
    return run;
}

static void run_picture(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct run *run = argument;
    const int64_t *size = run->call->output.shape.size;
    const struct augmented_shape shape = {size[1], size[2], size[3]};
    const int64_t each = size[1] * size[2] * size[3];
    struct random_stream random = {
        .seed = run->key, .stream = run->stream, .counter = (uint64_t)index * DRAWS};
    const struct augmentation drawn = draw(run->call->attributes, &random, &shape);
    const float *from = run->from + index * each;
    float *to = run->to + index * each;
    if (!run->call->training)
        memcpy(to, from, (size_t)each * sizeof *to);
    else if (run->backward)
        gan_augment_backward(&drawn, &shape, from, to);
    else
        gan_augment(&drawn, &shape, from, to);
}

static void forward(const struct op_call *call)
{
    struct run run = run_of(call, call->inputs[0].data, call->output.data);
    gan_parallel(call->context, call->output.shape.size[0], run_picture, &run);
}

static void backward(const struct op_call *call)
{
    if (call->input_gradients[0] == NULL)
        return;
    struct run run = run_of(call, call->output_gradient, call->input_gradients[0]);
    run.backward = true;
    gan_parallel(call->context, call->output.shape.size[0], run_picture, &run);
}

const struct gan_op gan_op_diff_augment = {
    .name = "diff_augment",
    .attributes_size = sizeof(struct diff_augment_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .band = gan_band_rows,
    .forward = forward,
    .backward = backward,
};

gan_layer *gan_diff_augment(gan_layer *x, const gan_diff_augment_options *given)
{
    if (x == NULL)
        return NULL;
    gan_diff_augment_options options;
    const gan_status status = gan_copy_options(&options, sizeof options, given, "gan_diff_augment_options");
    if (status != GAN_OK)
        return gan_graph_refuse(x->graph, "diff_augment", NULL, status);
    const struct diff_augment_attributes attributes = {
        .policy = options.policy != 0 ? options.policy : GAN_AUGMENT_ALL,
        .shared_draw = options.shared_draw,
        .translation = options.translation != 0 ? options.translation : 0.125f,
        .cutout = options.cutout != 0 ? options.cutout : 0.5f};
    return gan_add_simple(x, &gan_op_diff_augment, &attributes);
}
