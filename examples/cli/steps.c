#include "steps.h"

static gan_step_information step_of(const gan_session *session, int32_t index)
{
    gan_step_information step = {.struct_size = sizeof step};
    gan_session_step(session, index, &step);
    return step;
}

/* Of one run. */
static double seconds_of(const gan_step_information *step)
{
    return step->runs > 0 ? step->seconds / (double)step->runs : 0;
}

static double seconds_of_all(const gan_session *session)
{
    double seconds = 0;
    for (int32_t i = 0; i < gan_session_step_count(session); i++) {
        const gan_step_information step = step_of(session, i);
        seconds += seconds_of(&step);
    }
    return seconds;
}

/* An operation is a multiplication or an addition, in 1e9 each second. */
static double rate_of(const gan_step_information *step)
{
    const double seconds = seconds_of(step);
    return seconds > 0 ? 2e-9 * step->multiplications / seconds : 0;
}

static const char *between(const gan_step_information *step)
{
    return step->method[0] != '\0' && step->folded[0] != '\0' ? " + " : "";
}

void steps_print_times(const struct console *console, const gan_session *session)
{
    const double all = seconds_of_all(session);
    console_say(console, "  %9s %6s %8s %12s  %-22s %-16s %s", "ms", "share", "GFLOP/s", "bytes out", "layer",
                "kind", "method");
    for (int32_t i = 0; i < gan_session_step_count(session); i++) {
        const gan_step_information step = step_of(session, i);
        const double seconds = seconds_of(&step);
        console_say(console, "  %9.3f %5.1f%% %8.1f %12lld  %-22s %-16s %s%s%s", 1e3 * seconds,
                    all > 0 ? 100 * seconds / all : 0, rate_of(&step), (long long)step.output_bytes,
                    step.layer, step.kind, step.method, between(&step), step.folded);
    }
    console_say(console, "  %9.3f  all steps", 1e3 * all);
}

void steps_print_places(const struct console *console, const gan_session *session)
{
    console_say(console, "  %9s %12s %12s %12s %12s  %-22s %-16s %s", "ms", "bytes out", "at", "scratch",
                "packed", "layer", "kind", "method");
    for (int32_t i = 0; i < gan_session_step_count(session); i++) {
        const gan_step_information step = step_of(session, i);
        console_say(console, "  %9.3f %12lld %12lld %12lld %12lld  %-22s %-16s %s%s%s",
                    1e3 * seconds_of(&step), (long long)step.output_bytes, (long long)step.output_offset,
                    (long long)step.workspace_bytes, (long long)step.packed_bytes, step.layer, step.kind,
                    step.method, between(&step), step.folded);
    }
}

static void json_step(struct json *json, const gan_step_information *step, double all)
{
    json_open(json, NULL, '{');
    json_text(json, "layer", step->layer);
    json_text(json, "kind", step->kind);
    json_text(json, "method", step->method);
    json_text(json, "folded", step->folded);
    json_integer(json, "output_bytes", step->output_bytes);
    json_integer(json, "output_offset", step->output_offset);
    json_integer(json, "workspace_bytes", step->workspace_bytes);
    json_integer(json, "packed_bytes", step->packed_bytes);
    json_real(json, "multiplications", step->multiplications);
    json_real(json, "seconds", seconds_of(step));
    json_real(json, "share", all > 0 ? seconds_of(step) / all : 0);
    json_real(json, "gflops", rate_of(step));
    json_close(json, '}');
}

void steps_json(const gan_session *session, struct json *json)
{
    const double all = seconds_of_all(session);
    json_open(json, "steps", '[');
    for (int32_t i = 0; i < gan_session_step_count(session); i++) {
        const gan_step_information step = step_of(session, i);
        json_step(json, &step, all);
    }
    json_close(json, ']');
}
