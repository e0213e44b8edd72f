#include "style_course.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STYLES = 256 };

/* Take "@SECONDS" off the end of the words, which are a copy. false: there is no such number. */
static bool take_time(char *words, double *seconds)
{
    char *at = strrchr(words, '@'), *end = NULL;
    *seconds = 0;
    if (at == NULL)
        return true;
    *seconds = strtod(at + 1, &end);
    *at = '\0';
    return end != at + 1 && *end == '\0' && isfinite(*seconds) && *seconds >= 0;
}

static bool read_one(struct style_course *course, const struct console *console, const gan_model *model,
                     int index)
{
    const char *given = course->words.items[index];
    char *words = strdup(given);
    bool sound = false;
    if (words == NULL)
        console_fail(console, "out of memory");
    else if (!take_time(words, &course->seconds[index]))
        console_fail(console, "--style %s: expected seconds behind the @, such as @2.5", given);
    else if (index > 0 && course->seconds[index] <= course->seconds[index - 1])
        console_fail(console,
                     "--style %s: expected a later time than %g s, as in --style wave --style night@4", given,
                     course->seconds[index - 1]);
    else if (gan_model_style_weights(model, words, course->weights + index * course->styles) != GAN_OK)
        console_fail(console, "%s", gan_error_message());
    else
        sound = true;
    free(words);
    return sound;
}

bool style_course_open(struct style_course *course, const struct console *console, const gan_model *model)
{
    course->styles = gan_model_style_count(model);
    if (course->styles == 0 && course->words.count == 0)
        return true;
    if (course->styles == 0 || course->words.count == 0) {
        /* The library says which there are, or that there are none. */
        float none[MOST_STYLES];
        gan_model_style_weights(model, "", none);
        console_fail(console, "%s", gan_error_message());
        return false;
    }
    const size_t count = (size_t)course->words.count, styles = (size_t)course->styles;
    course->seconds = calloc(count, sizeof *course->seconds);
    course->weights = calloc(count * styles, sizeof *course->weights);
    course->now = calloc(styles, sizeof *course->now);
    if (course->seconds == NULL || course->weights == NULL || course->now == NULL) {
        console_fail(console, "out of memory");
        return false;
    }
    bool sound = true;
    for (int i = 0; sound && i < course->words.count; i++)
        sound = read_one(course, console, model, i);
    return sound;
}

void style_course_close(struct style_course *course)
{
    free(course->seconds);
    free(course->weights);
    free(course->now);
}

bool style_course_moves(const struct style_course *course)
{
    return course->words.count > 1;
}

const float *style_course_at(const struct style_course *course, double seconds)
{
    if (course->styles == 0)
        return NULL;
    int next = 0;
    while (next < course->words.count && course->seconds[next] <= seconds)
        next++;
    const int former = next > 0 ? next - 1 : 0;
    next = next < course->words.count ? next : former;
    const double length = course->seconds[next] - course->seconds[former];
    const double share =
        length > 0 && seconds > course->seconds[former] ? (seconds - course->seconds[former]) / length : 0;
    const float *from = course->weights + former * course->styles;
    const float *to = course->weights + next * course->styles;
    for (int32_t i = 0; i < course->styles; i++)
        course->now[i] = (float)((1 - share) * (double)from[i] + share * (double)to[i]);
    return course->now;
}
