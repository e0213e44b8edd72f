/* What a kind of layer is: how its shape follows from its inputs, how it is computed and differentiated. A
 * new kind is one struct gan_op beside its family in lib/layers or lib/losses and one line in
 * lib/layers/table.c. */
#ifndef GAN_GRAPH_OP_H
#define GAN_GRAPH_OP_H

#include "base/context.h"
#include "gan/graph.h"
#include "kernels/activation.h"
#include "tensor/shape.h"

enum { GAN_MAX_PARAMETERS = 4 };

struct parameter_specification;

/* One member of an attributes struct, so that graphs can be written to files and read again. */
enum attribute_type { ATTRIBUTE_INT32, ATTRIBUTE_INT64, ATTRIBUTE_FLOAT };
struct attribute_field {
    const char *name;
    enum attribute_type type;
    size_t offset;
    int32_t count; /* more than 1: an array */
};

/* One member of an op's list of fields. */
#define GAN_FIELD(structure, member, type, count)                                                            \
    {                                                                                                        \
#member, type, offsetof(struct structure, member), count                                             \
    }

struct op_value {
    struct shape shape;
    float *data;
};

/* One layer at work. All arrays are dense float32; shapes are known. In backward, inputs and output have data
 * only where op->saves asked for them. */
struct op_call {
    gan_context *context;
    const struct gan_op *op;
    const char *layer_name;
    const void *attributes;
    const void *plan; /* what op->prepare made, or NULL */
    int32_t precision;
    int32_t input_count, parameter_count;
    const struct op_value *inputs;
    const struct op_value *parameters; /* running statistics may be written by forward, see below */
    struct op_value output;
    const void *packed; /* op->packed_size bytes that op->pack filled; of the pass at hand */
    void *saved;        /* op->saved_size bytes that forward writes for backward; NULL where there is none */
    void *workspace;    /* op->workspace_size bytes */
    bool batch_statistics;   /* batch norms use the statistics of the batch, not the running ones */
    bool training;           /* dropout active */
    bool update_statistics;  /* batch norms move their running statistics */
    double statistics_share; /* > 0: batch norms are measured, with this share of the batch in what is moved;
                              * 0: the layer's momentum */
    uint64_t random_seed, random_stream, random_counter; /* dropout draws from here: see base/random.h */

    /* A pointwise function folded into this layer (op->takes_activation): output = f(what the layer
     * computes). In backward, output_gradient is already that before the function. */
    struct activation activation;
    /* A sum folded into this layer (op->takes_residual): added before the activation; NULL: none. Inference.
     */
    const float *residual;
    /* Floats from one pixel of the output to the next, where it is written beside others
     * (op->takes_output_step); 0: its channels. Inference. */
    int64_t output_step;
    /* Nearest upsampling of input 0 folded into this layer (op->takes_upsample): 1 or 2. */
    int32_t upsample;
    /* A normalization before this layer, folded into the reading of input 0 (op->takes_affine):
     * input_activation(x * scale + shift), [batch, channels] each; NULL: none. Inference only. */
    const float *input_scale, *input_shift;
    struct activation input_activation;

    /* Mean and sum of squared differences from it, [batch, channels] each, of this layer's output: asked for
     * before op->workspace_size, and where to put them (op->gives_moments). The same of input 0, where it is
     * known (op->takes_moments); or NULL. */
    bool measured;
    double *moments;
    const double *input_moments;

    /* What the layer remembers from one run to the next (op->remembered_size bytes; NULL: nothing), and the
     * share of it in what it uses now; 0: there is nothing to remember yet. Inference. */
    void *remembered;
    double carry;

    /* Backward only. Gradients are overwritten, but for that of input 0 where `adds_gradient` says that there
     * is one already, to be added to (op->adds_gradient); NULL where not wanted. */
    bool adds_gradient;
    const float *output_gradient;
    float *const *input_gradients;
    float *const *parameter_gradients;
};

enum op_pass { OP_FORWARD, OP_BACKWARD };

/* Rows [first, last) of a picture. */
struct row_range {
    int64_t first, last;
};

/* A layer that is to be computed for some rows of its picture alone. */
struct band {
    const struct shape *input, *output; /* of the whole picture; `input`: of the inputs that have its rows */
    struct row_range wanted;            /* of the output: at least one row */
    void *attributes; /* a copy of the layer's, to be changed so that the rows needed give the rows given */
    struct row_range needed; /* result: rows of these inputs, all of which exist */
    struct row_range given;  /* result: rows of the output that come of them, among them those wanted */
};

/* What is known of a whole picture [1, H, W, C] that went by in bands. */
struct measurement {
    int64_t channels;
    double *count;         /* of pixels, once for each channel */
    double *mean, *square; /* per channel; square: sum of squared differences from the mean */
    float *largest;        /* per channel */
};

/* Bits of op->measures. */
enum { MEASURES_MOMENTS = 1, MEASURES_LARGEST = 2 };

enum { MOST_LAYOUT_NUMBERS = 64 };
struct packed_layout {
    int32_t count; /* 0: not told */
    int64_t numbers[MOST_LAYOUT_NUMBERS];
};

/* Bits of op->saves: input i is 1 << i; all inputs; the output. */
enum {
    SAVES_NOTHING = 0,
    SAVES_INPUT_0 = 1,
    SAVES_INPUT_1 = 2,
    SAVES_INPUTS = 0xFFFF,
    SAVES_OUTPUT = 0x10000
};

/* Members that are NULL or 0 mean: nothing of that sort. */
struct gan_op {
    const char *name; /* as in messages and files: "conv2d" */
    size_t attributes_size;
    const struct attribute_field *fields;
    int32_t field_count;

    /* The output's shape; sizes may be -1 (open) on both sides. The message of an error does not repeat the
     * layer's name: the graph puts `conv2d "name": ` before it. */
    gan_status (*infer)(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output);

    /* The parameters that go with attributes which infer has accepted: suffixes, shapes, which are running
     * statistics; returns how many. Initializers are the builder's affair. */
    int32_t (*parameters)(const void *attributes, struct parameter_specification *specifications);

    /* What backward reads: SAVES_* bits. */
    uint32_t (*saves)(const void *attributes);

    /* Once per step of a plan, shapes known, no data: make call->plan; undo it. */
    gan_status (*prepare)(const struct op_call *call, void **plan);
    void (*discard)(gan_context *context, void *plan);

    /* Bytes, asked once per plan after prepare. */
    size_t (*saved_size)(const struct op_call *call);
    size_t (*workspace_size)(const struct op_call *call, enum op_pass pass);
    size_t (*packed_size)(const struct op_call *call, enum op_pass pass);
    size_t (*remembered_size)(const struct op_call *call);

    /* Numbers that differ wherever packed weights of one size, method and precision are arranged differently:
     * steps that agree share them. NULL or no numbers: not shared. */
    void (*packed_layout)(const struct op_call *call, enum op_pass pass, struct packed_layout *layout);

    /* Rearrange parameter 0, and nothing else, for a pass: before each use where it is trained, else when it
     * changed. */
    void (*pack)(const struct op_call *call, enum op_pass pass, void *packed);

    void (*forward)(const struct op_call *call);
    void (*backward)(const struct op_call *call); /* NULL: no gradient passes (constants) */

    /* For plans and profiles: words for the way a pass is computed, and multiplications of the definition. */
    const char *(*method)(const struct op_call *call, enum op_pass pass);
    double (*multiplications)(const struct op_call *call);

    bool saved_optional; /* forward can do without call->saved where no backward pass follows */
    bool view;           /* the output is input 0's memory under another shape; forward and backward unused */
    bool stops_gradient; /* no gradient goes to any input */
    bool takes_activation; /* see op_call */
    bool takes_upsample;
    bool takes_affine;
    bool takes_residual;
    bool takes_output_step;
    bool takes_moments;
    bool (*gives_moments)(const struct op_call *call); /* whether this layer can: asked after prepare */
    int32_t (*joined_axis)(
        const void *attributes); /* the output is the inputs side by side along this axis */
    bool adds_gradient;          /* backward can add to the gradient of input 0: see op_call */
    bool adds;                   /* the output is the sum of two inputs, which may have one shape */
    /* What this layer does is y = activation(x * scale + shift) per picture and channel: find the two alone.
     */
    void (*affine)(const struct op_call *call, float *scale, float *shift);
    const struct activation *(*activation)(const void *attributes); /* this op is a pointwise function */
    int32_t (*upsample_factor)(const void *attributes); /* this op is nearest upsampling by this factor */
    uint32_t no_gradient_inputs;                        /* bit i: none flows to input i (targets of losses) */

    /* How rows of the output follow from rows of the input, so that pictures too large to be held whole are
     * computed in bands; NULL: they do not. Errors: UNSUPPORTED. */
    gan_status (*band)(struct band *band);
    /* What this layer must know of the whole of input 0 before it can give a single row: MEASURES_* bits.
     * Then `settle` adds to a graph a layer that does the same by means of that; `measured` outlives it. */
    uint32_t measures;
    bool has_running_statistics; /* it measures only where the layer says GAN_STATISTICS_BATCH */
    gan_layer *(*settle)(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                         const struct measurement *measured);

    /* For gradients of gradients: a new layer that is the gradient at an input of `layer`, from the layer
     * `gradient` at its output; parameters are shared. NULL: not offered. */
    gan_layer *(*input_gradient)(gan_layer *layer, gan_layer *gradient, int32_t input);
    const struct gan_op *transposed;   /* of a linear op without parameters: its transpose */
    const struct gan_op *transpose_of; /* the other way round */
};

#endif
