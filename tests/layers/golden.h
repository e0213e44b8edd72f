/* Reference results of single layers (data/golden/ops: values and gradients of sum(y g) in float64 from
 * PyTorch), in the folder that the environment variable GAN_SHARED_DATA names. */
#ifndef GOLDEN_H
#define GOLDEN_H

#include "gradient_check.h"

/* Whether there are any; says so where not. */
bool golden_available(void);

/* The array `name`.`what`, pictures and weights turned from PyTorch's layout (NCHW, OIHW, IOHW) into
 * libgan's. NULL where there is none. */
gan_tensor *golden_tensor(gan_context *context, const char *name, const char *what);

/* One case of the file, and the layer that should give the same. `others` names the arrays that are inputs
 * besides x. Parameters of the layer are set from the arrays of their names. */
struct golden_case {
    const char *name;
    layer_builder build;
    const void *argument;
    const char *others[MOST_INPUTS - 1];
    double tolerance; /* of the largest magnitude; 0: 1e-5 */
};

/* Compare y and all gradients on every kernel set; prints the worst error. */
void check_golden(const struct golden_case *golden);

#endif
