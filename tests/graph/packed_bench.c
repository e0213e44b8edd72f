#include "graph/packed_bench.h"
#include "faults/ledger.h"
#include "graph/networks.h"
#include "kernels/convolution.h"

#include <check.h>

void open_bench(struct bench *bench, int32_t threads)
{
    ledger_open(&bench->ledger);
    succeed(ledger_context(&bench->context, &bench->ledger, threads));
}

void close_bench(struct bench *bench)
{
    gan_context_free(bench->context);
    ck_assert_int_eq(atomic_load(&bench->ledger.live), 0);
}

gan_model *make_wide(gan_context *context)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3);
    gan_layer *y = gan_relu(convolve(x, "in", 64, 3, 1));
    for (int i = 0; i < 3; i++)
        y = gan_relu(convolve(y, NULL, 64, 3, 1));
    gan_model *model = make_model("wide", x, convolve(y, "out", 3, 3, 1));
    gan_graph_free(graph);
    return model;
}

gan_session *make_session(gan_model *model, int64_t height, int64_t width)
{
    gan_session *session;
    succeed(gan_session_create_2d(&session, model, 1, height, width, NULL));
    return session;
}

gan_tensor *run_session(gan_context *context, gan_session *session, const gan_tensor *picture)
{
    int64_t shape[GAN_MAX_RANK];
    const int32_t rank = gan_session_output_shape(session, 0, shape);
    gan_tensor *result = make_zeros(context, shape, rank);
    succeed(gan_session_run(session, &picture, 1, &result, 1));
    return result;
}

gan_tensor *result_of_copy(gan_context *context, const gan_model *model, gan_model *(*make)(gan_context *),
                           const gan_tensor *picture)
{
    gan_model *copy = make(context);
    gan_tensor *result;
    succeed(gan_model_copy_parameters(copy, model));
    succeed(gan_model_run(copy, picture, &result));
    gan_model_free(copy);
    return result;
}
