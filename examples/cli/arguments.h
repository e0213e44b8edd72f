/* Options and arguments of a command, described by a table: the same table parses them and prints the help.
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

/* OPTION_CHOICE: a text that comes after "=" or not at all, which gives "". OPTION_GROUP: stands for the
 * options of a struct option_group, its target, which several commands have in common. */
enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_TEXTS,
    OPTION_INTEGER,
    OPTION_REAL,
    OPTION_CHOICE,
    OPTION_GROUP
};

/* Words that point into argv. */
struct texts {
    const char **items;
    int count;
};

struct option {
    const char *name; /* without the dashes */
    char letter;      /* 0: none */
    enum option_kind kind;
    const char *value; /* what the value is called in the help; NULL for a flag */
    const char *help;
    void *target;     /* bool, const char *, struct texts, int64_t or double, by kind */
    double low, high; /* of a number */
};

struct option_group {
    const struct option *options;
    int count;
};

struct arguments {
    const char *command; /* as in "train style" */
    const char *usage;   /* what follows the command */
    const char *summary;
    const struct option *options;
    int option_count;
    struct texts *rest; /* arguments that are no options; NULL: none are taken */
};

enum parsed { PARSED_RUN, PARSED_HELP, PARSED_ERROR };

/* Fill the targets from argv[1] on. PARSED_HELP: the help was asked for and printed. PARSED_ERROR: the
 * mistake was named on standard error. The lists are released by arguments_free, after any outcome. */
enum parsed arguments_parse(const struct arguments *arguments, int argc, char **argv);
void arguments_free(const struct arguments *arguments);

/* Exit code where parsing says not to run. */
int parsed_exit_code(enum parsed parsed);

#endif
