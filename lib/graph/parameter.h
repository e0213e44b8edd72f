/* Parameters: named pieces of flat slabs of floats. */
#ifndef GAN_GRAPH_PARAMETER_H
#define GAN_GRAPH_PARAMETER_H

#include "base/context.h"
#include "tensor/shape.h"

struct packed_weights;

/* What a builder says of a parameter that its layer has. */
struct parameter_specification {
    const char *suffix; /* "weight": a model calls it "<layer>.weight". A string constant */
    struct shape shape;
    int32_t initializer; /* GAN_INITIALIZER_* */
    float initializer_value;
    int64_t fan_in, fan_out; /* of Glorot and He; rows of an orthogonal matrix are the first axis */
    bool running_statistic;  /* not changed by gradients */
};

/* A slab; its parameters lie one after the other, each on a multiple of 16 floats. */
struct parameter_store {
    atomic_int references;
    gan_context *context;
    float *values;
    size_t count; /* floats in the slab */
};

struct parameter {
    atomic_int references;
    gan_context *context; /* kept alive by the graph or model that holds the parameter */
    struct parameter_specification specification;
    int64_t count;
    uint64_t identity;             /* no other parameter of the context has this number, now or later */
    struct parameter_store *store; /* NULL until a model reaches the parameter */
    size_t offset;                 /* in the slab, in floats */
    atomic_uint_least64_t
        version; /* grows with each change, so that packed copies know that they are stale */
    struct packed_weights *packed; /* those in use now: graph/packed.h */
};

gan_status gan_parameter_create(struct parameter **out, gan_context *context,
                                const struct parameter_specification *specification);
struct parameter *gan_parameter_retain(struct parameter *parameter);
void gan_parameter_free(struct parameter *parameter);
/* Floats that it takes in its slab. */
size_t gan_parameter_padded_count(const struct parameter *parameter);
float *gan_parameter_values(const struct parameter *parameter);
/* To be called after each change of the values. */
void gan_parameter_mark_changed(struct parameter *parameter);

/* Give all of these parameters that have no store yet one store together, and initialize them: parameter i
 * from random stream i of a seed drawn from the context. */
gan_status gan_parameters_allocate(gan_context *context, struct parameter *const *parameters, int32_t count);

struct parameter_store *gan_parameter_store_retain(struct parameter_store *store);
void gan_parameter_store_free(struct parameter_store *store);

#endif
