/* Import: which files are recognised, and what is said of files that are not whole. */
#include "base/suite.h"
#include "models/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *temporary_path(void)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/gan_import_%ld.safetensors", (long)getpid());
    return path;
}

static void expect(gan_status given, gan_status expected, const char *words)
{
    printf("%s: %s\n", gan_status_name(given), gan_error_message());
    ck_assert_int_eq(given, expected);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
}

static const struct {
    const char *file, *architecture, *input_range, *output_range;
    int64_t elements;
} published[] = {
    {"fns_vangogh8_bedroom", "fns", "0..255", "0..255", 108374},
    {"fns_vangogh_bedroom", "fns", "0..255", "0..255", 28270},
    {"fns_vangogh_la-campesinos", "fns", "0..255", "0..255", 28270},
    {"fns_vangogh_red-vineyards", "fns", "0..255", "0..255", 28270},
    {"fns_vangogh_self-portrait", "fns", "0..255", "0..255", 28270},
    {"fns_vangogh_sien-with-a-cigar", "fns", "0..255", "0..255", 28270},
    {"fns_vangogh_soup-distribution", "fns", "0..255", "0..255", 28270},
    {"fns_vangogh_starry-night", "fns", "0..255", "0..255", 28270},
    {"fns_vangogh_sunflowers-bew", "fns", "0..255", "0..255", 28270},
    {"fns_vangogh_wheatfield-with-crows", "fns", "0..255", "0..255", 28270},
    {"johnson_random", "johnson", "0..255", "0..255", 1679235},
    {"microast", "microast", "0..1", "0..1", 471987},
    {"squeezenet1.1", "squeezenet1.1", "0..1", "none", 1235496},
    {"wct_vgg_normalised_conv1_1", "vgg19", "0..1", "none", 1804},
    {"wct_vgg_normalised_conv2_1", "vgg19", "0..1", "none", 112588},
    {"wct_vgg_normalised_conv3_1", "vgg19", "0..1", "none", 555340},
};

START_TEST(published_files)
{
    for (size_t i = 0; reference_folder() != NULL && i < sizeof published / sizeof published[0]; i++) {
        char path[128];
        gan_context *context = reference_context();
        snprintf(path, sizeof path, "weights/%s.safetensors", published[i].file);
        gan_model *model = reference_import(context, path);
        ck_assert_str_eq(gan_model_metadata(model, "architecture"), published[i].architecture);
        ck_assert_str_eq(gan_model_metadata(model, "input_range"), published[i].input_range);
        ck_assert_str_eq(gan_model_metadata(model, "output_range"), published[i].output_range);
        ck_assert_int_eq(gan_model_element_count(model), published[i].elements);
        gan_model_free(model);
        gan_context_free(context);
    }
}
END_TEST

START_TEST(foreign_files)
{
    static const char *const files[] = {"lpips_v0.1_squeeze", "lpips_v0.1_vgg"};
    for (size_t i = 0; reference_folder() != NULL && i < sizeof files / sizeof files[0]; i++) {
        char path[128];
        gan_context *context = reference_context();
        gan_model *model;
        snprintf(path, sizeof path, "weights/%s.safetensors", files[i]);
        expect(gan_import(&model, context, reference_path(path), NULL), GAN_ERROR_NOT_FOUND, "known are");
        ck_assert_ptr_null(model);
        expect(gan_import(&model, context, reference_path(path), "fns"), GAN_ERROR_FORMAT, "Variable");
        expect(gan_import(&model, context, reference_path(path), "johnson"), GAN_ERROR_FORMAT, "m.0.c");
        expect(gan_import(&model, context, reference_path(path), "squeezenet1.1"), GAN_ERROR_FORMAT,
               "squeezenet0_conv0_weight");
        expect(gan_import(&model, context, reference_path(path), "microast"), GAN_ERROR_FORMAT,
               "content_encoder.enc1.0.conv_layer.weight");
        expect(gan_import(&model, context, reference_path(path), "vgg19"), GAN_ERROR_FORMAT, "0.");
        expect(gan_import(&model, context, reference_path(path), "alexnet"), GAN_ERROR_NOT_FOUND, "alexnet");
        gan_context_free(context);
    }
}
END_TEST

/* ---- One tensor missing, extra or misshapen ---- */

enum edit { DROP, ADD, RESHAPE };

/* The file with one of its tensors changed, at temporary_path. */
static void write_edited(gan_context *context, const char *path, enum edit edit, const char *name)
{
    gan_tensors *whole = reference_load(context, path), *edited;
    const int64_t shape[2] = {1, 7};
    gan_tensor *odd;
    must(gan_tensor_create(&odd, context, GAN_FLOAT32, shape, 2));
    must(gan_tensors_create(&edited, context));
    for (int32_t i = 0; i < gan_tensors_count(whole); i++) {
        const char *current = gan_tensors_name(whole, i);
        gan_tensor *tensor = reference_take(whole, current);
        if (strcmp(current, name) != 0)
            must(gan_tensors_add(edited, current, tensor));
        gan_tensor_free(tensor);
    }
    if (edit != DROP)
        must(gan_tensors_add(edited, name, odd));
    must(gan_tensors_save(edited, temporary_path()));
    gan_tensor_free(odd);
    gan_tensors_free(edited);
    gan_tensors_free(whole);
}

static const struct {
    const char *file;
    enum edit edit;
    const char *name, *words;
} edits[] = {
    {"fns_vangogh8_bedroom", DROP, "Variable_10", "tensor \"Variable_10\""},
    {"fns_vangogh8_bedroom", DROP, "Variable_47", "tensor \"Variable_47\""},
    {"fns_vangogh8_bedroom", ADD, "Variable_48", "tensor \"Variable_48\" is none of"},
    {"fns_vangogh8_bedroom", ADD, "moment", "tensor \"moment\" is none of"},
    {"fns_vangogh8_bedroom", RESHAPE, "Variable_39", "tensor \"Variable_39\" has shape [1,7], "},
    {"fns_vangogh_starry-night", DROP, "Variable_9_read__47__cf__47_0", "tensor \"Variable_9\""},
    {"fns_vangogh_starry-night", RESHAPE, "Variable_read__0__cf__0_0", "Variable_read__0__cf__0_0"},
    {"johnson_random", DROP, "m.10.c1.c.weight", "tensor \"m.10.c1.c.weight\" of"},
    {"johnson_random", DROP, "m.20.c.bias", "tensor \"m.20.c.bias\" of"},
    {"johnson_random", RESHAPE, "m.4.bias", "tensor \"m.4.bias\" has shape [1,7], "},
    {"johnson_random", ADD, "m.21.c.bias", "tensor \"m.21.c.bias\" is none of"},
    {"microast", DROP, "decoder.dec2.conv1.conv_layer.bias", "decoder.dec2.conv1.conv_layer.bias\" of"},
    {"microast", RESHAPE, "modulator.bias2.0.conv_layer.bias", "expects [64]"},
    {"microast", ADD, "decoder.dec3.12.conv_layer.bias", "is none of"},
    {"squeezenet1.1", DROP, "squeezenet0_conv25_bias", "squeezenet0_conv25_bias"},
    {"squeezenet1.1", RESHAPE, "squeezenet0_conv7_weight", "squeezenet0_conv7_weight"},
    {"wct_vgg_normalised_conv2_1", DROP, "5.bias", "tensor \"5.bias\" of"},
    {"wct_vgg_normalised_conv2_1", ADD, "9.scale", "tensor \"9.scale\" is none of"},
    {"wct_vgg_normalised_conv2_1", RESHAPE, "2.bias", "expects [64]"},
};

START_TEST(edited_files)
{
    for (size_t i = 0; reference_folder() != NULL && i < sizeof edits / sizeof edits[0]; i++) {
        char path[128];
        gan_context *context = reference_context();
        gan_model *model;
        snprintf(path, sizeof path, "weights/%s.safetensors", edits[i].file);
        write_edited(context, path, edits[i].edit, edits[i].name);
        expect(gan_import(&model, context, temporary_path(), NULL), GAN_ERROR_FORMAT, edits[i].words);
        ck_assert_ptr_null(model);
        gan_context_free(context);
    }
    unlink(temporary_path());
}
END_TEST

START_TEST(own_files_and_wrong_calls)
{
    gan_context *context = reference_context();
    const gan_patchgan_options options = {.struct_size = sizeof options, .channels = 2};
    gan_model *model, *imported;
    must(gan_patchgan_create(&model, context, &options));
    must(gan_model_save(model, temporary_path(), GAN_STORE_FLOAT32));
    expect(gan_import(&imported, context, temporary_path(), NULL), GAN_ERROR_NOT_FOUND, "gan_model_load");
    expect(gan_import(&imported, context, "/nonexistent", NULL), GAN_ERROR_NOT_FOUND, "/nonexistent");
    expect(gan_import(NULL, context, "x", NULL), GAN_ERROR_ARGUMENT, "out");
    gan_model_free(model);
    gan_context_free(context);
    unlink(temporary_path());
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {published_files, foreign_files, edited_files, own_files_and_wrong_calls};
    return run_suite("import", tests, sizeof tests / sizeof tests[0]);
}
