/* gan train: chooses the method. */
#include "arguments.h"
#include "commands.h"
#include "console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "usage: gan train METHOD ...\n\nmethods:\n"
                            "  style      a generator for the style of one picture\n\n"
                            "gan help train METHOD explains one.\n";

int run_train(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "style") == 0)
        return run_train_style(argc - 1, argv + 1);
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
