/* Inside of objectives. */
#ifndef GAN_GRAPH_OBJECTIVE_H
#define GAN_GRAPH_OBJECTIVE_H

#include "gan/objective.h"
#include "graph/model.h"
#include "graph/plan.h"
#include "optimizers/optimizer.h"

struct trained_parameter {
    struct parameter *parameter;
    size_t offset; /* in the slab of gradients */
};

struct gan_objective {
    gan_graph *graph;
    gan_layer *loss;
    gan_layer **inputs, **watched, **roots; /* roots: the loss, then the watched layers */
    int32_t input_count, watched_count;
    gan_model **models;
    int32_t model_count;
    gan_optimizer *optimizer;
    int32_t precision;
    float clip_norm, clip_value;

    gan_layer **layers; /* all that the roots need */
    int32_t layer_count;
    struct trained_parameter *trained;
    int32_t trained_count;
    struct optimizer_run *runs;
    int32_t run_count;
    float *gradients;
    size_t gradient_count; /* floats of the slab */
    int32_t accumulate;    /* batches to an update */
    int32_t pending;       /* batches in the sums */
    float *sums;           /* of gradients, as long as the slab; NULL where each batch is an update */

    /* Running statistics as they were before a step, to be put back where it fails. */
    struct parameter **statistics;
    int32_t statistic_count;
    float *statistics_before;

    bool *input_gradients; /* wanted, per input */
    struct shape *input_shapes;
    struct plan *plan; /* for these shapes; NULL before the first step */
    int32_t begun;     /* steps of the plan that gan_objective_begin has run for the next step; 0: none */
    uint64_t begun_version; /* of all parameters that these read */
    gan_tensor *lent;       /* over the value that gan_objective_begin gave last */
    bool differentiated;    /* gradients are those of the last run */
    float last_loss;
    uint64_t random_seed, random_stream;
};

/* The parameters that the models may change now: their list, slab and runs. */
gan_status gan_objective_collect_parameters(gan_objective *objective);
/* The last part of making an objective, as a bound optimizer stays so. */
gan_status gan_objective_bind_optimizer(gan_objective *objective);
/* The running statistics of all layers, and room to keep them. */
gan_status gan_objective_collect_statistics(gan_objective *objective);
/* All but those that begun steps moved: these are kept since then. */
void gan_objective_keep_statistics(gan_objective *objective);
void gan_objective_restore_statistics(gan_objective *objective);

/* The beginning of a step or evaluation (objective_step.c): the plan for these inputs, bound to them. Inputs
 * that are refused leave everything as it was, begun steps too. */
gan_status gan_objective_prepare(gan_objective *objective, const gan_tensor *const *inputs,
                                 int32_t input_count);
/* How a step of the plan is to be run now. */
struct plan_run gan_objective_run(const gan_objective *objective, bool update_statistics);
/* Run again, looking at every value, to name the layer at which numbers cease to be finite: NOT_FINITE. */
gan_status gan_objective_name_culprit(gan_objective *objective, struct plan_run run);
void gan_objective_mark_statistics(gan_objective *objective);

/* Steps begun (objective_begin.c). Whether a parameter belongs to one of the layers that ran. */
bool gan_objective_has_begun_with(const gan_objective *objective, const struct parameter *parameter);
/* Whether a step on these inputs may go on from there. */
bool gan_objective_goes_on(const gan_objective *objective, const gan_tensor *const *inputs);
void gan_objective_drop_plan(gan_objective *objective);

/* Gradients over several batches (objective_accumulate.c). Room for their sums where they are wanted. */
gan_status gan_objective_reserve_sums(gan_objective *objective);
/* Add the gradients at hand; true where an update is due: they are then the mean over the batches, and
 * *squares is the sum of its squares. */
bool gan_objective_accumulate(gan_objective *objective, double *squares);

/* Slab position of a parameter's gradient, or SIZE_MAX; `owner` is the objective. */
size_t gan_objective_gradient_offset(const void *owner, const struct parameter *parameter);

#endif
