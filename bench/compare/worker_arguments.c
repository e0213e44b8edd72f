#include "worker.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 64 };

const char *arguments_text(const struct arguments *arguments, const char *name, const char *otherwise)
{
    for (int i = 1; i + 1 < arguments->count; i++)
        if (strcmp(arguments->words[i], name) == 0)
            return arguments->words[i + 1];
    return otherwise;
}

const char *arguments_require(const struct arguments *arguments, const char *name)
{
    const char *text = arguments_text(arguments, name, NULL);
    if (text != NULL)
        return text;
    fprintf(stderr, "%s is missing\n", name);
    exit(2);
}

int arguments_number(const struct arguments *arguments, const char *name, int otherwise)
{
    const char *text = arguments_text(arguments, name, NULL);
    return text != NULL ? atoi(text) : otherwise;
}

int32_t arguments_precision(const struct arguments *arguments)
{
    const char *name = arguments_text(arguments, "--precision", "default");
    if (strcmp(name, "default") == 0)
        return GAN_PRECISION_DEFAULT;
    if (strcmp(name, "exact") == 0)
        return GAN_PRECISION_EXACT;
    if (strcmp(name, "bf16") == 0)
        return GAN_PRECISION_BF16;
    skip("this libgan has no such precision");
}

void skip(const char *why)
{
    printf("skip %s\n", why);
    exit(0);
}

void check(gan_status status)
{
    if (status == GAN_OK)
        return;
    if (status == GAN_ERROR_UNSUPPORTED)
        skip(gan_error_message());
    fprintf(stderr, "%s: %s\n", gan_status_name(status), gan_error_message());
    exit(1);
}

/* "2,256,256,3" to numbers; returns how many. */
static int32_t read_shape(const char *text, int64_t *shape)
{
    int32_t rank = 0;
    char *end;
    for (; rank < GAN_MAX_RANK && *text != '\0'; text = *end == ',' ? end + 1 : end) {
        shape[rank++] = strtoll(text, &end, 10);
        if (end == text)
            break;
    }
    return rank;
}

gan_tensor *arguments_tensor(const struct arguments *arguments, gan_context *context, const char *name)
{
    char shape_name[NAME_SIZE];
    snprintf(shape_name, sizeof shape_name, "%s-shape", name);
    const char *path = arguments_require(arguments, name);
    int64_t shape[GAN_MAX_RANK];
    const int32_t rank = read_shape(arguments_require(arguments, shape_name), shape);
    gan_tensor *tensor;
    check(gan_tensor_create(&tensor, context, GAN_FLOAT32, shape, rank));
    const size_t count = (size_t)gan_tensor_count(tensor);
    FILE *file = fopen(path, "rb");
    if (file == NULL || fread(gan_tensor_data(tensor), sizeof(float), count, file) != count) {
        fprintf(stderr, "%s does not hold %zu numbers\n", path, count);
        exit(1);
    }
    fclose(file);
    return tensor;
}

gan_model *arguments_model(const struct arguments *arguments, gan_context *context, const char *name)
{
    gan_model *model;
    check(gan_model_load(&model, context, arguments_require(arguments, name)));
    return model;
}

void write_tensor(FILE *file, const gan_tensor *tensor)
{
    const size_t count = (size_t)gan_tensor_count(tensor);
    if (fwrite(gan_tensor_data_const(tensor), sizeof(float), count, file) != count) {
        perror("writing the result");
        exit(1);
    }
}
