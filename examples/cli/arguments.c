#include "arguments.h"
#include "console.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Option number `index` of all that a command has, groups opened; NULL behind the last. */
static const struct option *option_at(const struct arguments *arguments, int index)
{
    for (int i = 0; i < arguments->option_count; i++) {
        const struct option *option = &arguments->options[i];
        const bool grouped = option->kind == OPTION_GROUP;
        const struct option_group one = {option, 1}, *group = grouped ? option->target : &one;
        if (index < group->count)
            return &group->options[index];
        index -= group->count;
    }
    return NULL;
}

static const struct option *find_name(const struct arguments *arguments, const char *name, size_t length)
{
    const struct option *option;
    for (int i = 0; (option = option_at(arguments, i)) != NULL; i++)
        if (strlen(option->name) == length && memcmp(option->name, name, length) == 0)
            return option;
    return NULL;
}

static const struct option *find_letter(const struct arguments *arguments, char letter)
{
    const struct option *option;
    for (int i = 0; (option = option_at(arguments, i)) != NULL; i++)
        if (option->letter == letter)
            return option;
    return NULL;
}

static bool append(struct texts *texts, const char *text, int room)
{
    if (texts->items == NULL)
        texts->items = calloc((size_t)room + 1, sizeof *texts->items);
    if (texts->items == NULL) {
        complain("out of memory");
        return false;
    }
    texts->items[texts->count++] = text;
    return true;
}

static bool out_of_range(const struct option *option, const char *text)
{
    const char *what = option->kind == OPTION_INTEGER ? "a whole number" : "a number";
    if (isfinite(option->high))
        complain("--%s %s: expected %s from %g to %.15g", option->name, text, what, option->low,
                 option->high);
    else
        complain("--%s %s: expected %s of at least %g", option->name, text, what, option->low);
    return false;
}

static bool take_integer(const struct option *option, const char *text)
{
    char *end = NULL;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    const double real = (double)value;
    if (errno != 0 || end == text || *end != '\0' || real < option->low || real > option->high)
        return out_of_range(option, text);
    *(int64_t *)option->target = value;
    return true;
}

static bool take_real(const struct option *option, const char *text)
{
    char *end = NULL;
    const double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value) || value < option->low || value > option->high)
        return out_of_range(option, text);
    *(double *)option->target = value;
    return true;
}

static bool take_value(const struct option *option, const char *text, int room)
{
    switch (option->kind) {
    case OPTION_TEXT:
    case OPTION_CHOICE:
        *(const char **)option->target = text;
        return true;
    case OPTION_TEXTS:
        return append(option->target, text, room);
    case OPTION_INTEGER:
        return take_integer(option, text);
    case OPTION_REAL:
        return take_real(option, text);
    case OPTION_FLAG:
    case OPTION_GROUP:
        break;
    }
    return false;
}

/* An option with its value: behind it ("--name=value", "-nvalue") or in the next word. */
static bool take_option(const struct option *option, const char *behind, int argc, char **argv, int *index)
{
    if (option->kind == OPTION_FLAG) {
        if (behind != NULL) {
            complain("--%s takes no value", option->name);
            return false;
        }
        *(bool *)option->target = true;
        return true;
    }
    if (option->kind == OPTION_CHOICE)
        return take_value(option, behind != NULL ? behind : "", argc);
    if (behind == NULL && *index + 1 >= argc) {
        complain("--%s: expected %s after it", option->name, option->value);
        return false;
    }
    return take_value(option, behind != NULL ? behind : argv[++*index], argc);
}

static bool unknown(const struct arguments *arguments, const char *word)
{
    complain("%s: unknown option (gan help %s lists the options)", word, arguments->command);
    return false;
}

static bool take_long(const struct arguments *arguments, int argc, char **argv, int *index)
{
    const char *word = argv[*index] + 2;
    const char *equals = strchr(word, '=');
    const size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const struct option *option = find_name(arguments, word, length);
    if (option == NULL)
        return unknown(arguments, argv[*index]);
    return take_option(option, equals != NULL ? equals + 1 : NULL, argc, argv, index);
}

static bool take_short(const struct arguments *arguments, int argc, char **argv, int *index)
{
    const char *word = argv[*index];
    const struct option *option = find_letter(arguments, word[1]);
    if (option == NULL)
        return unknown(arguments, word);
    return take_option(option, word[2] != '\0' ? word + 2 : NULL, argc, argv, index);
}

static bool take_rest(const struct arguments *arguments, const char *word, int room)
{
    if (arguments->rest == NULL) {
        complain("%s: unexpected argument (usage: gan %s %s)", word, arguments->command, arguments->usage);
        return false;
    }
    return append(arguments->rest, word, room);
}

static void print_option(const struct option *option)
{
    char words[64];
    const char *value = option->value != NULL ? option->value : "";
    if (option->kind == OPTION_CHOICE)
        snprintf(words, sizeof words, "    --%s[=%s]", option->name, value);
    else if (option->letter != '\0')
        snprintf(words, sizeof words, "-%c, --%s %s", option->letter, option->name, value);
    else
        snprintf(words, sizeof words, "    --%s %s", option->name, value);
    printf("  %-30s %s\n", words, option->help);
}

static void print_help(const struct arguments *arguments)
{
    printf("usage: gan %s %s\n\n%s\n\noptions:\n", arguments->command, arguments->usage, arguments->summary);
    const struct option *option;
    for (int i = 0; (option = option_at(arguments, i)) != NULL; i++)
        print_option(option);
    printf("  %-30s %s\n", "-h, --help", "this text");
}

enum parsed arguments_parse(const struct arguments *arguments, int argc, char **argv)
{
    bool options_ended = false;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        bool taken = true;
        if (options_ended || word[0] != '-' || word[1] == '\0') {
            taken = take_rest(arguments, word, argc);
        } else if (strcmp(word, "--") == 0) {
            options_ended = true;
        } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            print_help(arguments);
            return PARSED_HELP;
        } else {
            taken =
                word[1] == '-' ? take_long(arguments, argc, argv, &i) : take_short(arguments, argc, argv, &i);
        }
        if (!taken)
            return PARSED_ERROR;
    }
    return PARSED_RUN;
}

void arguments_free(const struct arguments *arguments)
{
    const struct option *option;
    for (int i = 0; (option = option_at(arguments, i)) != NULL; i++)
        if (option->kind == OPTION_TEXTS)
            free(((struct texts *)option->target)->items);
    if (arguments->rest != NULL)
        free(arguments->rest->items);
}

int parsed_exit_code(enum parsed parsed)
{
    return parsed == PARSED_HELP ? EXIT_SUCCESS : EXIT_USAGE;
}
