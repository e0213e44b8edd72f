/* Inside of sessions. */
#ifndef GAN_GRAPH_SESSION_H
#define GAN_GRAPH_SESSION_H

#include "gan/session.h"
#include "graph/model.h"
#include "graph/plan.h"

struct gan_session {
    gan_model *model;
    struct plan *plan;
    struct shape *input_shapes;
    gan_session_options options;
    uint64_t random_stream, runs;
    bool profiling;
    bool remembers; /* statistics of a former run */
};

/* A session that can be asked, but not run: it has no memory for values. */
gan_status gan_session_create_unplaced(gan_session **out, gan_model *model, const int64_t *shapes,
                                       const gan_session_options *options);

/* Whether complete options are in range. Errors: ARGUMENT, UNSUPPORTED. */
gan_status gan_session_check_options(const gan_session_options *options);

#endif
