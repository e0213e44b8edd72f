/* A model whose sessions share packed weights. */
#ifndef GAN_TESTS_PACKED_BENCH_H
#define GAN_TESTS_PACKED_BENCH_H

#include "faults/ledger.h"
#include "gan/gan.h"

/* A context whose allocations are counted. */
struct bench {
    struct ledger ledger;
    gan_context *context;
};

void open_bench(struct bench *bench, int32_t threads);
void close_bench(struct bench *bench);

/* Of its memory at small sizes, packed weights are the most. */
gan_model *make_wide(gan_context *context);

gan_session *make_session(gan_model *model, int64_t height, int64_t width);

gan_tensor *run_session(gan_context *context, gan_session *session, const gan_tensor *picture);

/* What a model with packed weights of its own and the same parameters gives. */
gan_tensor *result_of_copy(gan_context *context, const gan_model *model, gan_model *(*make)(gan_context *),
                           const gan_tensor *picture);

#endif
