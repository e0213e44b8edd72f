/* The parts of "gan info": one for each kind of file. */
#ifndef CLI_INFO_H
#define CLI_INFO_H

#include "console.h"
#include "json.h"

#include "gan/gan.h"
#include "gan/tensors.h"

/* Under this key a model file describes its layers. */
#define INFO_GRAPH_KEY "libgan.graph"

struct info {
    const char *path;
    struct console console;
    gan_context *context;
    const gan_tensors *tensors; /* of a safetensors file */
    bool plan;
    int64_t plan_width, plan_height, threads;
    int32_t precision;
};

/* Each says what the object is; returns an exit code. */
int info_model(const struct info *info, gan_model *model);
int info_picture(const struct info *info);
/* Any other safetensors file: a style, a checkpoint, published weights. */
int info_tensors(const struct info *info);

/* The words that travel with a file, but the description of the graph, which is no reading for people. */
void info_print_metadata(const struct info *info);
void info_json_metadata(const struct info *info, struct json *json);

/* "[N, H, W, 3]": open sizes of a picture get their letters. */
void info_shape(char *text, size_t size, const int64_t *sizes, int32_t rank);

#endif
