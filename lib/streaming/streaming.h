/* Inside of streaming: a network whose pictures are too large to be held whole, computed in passes over bands
 * of rows.
 *
 * Layers that need to know all of a picture (instance norm, global pooling) divide the network into levels: a
 * layer's level is how many of them lie between it and the input. Pass k measures what those of level k + 1
 * must know, so that these can be settled in the passes after it; the last pass gives the result. A value
 * that is read at a later level than its own is either stored in a temporary file or computed again. */
#ifndef GAN_STREAMING_STREAMING_H
#define GAN_STREAMING_STREAMING_H

#include "gan/session.h"
#include "graph/model.h"
#include "streaming/row_file.h"

/* One layer of the model at the size of the whole picture. */
struct node {
    const gan_layer *layer;
    struct shape shape;
    bool streamed; /* has rows of the picture, so that it exists in bands alone */
    bool barrier;  /* must know all of its first input before it gives anything */
    bool crosses;  /* read at a later level than its own */
    bool stored;   /* in the file, for the passes after its own */
    int32_t level;
    int32_t last_pass; /* of the passes that read it from the file */
    uint32_t measures; /* what barriers must know of it: MEASURES_* */
    struct measurement measured;
    size_t file_offset;
    size_t attributes_offset; /* in a band's buffer */
};

/* The whole network at one size. */
struct network {
    gan_model *model;
    struct node *nodes; /* of the model's layers, in their order */
    int32_t count;
    int32_t *node_of_layer; /* by index in the graph */
    int32_t output;         /* node */
    int32_t pass_count;
    size_t attributes_size; /* of all nodes */
};

/* Infer all shapes and levels. `known` true: all is known of every picture already, so that there is one
 * level. Errors: SHAPE, UNSUPPORTED (names the layer that cannot be computed in bands), OUT_OF_MEMORY. */
gan_status gan_network_create(struct network *network, gan_model *model, int64_t height, int64_t width,
                              bool known);
void gan_network_free(struct network *network);

/* Node of input k of a node. */
struct node *gan_network_input(const struct network *network, const struct node *node, int32_t k);

/* Which layers a pass computes, marked in needed[count]: all between what it is for and what is there
 * already. */
void gan_network_mark(const struct network *network, int32_t pass, bool *needed);

/* What a node gives where a pass needs it is read: the picture, or a file. */
bool gan_network_is_source(const struct network *network, const struct node *node, int32_t pass);

/* Whether a pass is there, among other things, for this node: to measure, to store, or to give it. */
bool gan_network_is_target(const struct network *network, const struct node *node, int32_t pass);

/* Choose what is stored (GAN_STREAM_STORE_*), and the places in the file; *file_size is its size. */
gan_status gan_network_choose_stored(struct network *network, int32_t storage, size_t *file_size);

/* Multiplications, bytes written to and read from the file, and elements of sums and concatenations, of all
 * passes, without what bands share. */
struct network_cost {
    double multiplications, bytes, joins;
};
gan_status gan_network_cost(const struct network *network, struct network_cost *cost);

/* ---- Bands ---- */

/* A node in a band; rows are those of the whole picture. */
struct band_node {
    bool needed, target, source;
    struct row_range rows;   /* that are there for the readers */
    struct row_range demand; /* of a target: those that count */
    struct row_range needs, given;
};

/* One band of a pass: `nodes` and `attributes` are the caller's arrays. */
struct band_plan {
    struct band_node *nodes;   /* [count] */
    unsigned char *attributes; /* [attributes_size] */
};

gan_status gan_band_plan_create(struct band_plan *band, const struct network *network);
void gan_band_plan_free(struct band_plan *band, const struct network *network);

void gan_band_plan_copy(struct band_plan *to, const struct band_plan *from, const struct network *network);

/* Rows of every node, where targets give the rows of the whole height that lie between the cuts. */
gan_status gan_band_plan_fill(struct band_plan *band, const struct network *network, int32_t pass,
                              const bool *needed, struct row_range cut, int64_t cut_height);

/* Whether the two bands differ in nothing but their place. */
bool gan_band_plan_alike(const struct band_plan *a, const struct band_plan *b, const struct network *network);

/* Elements that are copied because layers give more rows than their readers take. */
int64_t gan_band_plan_cropped(const struct band_plan *band, const struct network *network);

/* A band's graph as a session. Inputs are its sources, outputs its targets, in the order of the nodes. */
struct band_session {
    gan_session *session;
    int32_t input_count, output_count;
    int32_t *inputs, *outputs; /* nodes; outputs: -1 where nothing but a measurement comes out */
    gan_tensor **input_tensors, **output_tensors;
};

/* `unplaced`: to be asked, not run. */
gan_status gan_band_session_create(struct band_session *session, struct network *network,
                                   const struct band_plan *band, int32_t pass, int32_t precision,
                                   bool unplaced);
/* Tensors for inputs and outputs. */
gan_status gan_band_session_prepare(struct band_session *session);
gan_status gan_band_session_run(struct band_session *session);
void gan_band_session_free(struct band_session *session, const struct network *network);
/* Bytes, tensors included. */
int64_t gan_band_session_memory(const struct band_session *session);
double gan_band_session_multiplications(const struct band_session *session);

/* ---- Passes ---- */

/* How a pass is cut: at offset + k * rows of the rows of its highest target. */
struct pass {
    bool *needed;
    int64_t height, width; /* of the largest target */
    int64_t rows, offset; /* of it */
    int64_t bands;
    int64_t halo;   /* rows of the result beyond a band, above and below, that it reads from its sources */
    int64_t memory; /* of the largest band */
    double multiplications; /* of all bands */
};

#endif
