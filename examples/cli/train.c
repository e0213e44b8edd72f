/* gan train: chooses the method. */
#include "arguments.h"
#include "commands.h"
#include "console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "usage: gan train METHOD ...\n\nmethods:\n"
                            "  style       a generator for the style of one picture\n"
                            "  styles      one generator for several styles, or one style more\n"
                            "  features    a small feature network, taught by large ones\n"
                            "  transfer    a decoder, with which gan transfer paints any style\n"
                            "  dcgan       pictures like those of a folder, from noise\n"
                            "  pix2pix     one picture to another, from pairs\n"
                            "  cyclegan    between two folders of unrelated pictures, there and back\n"
                            "  cut         from one folder's pictures to the look of another's\n"
                            "  cut-single  from one picture to the look of another\n"
                            "  anime       from photographs to drawings like those of a folder\n"
                            "\n"
                            "gan help train METHOD explains one.\n";

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} methods[] = {{"style", run_train_style},       {"styles", run_train_styles},
               {"features", run_train_features}, {"transfer", run_train_transfer},
               {"anime", run_train_anime},       {"dcgan", run_train_recipe},
               {"pix2pix", run_train_recipe},    {"cyclegan", run_train_recipe},
               {"cut", run_train_recipe},        {"cut-single", run_train_recipe}};

int run_train(int argc, char **argv)
{
    for (size_t i = 0; argc >= 2 && i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(argv[1], methods[i].name) == 0)
            return methods[i].run(argc - 1, argv + 1);
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    if (argc >= 2)
        complain("train %s: no such method", argv[1]);
    else
        complain("train: expected a method");
    fputs(usage, stderr);
    return EXIT_USAGE;
}
