/* How a pass of a convolution is computed: the normal form that forward and backward passes share.
 *
 * Along each axis the source is seen through a map of virtual positions (padding, upsampling). The
 * destination is cut into phases: in a phase, destination positions step evenly and each gathers from the
 * same number of evenly spaced virtual positions. A plain convolution has one phase. The gradient at the
 * input of a strided convolution has one phase per residue of the stride. Nearest upsampling by 2 followed by
 * a convolution has two phases, whose kernels (sums of neighbouring weights) have about half the size. */
#ifndef GAN_KERNELS_CONVOLUTION_PLAN_H
#define GAN_KERNELS_CONVOLUTION_PLAN_H

#include "kernels/convolution.h"
#include "kernels/depthwise.h"
#include "kernels/direct.h"
#include "kernels/microkernel.h"
#include "kernels/narrow.h"
#include "kernels/tiles.h"
#include "kernels/winograd.h"

struct phase {
    int64_t first, step, count;  /* destination positions first + i * step, 0 <= i < count */
    int64_t start, stride;       /* tap 0 of position i lies at the virtual position start + i * stride */
    int64_t taps, dilation;      /* tap t lies t * dilation further */
    int64_t weight, weight_step; /* and has the kernel index weight + t * weight_step */
};

struct axis {
    int64_t source, destination;
    int64_t virtual_count;
    int64_t *map; /* [virtual_count]: source position, or -1 for zero */
    bool plain;   /* virtual position and source position are the same */
    int64_t phase_count;
    struct phase *phases;
};

/* One phase of each axis and its packed weights. A kernel sums over rows of taps, `columns` of taps and
 * source channels, for each of `lanes`: the destination channels, or in a spread plan all (column of taps,
 * channel) pairs, whose sums are then added at moved columns. Spreading fills the lanes where channels are
 * few. */
struct convolution_phase {
    const struct phase *y, *x;
    int64_t lanes, columns;
    int64_t packed; /* offset in floats of group 0 */
};

/* How the destination is cut into strips for tiles: each covers the same positions of all phases, so that
 * these share the virtual pixels. */
struct tile_cut {
    int64_t rows, columns;           /* positions of a phase that a strip covers */
    int64_t down, across;            /* strips of an image */
    int64_t parts;                   /* and of the lanes, where there are few strips */
    int64_t most_rows, most_columns; /* virtual positions that a strip needs at most */
};

struct convolution_plan {
    const struct microkernel *kernel;
    const struct direct_kernels
        *direct; /* multiplies pixels where they lie; NULL: pixels are packed into panels */
    bool spread;
    const struct winograd_kernels *winograd;   /* with the direct kernel; or NULL */
    const struct winograd_kernels *adjoint;    /* for gradients at the weights; or NULL */
    const struct winograd_rows *tall;          /* with the direct kernel, for kernels of many rows; or NULL */
    const struct narrow_kernels *narrow;       /* lanes are pixels; or NULL */
    const struct depthwise_kernels *depthwise; /* every channel by itself, counted as one group; or NULL */
    bool grouped;                              /* many groups of few channels, all at once */
    const struct tile_kernels *tiles;          /* products of bfloat16, of one group; or NULL */
    bool unfolded;                             /* with tiles: strips hold each position's row of taps */
    int64_t depth;                             /* with tiles: values of a strip's pixel, whole steps */
    struct tile_cut cut;                       /* with tiles */
    struct axis y, x;
    int64_t batch, groups;
    int64_t in_channels, out_channels;   /* per group, of source and destination */
    int64_t out_step;                    /* floats from one destination pixel to the next */
    int64_t kernel_height, kernel_width; /* of the caller's weights */
    bool transposed;                     /* destination channels are the weights' input channels */
    bool changing;                       /* the weights, from run to run: packing them counts */
    bool joined;    /* Winograd of upsampled pictures: phases share the products of their last points */
    bool by_panels; /* Winograd of few tiles: all of them meet one panel of weights in a task */
    bool pointwise; /* 1x1 kernels, with the direct kernel: a picture is one run of pixels */
    bool by_points; /* Winograd with many weights: all tiles meet one point of some panels in a task */
    bool few;       /* pixels: all are packed first, and each weight is read once */
    bool unpacked;  /* the run reads the caller's weights, packed by no one before */
    bool summed;    /* kernel index e stands for weights e - 1 and e: upsampled */
    int64_t chunk;  /* source channels multiplied at a time */
    int64_t phase_count;
    struct convolution_phase *phases;
    int64_t packed_count; /* floats of one group's packed weights */
};

struct convolution {
    gan_context *context;
    struct convolution_shape shape;
    int32_t precision;
    bool changing;    /* made by gan_convolution_create_trained */
    int64_t out_step; /* of the forward pass; 0: out_channels */
    struct convolution_plan forward, backward;
    bool folded; /* backward makes the gradient of the virtual source, which is then folded along the maps */
};

/* What one run of a plan reads and writes. */
struct convolution_run {
    gan_context *context;
    const struct convolution_plan *plan;
    const float *source;
    const struct convolution_input *input; /* or NULL */
    const void *packed;                    /* or the caller's weights, where the plan is unpacked */
    float *destination;
    const struct convolution_epilogue *epilogue; /* or NULL */
    void *workspace;
};

/* convolution_axis.c: the maps and phases of one axis. False: out of memory. */
struct axis_shape {
    int64_t size, kernel, stride, dilation, pad_before, pad_after, out;
    int32_t padding_mode, upsample;
    bool summed;
};
bool gan_axis_forward(struct axis *axis, gan_context *context, const struct axis_shape *shape);
bool gan_axis_backward(struct axis *axis, gan_context *context, const struct axis_shape *shape,
                       const struct axis *forward, bool folded);
void gan_axis_free(struct axis *axis, gan_context *context);

/* convolution_weights.c */
void gan_convolution_plan_place_weights(struct convolution_plan *plan);
void gan_convolution_plan_pack(gan_context *context, const struct convolution_plan *plan,
                               const float *weights, float *packed);

/* The weights of tap (row, column) of a phase of a plan of one group, for `count` source channels from
 * `channel` on and a panel's width of destination channels from `lane` on. */
void gan_convolution_plan_weight_rows(const struct convolution_plan *plan,
                                      const struct convolution_phase *phase, const float *weights,
                                      int64_t lane, int64_t row, int64_t column, int64_t channel,
                                      int64_t count, float *out);

/* Offset in a group's packed weights of the panel for source channels from `chunk_start` and destination
 * channels from `panel` * kernel->channels. */
const float *gan_convolution_plan_panel(const struct convolution_plan *plan, const float *packed,
                                        int64_t group, const struct convolution_phase *phase,
                                        int64_t chunk_start, int64_t panel);

/* convolution_direct.c: rows of pixels where they lie, for plans with a direct kernel. */
size_t gan_direct_workspace_size(const gan_context *context, const struct convolution_plan *plan);
int64_t gan_direct_tasks(const struct convolution_plan *plan);
void gan_direct_run(const struct convolution_run *run);

/* convolution_spread.c: sums of the lanes that a spread plan's products leave in `lines`, one line of
 * `line_step` floats per virtual column:
 *     out[p][k] = the sum over taps s of lines[p + s * dilation][s * channels + k]
 * for `count` pixels, added to out where `add`. Up to three floats behind the last line are read. */
struct spread_sums {
    const float *lines;
    int64_t line_step, taps, dilation, channels, count;
    bool add;
};
void gan_spread_gather(const struct spread_sums *sums, float *out, int64_t out_step);

/* convolution_tiles_strip.c */
void gan_tiles_choose(struct convolution_plan *plan);

/* convolution_tiles.c: strips of bfloat16 pixels, multiplied by tiles. */
size_t gan_tiles_workspace_size(const gan_context *context, const struct convolution_plan *plan);
void gan_tiles_run(const struct convolution_run *run);

/* convolution_tiles_weights.c: packed weights count in pairs of bfloat16, each the size of a float. */
void gan_tiles_place_weights(struct convolution_plan *plan);
const uint16_t *gan_tiles_panel(const struct convolution_plan *plan, const void *packed,
                                const struct convolution_phase *phase, int64_t panel);
void gan_tiles_pack(gan_context *context, const struct convolution_plan *plan, const float *weights,
                    float *packed);

/* convolution_winograd.c */
const struct winograd_kernels *gan_winograd_choose(const struct convolution_plan *plan, int32_t kernels);

/* Whether the multiplications that plan->winograd saves are worth its larger weights, which are made for each
 * run. */
bool gan_winograd_pays(const struct convolution_plan *plan);

/* Whether the phases are those of an upsampled picture: along an axis, the taps of both are sums of the same
 * weights and have the same sum. */
bool gan_winograd_joins(const struct convolution_plan *plan);

/* Pixels of every row and column of the stride count as channels of their own. */
int64_t gan_winograd_stride(const struct convolution_plan *plan);
int64_t gan_winograd_channels(const struct convolution_plan *plan);
size_t gan_winograd_workspace_size(const gan_context *context, const struct convolution_plan *plan);
int64_t gan_winograd_tasks(const struct convolution_plan *plan);
void gan_winograd_run(const struct convolution_run *run);

/* convolution_winograd_weights.c: the panels of every phase in turn, [point][channel][lane] each. */
int64_t gan_winograd_panels(const struct convolution_plan *plan);

/* Where a phase multiplies its points: `rows` by `columns` of them; the last of an axis may be left to the
 * phase before. And where the products lie among `side` by `side` of all phases, or of one: the point in row
 * i and column j at number first + i * row_step + j * column_step. */
struct winograd_grid_part {
    int64_t side, first, row_step, column_step, rows, columns;
};
struct winograd_grid_part gan_winograd_grid_part(const struct convolution_plan *plan,
                                                 const struct convolution_phase *phase);
const float *gan_winograd_panel(const struct convolution_plan *plan, const void *packed, int64_t index);
int64_t gan_winograd_packed_count(const struct convolution_plan *plan);
void gan_winograd_pack(gan_context *context, const struct convolution_plan *plan, const float *weights,
                       float *packed);

/* convolution_winograd_panels.c */
bool gan_winograd_by_panels_suits(const struct convolution_plan *plan);
bool gan_winograd_unpacked_suits(const struct convolution_plan *plan);
size_t gan_winograd_by_panels_workspace_size(const gan_context *context, const struct convolution_plan *plan);
void gan_winograd_by_panels_run(const struct convolution_run *run);

/* convolution_winograd_by_points.c */
bool gan_winograd_by_points_suits(const struct convolution_plan *plan);
size_t gan_winograd_by_points_workspace_size(const gan_context *context, const struct convolution_plan *plan);
void gan_winograd_by_points_run(const struct convolution_run *run);

/* convolution_tall.c */
bool gan_tall_suits(const struct convolution_plan *plan);
size_t gan_tall_workspace_size(const gan_context *context, const struct convolution_plan *plan);
int64_t gan_tall_packed_count(const struct convolution_plan *plan);
void gan_tall_pack(gan_context *context, const struct convolution_plan *plan, const float *weights,
                   float *packed);
int64_t gan_tall_tasks(const struct convolution_plan *plan);
void gan_tall_run(const struct convolution_run *run);

/* convolution_narrow.c: the narrow kernels where they suit the plan, or NULL. */
const struct narrow_kernels *gan_narrow_choose(const struct convolution_plan *plan, int32_t kernels);
void gan_narrow_place_weights(struct convolution_plan *plan);
void gan_narrow_pack(const struct convolution_plan *plan, const float *weights, float *packed);
size_t gan_narrow_workspace_size(const gan_context *context, const struct convolution_plan *plan);
int64_t gan_narrow_tasks(const struct convolution_plan *plan);
void gan_narrow_run(const struct convolution_run *run);

/* Tiles of all images; the source patch of one, patch * stride rows of as many pixels side by side, where it
 * lies or copied to `scratch` (winograd->points * gan_winograd_channels floats). */
struct winograd_patch {
    const float *first;
    int64_t row_step, pixel_step;
    struct pixel_change change; /* to be made while it is read; scale NULL: none */
};
int64_t gan_winograd_tiles(const struct convolution_plan *plan, const struct winograd_kernels *winograd);
struct winograd_patch gan_winograd_patch(const struct convolution_run *run,
                                         const struct winograd_kernels *winograd, int64_t index,
                                         float *scratch);

/* convolution_winograd_gradient.c: gradients at the weights by the adjoints of Winograd's transforms. */
const struct winograd_kernels *gan_winograd_gradient_choose(const struct convolution_plan *forward,
                                                            int32_t kernels);
size_t gan_winograd_gradient_workspace_size(const gan_context *context,
                                            const struct convolution_plan *forward);
void gan_winograd_gradient_run(const struct convolution_run *run, const float *gradient, float *weights);

/* convolution_flat.c: panels of consecutive destination pixels, whatever rows they lie in. */
size_t gan_flat_workspace_size(const gan_context *context, const struct convolution_plan *plan);
void gan_flat_run(const struct convolution_run *run);

/* convolution_choose.c: the method of a plan whose axes and phases are known. */
void gan_convolution_choose(struct convolution_plan *plan, int32_t kernels, int32_t precision);

/* convolution_pointwise.c: pixels where they lie, for 1x1 kernels. */
bool gan_pointwise_suits(const struct convolution_plan *plan);
size_t gan_pointwise_workspace_size(const gan_context *context, const struct convolution_plan *plan);
int64_t gan_pointwise_tasks(const struct convolution_plan *plan);
void gan_pointwise_run(const struct convolution_run *run);

/* convolution_few.c: few pixels, by packed weights or by those of the caller. */
bool gan_few_suits(const struct convolution_plan *plan);
size_t gan_few_workspace_size(const gan_context *context, const struct convolution_plan *plan);
void gan_few_run(const struct convolution_run *run);

/* convolution_fold.c: destination[map[v]] += source[v] over the virtual positions v of a forward plan. */
void gan_fold_run(gan_context *context, const struct convolution_plan *forward, const float *folded,
                  float *destination, const struct convolution_epilogue *epilogue);

/* convolution_gradient.c: gradients at the weights, from the plan of the forward pass. */
size_t gan_gradient_workspace_size(const gan_context *context, const struct convolution_plan *forward);
void gan_gradient_run(const struct convolution_run *run, const float *gradient, float *weights);

/* convolution_correlation.c: gradients at the weights without packing, for few channels on either side. */
bool gan_correlation_suits(const struct convolution_plan *forward);
size_t gan_correlation_workspace_size(const gan_context *context, const struct convolution_plan *forward);
void gan_correlation_run(const struct convolution_run *run, const float *gradient, float *weights);

/* convolution_depthwise.c: weights and their gradients of depthwise plans. */
void gan_depthwise_pack(const struct convolution_plan *plan, const float *weights, float *packed);
size_t gan_depthwise_workspace_size(const gan_context *context, const struct convolution_plan *forward);
void gan_depthwise_gradient(const struct convolution_run *run, const float *gradient, float *weights);

/* convolution_grouped.c: plans of many groups of few channels each, with depthwise kernels. Strips then hold
 * the channels of all groups. */
bool gan_grouped_suits(const struct convolution_plan *plan);
int64_t gan_grouped_packed_count(const struct convolution_plan *plan);
void gan_grouped_pack(const struct convolution_plan *plan, const float *weights, float *packed);
size_t gan_grouped_workspace_size(const gan_context *context, const struct convolution_plan *plan);
void gan_grouped_run(const struct convolution_run *run);

/* convolution_bias.c: sums of the output's gradient over all pixels. */
size_t gan_bias_workspace_size(const struct convolution_plan *forward);
void gan_bias_run(gan_context *context, const struct convolution_plan *forward, const float *gradient,
                  float *bias, void *workspace);

#endif
