/* Checkpoints as files: what goes in comes out, and nothing else is taken for one. */
#include "base/suite.h"
#include "gan/gan.h"
#include "training/checkpoint.h"
#include "training/state_names.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct bench {
    gan_context *context;
    struct training_state *state;
    char path[64];
};

static gan_tensor *tensor_of(gan_context *context, int64_t count, uint64_t seed)
{
    gan_tensor *tensor;
    ck_assert_int_eq(gan_tensor_create(&tensor, context, GAN_FLOAT32, &count, 1), GAN_OK);
    ck_assert_int_eq(gan_tensor_fill_normal(tensor, seed, 0, 1), GAN_OK);
    return tensor;
}

static gan_status add(struct bench *bench, const char *prefix, const char *name, int64_t count)
{
    gan_tensor *tensor = tensor_of(bench->context, count, (uint64_t)count);
    const gan_status status = gan_state_add(bench->state->tensors, prefix, name, tensor);
    gan_tensor_free(tensor);
    return status;
}

static struct bench open_bench(void)
{
    struct bench bench;
    snprintf(bench.path, sizeof bench.path, "/tmp/gan_checkpoint_%ld", (long)getpid());
    ck_assert_int_eq(gan_context_create(&bench.context, NULL), GAN_OK);
    ck_assert_int_eq(gan_training_state_create(&bench.state, bench.context, "made so"), GAN_OK);
    bench.state->counts = (struct training_counts){7, 100, {7, 6, 0, 5}, 12345, 2, 3};
    ck_assert_int_eq(add(&bench, "generator", "w", 9), GAN_OK);
    ck_assert_int_eq(add(&bench, "optimizer", "0", 4), GAN_OK);
    return bench;
}

static void close_bench(struct bench *bench)
{
    remove(bench->path);
    gan_training_state_free(bench->state);
    gan_context_free(bench->context);
}

START_TEST(a_checkpoint_comes_back_bit_by_bit)
{
    struct bench bench = open_bench();
    struct training_state *loaded;
    const gan_tensor *before, *after;
    ck_assert_int_eq(gan_checkpoint_save(bench.state, bench.path), GAN_OK);
    ck_assert_int_eq(gan_checkpoint_load(&loaded, bench.context, bench.path), GAN_OK);
    ck_assert_mem_eq(&loaded->counts, &bench.state->counts, sizeof loaded->counts);
    ck_assert_str_eq(loaded->fingerprint, "made so");
    ck_assert_int_eq(gan_state_find(bench.state->tensors, "generator", "w", &before), GAN_OK);
    ck_assert_int_eq(gan_state_find(loaded->tensors, "generator", "w", &after), GAN_OK);
    ck_assert_mem_eq(gan_tensor_data_const(before), gan_tensor_data_const(after), 9 * sizeof(float));
    ck_assert_int_eq(gan_state_find(loaded->tensors, "generator", "b", &after), GAN_ERROR_FORMAT);
    gan_training_state_free(loaded);
    close_bench(&bench);
}
END_TEST

/* As it is written twice and more. */
START_TEST(a_former_state_travels_along)
{
    struct bench bench = open_bench(), former = open_bench();
    struct training_state *both, *loaded, *back;
    const gan_tensor *before, *after;
    former.state->counts.step = 5;
    former.state->counts.log_rows = 2;
    ck_assert_int_eq(add(&former, "former", "w", 11), GAN_OK);
    ck_assert_int_eq(add(&former, "log", "rows", 3), GAN_OK);
    ck_assert_int_eq(gan_tensors_set_metadata(former.state->tensors, "pool.count", "4"), GAN_OK);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(gan_training_state_join(&both, bench.state, former.state), GAN_OK);
        ck_assert_int_eq(gan_checkpoint_save(both, bench.path), GAN_OK);
        gan_training_state_free(both);
    }
    ck_assert_int_eq(gan_checkpoint_load(&loaded, bench.context, bench.path), GAN_OK);
    ck_assert_mem_eq(&loaded->counts, &bench.state->counts, sizeof loaded->counts);
    ck_assert_int_eq(gan_training_state_take_back(&back, loaded), GAN_OK);
    ck_assert_mem_eq(&back->counts, &former.state->counts, sizeof back->counts);
    ck_assert_str_eq(gan_tensors_metadata(back->tensors, "pool.count"), "4");
    ck_assert_int_eq(gan_state_find(former.state->tensors, "former", "w", &before), GAN_OK);
    ck_assert_int_eq(gan_state_find(back->tensors, "former", "w", &after), GAN_OK);
    ck_assert_mem_eq(gan_tensor_data_const(before), gan_tensor_data_const(after), 11 * sizeof(float));
    ck_assert_int_eq(gan_state_find(back->tensors, "log", "rows", &after), GAN_ERROR_FORMAT);
    ck_assert_int_eq(gan_state_find(bench.state->tensors, "back.former", "w", &after), GAN_ERROR_FORMAT);
    gan_training_state_free(back);
    gan_training_state_free(loaded);
    close_bench(&former);
    close_bench(&bench);
}
END_TEST

START_TEST(a_former_state_is_no_later_one)
{
    struct bench bench = open_bench(), later = open_bench();
    struct training_state *both, *back;
    later.state->counts.step = 8;
    ck_assert_int_eq(gan_training_state_take_back(&back, bench.state), GAN_OK);
    ck_assert_ptr_null(back);
    ck_assert_int_eq(gan_training_state_join(&both, bench.state, later.state), GAN_OK);
    ck_assert_int_eq(gan_training_state_take_back(&back, both), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "step 8"));
    gan_training_state_free(both);
    close_bench(&later);
    close_bench(&bench);
}
END_TEST

START_TEST(a_name_is_taken_once)
{
    struct bench bench = open_bench();
    ck_assert_int_eq(add(&bench, "generator", "w", 9), GAN_ERROR_ARGUMENT);
    close_bench(&bench);
}
END_TEST

START_TEST(other_files_are_no_checkpoints)
{
    struct bench bench = open_bench();
    struct training_state *loaded;
    ck_assert_int_eq(gan_checkpoint_load(&loaded, bench.context, bench.path), GAN_ERROR_NOT_FOUND);
    ck_assert_int_eq(gan_tensors_save(bench.state->tensors, bench.path), GAN_OK);
    ck_assert_int_eq(gan_checkpoint_load(&loaded, bench.context, bench.path), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "no checkpoint"));
    ck_assert_int_eq(gan_checkpoint_save(bench.state, bench.path), GAN_OK);
    ck_assert_int_eq(truncate(bench.path, 300), 0);
    ck_assert_int_eq(gan_checkpoint_load(&loaded, bench.context, bench.path), GAN_ERROR_FORMAT);
    close_bench(&bench);
}
END_TEST

START_TEST(other_versions_are_refused)
{
    static const char *const words[][2] = {
        {"library_version", "0.0.9"}, {"library_version", NULL}, {"format", "libgan checkpoint 2"}};
    struct bench bench = open_bench();
    struct training_state *loaded;
    for (int i = 0; i < 3; i++) {
        gan_tensors *tensors;
        ck_assert_int_eq(gan_checkpoint_save(bench.state, bench.path), GAN_OK);
        ck_assert_int_eq(gan_tensors_load(&tensors, bench.context, bench.path), GAN_OK);
        ck_assert_int_eq(gan_tensors_set_metadata(tensors, words[i][0], words[i][1]), GAN_OK);
        ck_assert_int_eq(gan_tensors_save(tensors, bench.path), GAN_OK);
        ck_assert_int_eq(gan_checkpoint_load(&loaded, bench.context, bench.path), GAN_ERROR_UNSUPPORTED);
        ck_assert_ptr_nonnull(strstr(gan_error_message(), "another version of libgan"));
        ck_assert_ptr_nonnull(strstr(gan_error_message(), bench.path));
        gan_tensors_free(tensors);
    }
    close_bench(&bench);
}
END_TEST

START_TEST(counts_that_are_none_are_refused)
{
    static const char *const bad[] = {"", "-1", "7x", "99999999999999999999", NULL};
    struct bench bench = open_bench();
    struct training_state *loaded;
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(gan_checkpoint_save(bench.state, bench.path), GAN_OK);
        gan_tensors *tensors;
        ck_assert_int_eq(gan_tensors_load(&tensors, bench.context, bench.path), GAN_OK);
        ck_assert_int_eq(gan_tensors_set_metadata(tensors, "total", bad[i]), GAN_OK);
        ck_assert_int_eq(gan_tensors_save(tensors, bench.path), GAN_OK);
        ck_assert_int_eq(gan_checkpoint_load(&loaded, bench.context, bench.path), GAN_ERROR_FORMAT);
        gan_tensors_free(tensors);
    }
    close_bench(&bench);
}
END_TEST

START_TEST(more_failures_than_a_training_has_are_refused)
{
    struct bench bench = open_bench();
    struct training_state *loaded;
    bench.state->counts.failures = INT64_C(1) << 31;
    ck_assert_int_eq(gan_checkpoint_save(bench.state, bench.path), GAN_OK);
    ck_assert_int_eq(gan_checkpoint_load(&loaded, bench.context, bench.path), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "failures"));
    close_bench(&bench);
}
END_TEST

START_TEST(a_file_that_cannot_be_written_leaves_nothing)
{
    struct bench bench = open_bench();
    ck_assert_int_lt(gan_checkpoint_save(bench.state, "/nonexistent/folder/checkpoint"), 0);
    close_bench(&bench);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_checkpoint_comes_back_bit_by_bit,
        a_former_state_travels_along,
        a_former_state_is_no_later_one,
        a_name_is_taken_once,
        other_files_are_no_checkpoints,
        other_versions_are_refused,
        counts_that_are_none_are_refused,
        more_failures_than_a_training_has_are_refused,
        a_file_that_cannot_be_written_leaves_nothing,
    };
    return run_suite("checkpoint", tests, sizeof tests / sizeof tests[0]);
}
