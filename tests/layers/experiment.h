/* Tests of layers through the public interface. A layer under test is built between inputs and the loss
 * sum(y g), g fixed, so that g is the gradient of the loss at y. */
#ifndef EXPERIMENT_H
#define EXPERIMENT_H

#include "gan/context.h"
#include "gan/layers.h"
#include "gan/objective.h"
#include "gan/session.h"

enum { MOST_INPUTS = 4 };

typedef gan_layer *(*layer_builder)(gan_layer *const *inputs, const void *argument);

/* What to build; inputs are filled with normal numbers. A rank of 0 ends the list of inputs. */
struct layer_case {
    const char *name;
    layer_builder build;
    const void *argument;
    struct {
        int32_t rank;
        int64_t size[GAN_MAX_RANK];
    } inputs[MOST_INPUTS];
    double tolerance; /* of finite differences, relative to the largest gradient; 0: 1e-2 */
};

struct experiment {
    const char *name;
    gan_context *context;
    gan_graph *graph;
    gan_model *model, *anchor;
    gan_objective *objective;
    int32_t input_count;
    gan_tensor *inputs[MOST_INPUTS + 2]; /* then g, and one number for the anchor */
    gan_tensor *output;
};

/* Build the case on a context with these kernels and threads (0, 0: the defaults). Parameters get normal
 * numbers too. Where `given` is not NULL, its input_count tensors are the inputs (not taken over) and the
 * case tells only what to build; `g` likewise. */
void experiment_create(struct experiment *experiment, const struct layer_case *layer, int32_t kernels,
                       int32_t threads, gan_tensor *const *given, const gan_tensor *g);
void experiment_free(struct experiment *experiment);

/* Output (as in training) and all gradients. */
void experiment_run(struct experiment *experiment);
gan_tensor *experiment_input_gradient(const struct experiment *experiment, int32_t input);

/* A parameter by the end of its name, and its gradient; NULL where the layer has none. */
int32_t experiment_find(const struct experiment *experiment, const char *suffix);
gan_tensor *experiment_parameter(const struct experiment *experiment, const char *suffix);
gan_tensor *experiment_parameter_gradient(const struct experiment *experiment, const char *suffix);
void experiment_set_parameter(struct experiment *experiment, const char *suffix, const gan_tensor *value);

/* A session for the inputs' shapes, batch statistics as in training, and a run that writes the output. */
gan_session *experiment_session(const struct experiment *experiment);
void experiment_run_session(struct experiment *experiment, gan_session *session);

/* Fail the test with gan_error_message where a call has failed. */
void expect_ok(const char *name, gan_status status);

#endif
