#include "network.h"
#include "installed.h"

#include <stdlib.h>
#include <string.h>

/* What is no model of libgan may be published weights; where it is neither, both reasons help. */
int network_open(gan_model **out, gan_context *context, const struct console *console, const char *path)
{
    const gan_status status = gan_model_load(out, context, path);
    if (status == GAN_OK)
        return EXIT_SUCCESS;
    char *reason = strdup(gan_error_message());
    int code = EXIT_SUCCESS;
    if (status != GAN_ERROR_FORMAT)
        code = console_fail(console, "%s", reason != NULL ? reason : "out of memory");
    else if (gan_import(out, context, path, NULL) != GAN_OK)
        code = console_fail(console, "%s: neither a model (%s) nor known weights (%s)", path,
                            reason != NULL ? reason : "out of memory", gan_error_message());
    free(reason);
    return code;
}

int network_open_features(gan_model **out, gan_context *context, const struct console *console,
                          const char *path)
{
    *out = NULL;
    if (path != NULL && strcmp(path, "none") == 0)
        return EXIT_SUCCESS;
    if (path != NULL)
        return network_open(out, context, console, path);
    char *installed = installed_network("features.safetensors");
    if (installed == NULL)
        return console_fail(console,
                            "the feature network of libgan is not installed beside the program, expected "
                            "share/gan/networks/features.safetensors: --features FILE names another");
    const int code = network_open(out, context, console, installed);
    free(installed);
    return code;
}

gan_status network_select_maps(gan_model **network, const char *name)
{
    enum { MOST = 32 };
    const char *names[MOST];
    int32_t count = 0;
    for (int32_t i = 0; i < gan_model_output_count(*network) && count < MOST; i++) {
        int64_t sizes[GAN_MAX_RANK];
        const char *output = gan_model_output_name(*network, i);
        const bool wanted = name == NULL || strcmp(output, name) == 0;
        if (wanted && gan_model_output_shape(*network, i, sizes) == 4)
            names[count++] = output;
    }
    if (count == 0 && name != NULL)
        names[count++] = name;
    gan_model *selected = NULL;
    const gan_status status = gan_model_select_outputs(&selected, *network, names, count);
    gan_model_free(*network);
    *network = selected;
    return status;
}
