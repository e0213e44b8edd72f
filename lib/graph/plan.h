/* A plan: layers compiled for known shapes into steps over one arena.
 *
 * Time runs through the forward steps 0..S-1 and, in training, back through them at S..2S-1 (step s at
 * 2S-1-s). Each buffer lives from the time at which it is written to the time at which it is last read. */
#ifndef GAN_GRAPH_PLAN_H
#define GAN_GRAPH_PLAN_H

#include "graph/graph.h"
#include "graph/memory_plan.h"
#include "graph/packed.h"

enum { NO_BLOCK = -1 };

/* What one layer gives: a value, and in training its gradient. The value of a view (reshape, ...) is the
 * memory and the gradient of its root. */
struct plan_value {
    const gan_layer *layer;
    struct shape shape;
    int32_t root;     /* the value whose memory this is: itself, but for views and parts */
    int64_t part;     /* of a value that is written beside others: where in its root it begins, in floats */
    bool joined;      /* steps write parts of this value; `producer` is the last of them */
    int32_t input;    /* position among the plan's inputs, or -1 */
    int32_t producer; /* step, or -1 */
    int32_t uses;     /* layers that read it, and one more where it is a root of the request */
    bool kept;        /* read after the run: the block lives to the end */
    bool needs_gradient;
    bool reached; /* by the backward pass */
    int32_t block, gradient_block;
    float *data, *gradient;
};

/* A gradient that a step hands on: directly, where it is the first or the op adds it by itself
 * (op_call.adds_gradient), or through a spare block that is then added. */
struct plan_gradient {
    bool wanted, add;
    int32_t spare_block;
    float *target;
    int64_t count;
};

struct plan_step {
    const gan_layer *layer;
    int32_t output;  /* value */
    int32_t *inputs; /* values */
    struct op_call call;
    void *op_plan;
    struct op_value *input_values, *parameter_values;
    bool dropped;         /* folded into another step */
    char folded[64];      /* words for what is folded into this one */
    bool backward;        /* takes part in the backward pass */
    int32_t residual;     /* value that is added to the output before the activation, or -1 */
    bool affine_only;     /* a normalization of which its readers apply scale and shift */
    int32_t affine_from;  /* step whose scale and shift this one applies to input 0, or -1 */
    int32_t affine_block; /* scale, then shift */
    int32_t moments_from; /* step whose output's moments this one reads, or -1 */
    int32_t moments_block;
    bool pack_once; /* its parameters are not trained here: packed outside the arena, when they changed */
    double seconds; /* in all profiled runs */
    struct packed_weights *packed[2]; /* by enum op_pass, where pack_once */
    int32_t saved_block, remembered_block, workspace_block[2], packed_block[2];
    struct plan_gradient *gradients; /* of inputs, then of parameters */
    float **targets;                 /* what the op is given, in the same order */
};

struct plan_request {
    gan_context *context;
    gan_layer *const *layers; /* reachable, inputs before users */
    int32_t layer_count;
    gan_layer *const *inputs;
    const struct shape *input_shapes;
    int32_t input_count;
    gan_layer *const *roots; /* read after the run */
    int32_t root_count;
    int32_t precision;
    bool training;         /* batch statistics, dropout */
    bool measure;          /* batch statistics alone */
    bool remembers;        /* ops that can carry statistics from run to run do */
    bool unplaced;         /* to look at, not to run: without the arena */
    const gan_layer *loss; /* NULL: no backward pass */
    /* Slab position of a parameter's gradient, or SIZE_MAX where it is not trained. */
    size_t (*gradient_offset)(const void *owner, const struct parameter *parameter);
    const void *owner;
    float *gradients;            /* the slab */
    const bool *input_gradients; /* per input: wanted; NULL: none */
};

struct plan {
    gan_context *context;
    struct plan_step *steps;
    int32_t step_count;
    struct plan_value *values;
    int32_t value_count;
    int32_t *value_of_layer; /* by index in the graph */
    int32_t input_count;
    int32_t *input_values;
    struct memory_block *blocks;
    int32_t block_count, block_capacity;
    unsigned char *arena;
    size_t arena_size, packed_size; /* packed_size: of the steps that pack once, each piece counted once */
    bool training;
    int32_t loss; /* value, or -1 */
    int64_t profiled_runs;
};

/* The parts of gan_plan_create, in the order in which they run. */
gan_status gan_plan_make_values(struct plan *plan, const struct plan_request *request);
gan_status gan_plan_make_steps(struct plan *plan, const struct plan_request *request);
void gan_plan_fold_affine(struct plan *plan);
void gan_plan_link_moments(struct plan *plan);

/* Note in words that something was folded into a step. */
void gan_plan_note_fold(struct plan_step *step, const char *word);
gan_status gan_plan_differentiate(struct plan *plan, const struct plan_request *request);
gan_status gan_plan_prepare(struct plan *plan, const struct plan_request *request);
gan_status gan_plan_place(struct plan *plan);

/* Times of a step. */
int32_t gan_plan_forward_time(const struct plan *plan, int32_t step);
int32_t gan_plan_backward_time(const struct plan *plan, int32_t step);

/* A new block alive at `first` to `last`; its number, or NO_BLOCK where size is 0 or memory is out (then
 * *status says so). */
int32_t gan_plan_add_block(struct plan *plan, size_t size, int32_t first, int32_t last, gan_status *status);
void gan_plan_extend_block(struct plan *plan, int32_t block, int32_t time);

gan_status gan_plan_create(struct plan **out, const struct plan_request *request);
void gan_plan_free(struct plan *plan);

/* The value that holds what `layer` gives, or NULL where the plan does not have it. */
const struct plan_value *gan_plan_value(const struct plan *plan, const gan_layer *layer);
int64_t gan_plan_memory(const struct plan *plan);

/* Inputs by position; they stay bound for the next runs. */
void gan_plan_bind_input(struct plan *plan, int32_t input, const float *data);

/* Let what `layer` gives be written to `data` in the next runs; NULL: to the arena again. Where that is not
 * possible, or another output has the place since, the value remains where gan_plan_value says. */
void gan_plan_bind_output(struct plan *plan, const gan_layer *layer, float *data);

struct plan_run {
    int32_t first, end; /* forward steps to run; end 0: to the last */
    bool update_statistics;
    double statistics_share; /* see struct op_call */
    bool profile;            /* add up the time of each step */
    double carry;            /* see op.h */
    uint64_t random_seed, random_stream, random_counter;
    bool scan;                   /* stop at the first value that is not finite, and name its layer */
    const gan_layer *not_finite; /* result of the scan */
};

void gan_plan_forward(struct plan *plan, struct plan_run *run);
/* Needs a forward run just before. Gradients of parameters are written to the slab. */
void gan_plan_backward(struct plan *plan, struct plan_run *run);

#endif
