/* Two published forms of the transformation network: the VangoghCrazyWorld family, whose files number their
 * variables, and fast-neural-style nets with PyTorch's module names. */
#include "models/import.h"
#include "models/johnson.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 64, MOST_BLOCKS = 64, MOST_VARIABLES = 100000, SIDE_STAGES = 6 };

/* A lower bound of the elements of the residual blocks, before memory is taken on the file's word. */
static gan_status check_size(const struct import *import, const gan_johnson_options *options)
{
    const int64_t wide = 4 * (int64_t)options->channels;
    if (options->blocks < 1 || options->blocks > MOST_BLOCKS)
        return gan_fail(GAN_ERROR_FORMAT, "the tensors make %d residual blocks, expected 1 to %d",
                        options->blocks, MOST_BLOCKS);
    if (wide > 1000000 || 18 * options->blocks * wide * wide > gan_import_element_count(import))
        return gan_fail(GAN_ERROR_FORMAT, "the file holds too few numbers for %d channels in %d blocks",
                        options->channels, options->blocks);
    return GAN_OK;
}

static gan_status build(struct import *import, const gan_johnson_options *options,
                        const struct johnson_variant *variant)
{
    const gan_status status = check_size(import, options);
    return status == GAN_OK ? gan_johnson_build(&import->model, import->context, options, variant) : status;
}

/* ---- VangoghCrazyWorld ---- */

/* "Variable_3" or "Variable_3_read__...": 3. The first has no number: 0. All else: -1. */
static int32_t variable_number(const char *name)
{
    static const char start[] = "Variable", mark[] = "_read__";
    if (strncmp(name, start, sizeof start - 1) != 0)
        return -1;
    const char *rest = name + sizeof start - 1;
    int32_t number = 0;
    if (rest[0] == '_' && rest[1] >= '1' && rest[1] <= '9')
        for (rest++; *rest >= '0' && *rest <= '9' && number < MOST_VARIABLES; rest++)
            number = 10 * number + (*rest - '0');
    return *rest == '\0' || strncmp(rest, mark, sizeof mark - 1) == 0 ? number : -1;
}

static const char *find_variable(const struct import *import, int32_t number)
{
    for (int32_t i = 0; i < gan_tensors_count(import->tensors); i++)
        if (variable_number(gan_tensors_name(import->tensors, i)) == number)
            return gan_tensors_name(import->tensors, i);
    return NULL;
}

/* Three variables a stage. Where one is missing the last one still tells how many there should be. */
static int32_t count_variable_blocks(const struct import *import)
{
    int32_t last = -1;
    for (int32_t i = 0; i < gan_tensors_count(import->tensors); i++) {
        const int32_t number = variable_number(gan_tensors_name(import->tensors, i));
        last = number > last ? number : last;
    }
    return (last / 3 + 1 - SIDE_STAGES) / 2;
}

bool gan_import_is_fns(const struct import *import)
{
    return find_variable(import, 0) != NULL && find_variable(import, 1) != NULL;
}

/* The first weights, [c, 3, k, k] or [k, k, 3, c], tell layout, width and kernel. */
static gan_status read_first(struct import *import, gan_johnson_options *options)
{
    int64_t s[4];
    const char *name = find_variable(import, 0);
    if (name == NULL)
        return gan_fail(GAN_ERROR_FORMAT, "tensor \"Variable\" of architecture \"%s\" is missing",
                        import->architecture);
    if (!gan_import_shape(import, name, 4, s) || (s[1] != 3 && s[2] != 3))
        return gan_fail(GAN_ERROR_FORMAT, "tensor \"%s\" is no convolution of 3 channels", name);
    import->layout = s[1] == 3 && s[2] == s[3] ? IMPORT_CHANNELS_FIRST : IMPORT_CHANNELS_LAST;
    const bool first = import->layout == IMPORT_CHANNELS_FIRST;
    const int64_t channels = first ? s[0] : s[3], kernel = first ? s[2] : s[0];
    if (channels < 1 || channels > INT32_MAX || kernel < 1 || kernel > 99)
        return gan_fail(GAN_ERROR_FORMAT, "tensor \"%s\" is no first convolution of such a net", name);
    options->channels = (int32_t)channels;
    options->kernel = (int32_t)kernel;
    return GAN_OK;
}

static gan_status take_variable(struct import *import, int32_t index, int32_t offset)
{
    const char *name = find_variable(import, index);
    if (name == NULL)
        return gan_fail(GAN_ERROR_FORMAT, "tensor \"Variable_%d\" of architecture \"%s\" is missing", index,
                        import->architecture);
    return gan_import_take(import, name, offset);
}

/* Three variables a stage: weight, shift, scale. Here the scale stands before the shift. */
static gan_status take_variables(struct import *import)
{
    static const int32_t offsets[3] = {0, 2, 1};
    const int32_t count = gan_model_parameter_count(import->model);
    gan_status status = GAN_OK;
    for (; status == GAN_OK && import->next < count; import->next += 3)
        for (int32_t i = 0; status == GAN_OK && i < 3; i++)
            status = take_variable(import, import->next + i, offsets[i]);
    return status;
}

gan_status gan_import_fns(struct import *import)
{
    const struct johnson_variant variant = {{import->architecture, "0..255", "0..255"}, 150, 127.5f};
    gan_johnson_options options = {.struct_size = sizeof options,
                                   .upsampling = GAN_UPSAMPLE_TRANSPOSED,
                                   .output = GAN_OUTPUT_TANH,
                                   .normalize_output = 1,
                                   .no_bias = 1,
                                   .epsilon = 1e-9f};
    options.blocks = count_variable_blocks(import);
    gan_status status = read_first(import, &options);
    if (status == GAN_OK)
        status = build(import, &options, &variant);
    return status == GAN_OK ? take_variables(import) : status;
}

/* ---- PyTorch's names: m.<position> in one sequence of modules, "c" a convolution in it ---- */

enum { FIRST_BLOCK = 9 };

bool gan_import_is_johnson(const struct import *import)
{
    int64_t sizes[4];
    return gan_import_shape(import, "m.0.c.weight", 4, sizes);
}

static bool has_block(const struct import *import, int32_t position)
{
    for (int32_t i = 1; i <= 2; i++) {
        char name[NAME_SIZE];
        int64_t sizes[4];
        snprintf(name, sizeof name, "m.%d.c%d.c.weight", position, i);
        if (gan_import_shape(import, name, 4, sizes))
            return true;
    }
    return false;
}

static gan_status read_options(const struct import *import, gan_johnson_options *options)
{
    int64_t s[4];
    if (!gan_import_shape(import, "m.0.c.weight", 4, s) || s[1] != 3 || s[0] < 1 || s[2] < 1 || s[2] > 99)
        return gan_fail(GAN_ERROR_FORMAT,
                        "tensor \"m.0.c.weight\" is missing, or no first convolution of such a net");
    options->channels = s[0] < INT32_MAX ? (int32_t)s[0] : INT32_MAX;
    options->kernel = (int32_t)s[2];
    while (options->blocks <= MOST_BLOCKS && has_block(import, FIRST_BLOCK + options->blocks))
        options->blocks++;
    return GAN_OK;
}

static gan_status take_stage(struct import *import, int32_t position)
{
    char conv[NAME_SIZE], norm[NAME_SIZE];
    snprintf(conv, sizeof conv, "m.%d.c", position);
    snprintf(norm, sizeof norm, "m.%d", position + 1);
    const gan_status status = gan_import_take_pair(import, conv, ".");
    return status == GAN_OK ? gan_import_take_pair(import, norm, ".") : status;
}

static gan_status take_block(struct import *import, int32_t position)
{
    gan_status status = GAN_OK;
    for (int32_t i = 1; status == GAN_OK && i <= 2; i++) {
        char conv[NAME_SIZE], norm[NAME_SIZE];
        snprintf(conv, sizeof conv, "m.%d.c%d.c", position, i);
        snprintf(norm, sizeof norm, "m.%d.n%d", position, i);
        status = gan_import_take_pair(import, conv, ".");
        if (status == GAN_OK)
            status = gan_import_take_pair(import, norm, ".");
    }
    return status;
}

/* Three stages of convolution, norm and ReLU; the blocks; two more such stages; the last convolution. */
static gan_status take_modules(struct import *import, int32_t blocks)
{
    gan_status status = GAN_OK;
    int32_t position = 0;
    for (; status == GAN_OK && position < FIRST_BLOCK; position += 3)
        status = take_stage(import, position);
    for (; status == GAN_OK && position < FIRST_BLOCK + blocks; position++)
        status = take_block(import, position);
    for (; status == GAN_OK && position < FIRST_BLOCK + blocks + 6; position += 3)
        status = take_stage(import, position);
    char last[NAME_SIZE];
    snprintf(last, sizeof last, "m.%d.c", position);
    return status == GAN_OK ? gan_import_take_pair(import, last, ".") : status;
}

gan_status gan_import_johnson(struct import *import)
{
    const struct johnson_variant variant = {.words = {import->architecture, "0..255", "0..255"}};
    gan_johnson_options options = {
        .struct_size = sizeof options, .output = GAN_OUTPUT_LINEAR, .epsilon = 1e-5f};
    gan_status status = read_options(import, &options);
    if (status == GAN_OK)
        status = build(import, &options, &variant);
    return status == GAN_OK ? take_modules(import, options.blocks) : status;
}
