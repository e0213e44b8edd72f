/* One process that does one case of bench/compare with libgan, again and again as it is told.
 *
 * Usage: compare_worker make KIND FILE [--name VALUE]...
 *        compare_worker network|gradients|style|adversarial [--name VALUE]...
 * The second form says "ready" (or "skip WHY") and obeys lines: "run" answers "ms NUMBER", "write FILE" puts
 * the first result into FILE as raw float32 and answers "written". The end of the input ends it. */
#include "worker.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINE_SIZE = 4096 };

static const struct {
    const char *name;
    struct job (*make)(gan_context *context, const struct arguments *arguments);
} jobs[] = {{"network", network_job},
            {"gradients", gradients_job},
            {"style", style_job},
            {"adversarial", adversarial_job}};

/* "--clock processor" counts the time of this process alone, which stops while other programs have the
 * processor. */
static clockid_t clock_used = CLOCK_MONOTONIC;

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(clock_used, &now);
    return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

static struct job make_job(const char *name, gan_context *context, const struct arguments *arguments)
{
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++)
        if (strcmp(jobs[i].name, name) == 0)
            return jobs[i].make(context, arguments);
    fprintf(stderr, "there is no job \"%s\"\n", name);
    exit(2);
}

static void write_result(const struct job *job, const char *path)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    job->write(job->state, file);
    if (fclose(file) != 0) {
        perror(path);
        exit(1);
    }
    puts("written");
}

static void obey(const struct job *job)
{
    char line[LINE_SIZE];
    puts("ready");
    while (fflush(stdout) == 0 && fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "write ", 6) == 0) {
            write_result(job, line + 6);
            continue;
        }
        const double start = milliseconds();
        job->run(job->state);
        printf("ms %.4f\n", milliseconds() - start);
    }
}

int main(int count, char **words)
{
    if (count < 2) {
        fputs("usage: compare_worker make KIND FILE | JOB [--name VALUE]...\n", stderr);
        return 2;
    }
    const struct arguments arguments = {count, words};
    const gan_context_options options = {
        .struct_size = sizeof options, .threads = arguments_number(&arguments, "--threads", 1), .seed = 1};
    if (strcmp(arguments_text(&arguments, "--clock", "wall"), "processor") == 0)
        clock_used = CLOCK_PROCESS_CPUTIME_ID;
    gan_context *context;
    check(gan_context_create(&context, &options));
    if (strcmp(words[1], "make") == 0 && count > 3) {
        make_model(context, words[2], words[3], &arguments);
    } else {
        const struct job job = make_job(words[1], context, &arguments);
        obey(&job);
        job.release(job.state);
    }
    gan_context_free(context);
    return 0;
}
