/* All passes over all bands. */
#include "base/clock.h"
#include "streaming/stream.h"
#include "tensor/tensor.h"

#include <math.h>
#include <string.h>

struct run {
    gan_stream *stream;
    const gan_stream_io *io;
    struct band_plan plan, compiled_plan; /* of this band, and of the one that the session was made for */
    struct band_session session;
    bool compiled;
    int32_t pass;
    double done, all; /* multiplications */
    double begun;
};

static size_t row_bytes(const struct node *node)
{
    return (size_t)node->shape.size[2] * (size_t)node->shape.size[3] * sizeof(float);
}

static void free_session(struct run *run)
{
    if (run->compiled)
        gan_band_session_free(&run->session, &run->stream->network);
    run->compiled = false;
}

/* A session for the band at hand: the one of the band before, where the two differ in nothing but their
 * place. */
static gan_status compile(struct run *run)
{
    struct network *network = &run->stream->network;
    if (run->compiled && gan_band_plan_alike(&run->plan, &run->compiled_plan, network))
        return GAN_OK;
    free_session(run);
    const gan_status status = gan_band_session_create(&run->session, network, &run->plan, run->pass,
                                                      run->stream->options.precision, false);
    if (status != GAN_OK)
        return status;
    run->compiled = true;
    gan_band_plan_copy(&run->compiled_plan, &run->plan, network);
    return gan_band_session_prepare(&run->session);
}

static gan_status read_sources(struct run *run)
{
    gan_status status = GAN_OK;
    for (int32_t k = 0; status == GAN_OK && k < run->session.input_count; k++) {
        const int32_t i = run->session.inputs[k];
        const struct node *node = &run->stream->network.nodes[i];
        const struct row_range rows = run->plan.nodes[i].rows;
        float *to = run->session.input_tensors[k]->data;
        const size_t bytes = row_bytes(node);
        if (node->layer->op == &gan_op_input)
            status = gan_stream_read_picture(run->stream, run->io, rows, to);
        else
            status = gan_row_file_read(&run->stream->file, to, (size_t)(rows.last - rows.first) * bytes,
                                       node->file_offset + (size_t)rows.first * bytes);
    }
    return status;
}

static gan_status write_targets(struct run *run)
{
    const struct network *network = &run->stream->network;
    gan_status status = GAN_OK;
    for (int32_t k = 0; status == GAN_OK && k < run->session.output_count; k++) {
        const int32_t i = run->session.outputs[k];
        if (i < 0)
            continue;
        const struct node *node = &network->nodes[i];
        const struct row_range rows = run->plan.nodes[i].demand;
        const size_t bytes = row_bytes(node);
        float *from = run->session.output_tensors[k]->data;
        from += (size_t)(rows.first - run->plan.nodes[i].rows.first) * (bytes / sizeof(float));
        if (i == network->output && run->pass == network->pass_count - 1)
            status = gan_stream_write_picture(run->stream, run->io, rows, from);
        else
            status = gan_row_file_write(&run->stream->file, from, (size_t)(rows.last - rows.first) * bytes,
                                        node->file_offset + (size_t)rows.first * bytes);
    }
    return status;
}

static gan_status tell(struct run *run)
{
    if (run->io->progress == NULL)
        return GAN_OK;
    const double elapsed = gan_seconds_now() - run->begun;
    const double fraction = run->all > 0 ? fmin(run->done / run->all, 1) : 1;
    const gan_stream_progress progress = {.struct_size = sizeof progress,
                                          .fraction = fraction,
                                          .elapsed = elapsed,
                                          .remaining = fraction > 0 ? elapsed / fraction - elapsed : -1,
                                          .pass = run->pass,
                                          .passes = run->stream->network.pass_count};
    return run->io->progress(run->io->user, &progress) == 0
               ? GAN_OK
               : gan_fail(GAN_ERROR_CANCELLED, "the progress callback asked to stop");
}

static gan_status run_band(struct run *run, int64_t band)
{
    const struct pass *pass = &run->stream->passes[run->pass];
    const struct row_range cut = gan_pass_cut(pass, band);
    gan_status status =
        gan_band_plan_fill(&run->plan, &run->stream->network, run->pass, pass->needed, cut, pass->height);
    if (status == GAN_OK)
        status = compile(run);
    if (status == GAN_OK)
        status = read_sources(run);
    if (status == GAN_OK)
        status = gan_band_session_run(&run->session);
    if (status == GAN_OK)
        status = write_targets(run);
    run->done += pass->multiplications * (double)(cut.last - cut.first) / (double)pass->height;
    return status == GAN_OK ? tell(run) : status;
}

static gan_status run_pass(struct run *run)
{
    const struct pass *pass = &run->stream->passes[run->pass];
    gan_status status = GAN_OK;
    for (int64_t band = 0; status == GAN_OK && band < pass->bands; band++)
        status = run_band(run, band);
    free_session(run);
    return status;
}

static void forget(struct network *network)
{
    for (int32_t i = 0; i < network->count; i++) {
        const struct measurement *measured = &network->nodes[i].measured;
        for (int64_t c = 0; network->nodes[i].measures != 0 && c < measured->channels; c++) {
            measured->count[c] = measured->mean[c] = measured->square[c] = 0;
            measured->largest[c] = -INFINITY;
        }
    }
}

static gan_status run_in_file(struct run *run, int32_t count)
{
    gan_stream *stream = run->stream;
    gan_status status =
        gan_row_file_open(&stream->file, stream->model->graph->context, stream->folder, stream->file_size);
    for (int32_t i = 0; i < count; i++)
        run->all += stream->passes[i].multiplications;
    for (; status == GAN_OK && run->pass < count; run->pass++)
        status = run_pass(run);
    stream->kept = status == GAN_OK && stream->options.keep != 0;
    if (!stream->kept)
        gan_row_file_close(&stream->file);
    return status;
}

static gan_status run_passes(gan_stream *stream, const gan_stream_io *io, int32_t count)
{
    const struct network *network = &stream->network;
    struct run run = {.stream = stream, .io = io, .begun = gan_seconds_now()};
    gan_status status = gan_band_plan_create(&run.plan, network);
    if (status != GAN_OK)
        return status;
    status = gan_band_plan_create(&run.compiled_plan, network);
    if (status == GAN_OK) {
        status = run_in_file(&run, count);
        gan_band_plan_free(&run.compiled_plan, network);
    }
    gan_band_plan_free(&run.plan, network);
    return status;
}

gan_status gan_stream_measure(gan_stream *stream, const gan_stream_io *io)
{
    forget(&stream->network);
    return run_passes(stream, io, stream->network.pass_count - 1);
}

gan_status gan_stream_run(gan_stream *stream, const gan_stream_io *given)
{
    if (stream == NULL || given == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_stream_run: %s is NULL", stream == NULL ? "stream" : "io");
    gan_stream_io io;
    gan_status status = gan_copy_options(&io, sizeof io, given, "gan_stream_io");
    if (status == GAN_OK && (io.read == NULL || io.write == NULL))
        status =
            gan_fail(GAN_ERROR_ARGUMENT, "gan_stream_run: %s is NULL", io.read == NULL ? "read" : "write");
    if (status != GAN_OK)
        return status;
    gan_stream_drop_result(stream);
    if (stream->thumbnail != NULL)
        status = gan_stream_measure_thumbnail(stream, &io);
    else
        forget(&stream->network);
    return status == GAN_OK ? run_passes(stream, &io, stream->network.pass_count) : status;
}
