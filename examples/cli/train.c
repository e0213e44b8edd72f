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
                            "  dcgan       pictures like those of a folder, from noise\n"
                            "  pix2pix     one picture to another, from pairs\n"
                            "  cyclegan    between two folders of unrelated pictures, there and back\n"
                            "  cut         from one folder's pictures to the look of another's\n"
                            "  cut-single  from one picture to the look of another\n"
                            "  anime       from photographs to drawings like those of a folder\n"
                            "\n"
                            "gan help train METHOD explains one.\n";

static const char *const recipes[] = {"dcgan", "pix2pix", "cyclegan", "cut", "cut-single"};

int run_train(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "style") == 0)
        return run_train_style(argc - 1, argv + 1);
    if (argc >= 2 && strcmp(argv[1], "styles") == 0)
        return run_train_styles(argc - 1, argv + 1);
    if (argc >= 2 && strcmp(argv[1], "features") == 0)
        return run_train_features(argc - 1, argv + 1);
    if (argc >= 2 && strcmp(argv[1], "anime") == 0)
        return run_train_anime(argc - 1, argv + 1);
    for (size_t i = 0; argc >= 2 && i < sizeof recipes / sizeof recipes[0]; i++)
        if (strcmp(argv[1], recipes[i]) == 0)
            return run_train_recipe(argc - 1, argv + 1);
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
