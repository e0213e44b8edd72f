/* How high the bands of a pass are. */
#include "kernels/sizes.h"
#include "streaming/stream.h"

#include <inttypes.h>

/* Heights that are tried, from the top down; few, because one more row more or less changes little. */
static const int64_t heights[] = {256, 192, 128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 2, 1};
enum { HEIGHTS = sizeof heights / sizeof heights[0], MOST_OFFSET = 4, LOWEST = 4 };

/* Bands above this height of more pixels than this gain nothing, and what one layer leaves to the next no
 * longer lies in a cache. */
enum { ENOUGH_ROWS = 64, ENOUGH_PIXELS = 1 << 17 };

static const int64_t default_memory = (int64_t)256 << 20;
/* Plans, tables and lists, which are not counted one by one. */
static const int64_t small_things = (int64_t)4 << 20;

struct row_range gan_pass_cut(const struct pass *pass, int64_t band)
{
    const int64_t first = band == 0 ? 0 : pass->offset + band * pass->rows;
    const int64_t last = pass->offset + (band + 1) * pass->rows;
    return (struct row_range){first, last < pass->height ? last : pass->height};
}

static void set_rows(struct pass *pass, int64_t rows, int64_t offset)
{
    pass->rows = rows < pass->height ? rows : pass->height;
    pass->offset = pass->rows < pass->height ? offset : 0;
    const int64_t rest = pass->height - pass->offset;
    pass->bands = rest > 0 ? (rest + pass->rows - 1) / pass->rows : 1;
}

/* A band with neighbours on both sides, where there is one. */
static int64_t middle(const struct pass *pass)
{
    return pass->bands / 2;
}

static gan_status fill(const gan_stream *stream, int32_t number, int64_t band, struct band_plan *plan)
{
    const struct pass *pass = &stream->passes[number];
    return gan_band_plan_fill(plan, &stream->network, number, pass->needed, gan_pass_cut(pass, band),
                              pass->height);
}

/* Layers that give rows in pairs fit some places of a cut better than others. */
static gan_status choose_offset(gan_stream *stream, int32_t number, struct band_plan *plan)
{
    struct pass *pass = &stream->passes[number];
    int64_t best = 0, least = INT64_MAX;
    for (int64_t offset = 0; offset < MOST_OFFSET && offset < pass->rows; offset++) {
        set_rows(pass, pass->rows, offset);
        const gan_status status = fill(stream, number, middle(pass), plan);
        if (status != GAN_OK)
            return status;
        const int64_t cropped = gan_band_plan_cropped(plan, &stream->network);
        best = cropped < least ? offset : best;
        least = cropped < least ? cropped : least;
    }
    set_rows(pass, pass->rows, best);
    return GAN_OK;
}

/* Take a band into account; *rows is the height of the highest so far, after whose work that of all is told.
 */
static gan_status weigh_band(gan_stream *stream, int32_t number, int64_t band, struct band_plan *plan,
                             int64_t *rows)
{
    struct pass *pass = &stream->passes[number];
    struct band_session session;
    gan_status status = fill(stream, number, band, plan);
    if (status == GAN_OK)
        status = gan_band_session_create(&session, &stream->network, plan, number, stream->options.precision,
                                         true);
    if (status != GAN_OK)
        return status;
    const struct row_range cut = gan_pass_cut(pass, band);
    const int64_t memory = gan_band_session_memory(&session), height = cut.last - cut.first;
    pass->memory = memory > pass->memory ? memory : pass->memory;
    if (height >= *rows)
        pass->multiplications =
            gan_band_session_multiplications(&session) * (double)pass->height / (double)height;
    *rows = height > *rows ? height : *rows;
    gan_band_session_free(&session, &stream->network);
    return GAN_OK;
}

/* Memory and work of a pass cut into bands of `rows`. */
static gan_status weigh(gan_stream *stream, int32_t number, int64_t rows, struct band_plan *plan)
{
    struct pass *pass = &stream->passes[number];
    set_rows(pass, rows, 0);
    pass->memory = 0;
    gan_status status = choose_offset(stream, number, plan);
    const int64_t places[] = {0, pass->bands - 1, middle(pass)};
    int64_t highest = 0;
    for (int i = pass->bands > 1 ? 0 : 2; status == GAN_OK && i < 3; i++)
        status = weigh_band(stream, number, places[i], plan, &highest);
    pass->memory += small_things;
    return status;
}

/* What the pass takes at least. A few of the lowest heights, since that of one row need not be the one. */
static gan_status find_least(gan_stream *stream, int32_t number, struct band_plan *plan)
{
    int64_t least = INT64_MAX;
    gan_status status = GAN_OK;
    for (int i = HEIGHTS - LOWEST; status == GAN_OK && i < HEIGHTS; i++) {
        status = weigh(stream, number, heights[i], plan);
        const int64_t memory = stream->passes[number].memory;
        least = memory < least ? memory : least;
    }
    stream->least_memory = stream->least_memory > least ? stream->least_memory : least;
    return status;
}

static int64_t result_height(const gan_stream *stream)
{
    return stream->network.nodes[stream->network.output].shape.size[1];
}

/* Rows of the result that lie as far apart as `rows` of a picture of another height. */
static int64_t in_result(const gan_stream *stream, int64_t rows, int64_t height)
{
    return (rows * result_height(stream) + height - 1) / height;
}

/* Rows of a pass that lie as far apart as `rows` of the result. */
static int64_t rows_of_pass(const gan_stream *stream, const struct pass *pass, int64_t rows)
{
    const int64_t whole = result_height(stream);
    return larger((rows * pass->height + whole - 1) / whole, 1);
}

/* What the bands of a pass read of their sources beyond their own part of them. */
static gan_status find_halo(gan_stream *stream, int32_t number, struct band_plan *plan)
{
    struct pass *pass = &stream->passes[number];
    const int64_t band = middle(pass);
    const struct row_range cut = gan_pass_cut(pass, band);
    const gan_status status = fill(stream, number, band, plan);
    pass->halo = 0;
    for (int32_t i = 0; status == GAN_OK && i < stream->network.count; i++) {
        const struct band_node *at = &plan->nodes[i];
        const int64_t height = stream->network.nodes[i].shape.size[1];
        if (!at->source)
            continue;
        const int64_t above = cut.first * height / pass->height - at->rows.first;
        const int64_t below = at->rows.last - (cut.last * height + pass->height - 1) / pass->height;
        const int64_t halo = in_result(stream, above > below ? above : below, height);
        pass->halo = halo > pass->halo ? halo : pass->halo;
    }
    return status;
}

/* What a pass reads beyond its bands where those of the result have so many rows. */
static gan_status try_rows(gan_stream *stream, int32_t number, int64_t rows, struct band_plan *plan,
                           int64_t *halo)
{
    struct pass *pass = &stream->passes[number];
    const struct pass before = *pass;
    set_rows(pass, rows_of_pass(stream, pass, rows), 0);
    gan_status status = choose_offset(stream, number, plan);
    if (status == GAN_OK)
        status = find_halo(stream, number, plan);
    *halo = pass->bands > 1 && pass->halo > *halo ? pass->halo : *halo;
    *pass = before;
    return status;
}

/* The next number of rows from `rows` on that is not below what its own bands read beyond them, which differs
 * a little from one number to the next. */
static gan_status find_least_rows(gan_stream *stream, int64_t rows, struct band_plan *plan)
{
    int64_t halo = rows;
    gan_status status = GAN_OK;
    do {
        rows = halo;
        for (int32_t i = 0; status == GAN_OK && i < stream->network.pass_count; i++)
            status = try_rows(stream, i, rows, plan, &halo);
    } while (status == GAN_OK && halo > rows && rows < result_height(stream));
    stream->least_rows = rows < result_height(stream) ? rows : result_height(stream);
    return status;
}

static bool is_plenty(const struct pass *pass, int64_t rows)
{
    return rows > ENOUGH_ROWS && rows * pass->width > ENOUGH_PIXELS;
}

/* The highest bands that fit; *found false where not even the lowest do. */
static gan_status fit_memory(gan_stream *stream, int32_t number, int64_t memory, struct band_plan *plan,
                             bool *found)
{
    *found = false;
    for (int i = 0; i < HEIGHTS && !*found; i++) {
        const struct pass *pass = &stream->passes[number];
        if (i + 1 < HEIGHTS && (heights[i + 1] >= pass->height || is_plenty(pass, heights[i])))
            continue;
        const gan_status status = weigh(stream, number, heights[i], plan);
        if (status != GAN_OK)
            return status;
        *found = pass->memory <= memory;
    }
    return GAN_OK;
}

static gan_status fit_rows(gan_stream *stream, int32_t number, struct band_plan *plan)
{
    const int64_t rows = rows_of_pass(stream, &stream->passes[number], stream->options.band_rows);
    return weigh(stream, number, rows, plan);
}

static gan_status find_height(gan_stream *stream, int32_t number)
{
    gan_context *context = stream->model->graph->context;
    struct pass *pass = &stream->passes[number];
    pass->needed = gan_allocate_zeroed(context, (size_t)stream->network.count * sizeof(bool));
    if (pass->needed == NULL)
        return gan_fail_memory("a list of layers", (size_t)stream->network.count);
    gan_network_mark(&stream->network, number, pass->needed);
    for (int32_t i = 0; i < stream->network.count; i++)
        if (gan_network_is_target(&stream->network, &stream->network.nodes[i], number)) {
            pass->height = larger(pass->height, stream->network.nodes[i].shape.size[1]);
            pass->width = larger(pass->width, stream->network.nodes[i].shape.size[2]);
        }
    return GAN_OK;
}

/* *halo: the largest so far of what bands read beyond them. */
static gan_status cut_pass(gan_stream *stream, int32_t number, struct band_plan *plan, bool *fits,
                           int64_t *halo)
{
    const int64_t memory = stream->options.memory > 0 ? stream->options.memory : default_memory;
    gan_status status = find_height(stream, number);
    if (status == GAN_OK)
        status = find_least(stream, number, plan);
    if (status == GAN_OK && stream->options.band_rows > 0)
        status = fit_rows(stream, number, plan);
    else if (status == GAN_OK)
        status = fit_memory(stream, number, memory, plan, fits);
    if (status == GAN_OK)
        status = find_halo(stream, number, plan);
    if (stream->passes[number].bands > 1)
        *halo = larger(*halo, stream->passes[number].halo);
    const bool bounded = stream->options.memory > 0 || stream->options.band_rows == 0;
    *fits = !bounded || stream->passes[number].memory <= memory;
    return status;
}

/* Rounded up, so that the number as it is said does. */
static int64_t mebibytes(int64_t bytes)
{
    return (bytes + (1 << 20) - 1) >> 20;
}

static bool is_too_low(const gan_stream *stream, int64_t halo)
{
    const int64_t rows = stream->options.band_rows;
    return rows > 0 && rows < halo && rows < result_height(stream);
}

static gan_status check(const gan_stream *stream, bool fits, int64_t halo)
{
    const int64_t memory = stream->options.memory > 0 ? stream->options.memory : default_memory;
    const int64_t rows = stream->options.band_rows;
    if (is_too_low(stream, halo))
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "bands of %" PRId64 " rows are too low for what the layers around a band read beyond "
                        "it, expected at least %" PRId64 " rows",
                        rows, stream->least_rows);
    if (fits)
        return GAN_OK;
    if (rows > 0)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "bands of %" PRId64 " rows do not fit into %" PRId64 " MiB: take lower bands or more "
                        "memory",
                        rows, memory >> 20);
    return gan_fail(GAN_ERROR_ARGUMENT,
                    "%" PRId64 " MiB of memory are too little for pictures of %" PRId64 "x%" PRId64
                    ", expected at least %" PRId64 " MiB",
                    memory >> 20, stream->width, stream->height, mebibytes(stream->least_memory));
}

gan_status gan_stream_cut(gan_stream *stream)
{
    gan_context *context = stream->model->graph->context;
    const size_t count = (size_t)stream->network.pass_count;
    struct band_plan plan;
    stream->passes = gan_allocate_zeroed(context, count * sizeof *stream->passes);
    if (stream->passes == NULL)
        return gan_fail_memory("the passes of a stream", count * sizeof *stream->passes);
    gan_status status = gan_band_plan_create(&plan, &stream->network);
    if (status != GAN_OK)
        return status;
    bool all_fit = true, fits = true;
    int64_t halo = 0;
    for (int32_t i = 0; status == GAN_OK && i < stream->network.pass_count; i++) {
        status = cut_pass(stream, i, &plan, &fits, &halo);
        all_fit = all_fit && fits;
    }
    if (status == GAN_OK)
        status = find_least_rows(stream, is_too_low(stream, halo) ? halo : 1, &plan);
    gan_band_plan_free(&plan, &stream->network);
    return status == GAN_OK ? check(stream, all_fit, halo) : status;
}
