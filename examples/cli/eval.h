/* Inside of gan eval. */
#ifndef CLI_EVAL_H
#define CLI_EVAL_H

#include "arguments.h"
#include "console.h"

#include "gan/gan.h"

struct eval {
    struct texts words; /* METRIC A B */
    const char *metric, *a, *b;
    const char *features, *heads, *output;
    int64_t size, subsets, subset_size, seed, threads;
    struct console console;
    gan_context *context;
    gan_model *extractor; /* NULL where the metric needs none */
};

/* Between two pictures, or each picture of a folder and its namesake in another. NULL: no such metric. */
struct pair_metric;
const struct pair_metric *eval_find_pair_metric(const char *name);
bool eval_needs_features(const struct pair_metric *metric);
int eval_pairs(struct eval *eval, const struct pair_metric *metric);

/* Between all pictures of two folders: "fid", "kid". */
int eval_sets(struct eval *eval, bool kernel);

/* A picture, scaled to --size. Returns an exit code. */
int eval_load(const struct eval *eval, const char *path, gan_tensor **picture);

#endif
