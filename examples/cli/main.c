/* gan: stylizes pictures and trains the networks that do it. */
#include "arguments.h"
#include "commands.h"
#include "console.h"

#include "gan/gan.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run_help(int argc, char **argv);
static int run_version(int argc, char **argv);

static const struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"stylize", "paint photographs in the style of a trained generator", run_stylize},
    {"transfer", "paint pictures in the style of any other, without training", run_transfer},
    {"train", "train a generator: style, dcgan, pix2pix, cyclegan, cut, anime", run_train},
    {"generate", "draw pictures from noise with a trained generator", run_generate},
    {"optimize", "paint one picture in the style of others, without a generator", run_optimize},
    {"style", "put the style of pictures into a file, or mix such files", run_style},
    {"import", "turn published weights into a model", run_import},
    {"info", "say what a file holds: model, style, picture, weights", run_info},
    {"video", "paint the frames of a video", run_video},
    {"verify", "look for the invisible watermark of a picture", run_verify},
    {"plan", "say what memory and time a picture takes, before it is painted", run_plan},
    {"eval", "measure how near pictures are: ssim, psnr, lpips, fid, kid, losses", run_eval},
    {"help", "explain a command", run_help},
    {"version", "print the version", run_version},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static const struct command *find_command(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static void print_commands(FILE *to)
{
    fprintf(to, "usage: gan COMMAND ...\n\ncommands:\n");
    for (int i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(to, "\ngan help COMMAND explains one.\n");
}

static int unknown_command(const char *name)
{
    complain("%s: no such command", name);
    print_commands(stderr);
    return EXIT_USAGE;
}

/* "gan help train style" is "gan train style --help". */
static int run_help(int argc, char **argv)
{
    char ask[] = "--help";
    if (argc < 2 || strcmp(argv[1], ask) == 0 || strcmp(argv[1], "help") == 0) {
        print_commands(stdout);
        return EXIT_SUCCESS;
    }
    const struct command *command = find_command(argv[1]);
    if (command == NULL)
        return unknown_command(argv[1]);
    char *words[] = {argv[1], argc > 2 ? argv[2] : ask, ask, NULL};
    return command->run(argc > 2 ? 3 : 2, words);
}

static int run_version(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) {
        complain("version takes no arguments");
        return EXIT_USAGE;
    }
    printf("gan %s\n", gan_version());
    return EXIT_SUCCESS;
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        print_commands(stderr);
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    if (strcmp(name, "--version") == 0)
        name = "version";
    const struct command *command = find_command(name);
    return command != NULL ? command->run(argc - 1, argv + 1) : unknown_command(name);
}

int main(int argc, char **argv)
{
    /* A closed pipe or a file at its size limit is an error like any other, not the end of the process. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    const int code = dispatch(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    complain("cannot write to standard output");
    return EXIT_FAILURE;
}
